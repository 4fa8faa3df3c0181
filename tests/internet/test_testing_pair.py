"""`testing.connectedPair`: two real protocols on real transports, without a socket."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import pytest
from zope.interface import implementer
from zope.interface.verify import verifyObject

from ropewalk.internet import error
from ropewalk.internet.defer import Deferred
from ropewalk.internet.interfaces import IHalfCloseableProtocol, ITCPTransport
from ropewalk.internet.protocol import Protocol
from ropewalk.internet.task import Clock
from ropewalk.internet.testing import AccumulatingProtocol, connectedPair
from ropewalk.python.failure import Failure


class Echo(Protocol):
    """Sends back what it gets."""

    def dataReceived(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(data)


@implementer(IHalfCloseableProtocol)
class HalfCloseable(AccumulatingProtocol):
    """Outlives the end of what it reads."""

    def __init__(self) -> None:
        self.halves: list[str] = []

    def readConnectionLost(self) -> None:
        self.halves.append("read")

    def writeConnectionLost(self) -> None:
        self.halves.append("write")


class Greeter(Protocol):
    def connectionMade(self) -> None:
        assert self.transport is not None
        self.transport.write(b"hello")


def test_bytesCrossWhenThePumpTurns() -> None:
    """Nothing moves by itself; a settled pump has moved everything, both ways."""
    client = AccumulatingProtocol()
    pump = connectedPair(Echo(), client)
    pump.client.write(b"abc")
    assert client.data == b""
    pump.settle()
    assert client.data == b"abc"
    assert not pump.turn()


def test_bothEndsAreConnected() -> None:
    """Both have had their connectionMade; what they wrote in it arrives."""
    client = AccumulatingProtocol()
    pump = connectedPair(Greeter(), client)
    assert client.made
    pump.settle()
    assert client.data == b"hello"


def test_transportsAreWhatProtocolsExpect() -> None:
    """The transports offer what TCP transports do, and know each other's address."""
    pump = connectedPair(Echo(), Protocol())
    assert verifyObject(ITCPTransport, pump.client)
    assert pump.client.getPeer() == pump.server.getHost()
    assert pump.server.getPeer() == pump.client.getHost()
    pump.client.setTcpNoDelay(True)
    assert pump.client.getTcpNoDelay()
    with pytest.raises(NotImplementedError, match="loopback"):
        pump.client.getHandle()


@pytest.mark.parametrize("pieceSize", [1, 7, None])
def test_piecesMayBeSmall(pieceSize: int | None) -> None:
    """However the bytes are cut on their way, the same ones arrive."""
    sizes: list[int] = []

    class Counting(AccumulatingProtocol):
        def dataReceived(self, data: bytes) -> None:
            sizes.append(len(data))
            super().dataReceived(data)

    server = Counting()
    pump = connectedPair(server, Protocol(), pieceSize=pieceSize)
    pump.client.writeSequence([b"ab" * 50, b"cd"])
    pump.settle()
    assert server.data == b"ab" * 50 + b"cd"
    assert max(sizes) == (pieceSize or 102)


def test_moreThanFitsArrivesInOrder() -> None:
    """A message many times the size of what is under way arrives whole."""
    message = bytes(range(256)) * 4096
    client = AccumulatingProtocol()
    pump = connectedPair(Echo(), client, room=1000)
    pump.client.write(message)
    pump.settle()
    assert client.data == message


def test_closeDeliversWhatWasWritten() -> None:
    """Bytes written before loseConnection arrive; both ends hear of a clean end (F017, F027)."""
    server, client = AccumulatingProtocol(), AccumulatingProtocol()
    pump = connectedPair(server, client)
    pump.client.write(b"last words")
    pump.client.loseConnection()
    assert not client.closed
    pump.settle()
    assert server.data == b"last words"
    for end in (server, client):
        assert end.closedReason is not None
        assert end.closedReason.check(error.ConnectionDone)


def test_abortTellsBothEnds() -> None:
    """After abortConnection this end hears that it aborted, the other that the connection broke (F029)."""
    server, client = AccumulatingProtocol(), AccumulatingProtocol()
    pump = connectedPair(server, client, room=10)
    pump.client.write(b"x" * 100)
    pump.client.abortConnection()
    assert not client.closed
    pump.settle()
    assert client.closedReason is not None
    assert client.closedReason.check(error.ConnectionAborted)
    assert server.closedReason is not None
    assert server.closedReason.check(error.ConnectionLost)
    assert server.data == b""


