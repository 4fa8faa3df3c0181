"""TLS endpoints: those that speak TLS over TCP, and what puts TLS over any other."""

from __future__ import annotations

from .connecting import listening
from .tcp import PortClientEndpoint

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
        IReactorTime,
        IStreamClientEndpoint,
        IStreamServerEndpoint,
    )
else:
    from .._interfaces.later import IStreamClientEndpoint, IStreamServerEndpoint, implementer

__all__ = ["SSL4ClientEndpoint", "SSL4ServerEndpoint", "wrapClientTLS", "wrapServerTLS"]


@implementer(IStreamServerEndpoint)
class SSL4ServerEndpoint:
    """A TCP port to listen at and to speak TLS, on every IPv4 address of this host or on one address.

    Args:
        reactor: what to listen with.
        port: the port's number; 0 for any that is free.
        sslContextFactory: how to speak TLS: `CertificateOptions`, say.
        backlog: how many connections may wait to be accepted.
        interface: the local address to listen at, empty for all.
    """

    def __init__(
        self, reactor: Any, port: int, sslContextFactory: Any, backlog: int = 50, interface: str | Binding = ""
    ) -> None:
        self._reactor = reactor
        self._port = port
        self._sslContextFactory = sslContextFactory
        self._backlog = backlog
        self._interface = interface

    def listen(self, protocolFactory: IProtocolFactory) -> Deferred[IListeningPort]:
        """Listen; see `IStreamServerEndpoint.listen`."""
        return listening(
            lambda: self._reactor.listenSSL(
                self._port,
                protocolFactory,
                contextFactory=self._sslContextFactory,
                backlog=self._backlog,
                interface=self._interface,
            )
        )


class SSL4ClientEndpoint(PortClientEndpoint):
    """A TCP port to connect to and to speak TLS, by an IPv4 address or a name that has one.

    It has connected when TCP has, and the handshake begins; what goes wrong with that is why the connection is lost.
    `wrapClientTLS` around a `HostnameEndpoint` does more of names.

    Args:
        reactor: what to connect with.
        host: the address, or a name.
        port: the port's number.
        sslContextFactory: how to speak TLS: what `optionsForClientTLS` returns, for the same host.
        timeout: seconds until an attempt is given up.
        bindAddress: the local address and port to connect from.
    """

    def __init__(
        self,
        reactor: Any,
        host: str,
        port: int,
        sslContextFactory: Any,
        timeout: float = 30,
        bindAddress: Binding | tuple[str, int] | str | None = None,
    ) -> None:
        super().__init__(reactor, host, port, timeout, bindAddress)
        self._sslContextFactory = sslContextFactory

    def _begin(self, factory: Any) -> Any:
        return self._reactor.connectSSL(
            self._host,
            self._port,
            factory,
            self._sslContextFactory,
            timeout=self._timeout,
            bindAddress=self._bindAddress,
        )


def wrapClientTLS(
    connectionCreator: Any, wrappedEndpoint: IStreamClientEndpoint, clock: IReactorTime | None = None
) -> IStreamClientEndpoint:
    """Speak TLS over what another endpoint connects to, whatever it is: TCP, a UNIX socket, a child process, TLS.

    Args:
        connectionCreator: how: what `optionsForClientTLS` returns.
        wrappedEndpoint: where to.
        clock: what times the handshake; the reactor when `None`.
    """
    return _TLSClientEndpoint(connectionCreator, wrappedEndpoint, clock)


def wrapServerTLS(
    connectionCreator: Any, wrappedEndpoint: IStreamServerEndpoint, clock: IReactorTime | None = None
) -> IStreamServerEndpoint:
    """Speak TLS with whoever connects to another endpoint, whatever it is.

    Args:
        connectionCreator: how: `CertificateOptions`, or what `optionsForServerTLS` returns.
        wrappedEndpoint: where to listen.
        clock: what times handshakes; the reactor when `None`.
    """
    return _TLSServerEndpoint(connectionCreator, wrappedEndpoint, clock)


@implementer(IStreamClientEndpoint)
class _TLSClientEndpoint:
    def __init__(self, creator: Any, wrapped: Any, clock: Any) -> None:
        self._creator = creator
        self._wrapped = wrapped
        self._clock = clock

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect; see `IStreamClientEndpoint.connect`."""
        from .._tls.factory import TLSMemoryBIOFactory

        factory: Any = TLSMemoryBIOFactory(self._creator, True, protocolFactory, self._clock)
        connected: Deferred[Any] = self._wrapped.connect(factory)
        return connected.addCallback(_program)

    def __repr__(self) -> str:
        return f"<TLS over {self._wrapped!r}>"


def _program(layer: Any) -> Any:
    """Return the program's protocol, which sits on the TLS one."""
    return layer.wrappedProtocol


@implementer(IStreamServerEndpoint)
class _TLSServerEndpoint:
    def __init__(self, creator: Any, wrapped: Any, clock: Any) -> None:
        self._creator = creator
        self._wrapped = wrapped
        self._clock = clock

    def listen(self, protocolFactory: IProtocolFactory) -> Deferred[IListeningPort]:
        """Listen; see `IStreamServerEndpoint.listen`."""
        from .._tls.factory import TLSMemoryBIOFactory

        factory: Any = TLSMemoryBIOFactory(self._creator, False, protocolFactory, self._clock)
        port: Deferred[IListeningPort] = self._wrapped.listen(factory)
        return port

    def __repr__(self) -> str:
        return f"<TLS over {self._wrapped!r}>"
