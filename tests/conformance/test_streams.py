"""What every stream transport promises (ITransport, ITCPTransport, IConsumer), over every network on every reactor.

Both ends are real sockets. Where a test needs a peer that misbehaves it uses a bare socket.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from ropewalk.internet._transports.stream import READ_SIZE
from ropewalk.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from support.reactors import reactor, run
from support.recording import (
    NETWORKS,
    TCP,
    Connecting,
    HalfCloseable,
    Recorder,
    Serving,
    converse,
    declare,
    logged,
    turns,
    until,
)
from support.tlsnetworks import SECURE

__all__ = ["reactor"]


@pytest.fixture(params=[*NETWORKS, *SECURE], ids=lambda make: make.__name__)
def network(request: pytest.FixtureRequest) -> Any:
    return request.param()


class Noting:
    """A producer that notes what it is told."""

    def __init__(self, onResume: Callable[[], object] = lambda: None) -> None:
        self.told: list[str] = []
        self.onResume = onResume

    def pauseProducing(self) -> None:
        self.told.append("pause")

    def resumeProducing(self) -> None:
        self.told.append("resume")
        self.onResume()

    def stopProducing(self) -> None:
        self.told.append("stop")


# Bytes.


def test_bytesArriveInOrderBothWays(reactor: Any, network: Any) -> None:
    """F026: what is written arrives, all of it, in order, in both directions."""
    there = bytes(range(256)) * 4000
    back = there[::-1]

    async def main() -> None:
        both = await converse(reactor, network)
        for start in range(0, len(there), 10_000):
            both.client.transport.write(there[start : start + 10_000])
        both.server.transport.writeSequence([back[:5], back[5:100_000], b"", back[100_000:]])
        assert await both.server.got(len(there)) == there
        assert await both.client.got(len(back)) == back
        await both.close()

    run(reactor, main)


def test_manySmallWritesLeaveTogether(reactor: Any) -> None:
    """Writes of one turn are one segment: the peer's first read has them all."""

    async def main() -> None:
        both = await converse(reactor, TCP())
        for number in range(500):
            both.server.transport.write(b"%d," % number)
        await both.client.got(1)
        assert bytes(both.client.received) == b"".join(b"%d," % number for number in range(500))
        await both.close()

    run(reactor, main)


def test_anyBytesLikeIsTakenAndTextIsNot(reactor: Any, network: Any) -> None:
    """A bytearray and a memoryview are sent as they were when written; text and others are a TypeError."""

    async def main() -> None:
        both = await converse(reactor, network)
        changing = bytearray(b"one")
        both.client.transport.write(changing)
        changing[:] = b"xxx"
        both.client.transport.write(memoryview(b"two"))
        for wrong in ("text", 3, None, ["list"]):
            with pytest.raises(TypeError, match="Data must be bytes"):
                both.client.transport.write(wrong)
        with pytest.raises(TypeError, match="encode"):
            both.client.transport.writeSequence([b"sent?", "no"])
        both.client.transport.write(b"three")
        assert await both.server.got(11) == b"onetwothree"
        await both.close()

    run(reactor, main)


def test_aPeerThatNeverPausesStarvesNobody(reactor: Any) -> None:
    """A turn reads a bounded amount from one connection, so that a second one is served beside a flood."""

    class Flooding(Recorder):
        def dataReceived(self, data: bytes) -> None:
            assert len(data) <= READ_SIZE
            super().dataReceived(data)

    async def main() -> None:
        flood = await converse(reactor, TCP(), Flooding())
        quiet = await converse(reactor, TCP())
        flood.client.transport.write(bytes(20_000_000))
        quiet.client.transport.write(b"and me?")
        assert await quiet.server.got(7) == b"and me?"
        assert len(flood.server.received) < 20_000_000
        await flood.close()
        await quiet.close()

    run(reactor, main)


# Closing.


