"""Reactors that connect to nothing: they note what they are asked for, or refuse it."""

from __future__ import annotations

from collections.abc import Callable
from socket import AF_INET, AF_INET6
from typing import Any

from zope.interface import implementer

from ..address import IPv4Address, IPv6Address, UNIXAddress
from ..defer import Deferred, succeed
from ..error import UnsupportedAddressFamily
from ..interfaces import (
    IAddress,
    IConnector,
    IHostnameResolver,
    IListeningPort,
    IReactorCore,
    IReactorFDSet,
    IReactorPluggableNameResolver,
    IReactorSocket,
    IReactorSSL,
    IReactorTCP,
    IReactorUNIX,
)
from ..task import Clock
from .naming import SynchronousResolver

PHASES = ("before", "during", "after")


@implementer(IListeningPort)
class _FakePort:
    """A port that listens to nobody."""

    def __init__(self, hostAddress: IAddress) -> None:
        self._hostAddress = hostAddress

    def startListening(self) -> None:
        """Do nothing."""

    def stopListening(self) -> None:
        """Do nothing."""

    def getHost(self) -> IAddress:
        """Return the address that the port was made for."""
        return self._hostAddress


@implementer(IConnector)
class _FakeConnector:
    """A connector that gets nowhere, and notes what it is told.

    Attributes:
        stoppedConnecting: `stopConnecting` was called.
    """

    stoppedConnecting = False
    _connected = False
    _disconnected = False

    def __init__(self, address: IAddress) -> None:
        self._address = address

    def connect(self) -> None:
        """Note that it was told to connect."""
        self._connected = True

    def disconnect(self) -> None:
        """Note that it was told to disconnect."""
        self._disconnected = True

    def stopConnecting(self) -> None:
        """Note that it was told to give up."""
        self.stoppedConnecting = True

    def getDestination(self) -> IAddress:
        """Return where it would connect to."""
        return self._address


