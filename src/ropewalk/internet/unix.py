"""UNIX sockets: streams that pass descriptors too, and datagrams. A program meets them through `IReactorUNIX` and kin.

A name that begins with a zero byte is in Linux's abstract namespace: it is no file, so it has no permissions, no lock,
and is gone when the socket is closed.
"""

from __future__ import annotations

import os
import socket
import stat

from ropewalk._doors import publish
from ropewalk.python.failure import Failure

from . import tcp, udp
from ._transports.adopting import adopted
from ._transports.connector import BaseClient, BaseConnector
from ._transports.datagram import MOST_DATAGRAMS
from ._transports.descriptor import logTrouble
from ._transports.listener import cannotListen
from ._transports.rights import PassesDescriptors
from ._transports.stream import NOT_NOW
from .address import UNIXAddress
from .error import BadFileError, CannotListenError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

    from zope.interface import implementer

    from .interfaces import IUNIXDatagramConnectedTransport, IUNIXDatagramTransport
    from .protocol import ClientFactory

    Path = str | bytes | os.PathLike[str] | os.PathLike[bytes]
else:
    from ._interfaces.later import IUNIXDatagramConnectedTransport, IUNIXDatagramTransport, implementer

__all__ = ["Client", "ConnectedDatagramPort", "Connector", "DatagramPort", "Port", "Server"]


class _NoDelays:
    """The option of TCP that UNIX sockets need not have: they never hold back anything."""

    __slots__ = ()

    def getTcpNoDelay(self) -> bool:
        """Return false: there is no such option here."""
        return False

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Do nothing: small writes leave at once."""


class Server(_NoDelays, PassesDescriptors, tcp.Server):
    """A connection that a UNIX port accepted. Arguments as for `tcp.Server`."""

    def getPeer(self) -> UNIXAddress:
        """Return the address of the other end: its name, if it has one."""
        return UNIXAddress(self.client or None)

    @property
    def hostname(self) -> str:
        """A UNIX socket's peer has no host."""
        return ""


class Client(_NoDelays, PassesDescriptors, BaseClient):
    """A connection that we made, from the first attempt on.

    Args:
        filename: the path of the socket.
        connector: told of what comes of it.
        reactor: who watches and counts the seconds.
        checkPID: fail unless a lock file beside the socket names a process that lives.
    """

    addressFamily = socket.AF_UNIX
    socketType = socket.SOCK_STREAM

    def __init__(self, filename: Path, connector: Any, reactor: Any = None, checkPID: Any = 0) -> None:
        if reactor is None:
            from ropewalk.internet import reactor
        self.addr = self.realAddress = _named(filename)
        if not self._begin(connector, reactor):
            return
        if checkPID and not _isLocked(self.addr):
            problem = BadFileError(string=f"{os.fsdecode(self.addr)!r} is locked by no process that lives")
            self._next = self.reactor.callLater(0, self.failIfNotConnected, problem)
        else:
            self._next = self.reactor.callLater(0, self.doConnect)

    def getPeer(self) -> UNIXAddress:
        """Return the address of the other end."""
        return UNIXAddress(self.addr)


class Connector(BaseConnector):
    """An attempt to connect through a UNIX socket, and the connection that comes of it.

    Args:
        address: the path of the socket.
        factory: told of the start, the failure and the loss; makes the protocol.
        timeout: seconds that one attempt may take.
        reactor: who watches and counts the seconds.
        checkPID: fail unless a lock file beside the socket names a process that lives.
    """

    def __init__(
        self, address: Path, factory: ClientFactory[Any], timeout: float | None, reactor: Any, checkPID: Any
    ) -> None:
        super().__init__(factory, timeout, reactor)
        self.address = address
        self.checkPID = checkPID

    def _makeTransport(self) -> Client:
        return Client(self.address, self, self.reactor, self.checkPID)

    def getDestination(self) -> UNIXAddress:
        """Return the address that it connects to."""
        return UNIXAddress(self.address)


