"""TCP: connections, ports and connectors. A program meets them through `IReactorTCP`.

What they do with bytes is `_transports.stream`; here are the parts that know they are TCP.
"""

from __future__ import annotations

import os
import socket

from ropewalk._doors import publish

from ._transports.adopting import adopted
from ._transports.connector import BaseClient, BaseConnector
from ._transports.descriptor import logPrefixOf
from ._transports.listener import StreamPort
from ._transports.numbered import NumberedPort
from ._transports.numeric import addressOf, isIPAddress, isIPv6Address, makeBinding, sixth
from ._transports.stream import Connection
from .address import IPv4Address, IPv6Address
from .error import ConnectError, ServiceNameUnknownError, getConnectError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

    from ._interfaces.binding import Binding
    from .protocol import ClientFactory

__all__ = ["BaseClient", "Client", "Connection", "Connector", "Port", "Server", "makeBinding"]

# The texts of hosts that have connected: connections from one host share one, 64 bytes less for each. Peers choose
# what comes in here, so it is bounded.
_hosts: dict[str, str] = {}
MOST_HOSTS = 1024


def shared(host: str) -> str:
    """Return an equal text that earlier connections from this host have too."""
    if len(_hosts) >= MOST_HOSTS:
        _hosts.clear()
    return _hosts.setdefault(host, host)


class Server(Connection):
    """A connection that a port accepted.

    Args:
        sock: its socket.
        protocol: whom the bytes go to.
        client: the peer's address, as ``accept`` returned it.
        server: the port that accepted it; `None` for an adopted connection.
        sessionno: its number among that port's connections.
        reactor: who watches.
    """

    __slots__ = ("client", "server", "sessionno")

    def __init__(self, sock: Any, protocol: Any, client: Any, server: Any, sessionno: int, reactor: Any) -> None:
        super().__init__(sock, protocol, reactor)
        self.client: Any = (shared(client[0]), *client[1:]) if type(client) is tuple else client
        self.server = server
        self.sessionno = sessionno
        self._open()

    @classmethod
    def _fromConnectedSocket(cls, fileDescriptor: int, addressFamily: int, factory: Any, reactor: Any) -> Self:
        """Serve a copy of a socket that is connected; see `IReactorSocket.adoptStreamConnection`."""
        skt = adopted(fileDescriptor, addressFamily, socket.SOCK_STREAM)
        try:
            client = skt.getpeername()
            protocol = factory.buildProtocol(addressOf(addressFamily, client))
        except BaseException:
            skt.close()
            raise
        self = cls(skt, protocol, client, None, 0, reactor)
        if protocol is None:
            self.loseConnection()
        else:
            try:
                protocol.makeConnection(self)
            except BaseException:
                self._protocolFailed("makeConnection")
        return self

    def getPeer(self) -> Any:
        """Return the address of the other end; also when the connection is lost."""
        return addressOf(socket.AF_INET6 if len(self.client) == 4 else socket.AF_INET, self.client)

    @property
    def hostname(self) -> str:
        """The peer's IP address."""
        return str(self.client[0])

    @property
    def logstr(self) -> str:  # type: ignore[override]  # a constant above
        """What `logPrefix` returns."""
        if self.protocol is None:
            return Connection.logstr
        return f"{logPrefixOf(self.protocol)},{self.sessionno},{self.hostname}"

    def logPrefix(self) -> str:
        """Return the name that the log gives to what happens here: protocol, number, peer."""
        return self.logstr

    def __repr__(self) -> str:
        if self.server is None:
            place = "an adopted socket"
        else:
            place = self.server._realPortNumber or "a closed port"
        return f"<{type(self.protocol).__name__} #{self.sessionno} on {place}>"


class Client(BaseClient):
    """A connection that we made, from the first attempt on.

    Args:
        host: a name or a numeric address.
        port: the port's number.
        bindAddress: the local address to connect from, ``(host, port)`` or from `makeBinding`.
        connector: told of what comes of it.
        reactor: who watches, resolves, and counts the seconds.
    """

    def __init__(self, host: str, port: int, bindAddress: Any, connector: Any, reactor: Any = None) -> None:
        if reactor is None:
            from ropewalk.internet import reactor
        self.addr: Any = (host, port)
        if isIPv6Address(host):
            self.addressFamily = socket.AF_INET6
        if self._begin(connector, reactor, bindAddress):
            self._next = self.reactor.callLater(0, self.resolveAddress)

    def resolveAddress(self) -> None:
        """Find the address to connect to: at once when the host is one, else through the reactor's resolver."""
        self._next = None
        host, port = self.addr
        if self.addressFamily == socket.AF_INET6:
            try:
                self._resolved(sixth(host, port))
            except OSError as problem:  # no such zone
                self.failIfNotConnected(getConnectError(problem))
        elif isIPAddress(host):
            self._resolved(self.addr)
        else:
            self.reactor.resolve(host).addCallbacks(self._found, self.failIfNotConnected)

    def _found(self, host: str) -> None:
        """The resolver has an address, of either version."""
        if self.connector is None:
            return  # given up meanwhile
        port = self.addr[1]
        if not isIPv6Address(host):
            self._resolved((host, port))
            return
        try:
            self._reopen(socket.AF_INET6)
            address = sixth(host, port)
        except (ConnectError, OSError) as problem:
            self.failIfNotConnected(problem if isinstance(problem, ConnectError) else getConnectError(problem))
        else:
            self._resolved(address)

    def _resolved(self, address: Any) -> None:
        self.realAddress = address
        self.doConnect()


