"""TLS that begins in the middle of a connection: `ITLSTransport.startTLS`."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from ropewalk.internet import interfaces
from ropewalk.internet._transports.memory import connectedPair
from ropewalk.internet.error import ConnectionDone
from ropewalk.internet.protocol import Protocol, connectionDone
from ropewalk.protocols.basic import LineReceiver
from ropewalk.python.failure import Failure
from support.reactors import run
from support.recording import TCP, UNIX, Recorder, converse
from support.tlsnetworks import ENGINES, StdlibTLS

PAIRS = [(server, client) for server in ENGINES for client in ENGINES]


@pytest.fixture(params=PAIRS, ids=lambda pair: f"{pair[0].name}-{pair[1].name}")
def engines(request: pytest.FixtureRequest) -> Any:
    """A server's engine and a client's."""
    return request.param


class Server(LineReceiver):
    """The documents' server: answers STARTTLS with READY, in clear, and then goes on with TLS."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.lines: list[bytes] = []

    def lineReceived(self, line: bytes) -> None:
        self.lines.append(line)
        if line == b"STARTTLS":
            self.sendLine(b"READY")
            self.transport.startTLS(self.context)


class Client(LineReceiver):
    """The documents' client: says something in clear, and something that it does not want heard; then it leaves."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.reason: Any = None

    def connectionMade(self) -> None:
        self.transport.write(b"plain text\r\nSTARTTLS\r\n")

    def lineReceived(self, line: bytes) -> None:
        assert line == b"READY"
        self.transport.startTLS(self.context)
        self.transport.write(b"secure text\r\n")
        self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.reason = reason


def test_whatComesBeforeIsClearAndWhatComesAfterIsNot(engines: Any) -> None:
    """F114, F115: READY leaves in clear; what is written right after startTLS is delivered before the close."""
    server, client = Server(engines[0].server()), Client(engines[1].client())
    pump = connectedPair(server, client)
    wire = bytearray()
    for end in (pump.server, pump.client):
        send = end.socket.send
        end.socket.send = lambda data, send=send: wire.extend(data) or send(data)
    pump.settle()
    assert server.lines == [b"plain text", b"STARTTLS", b"secure text"]
    assert b"READY\r\n" in wire
    assert b"secure text" not in wire
    assert type(client.reason.value) is ConnectionDone


def test_bothEndsOfANetwork(reactor: Any, engines: Any) -> None:
    """Over TCP and UNIX sockets on every reactor, from either side, in the middle of much data."""

    async def main() -> None:
        for network in (TCP(), UNIX()):
            both = await converse(reactor, network)
            both.client.transport.write(b"x" * 300_000)
            await both.server.got(300_000)
            both.client.transport.startTLS(engines[1].client())
            both.server.transport.startTLS(engines[0].server())
            for end in (both.server, both.client):
                end.transport.write(b"y" * 300_000)
            assert (await both.server.got(600_000))[300_000:] == b"y" * 300_000
            assert await both.client.got(300_000) == b"y" * 300_000
            both.server.transport.loseConnection()
            assert type((await both.client.lost).value) is ConnectionDone
            await both.close()

    run(reactor, main)


def test_theClientMayBeTheServer(engines: Any) -> None:
    """normal=False turns the roles round, as some protocols have it."""
    server, client = Recorder(), Recorder()
    pump = connectedPair(server, client)
    client.transport.startTLS(engines[0].server(), normal=False)
    server.transport.startTLS(engines[1].client(), False)
    server.transport.write(b"hello")
    pump.settle()
    assert client.received == b"hello"


def test_theTransportSaysThatItSpeaksTLS(engines: Any) -> None:
    """The program keeps its transport; that has become an ISSLTransport, with TLS true and a certificate to show."""
    server, client = Recorder(), Recorder()
    pump = connectedPair(server, client)
    transport = client.transport
    assert not transport.TLS
    assert not interfaces.ISSLTransport.providedBy(transport)
    transport.startTLS(engines[1].client())
    server.transport.startTLS(engines[0].server())
    pump.settle()
    assert client.transport is transport
    assert transport.TLS
    for name in ("ISSLTransport", "INegotiated", "ITLSTransport", "ITCPTransport"):
        assert getattr(interfaces, name).providedBy(transport), name
    assert transport.getPeerCertificate() is not None
    assert transport.getHandle().get_cipher_name() == server.transport.getHandle().get_cipher_name()
    assert transport.negotiatedProtocol is None
    assert transport.getPeer().port == 80


def test_aProducerGoesOnFeeding(engines: Any) -> None:
    """A producer that was registered before feeds TLS from then on."""

    class Producer:
        def __init__(self, transport: Any) -> None:
            self.transport = transport
            self.left = 100
            self.paused = False

        def resumeProducing(self) -> None:
            self.paused = False
            while self.left and not self.paused:
                self.left -= 1
                self.transport.write(bytes([self.left]) * 10_000)
            if not self.left:
                self.transport.unregisterProducer()
                self.transport.loseConnection()

        def pauseProducing(self) -> None:
            self.paused = True

        def stopProducing(self) -> None:
            raise AssertionError("nobody stops here")

    server, client = Recorder(), Recorder()
    pump = connectedPair(server, client)
    producer = Producer(server.transport)
    server.transport.registerProducer(producer, True)
    server.transport.startTLS(engines[0].server())
    client.transport.startTLS(engines[1].client())
    producer.resumeProducing()
    assert producer.paused, "the handshake is not done: there is a limit to what is kept"
    pump.settle()
    assert bytes(client.received) == b"".join(bytes([number]) * 10_000 for number in reversed(range(100)))
    assert type(client.reason.value) is ConnectionDone


def test_disconnectingIsSeenByTheProgram(engines: Any) -> None:
    """A LineReceiver stops at the line that closes the connection, also over TLS that was started (its buffer may
    hold more)."""

    class Quitting(LineReceiver):
        lines: list[bytes] = []

        def lineReceived(self, line: bytes) -> None:
            self.lines.append(line)
            self.transport.loseConnection()

    server, client = Quitting(), Recorder()
    pump = connectedPair(server, client)
    server.transport.startTLS(engines[0].server())
    client.transport.startTLS(engines[1].client())
    client.transport.write(b"QUIT\r\nDELETE everything\r\n")
    pump.settle()
    assert server.lines == [b"QUIT"]
    assert type(client.reason.value) is ConnectionDone


def test_TLSWithinTLS(reactor: Any, engines: Any) -> None:
    """startTLS on a transport that speaks TLS puts another TLS inside, twice if need be."""

    async def main() -> None:
        both = await converse(reactor, StdlibTLS())
        for layer in (b"one", b"two"):
            both.client.transport.startTLS(engines[1].client())
            both.server.transport.startTLS(engines[0].server())
            both.client.transport.write(layer)
            await both.server.got(3 if layer == b"one" else 6)
        both.server.transport.loseConnection()
        assert type((await both.client.lost).value) is ConnectionDone
        assert both.server.received == b"onetwo"
        await both.close()

    run(reactor, main)


@pytest.mark.parametrize("wrong", [None, object()])
def test_whatSaysNothingOfTLSChangesNothing(wrong: object) -> None:
    """It is a TypeError, and the connection goes on in clear."""
    server, client = Recorder(), Recorder()
    pump = connectedPair(server, client)
    with pytest.raises(TypeError, match="getContext"):
        client.transport.startTLS(wrong)
    client.transport.write(b"as before")
    pump.settle()
    assert server.received == b"as before"


def test_aConnectionThatIsGoneStaysGone(engines: Any) -> None:
    """After connectionLost startTLS is as harmless as any other method."""
    server, client = Recorder(), Recorder()
    pump = connectedPair(server, client)
    client.transport.loseConnection()
    pump.settle()
    server.transport.startTLS(engines[0].server())
    pump.settle()
    assert not server.transport.TLS
    assert pump.clock.getDelayedCalls() == []


class Forgetful(Protocol):
    """Keeps nothing."""


def test_nothingKeepsItselfAlive(engines: Any) -> None:
    """With the collector off, a connection that has ended is gone, the one that TLS was started on included."""
    contexts = engines[0].server(), engines[1].client()
    left: list[Any] = []
    gc.collect()
    gc.disable()
    try:
        for turn in range(3):
            pump = connectedPair(Forgetful(), Forgetful())
            for transport, context in zip((pump.server, pump.client), contexts, strict=True):
                transport.startTLS(context)
                if turn:  # the first time, classes are made
                    left += [weakref.ref(transport), weakref.ref(transport.protocol)]
            pump.settle()
            pump.server.loseConnection()
            pump.settle()
            assert pump.server.disconnected
            assert pump.client.disconnected
            del pump.server, pump.client, transport  # the pump is their reactor, and refers to them
        assert [ref() for ref in left] == [None] * 8
    finally:
        gc.enable()