@implementer(
    IReactorCore,
    IReactorTCP,
    IReactorSSL,
    IReactorUNIX,
    IReactorSocket,
    IReactorFDSet,
    IReactorPluggableNameResolver,
)
class MemoryReactor:
    """A reactor that notes what it is asked for and does none of it.

    A test looks at the notes, builds a protocol with the factory in them, and plays the network itself.

    Attributes:
        tcpClients: the arguments of each `connectTCP`: host, port, factory, timeout, bindAddress.
        tcpServers: of each `listenTCP`: port, factory, backlog, interface.
        sslClients: of each `connectSSL`: host, port, factory, contextFactory, timeout, bindAddress.
        sslServers: of each `listenSSL`: port, factory, contextFactory, backlog, interface.
        unixClients: of each `connectUNIX`: address, factory, timeout, checkPID.
        unixServers: of each `listenUNIX`: address, factory, backlog, mode, wantPID.
        adoptedPorts: of each `adoptStreamPort` and `adoptDatagramPort`.
        adoptedStreamConnections: of each `adoptStreamConnection`.
        connectors: what the connect calls returned, in their order.
        readers: what `addReader` was given and nobody removed.
        writers: what `addWriter` was given and nobody removed.
        triggers: ``triggers[phase][eventType]`` lists ``(callable, args, kw)``.
        whenRunningHooks: what `callWhenRunning` was given.
        running: while `run` makes these calls; `None` after a `crash`.
        hasInstalled: `install` was called.
        hasRun: `run` was called.
        hasStopped: `stop` was called.
        hasCrashed: `crash` was called.
        nameResolver: finds every host at 127.0.0.1, until another is installed.
    """

    def __init__(self) -> None:
        self.hasInstalled = False
        # Nothing is in here while nobody runs: `None` is what a crash leaves.
        self.running: bool | None = False
        self.hasRun = False
        self.hasStopped = False
        self.hasCrashed = False
        self.whenRunningHooks: list[tuple[Callable[..., object], tuple[Any, ...], dict[str, Any]]] = []
        self.triggers: dict[str, dict[str, list[tuple[Callable[..., object], tuple[Any, ...], dict[str, Any]]]]] = {}
        self.tcpClients: list[tuple[Any, ...]] = []
        self.tcpServers: list[tuple[Any, ...]] = []
        self.sslClients: list[tuple[Any, ...]] = []
        self.sslServers: list[tuple[Any, ...]] = []
        self.unixClients: list[tuple[Any, ...]] = []
        self.unixServers: list[tuple[Any, ...]] = []
        self.adoptedPorts: list[tuple[Any, ...]] = []
        self.adoptedStreamConnections: list[tuple[Any, ...]] = []
        self.connectors: list[_FakeConnector] = []
        self.readers: set[Any] = set()
        self.writers: set[Any] = set()
        self.nameResolver: IHostnameResolver = SynchronousResolver()

    # Running.

    def install(self) -> None:
        """Note that it was to be the installed reactor; it is not."""
        self.hasInstalled = True

    def run(self) -> None:
        """Make the calls that wait for the reactor to run, and return: there is nothing else to do.

        Raises:
            AssertionError: it crashed.
        """
        if self.running is None:
            raise AssertionError("this reactor has crashed: it does not run again")
        self.running = True
        self.hasRun = True
        for callable, args, kw in self.whenRunningHooks:
            callable(*args, **kw)
        self.stop()

    def stop(self) -> None:
        """Note it."""
        self.hasStopped = True
        self.running = False

    def crash(self) -> None:
        """Note it."""
        self.hasCrashed = True
        self.running = None

    def iterate(self, delay: float = 0) -> None:
        """Do nothing: nothing ever happens here by itself."""

    def callWhenRunning(self, callable: Callable[..., object], *args: Any, **kw: Any) -> None:
        """Note a call for `run` to make; once that was called, make it at once."""
        if self.hasRun:
            callable(*args, **kw)
        else:
            self.whenRunningHooks.append((callable, args, kw))

    def addSystemEventTrigger(
        self, phase: str, eventType: str, callable: Callable[..., object], *args: Any, **kw: Any
    ) -> Any:
        """Note a trigger; only `fireSystemEvent` pulls it.

        Returns:
            A mark for `removeSystemEventTrigger`.
        """
        trigger = (callable, args, kw)
        self.triggers.setdefault(phase, {}).setdefault(eventType, []).append(trigger)
        return phase, eventType, trigger

    def removeSystemEventTrigger(self, triggerID: Any) -> None:
        """Forget a trigger.

        Raises:
            ValueError: ``triggerID`` marks none.
            TypeError: it is no mark.
        """
        phase, eventType, trigger = triggerID
        self.triggers.get(phase, {}).get(eventType, []).remove(trigger)

    def fireSystemEvent(self, eventType: str) -> None:
        """Pull an event's triggers, in the order of their phases; Deferreds from them are not waited for."""
        for phase in PHASES:
            for callable, args, kw in list(self.triggers.get(phase, {}).get(eventType, ())):
                callable(*args, **kw)

    # Names.

    def resolve(self, name: str, timeout: object = 10) -> Deferred[str]:
        """Find every host at 127.0.0.1."""
        return succeed("127.0.0.1")

    def installNameResolver(self, resolver: IHostnameResolver) -> IHostnameResolver:
        """Ask this one for names from now on, and return the former one."""
        former, self.nameResolver = self.nameResolver, resolver
        return former

    # Descriptors.

    def addReader(self, reader: Any) -> None:
        """Note a reader."""
        self.readers.add(reader)

    def addWriter(self, writer: Any) -> None:
        """Note a writer."""
        self.writers.add(writer)

    def removeReader(self, reader: Any) -> None:
        """Forget a reader."""
        self.readers.discard(reader)

    def removeWriter(self, writer: Any) -> None:
        """Forget a writer."""
        self.writers.discard(writer)

    def getReaders(self) -> list[Any]:
        """Return the readers."""
        return list(self.readers)

    def getWriters(self) -> list[Any]:
        """Return the writers."""
        return list(self.writers)

    def removeAll(self) -> list[Any]:
        """Forget all readers and writers, and return the readers."""
        readers = list(self.readers)
        self.readers.clear()
        self.writers.clear()
        return readers

    # Sockets made elsewhere.

    def adoptStreamPort(self, fileno: int, addressFamily: int, factory: Any) -> _FakePort:
        """Note a port to adopt.

        Raises:
            UnsupportedAddressFamily: it is neither of IPv4 nor of IPv6.
        """
        address = _anyAddress("TCP", addressFamily)
        self.adoptedPorts.append((fileno, addressFamily, factory))
        return _FakePort(address)

    def adoptStreamConnection(self, fileDescriptor: int, addressFamily: int, factory: Any) -> None:
        """Note a connection to adopt."""
        self.adoptedStreamConnections.append((fileDescriptor, addressFamily, factory))

    def adoptDatagramPort(self, fileno: int, addressFamily: int, protocol: Any, maxPacketSize: int = 8192) -> _FakePort:
        """Note a port to adopt.

        Raises:
            UnsupportedAddressFamily: it is neither of IPv4 nor of IPv6.
        """
        address = _anyAddress("UDP", addressFamily)
        self.adoptedPorts.append((fileno, addressFamily, protocol, maxPacketSize))
        return _FakePort(address)

    # TCP, TLS, UNIX.

    def listenTCP(self, port: int, factory: Any, backlog: int = 50, interface: Any = "") -> _FakePort:
        """Note a port to listen at."""
        self.tcpServers.append((port, factory, backlog, interface))
        return _FakePort(_listening(port, interface))

    def connectTCP(
        self, host: str, port: int, factory: Any, timeout: float | None = 30, bindAddress: Any = None
    ) -> _FakeConnector:
        """Note a connection to make; the factory hears ``startedConnecting``, and nothing else."""
        self.tcpClients.append((host, port, factory, timeout, bindAddress))
        return self._connecting(factory, _destination(host, port))

    def listenSSL(
        self, port: int, factory: Any, contextFactory: Any, backlog: int = 50, interface: Any = ""
    ) -> _FakePort:
        """Note a port to listen at."""
        self.sslServers.append((port, factory, contextFactory, backlog, interface))
        return _FakePort(_listening(port, interface))

    def connectSSL(
        self,
        host: str,
        port: int,
        factory: Any,
        contextFactory: Any,
        timeout: float | None = 30,
        bindAddress: Any = None,
    ) -> _FakeConnector:
        """Note a connection to make; the factory hears ``startedConnecting``, and nothing else."""
        self.sslClients.append((host, port, factory, contextFactory, timeout, bindAddress))
        return self._connecting(factory, _destination(host, port))

    def listenUNIX(
        self, address: str | bytes, factory: Any, backlog: int = 50, mode: int | None = 0o666, wantPID: bool | int = 0
    ) -> _FakePort:
        """Note a socket to listen at."""
        self.unixServers.append((address, factory, backlog, mode, wantPID))
        return _FakePort(UNIXAddress(address))

    def connectUNIX(
        self, address: str | bytes, factory: Any, timeout: float | None = 30, checkPID: bool | int = 0
    ) -> _FakeConnector:
        """Note a connection to make; the factory hears ``startedConnecting``, and nothing else."""
        self.unixClients.append((address, factory, timeout, checkPID))
        return self._connecting(factory, UNIXAddress(address))

    def _connecting(self, factory: Any, destination: IAddress) -> _FakeConnector:
        connector = _FakeConnector(destination)
        factory.startedConnecting(connector)
        self.connectors.append(connector)
        return connector