class Connector(BaseConnector):
    """An attempt to connect over TCP, and the connection that comes of it.

    Args:
        host: a name, resolved for each attempt, or a numeric address.
        port: the port's number, or the name of a service.
        factory: told of the start, the failure and the loss; makes the protocol.
        timeout: seconds that one attempt may take.
        bindAddress: the local address to connect from, ``(host, port)`` or from `makeBinding`.
        reactor: who watches, resolves, and counts the seconds.

    Raises:
        ServiceNameUnknownError: the system knows no service of that name.
    """

    def __init__(
        self,
        host: str,
        port: int | str,
        factory: ClientFactory[Any],
        timeout: float | None,
        bindAddress: Binding | tuple[str, int] | None,
        reactor: Any = None,
    ) -> None:
        if isinstance(port, str):
            try:
                port = socket.getservbyname(port, "tcp")
            except OSError as problem:
                raise ServiceNameUnknownError(string=f"{problem} ({port!r})") from problem
        if reactor is None:
            from ropewalk.internet import reactor
        self.host, self.port = host, port
        self.bindAddress = bindAddress
        super().__init__(factory, timeout, reactor)

    def _makeTransport(self) -> Client:
        return Client(self.host, self.port, self.bindAddress, self, self.reactor)

    def getDestination(self) -> IPv4Address | IPv6Address:
        """Return the address that it connects to; a host's name is in it as it was given."""
        kind = IPv6Address if isIPv6Address(self.host) else IPv4Address
        return kind("TCP", self.host, self.port)


class Port(NumberedPort, StreamPort):
    """A TCP port that listens.

    Args:
        port: its number; 0 for any that is free; or what `makeBinding` returned.
        factory: makes the protocol of each connection.
        backlog: how many connections may wait to be accepted.
        interface: the local IP address to listen at, or what `makeBinding` returned; empty for all IPv4 ones.
        reactor: who watches.

    Raises:
        ValueError: ``port`` and ``interface`` contradict each other.
    """

    transport = Server

    backlog = 50
    interface = ""
    port: int = None  # type: ignore[assignment]  # told by the constructor

    _type = "TCP"
    _reuseAddress = True
    _reusePort = False

    def __init__(
        self, port: int | Binding, factory: Any, backlog: int = 50, interface: str | Binding = "", reactor: Any = None
    ) -> None:
        super().__init__(reactor)
        self.factory = factory
        self.backlog = backlog
        self.interface, self.port = self._whereToListen(port, interface)
        if self.interface and isIPv6Address(self.interface):
            self.addressFamily = socket.AF_INET6

    def _whereToListen(self, port: int | Binding, interface: str | Binding | None) -> tuple[str, int]:
        """Take what was said about where to listen from the two arguments that can say it."""
        from ._interfaces.binding import Binding

        said: list[tuple[str, int]] = []
        for given in (port, interface):
            if isinstance(given, Binding):
                self._reusePort = self._reusePort or given.reusePort
                said.append((given.address or "", given.port))
        if isinstance(port, int):
            said.append(("", port))
        elif not isinstance(port, Binding):
            raise TypeError(f"a TCP port is a number or what makeBinding returns, not {port!r}")
        if isinstance(interface, str):
            said.append((interface, 0))

        places = {place for place, _ in said if place}
        numbers = {number for _, number in said if number}
        if len(places) > 1 or len(numbers) > 1:
            raise ValueError(f"port and interface contradict each other: listen on {port!r} or on {interface!r}?")
        return (places.pop() if places else ""), (numbers.pop() if numbers else 0)

    @classmethod
    def _fromListeningDescriptor(cls, reactor: Any, fd: int, addressFamily: int, factory: Any) -> Self:
        """Accept on a copy of a socket that listens; see `IReactorSocket.adoptStreamPort`."""
        skt = adopted(fd, addressFamily, socket.SOCK_STREAM)
        name = skt.getsockname()
        self = cls(name[1], factory, interface=name[0], reactor=reactor)
        self.addressFamily = addressFamily
        self._preexistingSocket = skt
        return self

    def createInternetSocket(self) -> Any:
        """Make the socket; override to set options before it is bound."""
        skt = super().createInternetSocket()
        if self._reuseAddress and os.name == "posix":
            skt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if self._reusePort:
            skt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        return skt

    def _listeningSocket(self) -> Any:
        return self._boundSocket()

    def _bind(self, skt: Any) -> None:
        super()._bind(skt)
        skt.listen(self.backlog)

    def __repr__(self) -> str:
        place = "(not listening)" if self._realPortNumber is None else f"on {self._realPortNumber}"
        return f"<{type(self)!s} of {type(self.factory)!s} {place}>"


publish(__name__)