def test_loseConnectionDeliversWhatWasWritten(reactor: Any, network: Any) -> None:
    """F027: the connection closes only after everything written has left, however much it is."""

    async def main() -> None:
        both = await converse(reactor, network)
        both.server.transport.write(bytes(3_000_000))
        both.server.transport.loseConnection()
        both.server.transport.loseConnection()
        assert both.server.transport.disconnecting
        reason = await both.client.lost
        assert isinstance(reason.value, ConnectionDone)
        assert len(both.client.received) == 3_000_000
        assert isinstance((await both.server.lost).value, ConnectionDone)
        assert both.server.heard == ["connectionMade", "connectionLost"]
        assert (both.server.transport.connected, both.server.transport.disconnected) == (0, 1)
        await both.close()

    run(reactor, main)


def test_nothingIsHeardFromInsideLoseConnection(reactor: Any, network: Any) -> None:
    """connectionLost never comes out of loseConnection or abortConnection, but a moment later."""

    class Leaving(Recorder):
        def connectionMade(self) -> None:
            super().connectionMade()
            self.transport.loseConnection()
            self.transport.abortConnection()
            assert self.reason is None

    async def main() -> None:
        both = await converse(reactor, network, Leaving())
        assert isinstance((await both.server.lost).value, ConnectionAborted)
        await both.close()

    run(reactor, main)


def test_loseConnectionInsideConnectionMade(reactor: Any, network: Any) -> None:
    """A server may write and close as soon as it is connected: the peer gets the words (F017)."""

    class Refusing(Recorder):
        def connectionMade(self) -> None:
            super().connectionMade()
            self.transport.write(b"Too many connections, try later")
            self.transport.loseConnection()

    async def main() -> None:
        both = await converse(reactor, network, Refusing())
        both.client.transport.write(b"x" * 100_000)  # what it sends in vain must not destroy our last words
        assert (await both.client.lost).value.__class__ in (ConnectionDone, ConnectionLost)
        assert bytes(both.client.received) == b"Too many connections, try later"
        await both.close()

    run(reactor, main)


def test_writesOfAConnectionThatIsGoneAreDropped(reactor: Any, network: Any) -> None:
    """After connectionLost, and in it, every method is harmless."""

    class Talkative(Recorder):
        def connectionLost(self, reason: Any) -> None:
            for transport in (self.transport,):
                transport.write(b"anybody?")
                transport.writeSequence([b"no", b"body"])
                transport.loseConnection()
                transport.abortConnection()
                transport.loseWriteConnection()
                transport.pauseProducing()
                transport.resumeProducing()
            super().connectionLost(reason)

    async def main() -> None:
        both = await converse(reactor, network, Talkative())
        both.client.transport.loseConnection()
        await both.server.lost
        transport = both.server.transport
        transport.write(b"still?")
        transport.loseConnection()
        transport.unregisterProducer()
        producer = Noting()
        transport.registerProducer(producer, True)
        assert producer.told == ["stop"]
        assert transport.producer is None
        await turns(reactor)
        await both.close()

    run(reactor, main)


def test_bytesWrittenAfterLoseConnectionAndBeforeTheCloseAreSent(reactor: Any, network: Any) -> None:
    """As the reference release does: the close waits for the buffer, so what is in it leaves."""

    class Afterthought(Recorder):
        def dataReceived(self, data: bytes) -> None:
            self.transport.write(b"A")
            self.transport.loseConnection()
            self.transport.write(b"B")

    async def main() -> None:
        both = await converse(reactor, network, Afterthought())
        both.client.transport.write(b"go")
        await both.client.lost
        assert bytes(both.client.received) == b"AB"
        await both.close()

    run(reactor, main)


def test_abortDropsWhatWaits(reactor: Any, network: Any) -> None:
    """F029: an abort does not wait for unsent data or a producer; the peer sees it end."""

    async def main() -> None:
        both = await converse(reactor, network)
        both.client.transport.pauseProducing()
        producer = Noting()
        both.server.transport.registerProducer(producer, True)
        both.server.transport.write(bytes(30_000_000))
        both.server.transport.abortConnection()
        assert both.server.reason is None
        reason = await both.server.lost
        assert isinstance(reason.value, ConnectionAborted)
        assert producer.told == ["pause", "stop"]
        both.client.transport.resumeProducing()
        assert isinstance((await both.client.lost).value, (ConnectionLost, ConnectionDone))
        assert len(both.client.received) < 30_000_000
        await both.close()

    run(reactor, main)


