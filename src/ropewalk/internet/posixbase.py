"""Reactors over descriptors: the core, a poller, a driver, and the transports that POSIX systems have.

The coats (`epollreactor` and kin) say which poller and which driver; everything else is here. The transports are
imported when the first is made.
"""

from __future__ import annotations

from ropewalk._doors import publish

from ._loop.descriptors import Descriptors
from ._loop.drivers import NativeDriver
from ._loop.threads import Bell
from .base import ReactorBase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from zope.interface import implementer

    from ._loop.drivers import Driver
    from ._loop.pollers.contract import Poller
    from ._loop.timers import Timers
    from .interfaces import (
        IReactorFDSet,
        IReactorMulticast,
        IReactorProcess,
        IReactorSocket,
        IReactorSSL,
        IReactorTCP,
        IReactorUDP,
        IReactorUNIX,
        IReactorUNIXDatagram,
    )
else:
    from ._interfaces.later import (
        IReactorFDSet,
        IReactorMulticast,
        IReactorProcess,
        IReactorSocket,
        IReactorSSL,
        IReactorTCP,
        IReactorUDP,
        IReactorUNIX,
        IReactorUNIXDatagram,
        implementer,
    )

__all__ = ["PosixReactorBase", "processEnabled", "unixEnabled"]

# What `PosixReactorBase` offers here.
unixEnabled = True
processEnabled = True


