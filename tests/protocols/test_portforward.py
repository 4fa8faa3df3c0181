"""Forwarded connections carry bytes both ways, at the pace of the slower side, and end together."""

from __future__ import annotations

from typing import Any

from ropewalk.internet.defer import Deferred
from ropewalk.internet.error import ConnectionRefusedError
from ropewalk.internet.interfaces import IProtocolFactory
from ropewalk.internet.protocol import ClientFactory, Factory, Protocol
from ropewalk.internet.testing import MemoryPump, StringTransport, connectedPair
from ropewalk.protocols import portforward, wire
from ropewalk.python.failure import Failure
from support.reactors import reactor, run

__all__ = ["reactor"]


class Collecting(Protocol):
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.isLost = False

    def dataReceived(self, data: bytes) -> None:
        self.heard += data

    def connectionLost(self, reason: Failure) -> None:
        self.isLost = True


class OneBackend:
    """As much of a reactor as the proxy needs: it connects to one protocol, in memory, when it is told to."""

    def __init__(self, backend: Protocol) -> None:
        self.backend = backend
        self.pump: MemoryPump | None = None

    def connectTCP(self, host: str, port: int, factory: Any) -> None:
        self.factory = factory

    def connect(self) -> None:
        self.pump = connectedPair(self.backend, self.factory.buildProtocol(None))


def proxied() -> tuple[Collecting, Collecting, OneBackend, MemoryPump]:
    """Return a client, the backend it is going to be forwarded to, the network between, and the client's pump."""
    client, backend = Collecting(), Collecting()
    network = OneBackend(backend)
    server = portforward.ProxyFactory("backend", 1).buildProtocol(None)
    assert server is not None
    server.reactor = network
    return client, backend, network, connectedPair(server, client)


def settle(*pumps: MemoryPump | None) -> None:
    """Move bytes until nothing moves on any pump."""
    while [pump for pump in pumps if pump is not None and pump.turn()]:
        pass


def test_bothWays() -> None:
    """Bytes pass in both directions; what came before the backend was there is not lost."""
    client, backend, network, pump = proxied()
    client.transport.write(b"early")
    settle(pump)
    network.connect()
    client.transport.write(b" and late")
    backend.transport.write(b"answer")
    settle(pump, network.pump)
    assert (bytes(backend.heard), bytes(client.heard)) == (b"early and late", b"answer")


def test_endsTogether() -> None:
    """When one side closes, the other gets all that was sent before, and is closed."""
    for closing in (0, 1):
        client, backend, network, pump = proxied()
        network.connect()
        sides = (client, backend)
        sides[closing].transport.write(b"x" * 500_000)
        sides[closing].transport.loseConnection()
        settle(pump, network.pump)
        assert len(sides[1 - closing].heard) == 500_000
        assert client.isLost
        assert backend.isLost


class Pouring:
    """A push producer that writes in large pieces and notes how much its consumer took before it said stop."""

    def __init__(self, transport: Any) -> None:
        self.transport = transport
        self.paused = False
        self.written = 0
        transport.registerProducer(self, True)

    def pour(self, *pumps: MemoryPump | None) -> None:
        while not self.paused and self.written < 50_000_000:
            self.transport.write(b"x" * 50_000)
            self.written += 50_000
            settle(*pumps)

    def pauseProducing(self) -> None:
        self.paused = True

    def resumeProducing(self) -> None:
        self.paused = False

    def stopProducing(self) -> None:
        self.paused = True


def test_slowReaderHoldsTheWriter() -> None:
    """A side that stops reading stops the other one's writing: the proxy keeps a bounded amount, both ways."""
    for slow in (0, 1):
        client, backend, network, pump = proxied()
        network.connect()
        pumps = pump, network.pump
        settle(*pumps)
        reading, writing = (client, backend) if slow == 0 else (backend, client)
        reading.transport.pauseProducing()  # type: ignore[attr-defined]  # every stream is a producer
        pouring = Pouring(writing.transport)
        pouring.pour(*pumps)
        assert pouring.paused
        assert pouring.written < 2_000_000
        reading.transport.resumeProducing()  # type: ignore[attr-defined]  # every stream is a producer
        settle(*pumps)
        assert not pouring.paused
        assert len(reading.heard) == pouring.written


def test_backendRefuses() -> None:
    """When the backend can't be reached the client is closed."""
    client, _, network, pump = proxied()
    network.factory.clientConnectionFailed(None, Failure(ConnectionRefusedError()))
    settle(pump)
    assert client.isLost


def test_clientGoesBeforeTheBackendIsThere() -> None:
    """A client that is gone by then costs the backend its connection, too."""
    _, backend, network, pump = proxied()
    pump.server.abortConnection()
    settle(pump)
    network.connect()
    settle(pump, network.pump)
    assert backend.isLost


def test_clientIsNotReadAtFirst() -> None:
    """Until the backend is there the client is not read."""
    server: Any = portforward.ProxyFactory("backend", 1).buildProtocol(None)
    server.reactor = OneBackend(Collecting())
    transport = StringTransport()
    server.makeConnection(transport)
    assert transport.producerState == "paused"
    server.reactor.factory.buildProtocol(None).makeConnection(StringTransport())
    assert transport.producerState == "producing"
    assert transport.producer is not None


def test_overRealSockets(reactor: Any) -> None:
    """A megabyte goes to an echo server and back through a proxy, over real sockets."""

    class Server(portforward.ProxyServer):
        noisy = False

    Server.reactor = reactor

    class Asking(Protocol):
        def connectionMade(self) -> None:
            self.left = 1_000_000
            self.transport.write(b"x" * self.left)

        def dataReceived(self, data: bytes) -> None:
            self.left -= len(data)
            if not self.left:
                self.transport.loseConnection()

        def connectionLost(self, reason: Failure) -> None:
            over.callback(self.left)

    over: Deferred[int] = Deferred()

    async def main() -> int:
        echo = reactor.listenTCP(0, Factory.forProtocol(wire.Echo), interface="127.0.0.1")
        factory = portforward.ProxyFactory("127.0.0.1", echo.getHost().port)
        factory.protocol = Server
        proxy = reactor.listenTCP(0, factory, interface="127.0.0.1")
        client: ClientFactory[Any] = ClientFactory.forProtocol(Asking)
        reactor.connectTCP("127.0.0.1", proxy.getHost().port, client)
        left = await over
        await proxy.stopListening()
        await echo.stopListening()
        return left

    assert run(reactor, main) == 0


def test_factoriesProvideTheirInterface() -> None:
    """Both factories are protocol factories."""
    assert IProtocolFactory.implementedBy(portforward.ProxyFactory)
    assert IProtocolFactory.implementedBy(portforward.ProxyClientFactory)