def test_aResetNamesTheAddress(reactor: Any) -> None:
    """A peer that dies with a reset is a ConnectionLost whose message says who and why."""

    async def main() -> None:
        server = Recorder()
        port = TCP().listen(reactor, Serving(server))
        peer = socket.create_connection(("127.0.0.1", port.getHost().port))
        number = peer.getsockname()[1]
        await server.made
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        peer.close()
        reason = await server.lost
        assert type(reason.value) is ConnectionLost
        assert "reset by peer" in str(reason.value)
        assert f"127.0.0.1:{number}" in str(reason.value)
        assert server.transport.getPeer().port == number
        await port.stopListening()

    run(reactor, main)


def test_theAddressesCanBeAskedInConnectionLost(reactor: Any, network: Any) -> None:
    """getHost and getPeer answer until connectionLost has returned, and getPeer after that, too."""

    class Asking(Recorder):
        def connectionLost(self, reason: Any) -> None:
            self.atTheEnd = (self.transport.getHost(), self.transport.getPeer())
            super().connectionLost(reason)

    async def main() -> None:
        both = await converse(reactor, network, Asking())
        before = (both.server.transport.getHost(), both.server.transport.getPeer())
        assert before[0] == both.client.transport.getPeer()
        both.client.transport.loseConnection()
        await both.server.lost
        assert both.server.atTheEnd == before
        assert both.server.transport.getPeer() == before[1]
        await turns(reactor)
        with pytest.raises(OSError, match="closed"):
            both.server.transport.getHost()
        assert both.server.transport.fileno() == -1
        await both.close()

    run(reactor, main)


# Half-closes.


def test_halfClosesBothWays(reactor: Any, network: Any) -> None:
    """A half-closeable protocol hears of each half; the connection is over when both are closed."""
    declare()

    async def main() -> None:
        both = await converse(reactor, network, HalfCloseable(), HalfCloseable())
        both.client.transport.write(bytes(1_000_000))
        both.client.transport.loseWriteConnection()
        await until(reactor, lambda: "readConnectionLost" in both.server.heard)
        assert len(both.server.received) == 1_000_000
        assert both.client.heard == ["connectionMade", "writeConnectionLost"]
        both.client.transport.write(b"dropped")
        both.server.transport.write(b"answer")
        assert await both.client.got(6) == b"answer"
        both.server.transport.loseWriteConnection()
        assert isinstance((await both.server.lost).value, ConnectionDone)
        assert isinstance((await both.client.lost).value, ConnectionDone)
        assert both.server.heard == [
            "connectionMade",
            "dataReceived",
            "readConnectionLost",
            "writeConnectionLost",
            "connectionLost",
        ]
        await both.close()

    run(reactor, main)


def test_aProtocolThatIsNotHalfCloseableLosesAll(reactor: Any, network: Any) -> None:
    """The end of the peer's data is the end of the connection, for protocols that don't say otherwise."""

    async def main() -> None:
        both = await converse(reactor, network)
        both.client.transport.loseWriteConnection()
        assert isinstance((await both.server.lost).value, ConnectionDone)
        assert isinstance((await both.client.lost).value, ConnectionDone)
        await both.close()

    run(reactor, main)


# Backpressure.


def test_aPeerThatStopsReadingPausesTheProducer(reactor: Any, network: Any) -> None:
    """F157, PC1, PC3, PC5: memory is bounded: a push producer is paused above the high mark, resumed below the low."""

    async def main() -> None:
        both = await converse(reactor, network)
        transport = both.server.transport
        both.client.transport.write(b"!")
        await both.server.got(1)  # over TLS, the handshake is done now
        both.client.transport.pauseProducing()
        producer = Noting()
        transport.registerProducer(producer, True)
        written = 0
        while producer.told == []:
            for _ in range(4):
                if producer.told == []:
                    transport.write(bytes(10_000))
                    written += 10_000
            await turns(reactor, 1)
        assert transport.producerPaused
        assert transport._unsent() <= transport.bufferSize + 30_000  # a write, and a record of TLS
        await turns(reactor, 20)
        assert producer.told == ["pause"]
        both.client.transport.resumeProducing()
        await both.client.got(written)
        await until(reactor, lambda: producer.told == ["pause", "resume"])
        transport.unregisterProducer()
        await both.close()

    run(reactor, main)