class MemoryReactorClock(MemoryReactor, Clock):
    """A `MemoryReactor` whose time is moved by hand, with `Clock.advance`."""

    def __init__(self) -> None:
        MemoryReactor.__init__(self)
        Clock.__init__(self)


@implementer(IReactorTCP, IReactorSSL, IReactorUNIX, IReactorSocket, IReactorPluggableNameResolver)
class RaisingMemoryReactor:
    """A reactor that can't: every attempt to listen or to connect raises.

    Args:
        listenException: raised by whatever listens.
        connectException: raised by whatever connects.
    """

    def __init__(
        self, listenException: BaseException | None = None, connectException: BaseException | None = None
    ) -> None:
        self._listenException = listenException
        self._connectException = connectException
        self.nameResolver: IHostnameResolver = SynchronousResolver()

    def installNameResolver(self, nameResolver: IHostnameResolver) -> IHostnameResolver:
        """Ask this one for names from now on, and return the former one."""
        former, self.nameResolver = self.nameResolver, nameResolver
        return former

    def _refuse(self, exception: BaseException | None) -> Any:
        if exception is None:
            raise TypeError("this RaisingMemoryReactor was given no exception to raise here")
        raise exception

    def adoptStreamPort(self, fileno: int, addressFamily: int, factory: Any) -> Any:
        """Raise what listening raises."""
        return self._refuse(self._listenException)

    def listenTCP(self, port: int, factory: Any, backlog: int = 50, interface: Any = "") -> Any:
        """Raise what listening raises."""
        return self._refuse(self._listenException)

    def listenSSL(self, port: int, factory: Any, contextFactory: Any, backlog: int = 50, interface: Any = "") -> Any:
        """Raise what listening raises."""
        return self._refuse(self._listenException)

    def listenUNIX(
        self, address: str | bytes, factory: Any, backlog: int = 50, mode: int | None = 0o666, wantPID: bool | int = 0
    ) -> Any:
        """Raise what listening raises."""
        return self._refuse(self._listenException)

    def adoptStreamConnection(self, fileDescriptor: int, addressFamily: int, factory: Any) -> Any:
        """Raise what connecting raises."""
        return self._refuse(self._connectException)

    def adoptDatagramPort(
        self, fileDescriptor: int, addressFamily: int, protocol: Any, maxPacketSize: int = 8192
    ) -> Any:
        """Raise what connecting raises."""
        return self._refuse(self._connectException)

    def connectTCP(
        self, host: str, port: int, factory: Any, timeout: float | None = 30, bindAddress: Any = None
    ) -> Any:
        """Raise what connecting raises."""
        return self._refuse(self._connectException)

    def connectSSL(
        self,
        host: str,
        port: int,
        factory: Any,
        contextFactory: Any,
        timeout: float | None = 30,
        bindAddress: Any = None,
    ) -> Any:
        """Raise what connecting raises."""
        return self._refuse(self._connectException)

    def connectUNIX(
        self, address: str | bytes, factory: Any, timeout: float | None = 30, checkPID: bool | int = 0
    ) -> Any:
        """Raise what connecting raises."""
        return self._refuse(self._connectException)


def _listening(port: int, interface: Any) -> IAddress:
    """Where a port that listens there says it is."""
    where = getattr(interface, "address", interface) or ""  # a `Binding`, or text
    return IPv6Address("TCP", where, port) if ":" in where else IPv4Address("TCP", "0.0.0.0", port)


def _destination(host: str | bytes, port: int) -> IAddress:
    name = host.decode("ascii") if isinstance(host, bytes) else host
    return IPv6Address("TCP", name, port) if ":" in name else IPv4Address("TCP", name, port)


def _anyAddress(kind: Any, addressFamily: int) -> IAddress:
    if addressFamily == AF_INET:
        return IPv4Address(kind, "0.0.0.0", 1234)
    if addressFamily == AF_INET6:
        return IPv6Address(kind, "::", 1234)
    raise UnsupportedAddressFamily(f"only sockets of IPv4 and IPv6 are adopted here, not of family {addressFamily!r}")
