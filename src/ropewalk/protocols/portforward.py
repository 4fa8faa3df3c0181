"""Forward connections to another host: each one accepted is joined to one that is made.

Neither side is read faster than the other takes it: the two transports are each other's producers.
"""

from __future__ import annotations

from typing import Any

from ropewalk.internet.interfaces import IAddress, IConnector
from ropewalk.internet.protocol import ClientFactory, Factory, Protocol
from ropewalk.python import log
from ropewalk.python.failure import Failure

__all__ = ["Proxy", "ProxyClient", "ProxyClientFactory", "ProxyFactory", "ProxyServer"]


class Proxy(Protocol):
    """One of the two sides: what comes here goes out there.

    Attributes:
        peer: the other side; `None` while there is none.
        isLost: whether the connection is gone.
        noisy: whether a loss before there was another side is logged.
    """

    noisy: bool = True
    peer: Proxy | None = None
    isLost: bool = False

    def setPeer(self, peer: Proxy | None) -> None:
        """Choose the other side."""
        self.peer = peer

    def dataReceived(self, data: bytes) -> None:
        """Pass bytes on to the other side."""
        if self.peer is not None:
            self.peer.transport.write(data)

    def connectionLost(self, reason: Failure) -> None:
        """Close the other side, once it has got all that was passed on."""
        self.isLost = True
        peer, self.peer = self.peer, None
        if peer is not None:
            # What is registered there is our transport, which is gone: it would hold up the close.
            peer.transport.unregisterProducer()  # type: ignore[attr-defined]  # every stream has it
            peer.transport.loseConnection()
        elif self.noisy:
            log.msg(f"{self!r} was lost before it was joined to another side: {reason.value}")


class ProxyClient(Proxy):
    """The side that was connected for an accepted connection."""

    def connectionMade(self) -> None:
        """Join the two sides, and let the accepted one, which has been waiting, be read."""
        server = self.peer
        if server is None or server.isLost:
            self.peer = None
            self.transport.abortConnection()  # type: ignore[attr-defined]  # every stream has it
            return
        server.setPeer(self)
        self.transport.registerProducer(server.transport, True)  # type: ignore[attr-defined]  # every stream has it
        server.transport.registerProducer(self.transport, True)  # type: ignore[attr-defined]  # every stream has it
        server.transport.resumeProducing()  # type: ignore[attr-defined]  # every stream is a producer


class ProxyClientFactory(ClientFactory[ProxyClient]):
    """Makes the outgoing side of one accepted connection."""

    protocol: Any = ProxyClient
    server: ProxyServer

    def setServer(self, server: ProxyServer) -> None:
        """Choose the accepted side."""
        self.server = server

    def buildProtocol(self, addr: IAddress | None) -> ProxyClient:
        """Make the outgoing side, with the accepted one as its other side."""
        client = super().buildProtocol(addr)
        assert client is not None
        client.setPeer(self.server)
        return client

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """Close the accepted side: there is nobody to pass its bytes on to."""
        self.server.transport.loseConnection()


class ProxyServer(Proxy):
    """The side that was accepted. It is not read until the other side is connected.

    Attributes:
        clientProtocolFactory: makes the factory of the other side.
        reactor: what connects; `None` for the reactor.
    """

    clientProtocolFactory: Any = ProxyClientFactory
    reactor: Any = None

    def connectionMade(self) -> None:
        """Begin to connect the other side."""
        self.transport.pauseProducing()  # type: ignore[attr-defined]  # every stream is a producer
        client = self.clientProtocolFactory()
        client.setServer(self)
        if self.reactor is None:
            from ropewalk.internet import reactor

            self.reactor = reactor
        self.reactor.connectTCP(self.factory.host, self.factory.port, client)


class ProxyFactory(Factory[ProxyServer]):
    """Forwards every connection to a host and port."""

    protocol: Any = ProxyServer

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