def test_thePauseComesWithTheByteAboveTheMark(reactor: Any, network: Any) -> None:
    """At bufferSize the producer goes on; one byte more pauses it, before write returns."""

    async def main() -> None:
        both = await converse(reactor, network)
        producer = Noting()
        both.server.transport.registerProducer(producer, True)
        both.server.transport.write(bytes(both.server.transport.bufferSize))
        assert producer.told == []
        both.server.transport.write(b"!")
        assert producer.told == ["pause"]
        await until(reactor, lambda: producer.told == ["pause", "resume"])
        both.server.transport.unregisterProducer()
        await both.close()

    run(reactor, main)


def test_aPullProducerIsAskedForEachPiece(reactor: Any, network: Any) -> None:
    """F158, PC2, PC3: one piece for each resumeProducing, and the next is asked for when it has left."""
    pieces = [bytes([number]) * 40_000 for number in range(50)]

    async def main() -> None:
        both = await converse(reactor, network)
        transport = both.server.transport
        left = list(pieces)

        def produce() -> None:
            if left:
                transport.write(left.pop(0))
            else:
                transport.unregisterProducer()
                transport.loseConnection()

        producer = Noting(produce)
        transport.registerProducer(producer, False)
        await both.client.lost
        assert bytes(both.client.received) == b"".join(pieces)
        assert producer.told == ["resume"] * 51
        await both.close()

    run(reactor, main)


def test_aPullProducerThatWritesLaterIsNotAskedAgainMeanwhile(reactor: Any, network: Any) -> None:
    """An asked producer may take its time: nothing spins until it writes."""

    async def main() -> None:
        both = await converse(reactor, network)
        producer = Noting()
        both.server.transport.registerProducer(producer, False)
        await turns(reactor, 10)
        assert producer.told == ["resume"]
        both.server.transport.write(b"at last")
        await both.client.got(7)
        await until(reactor, lambda: len(producer.told) == 2)
        await turns(reactor, 10)
        assert producer.told == ["resume", "resume"]
        both.server.transport.unregisterProducer()
        await both.close()

    run(reactor, main)


@pytest.mark.parametrize("streaming", [True, False])
def test_aCloseWaitsForTheProducerAndNothingElse(reactor: Any, network: Any, streaming: bool) -> None:
    """F028: with a producer registered the connection closes once it is unregistered, and all it wrote arrives."""

    async def main() -> None:
        both = await converse(reactor, network)
        transport = both.server.transport
        producer = Noting()
        transport.registerProducer(producer, streaming)
        transport.write(b"before,")
        transport.loseConnection()
        await both.client.got(7)
        await turns(reactor, 10)
        assert transport.connected  # the buffer is empty; the producer is not done
        transport.write(b"after,")
        await both.client.got(13)
        await turns(reactor, 10)
        assert transport.connected
        transport.write(b"and last")
        transport.unregisterProducer()
        assert isinstance((await both.client.lost).value, ConnectionDone)
        assert bytes(both.client.received) == b"before,after,and last"
        assert "stop" not in producer.told
        await both.close()

    run(reactor, main)


def test_aHalfCloseWaitsForTheProducer(reactor: Any, network: Any) -> None:
    """The sending half closes in good order, too: not under a producer."""
    declare()

    async def main() -> None:
        both = await converse(reactor, network, HalfCloseable(), HalfCloseable())
        transport = both.server.transport
        transport.registerProducer(Noting(), True)
        transport.loseWriteConnection()
        await turns(reactor, 5)
        transport.write(b"more")
        await both.client.got(4)
        assert "readConnectionLost" not in both.client.heard
        transport.unregisterProducer()
        await until(reactor, lambda: "readConnectionLost" in both.client.heard)
        await both.close()

    run(reactor, main)


def test_aProducerIsStoppedWhenTheConnectionIsLost(reactor: Any, network: Any) -> None:
    """F160, PC4: stopProducing tells a producer that nobody wants the rest."""

    async def main() -> None:
        both = await converse(reactor, network)
        producer = Noting()
        both.server.transport.registerProducer(producer, True)
        both.client.transport.loseConnection()
        await both.server.lost
        assert producer.told == ["stop"]
        await both.close()

    run(reactor, main)


