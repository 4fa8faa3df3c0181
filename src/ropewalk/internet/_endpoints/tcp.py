"""TCP endpoints whose host is one address, or a name for one."""

from __future__ import annotations

from .connecting import attempt, listening

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from zope.interface import implementer

    from ..defer import Deferred
    from ..interfaces import (
        Binding,
        IListeningPort,
        IProtocol,
        IProtocolFactory,
        IStreamClientEndpoint,
        IStreamServerEndpoint,
    )
else:
    from .._interfaces.later import IStreamClientEndpoint, IStreamServerEndpoint, implementer


@implementer(IStreamServerEndpoint)
class _TCPServerEndpoint:
    """A TCP port to listen at.

    Args:
        reactor: what to listen with.
        port: the port's number; 0 for any that is free.
        backlog: how many connections may wait to be accepted.
        interface: the local address to listen at, as text or as a `Binding`.
    """

    def __init__(self, reactor: Any, port: int, backlog: int, interface: str | Binding) -> None:
        self._reactor = reactor
        self._port = port
        self._backlog = backlog
        self._interface = interface

    def listen(self, protocolFactory: IProtocolFactory) -> Deferred[IListeningPort]:
        """Listen; see `IStreamServerEndpoint.listen`."""
        return listening(
            lambda: self._reactor.listenTCP(
                self._port, protocolFactory, backlog=self._backlog, interface=self._interface
            )
        )


class TCP4ServerEndpoint(_TCPServerEndpoint):
    """A TCP port to listen at, on every IPv4 address of this host or on one address.

    Args:
        reactor: what to listen with.
        port: the port's number; 0 for any that is free.
        backlog: how many connections may wait to be accepted.
        interface: the local address to listen at, empty for all; or what `ropewalk.internet.tcp.makeBinding` returns,
            for several processes that share the port.
    """

    def __init__(self, reactor: Any, port: int, backlog: int = 50, interface: str | Binding = "") -> None:
        super().__init__(reactor, port, backlog, interface)


class TCP6ServerEndpoint(_TCPServerEndpoint):
    """A TCP port to listen at, on every IPv6 address of this host or on one address.

    Where the system maps IPv4 connections to IPv6 addresses, as Linux does, ``::`` accepts those too.

    Args:
        reactor: what to listen with.
        port: the port's number; 0 for any that is free.
        backlog: how many connections may wait to be accepted.
        interface: the local address to listen at; or what `ropewalk.internet.tcp.makeBinding` returns.
    """

    def __init__(self, reactor: Any, port: int, backlog: int = 50, interface: str | Binding = "::") -> None:
        super().__init__(reactor, port, backlog, interface)


@implementer(IStreamClientEndpoint)
class PortClientEndpoint:
    """What endpoints that connect to a port have in common."""

    def __init__(
        self,
        reactor: Any,
        host: str,
        port: int,
        timeout: float = 30,
        bindAddress: Binding | tuple[str, int] | str | None = None,
    ) -> None:
        self._reactor = reactor
        self._host = host
        self._port = port
        self._timeout = timeout
        self._bindAddress = (bindAddress, 0) if isinstance(bindAddress, str) else bindAddress

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect; see `IStreamClientEndpoint.connect`."""
        return attempt(protocolFactory, self._begin)

    def _begin(self, factory: Any) -> Any:
        """Have the reactor connect, and return the connector."""
        return self._reactor.connectTCP(
            self._host, self._port, factory, timeout=self._timeout, bindAddress=self._bindAddress
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._host}:{self._port}>"


class TCP4ClientEndpoint(PortClientEndpoint):
    """A TCP port to connect to, by an IPv4 address or a name that has one.

    Args:
        reactor: what to connect with.
        host: the address, or a name; `HostnameEndpoint` makes more of names.
        port: the port's number.
        timeout: seconds until an attempt is given up.
        bindAddress: the local address and port to connect from.
    """


class TCP6ClientEndpoint(PortClientEndpoint):
    """A TCP port to connect to, by an IPv6 address or a name that has one.

    Args:
        reactor: what to connect with.
        host: the address, with a zone after ``%`` where it needs one, or a name.
        port: the port's number.
        timeout: seconds until an attempt is given up.
        bindAddress: the local address and port to connect from.
    """