@implementer(
    IReactorFDSet,
    IReactorMulticast,
    IReactorProcess,
    IReactorSocket,
    IReactorSSL,
    IReactorTCP,
    IReactorUDP,
    IReactorUNIX,
    IReactorUNIXDatagram,
)
class PosixReactorBase(ReactorBase):
    """A reactor over a poller. See the interfaces for what each method does for its caller."""

    _poller: Any
    _driver: Driver
    _reportsTurns = True

    def __init__(self) -> None:
        self._poller: Any = self._makePoller()
        self._descriptors = Descriptors(self._poller)
        super().__init__()
        self._driver = self._makeDriver()

    # What a coat chooses.

    def _makePoller(self) -> Poller:
        raise NotImplementedError(f"{type(self).__name__} must define _makePoller")

    def _makeDriver(self) -> Driver:
        return NativeDriver(self._poller, self.callFromThread)

    def _makeTimers(self) -> Timers:
        timers: Timers = self._poller.timers
        return timers

    # Running.

    def run(self, installSignalHandlers: bool = True) -> None:
        """Run until `stop`; see `ReactorBase.run`. Startup triggers are called inside the loop, as everything is."""
        cls = type(self)
        if cls.startRunning is not ReactorBase.startRunning or cls.mainLoop is not PosixReactorBase.mainLoop:
            # A reactor built on this class that starts or turns in a way of its own.
            super().run(installSignalHandlers)
            return
        self._enter(installSignalHandlers)
        try:
            self._turn(self._start)
        finally:
            self._ended()

    def mainLoop(self) -> None:
        """Do turns until the reactor is stopped."""
        if self._started:
            self._turn(int)

    def _turn(self, begin: Callable[[], object]) -> None:
        """Call ``begin``, and do turns until the reactor is stopped."""
        if type(self).doIteration is not PosixReactorBase.doIteration:
            # Likewise: it waits in a way of its own.
            begin()
            super().mainLoop()
        else:
            self._driver.run(begin)

    def crash(self) -> None:
        super().crash()
        self._driver.stop()

    def iterate(self, delay: float = 0.0) -> None:
        """Do one turn of at most ``delay`` seconds. Legal inside a turn, too; asyncio's own callbacks then wait."""
        self.doIteration(delay)

    def doIteration(self, timeout: float | None) -> None:
        """Do one turn, waiting at most ``timeout`` seconds; ``None`` stands for a day."""
        self._driver.turn(86400.0 if timeout is None else timeout)

    def installWaker(self) -> None:
        """Make the pipe that other threads and signals wake the reactor with."""
        if self.waker is None:
            self.waker = Bell(self._inbox.empty)
            self._poller.watchRead(self.waker.fileno(), self.waker.doRead)

    def _bell(self) -> int:
        fd: int = self.waker.signalFileno() if self._driver.wantsBell else -1
        return fd

    def close(self) -> None:
        """Release the system's resources: the poller, the waker, asyncio's loop. For reactors that are not the
        process's own, in tests say. The reactor must not run, and is unusable afterwards.

        Raises:
            ReactorAlreadyRunning: it runs; stop it first.
        """
        if self._started:
            from .error import ReactorAlreadyRunning

            raise ReactorAlreadyRunning("a running reactor cannot be closed; stop it first")
        if self.waker is not None:
            self._shutDown()
            self._stopThreadPool()
            waker, self.waker = self.waker, None
            self._poller.forget(waker.fileno())
            waker.connectionLost(None)
            self._driver.close()

    # Descriptors.

    def addReader(self, reader: Any) -> None:
        self._descriptors.addReader(reader)

    def addWriter(self, writer: Any) -> None:
        self._descriptors.addWriter(writer)

    def removeReader(self, reader: Any) -> None:
        self._descriptors.removeReader(reader)

    def removeWriter(self, writer: Any) -> None:
        self._descriptors.removeWriter(writer)

    def removeAll(self) -> list[Any]:
        return self._descriptors.removeAll(keep=self.waker)

    def getReaders(self) -> list[Any]:
        """Return who reads, the reactor's own waker not counted."""
        return [reader for reader in self._descriptors.readers() if reader is not self.waker]

    def getWriters(self) -> list[Any]:
        return self._descriptors.writers()

    # TCP.

    def listenTCP(self, port: int, factory: Any, backlog: int = 50, interface: str = "") -> Any:
        from . import tcp

        listener = tcp.Port(port, factory, backlog, interface, self)
        listener.startListening()
        return listener

    def connectTCP(
        self, host: str, port: int, factory: Any, timeout: float | None = 30.0, bindAddress: Any = None
    ) -> Any:
        from . import tcp

        connector = tcp.Connector(host, port, factory, timeout, bindAddress, self)
        connector.connect()
        return connector

    # UNIX sockets.

    def listenUNIX(self, address: Any, factory: Any, backlog: int = 50, mode: int = 0o666, wantPID: Any = 0) -> Any:
        from . import unix

        listener = unix.Port(address, factory, backlog, mode, self, wantPID)
        listener.startListening()
        return listener

    def connectUNIX(self, address: Any, factory: Any, timeout: float | None = 30, checkPID: Any = 0) -> Any:
        from . import unix

        connector = unix.Connector(address, factory, timeout, self, checkPID)
        connector.connect()
        return connector

    def listenUNIXDatagram(self, address: Any, protocol: Any, maxPacketSize: int = 8192, mode: int = 0o666) -> Any:
        from . import unix

        listener = unix.DatagramPort(address, protocol, maxPacketSize, mode, self)
        listener.startListening()
        return listener

    def connectUNIXDatagram(
        self, address: Any, protocol: Any, maxPacketSize: int = 8192, mode: int = 0o666, bindAddress: Any = None
    ) -> Any:
        from . import unix

        connected = unix.ConnectedDatagramPort(address, protocol, maxPacketSize, mode, bindAddress, self)
        connected.startListening()
        return connected

    # UDP.

    def listenUDP(self, port: int, protocol: Any, interface: str = "", maxPacketSize: int = 8192) -> Any:
        from . import udp

        listener = udp.Port(port, protocol, interface, maxPacketSize, self)
        listener.startListening()
        return listener

    def listenMulticast(
        self, port: int, protocol: Any, interface: str = "", maxPacketSize: int = 8192, listenMultiple: bool = False
    ) -> Any:
        from . import udp

        listener = udp.MulticastPort(port, protocol, interface, maxPacketSize, self, listenMultiple)
        listener.startListening()
        return listener

    # Sockets that somebody else made.

    def adoptStreamPort(self, fileDescriptor: int, addressFamily: int, factory: Any) -> Any:
        listener = self._portFor(addressFamily)._fromListeningDescriptor(self, fileDescriptor, addressFamily, factory)
        listener.startListening()
        return listener

    def adoptStreamConnection(self, fileDescriptor: int, addressFamily: int, factory: Any) -> Any:
        import socket

        if addressFamily == getattr(socket, "AF_UNIX", None):
            from . import unix as home
        else:
            self._portFor(addressFamily)
            from . import tcp as home  # type: ignore[no-redef]  # the one or the other
        return home.Server._fromConnectedSocket(fileDescriptor, addressFamily, factory, self)

    def adoptDatagramPort(
        self, fileDescriptor: int, addressFamily: int, protocol: Any, maxPacketSize: int = 8192
    ) -> Any:
        import socket

        if addressFamily not in (socket.AF_INET, socket.AF_INET6):
            raise self._unsupported(addressFamily)
        from . import udp

        listener = udp.Port._fromListeningDescriptor(self, fileDescriptor, addressFamily, protocol, maxPacketSize)
        listener.startListening()
        return listener

    def _portFor(self, addressFamily: int) -> Any:
        """Return the kind of port for a family of addresses. `UnsupportedAddressFamily` when there is none."""
        import socket

        if addressFamily in (socket.AF_INET, socket.AF_INET6):
            from . import tcp

            return tcp.Port
        if addressFamily == getattr(socket, "AF_UNIX", None):
            from . import unix

            return unix.Port
        raise self._unsupported(addressFamily)

    def _unsupported(self, addressFamily: int) -> Exception:
        from .error import UnsupportedAddressFamily

        return UnsupportedAddressFamily(
            f"{addressFamily!r} is no address family that can be adopted here; AF_INET and AF_INET6 can, "
            "and AF_UNIX for streams"
        )

    # TLS.

    def listenSSL(self, port: int, factory: Any, contextFactory: Any, backlog: int = 50, interface: str = "") -> Any:
        from . import tcp

        listener = tcp.Port(port, self._speakingTLS(contextFactory, False, factory), backlog, interface, self)
        listener._type = "TLS"
        listener.startListening()
        return listener

    def connectSSL(
        self,
        host: str,
        port: int,
        factory: Any,
        contextFactory: Any,
        timeout: float | None = 30,
        bindAddress: Any = None,
    ) -> Any:
        return self.connectTCP(host, port, self._speakingTLS(contextFactory, True, factory), timeout, bindAddress)

    def _speakingTLS(self, contextFactory: Any, isClient: bool, factory: Any) -> Any:
        from ._tls.factory import TLSMemoryBIOFactory
        from ._transports.descriptor import requireFactory

        requireFactory(factory)
        return TLSMemoryBIOFactory(contextFactory, isClient, factory)

    # Child processes.

    def spawnProcess(
        self,
        processProtocol: Any,
        executable: Any,
        args: Sequence[Any] = (),
        env: Mapping[Any, Any] | None = {},  # the documented default: an empty environment
        path: Any = None,
        uid: int | None = None,
        gid: int | None = None,
        usePTY: Any = 0,
        childFDs: Mapping[int, Any] | None = None,
    ) -> Any:
        from . import process

        if not usePTY:
            return process.Process(self, executable, args, env, path, processProtocol, uid, gid, childFDs)
        if childFDs is not None:
            raise ValueError("childFDs and usePTY exclude each other: a process on a terminal has nothing else")
        return process.PTYProcess(self, executable, args, env, path, processProtocol, uid, gid, usePTY)


publish(__name__)
