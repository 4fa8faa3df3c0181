"""Ports, connectors and connections that speak TLS from their first byte, for programs that make them by hand.

``listenSSL``, ``connectSSL`` and endpoints do the same with fewer words. TLS is a layer between the connection and the
protocol (`layer`): what the protocol has as its ``transport`` is that layer, and these are what is below it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import tcp
from .factory import TLSMemoryBIOFactory

if TYPE_CHECKING:
    from zope.interface import implementer

    from ..interfaces import ISSLTransport
else:
    from .._interfaces.later import ISSLTransport, implementer

__all__ = ["Client", "Connector", "Port", "Server"]


@implementer(ISSLTransport)
class Server(tcp.Server):
    """A connection that a `Port` accepted."""

    __slots__ = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def getPeerCertificate(self) -> Any:
        """Return the peer's certificate, an ``OpenSSL.crypto.X509``; `None` if it has shown none, or not yet."""
        return _shownAbove(self)


class Port(tcp.Port):
    """A TCP port that listens and speaks TLS.

    Args:
        port: its number; 0 for any that is free.
        factory: makes the protocol of each connection.
        ctxFactory: how to speak TLS: `CertificateOptions`, say.
        backlog: how many connections may wait to be accepted.
        interface: the local IP address to listen at; empty for all IPv4 ones.
        reactor: who watches.
    """

    transport = Server
    _type = "TLS"

    def __init__(
        self, port: int, factory: Any, ctxFactory: Any, backlog: int = 50, interface: str = "", reactor: Any = None
    ) -> None:
        super().__init__(port, TLSMemoryBIOFactory(ctxFactory, False, factory), backlog, interface, reactor)
        self.ctxFactory = ctxFactory


@implementer(ISSLTransport)
class Client(tcp.Client):
    """A connection that a connector makes.

    Args:
        host: a name or a numeric address.
        port: the port's number.
        bindAddress: the local address to connect from.
        ctxFactory: how to speak TLS: what `optionsForClientTLS` returns.
        connector: makes the protocol, and is told of what comes of it.
        reactor: who watches.
    """

    def __init__(
        self, host: str, port: int, bindAddress: Any, ctxFactory: Any, connector: Any, reactor: Any = None
    ) -> None:
        super().__init__(host, port, bindAddress, _Speaking(connector, ctxFactory), reactor)
        self.ctxFactory = ctxFactory

    def getPeerCertificate(self) -> Any:
        """Return the peer's certificate, an ``OpenSSL.crypto.X509``; `None` if it has shown none, or not yet."""
        return _shownAbove(self)


class Connector(tcp.Connector):
    """An attempt to connect over TCP and to speak TLS.

    Args:
        host, port, factory, timeout, bindAddress, reactor: as of `tcp.Connector`.
        contextFactory: how to speak TLS.
    """

    def __init__(
        self,
        host: str,
        port: int | str,
        factory: Any,
        contextFactory: Any,
        timeout: float | None,
        bindAddress: Any,
        reactor: Any = None,
    ) -> None:
        self.contextFactory = contextFactory
        super().__init__(host, port, factory, timeout, bindAddress, reactor)

    def _makeTransport(self) -> Client:
        return Client(self.host, int(self.port), self.bindAddress, self.contextFactory, self, self.reactor)


class _Speaking:
    """A connector whose protocols speak TLS."""

    def __init__(self, connector: Any, ctxFactory: Any) -> None:
        self._connector = connector
        self._factory = TLSMemoryBIOFactory(ctxFactory, True, connector)

    def buildProtocol(self, addr: Any) -> Any:
        return self._factory.buildProtocol(addr)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connector, name)


def _shownAbove(transport: Any) -> Any:
    layer = transport.protocol
    return None if layer is None else layer.getPeerCertificate()