def test_aSecondProducerIsRefused(reactor: Any, network: Any) -> None:
    """Registering over a registered producer is a RuntimeError that names both."""

    async def main() -> None:
        both = await converse(reactor, network)
        both.server.transport.registerProducer(Noting(), True)
        with pytest.raises(RuntimeError, match="never unregistered"):
            both.server.transport.registerProducer(Noting(), True)
        await both.close()

    run(reactor, main)


def test_drainWaitsForRoom(reactor: Any, network: Any) -> None:
    """`await transport.drain()` returns once no more than resumeSize bytes wait."""

    async def main() -> None:
        both = await converse(reactor, network)
        transport = both.server.transport
        await transport.drain()
        both.client.transport.pauseProducing()
        written = 0
        for _ in range(100):
            transport.write(bytes(100_000))
            written += 100_000
        waiter = transport.drain()
        await turns(reactor, 10)
        assert not waiter.called
        both.client.transport.resumeProducing()
        await waiter
        assert transport._unsent() <= transport.resumeSize
        await both.client.got(written)
        await both.close()

    run(reactor, main)


def test_drainFailsWhenTheConnectionIsLost(reactor: Any, network: Any) -> None:
    """Who awaits drain hears of the loss; who asks later does at once. Cancelling ends the waiting only."""

    async def main() -> None:
        both = await converse(reactor, network)
        transport = both.server.transport
        both.client.transport.pauseProducing()
        transport.write(bytes(20_000_000))
        abandoned = transport.drain()
        abandoned.addErrback(lambda _: None)
        waiter = transport.drain()
        abandoned.cancel()
        transport.abortConnection()
        with pytest.raises(ConnectionAborted):
            await waiter
        with pytest.raises(ConnectionLost):
            await transport.drain()
        await both.close()

    run(reactor, main)


def test_aCoroutineThatWritesAndDrainsMovesMuch(reactor: Any, network: Any) -> None:
    """Write and drain in a loop: all arrives, and never more waits than one piece above the mark."""

    async def main() -> None:
        both = await converse(reactor, network)
        transport = both.server.transport
        highest = 0
        for number in range(200):
            transport.write(bytes([number]) * 30_000)
            highest = max(highest, transport._unsent())
            await transport.drain()
        transport.loseConnection()
        await both.client.lost
        assert bytes(both.client.received) == b"".join(bytes([number]) * 30_000 for number in range(200))
        assert highest <= transport.resumeSize + 30_000
        await both.close()

    run(reactor, main)


# Being paused.


def test_pausedInTheMiddleOfReading(reactor: Any, network: Any) -> None:
    """A protocol that pauses gets nothing more; what waited comes once it resumes."""

    class Pausing(Recorder):
        def dataReceived(self, data: bytes) -> None:
            super().dataReceived(data)
            self.transport.pauseProducing()

    async def main() -> None:
        both = await converse(reactor, network, Pausing())
        both.client.transport.write(bytes(500_000))
        await both.server.got(1)
        have = len(both.server.received)
        await turns(reactor, 10)
        assert len(both.server.received) == have < 500_000
        while len(both.server.received) < 500_000:
            both.server.transport.resumeProducing()
            await turns(reactor, 2)
        await both.close()

    run(reactor, main)


def test_aPausedConnectionStillWritesAndCloses(reactor: Any, network: Any) -> None:
    """Pausing concerns reading alone."""

    async def main() -> None:
        both = await converse(reactor, network)
        both.server.transport.pauseProducing()
        both.server.transport.write(b"goodbye")
        both.server.transport.loseConnection()
        await both.client.lost
        assert bytes(both.client.received) == b"goodbye"
        await both.close()

    run(reactor, main)


# Protocols that raise.