class _SocketFile:
    """A socket's file: made with permissions, guarded by a lock file if wished, removed at the end."""

    def __init__(self, name: bytes, mode: int, wantPID: Any = 0) -> None:
        self.name = name
        self.isFile = bool(name) and name[:1] != b"\0"
        self.mode = mode
        self.wantPID = wantPID
        self.lockFile: Any = None
        # Whether there is a file that we made, and have to remove.
        self.isOurs = False

    def bind(self, skt: Any) -> None:
        """Bind a socket here.

        Raises:
            CannotListenError: it cannot be bound; another process holds the lock, say.
        """
        if self.wantPID and self.isFile:
            self._lock()
        try:
            skt.bind(self.name)
            if self.isFile:
                self.isOurs = True
                os.chmod(self.name, self.mode)
        except OSError as problem:
            self.leave()
            raise cannotListen(None, self.name, problem) from problem

    def _lock(self) -> None:
        from ropewalk.python.lockfile import FilesystemLock

        lock = FilesystemLock(os.fsdecode(self.name) + ".lock")
        if not lock.lock():
            raise CannotListenError(None, self.name, "Cannot acquire lock")
        self.lockFile = lock
        if not lock.clean:
            # The process that held the lock died, and left its socket.
            try:
                if stat.S_ISSOCK(os.stat(self.name).st_mode):
                    os.remove(self.name)
            except FileNotFoundError:
                pass

    def leave(self) -> None:
        """Remove what was made."""
        if self.isOurs:
            self.isOurs = False
            try:
                os.unlink(self.name)
            except FileNotFoundError:
                pass
            except OSError:
                logTrouble(f"while removing the socket {self.name!r}")
        if self.lockFile is not None:
            lock, self.lockFile = self.lockFile, None
            lock.unlock()


class Port(tcp.Port):
    """A UNIX socket that accepts connections.

    Args:
        fileName: the path to make it at.
        factory: makes the protocol of each connection.
        backlog: how many connections may wait to be accepted.
        mode: the permission bits of its file.
        reactor: who watches.
        wantPID: hold a lock file, ``fileName.lock``; a socket whose owner died is then taken over.
    """

    transport = Server
    addressFamily = socket.AF_UNIX
    socketType = socket.SOCK_STREAM
    _type = "UNIX"

    def __init__(
        self,
        fileName: Path,
        factory: Any,
        backlog: int = 50,
        mode: int = 0o666,
        reactor: Any = None,
        wantPID: Any = 0,
    ) -> None:
        super().__init__(0, factory, backlog, reactor=reactor)
        self.mode = mode
        self.wantPID = wantPID
        self._file = _SocketFile(_named(fileName), mode, wantPID)

    @classmethod
    def _fromListeningDescriptor(cls, reactor: Any, fd: int, addressFamily: int, factory: Any) -> Self:
        """Accept on a copy of a socket that listens; see `IReactorSocket.adoptStreamPort`."""
        skt = adopted(fd, addressFamily, socket.SOCK_STREAM)
        self = cls(skt.getsockname(), factory, reactor=reactor)
        self._preexistingSocket = skt
        return self

    @property
    def lockFile(self) -> Any:
        """The lock, a `FilesystemLock`, while one is held."""
        return self._file.lockFile

    def _listeningSocket(self) -> Any:
        skt, self._preexistingSocket = self._preexistingSocket, None
        if skt is None:
            skt = self._bound()
        return skt

    def _bound(self) -> Any:
        file = self._file
        try:
            skt = socket.socket(self.addressFamily, self.socketType)
        except OSError as problem:
            raise cannotListen(None, file.name, problem) from problem
        try:
            skt.setblocking(False)
            file.bind(skt)
            skt.listen(self.backlog)
        except BaseException:
            skt.close()
            file.leave()
            raise
        return skt

    def _buildAddr(self, name: Any) -> UNIXAddress:
        return UNIXAddress(name or None)

    def _placeName(self) -> object:
        return repr(os.fsdecode(self._file.name))

    def _closedMessage(self) -> str:
        return f"(UNIX Port {os.fsdecode(self._file.name)} Closed)"

    def connectionLost(self, reason: Any) -> None:
        """Be closed; see `StreamPort.connectionLost`. The socket's file and the lock are removed."""
        self._file.leave()
        super().connectionLost(reason)

    def getHost(self) -> UNIXAddress:
        """Return the address that it listens at."""
        return UNIXAddress(self._file.name)

    def __repr__(self) -> str:
        factory = type(self.factory)
        place = f"on {self._placeName()}" if self.connected else "(not listening)"
        return f"<{factory.__module__}.{factory.__qualname__} {place}>"