def test_halvesCloseByThemselves() -> None:
    """One end may stop sending and go on reading; the other hears of it."""
    server, client = HalfCloseable(), HalfCloseable()
    pump = connectedPair(server, client)
    pump.client.write(b"question")
    pump.client.loseWriteConnection()
    pump.settle()
    assert (server.data, server.halves, client.halves) == (b"question", ["read"], ["write"])
    pump.server.write(b"answer")
    pump.server.loseConnection()
    pump.settle()
    assert client.data == b"answer"
    assert server.closed
    assert client.closed


def test_writerWaitsForAReaderThatDoesNotRead() -> None:
    """A push producer is paused while the other end doesn't read, and resumed when it does."""
    events: list[str] = []

    class Producer:
        def pauseProducing(self) -> None:
            events.append("pause")

        def resumeProducing(self) -> None:
            events.append("resume")

        def stopProducing(self) -> None:
            events.append("stop")

    server = AccumulatingProtocol()
    pump = connectedPair(server, Protocol(), room=1000)
    pump.server.pauseProducing()
    pump.client.registerProducer(Producer(), True)
    pump.client.write(b"x" * 100_000)
    pump.settle()
    assert (events, server.data) == (["pause"], b"")
    pump.server.resumeProducing()
    pump.settle()
    assert (events, len(server.data)) == (["pause", "resume"], 100_000)


def test_pullProducerIsAskedForEveryPiece() -> None:
    """A pull producer is asked until it has no more."""
    pieces = [b"%d" % number for number in range(20)]

    class Producer:
        def resumeProducing(self) -> None:
            if pieces:
                pump.client.write(pieces.pop(0))
            else:
                pump.client.unregisterProducer()
                pump.client.loseConnection()

        def stopProducing(self) -> None:
            raise AssertionError("it has finished by itself")

    server = AccumulatingProtocol()
    pump = connectedPair(server, Protocol())
    pump.client.registerProducer(Producer(), False)
    pump.settle()
    assert server.data == b"".join(b"%d" % number for number in range(20))
    assert server.closed


def test_coroutineMayAwaitRoom() -> None:
    """`drain` is awaited as on any transport."""
    pump = connectedPair(AccumulatingProtocol(), Protocol(), room=1000)
    pump.client.write(b"x" * 50_000)
    waiter = pump.client.drain()
    assert not waiter.called
    pump.settle()
    assert waiter.called


def test_protocolThatRaisesLosesItsConnection(capsys: pytest.CaptureFixture[str]) -> None:
    """An exception in a protocol closes its connection, and the other end hears of it (F018)."""

    class Broken(AccumulatingProtocol):
        def dataReceived(self, data: bytes) -> None:
            raise ZeroDivisionError("broken")

    server, client = Broken(), AccumulatingProtocol()
    pump = connectedPair(server, client)
    pump.client.write(b"x")
    pump.settle()
    assert server.closedReason is not None
    assert server.closedReason.check(ZeroDivisionError)
    assert client.closed


def test_timeIsTheTestsOwn() -> None:
    """The transports count seconds by the clock that the test holds."""
    clock = Clock()
    pump = connectedPair(Echo(), Protocol(), clock=clock)
    made: list[str] = []
    pump.callLater(1, made.append, "due")
    clock.advance(1)
    assert made == ["due"]
    assert pump.seconds() == clock.seconds() == 1


def test_endlessConversationIsReported() -> None:
    """Two ends that answer each other for ever don't hang a test."""
    pump = connectedPair(Echo(), Echo())
    pump.client.write(b"x")
    with pytest.raises(AssertionError, match="for ever"):
        pump.settle()


def test_contextOfTheTestIsThatOfTheProtocols() -> None:
    """Protocols are called in the context in which they were connected."""
    variable: ContextVar[str] = ContextVar("variable", default="nobody")
    seen: list[str] = []

    class Looking(Protocol):
        def dataReceived(self, data: bytes) -> None:
            seen.append(variable.get())

    token = variable.set("somebody")
    pump = connectedPair(Looking(), Protocol())
    variable.reset(token)
    pump.client.write(b"x")
    pump.settle()
    assert seen == ["somebody"]


def test_nothingArrivesAfterTheEnd() -> None:
    """What is written to a connection that is gone is dropped."""
    server = AccumulatingProtocol()
    pump = connectedPair(server, Protocol())
    transport: Any = pump.client
    transport.loseConnection()
    pump.settle()
    transport.write(b"too late")
    pump.settle()
    assert server.data == b""


def test_reasonIsAFailure() -> None:
    """connectionLost gets a Failure on both ends (F016)."""
    server, client = AccumulatingProtocol(), AccumulatingProtocol()
    server.closedDeferred = closed = Deferred[None]()
    pump = connectedPair(server, client)
    pump.client.loseConnection()
    pump.settle()
    assert isinstance(server.closedReason, Failure)
    assert closed.called