@pytest.mark.parametrize("method", ["connectionMade", "dataReceived", "readConnectionLost", "writeConnectionLost"])
def test_aProtocolThatRaisesLosesItsConnectionOnly(reactor: Any, network: Any, method: str) -> None:
    """F018: it is logged, that connection is closed, with the exception as reason; the next one is served."""
    declare()

    class Raising(HalfCloseable):
        pass

    def explode(self: Any, *arguments: object) -> None:
        if method == "connectionMade":
            Recorder.connectionMade(self)
        raise ZeroDivisionError(method)

    setattr(Raising, method, explode)

    async def main() -> None:
        raising = Raising()
        port = network.listen(reactor, Serving(raising))
        factory = Connecting()
        network.connect(reactor, port, factory)
        await factory.instance.made
        if method == "dataReceived":
            factory.instance.transport.write(b"boom")
        elif method == "readConnectionLost":
            factory.instance.transport.loseWriteConnection()
        elif method == "writeConnectionLost":
            await raising.made
            raising.transport.loseWriteConnection()
        reason = await raising.lost
        assert isinstance(reason.value, ZeroDivisionError)
        await factory.instance.lost
        second = Connecting()
        network.connect(reactor, port, second)
        await second.instance.made
        second.instance.transport.loseConnection()
        await second.instance.lost
        await port.stopListening()

    with logged(ZeroDivisionError):
        run(reactor, main)


def test_aProtocolThatRaisesInConnectionLostIsStillClosed(reactor: Any, network: Any) -> None:
    """The socket is closed and the client's factory hears of the loss all the same."""

    class Raising(Recorder):
        def connectionLost(self, reason: Any) -> None:
            super().connectionLost(reason)
            raise ZeroDivisionError("in connectionLost")

    async def main() -> None:
        both = await converse(reactor, network, Raising(), Raising())
        both.server.transport.loseConnection()
        await both.server.lost
        await both.clientFactory.lost
        assert both.client.transport.fileno() == -1
        await both.close()

    with logged(ZeroDivisionError):
        run(reactor, main)


def test_aProducerThatRaisesLosesItsConnectionOnly(reactor: Any, network: Any) -> None:
    """Also when it is the engine that asked it."""

    async def main() -> None:
        both = await converse(reactor, network)
        count = 0

        def produce() -> None:
            nonlocal count
            count += 1
            if count == 2:
                raise ZeroDivisionError("in resumeProducing")
            both.server.transport.write(b"piece")

        both.server.transport.registerProducer(Noting(produce), False)
        assert isinstance((await both.server.lost).value, ZeroDivisionError)
        await both.close()

    with logged(ZeroDivisionError):
        run(reactor, main)


# Replacing the protocol.


def test_anotherProtocolTakesOver(reactor: Any, network: Any) -> None:
    """Assigning transport.protocol sends all that follows to the new one; so does replacing dataReceived."""

    async def main() -> None:
        both = await converse(reactor, network)
        both.client.transport.write(b"one")
        await both.server.got(3)
        successor = Recorder()
        successor.makeConnection(both.server.transport)
        both.server.transport.protocol = successor
        both.client.transport.write(b"two")
        assert await successor.got(3) == b"two"
        caught = bytearray()
        successor.dataReceived = caught.extend  # type: ignore[method-assign]
        both.client.transport.write(b"three")
        await until(reactor, lambda: len(caught) == 5)
        assert bytes(both.server.received) == b"one"
        both.client.transport.loseConnection()
        await successor.lost
        assert both.server.reason is None
        await both.client.lost
        await both.port.stopListening()

    run(reactor, main)


# What is left behind.


def test_nothingReadsOrWritesAfterTheEnd(reactor: Any, network: Any) -> None:
    """No reader, writer or delayed call is left of a connection."""

    async def main() -> None:
        readers, calls = len(reactor.getReaders()), len(reactor.getDelayedCalls())
        both = await converse(reactor, network)
        assert len(reactor.getReaders()) == readers + 3  # the port, and both ends
        both.server.transport.write(bytes(1_000_000))
        both.client.transport.loseConnection()
        await both.close()
        assert len(reactor.getReaders()) == readers
        assert reactor.getWriters() == []
        await turns(reactor)
        assert len(reactor.getDelayedCalls()) <= calls + 1  # `turns` itself
        assert both.server.transport.protocol is None

    run(reactor, main)


def test_theReactorsEndIsEverybodysEnd(reactor: Any, network: Any) -> None:
    """Connections that are open when the reactor stops hear connectionLost."""
    kept: list[Any] = []

    async def main() -> None:
        kept.append(await converse(reactor, network))

    run(reactor, main)
    assert isinstance(kept[0].server.reason.value, ConnectionLost)
    assert isinstance(kept[0].client.reason.value, ConnectionLost)