@implementer(IUNIXDatagramTransport)
class DatagramPort(udp.Port):
    """A UNIX datagram socket.

    Args:
        addr: the path to make it at; `None` for a socket without a name, which nobody can send to.
        proto: told of each datagram.
        maxPacketSize: the longest datagram that is received whole, in bytes.
        mode: the permission bits of its file.
        reactor: who watches.
    """

    addressFamily = socket.AF_UNIX

    def __init__(
        self, addr: Path | None, proto: Any, maxPacketSize: int = 8192, mode: int = 0o666, reactor: Any = None
    ) -> None:
        super().__init__(0, proto, "", maxPacketSize, reactor)
        self.mode = mode
        self._file = _SocketFile(b"" if addr is None else _named(addr), mode)

    def _bindSocket(self) -> Any:
        try:
            skt = self.createInternetSocket()
        except OSError as problem:
            raise cannotListen(None, self._file.name, problem) from problem
        try:
            if self._file.name:
                self._file.bind(skt)
        except BaseException:
            skt.close()
            raise
        return skt

    def write(self, datagram: bytes, address: Path) -> int:  # type: ignore[override]
        """Send one datagram, now. One that the receiver has no room for is dropped.

        Args:
            datagram: all of it.
            address: the path of the receiver's socket.

        Raises:
            MessageLengthError: it is too long to be sent.
            OSError: nobody has a socket there.
        """
        return self._send(datagram, _named(address))

    def connectionLost(self, reason: Any = None) -> None:
        """Be closed; see `_transports.datagram`. The socket's file is removed."""
        self._file.leave()
        super().connectionLost(reason)

    def _protocolName(self) -> str:
        kind = type(self.protocol)
        return f"{kind.__module__}.{kind.__qualname__}"

    def _placeName(self) -> object:
        return repr(os.fsdecode(self._file.name)) if self._file.name else None

    def _closedMessage(self) -> str:
        return f"(Port {self._placeName()} Closed)"

    def getHost(self) -> UNIXAddress:
        """Return the address of this end."""
        return UNIXAddress(self._file.name or None)

    def __repr__(self) -> str:
        place = f"on {self._placeName()}" if self.connected else "(not listening)"
        return f"<{self._protocolName()} {place}>"


@implementer(IUNIXDatagramConnectedTransport)
class ConnectedDatagramPort(DatagramPort):
    """A UNIX datagram socket that talks to one peer.

    Args:
        addr: the path of the peer's socket.
        proto: a `ConnectedDatagramProtocol`.
        maxPacketSize: the longest datagram that is received whole, in bytes.
        mode: the permission bits of our socket's file.
        bindAddress: the path of our socket; without one the peer cannot answer.
        reactor: who watches.
    """

    def __init__(
        self,
        addr: Path,
        proto: Any,
        maxPacketSize: int = 8192,
        mode: int = 0o666,
        bindAddress: Path | None = None,
        reactor: Any = None,
    ) -> None:
        super().__init__(bindAddress, proto, maxPacketSize, mode, reactor)
        self.remoteaddr = _named(addr)

    def startListening(self) -> None:
        """Open and connect the socket, start the protocol, receive; or tell it ``connectionFailed``."""
        try:
            super().startListening()
        except (OSError, CannotListenError):
            self.connectionFailed(Failure())

    def _bindSocket(self) -> Any:
        skt = super()._bindSocket()
        try:
            skt.connect(self.remoteaddr)
        except BaseException:
            skt.close()
            self._file.leave()
            raise
        return skt

    def connectionFailed(self, reason: Failure) -> None:
        """Tell the protocol that there is no connection."""
        self.protocol.connectionFailed(reason)

    def _isConnected(self) -> bool:
        return True

    def _receive(self) -> None:
        for _ in range(MOST_DATAGRAMS):
            try:
                data = self.socket.recv(self.maxPacketSize)
            except OSError as problem:
                if problem.errno not in NOT_NOW:
                    self._refused()
                return
            try:
                self.protocol.datagramReceived(data)
            except Exception:
                logTrouble(f"while calling datagramReceived of {self.protocol!r}")
            if self.disconnecting or not self.connected:
                return

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Send one datagram, now. One that the peer has no room for is dropped.

        Raises:
            MessageLengthError: it is too long to be sent.
        """
        return self._send(data, None)

    def getPeer(self) -> UNIXAddress:
        """Return the address of the other end."""
        return UNIXAddress(self.remoteaddr)


def _named(path: Path) -> bytes:
    """Return a path as the socket module takes it, an abstract name included."""
    return os.fsencode(path)


def _isLocked(path: bytes) -> bool:
    from ropewalk.python.lockfile import isLocked

    return isLocked(os.fsdecode(path) + ".lock")


publish(__name__)
