"""Two protocols of one process talk to each other: in memory, over TCP, over a UNIX socket."""

from __future__ import annotations

from typing import Any

import pytest
from zope.interface.verify import verifyObject

from ropewalk.internet import reactor
from ropewalk.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from ropewalk.internet.interfaces import IConsumer, ITransport
from ropewalk.internet.protocol import Protocol
from ropewalk.internet.task import deferLater
from ropewalk.protocols import loopback
from ropewalk.protocols.basic import FileSender
from ropewalk.protocols.wire import Echo
from support.reactors import run


class Noting(Protocol):
    """Notes what it hears, and does what it was made with when it is connected and when it has heard something."""

    def __init__(self, onMade: Any = None, onData: Any = None) -> None:
        self.heard: list[bytes] = []
        self.lost: list[type] = []
        self.onMade, self.onData = onMade, onData

    def connectionMade(self) -> None:
        if self.onMade:
            self.onMade(self.transport)

    def dataReceived(self, data: bytes) -> None:
        self.heard.append(data)
        if self.onData:
            self.onData(self.transport)

    def connectionLost(self, reason: Any) -> None:
        assert reason.type is not None
        self.lost.append(reason.type)


def speak(*pieces: bytes, close: bool = True) -> Any:
    """Return what writes these pieces, and closes."""

    def act(transport: Any) -> None:
        for piece in pieces:
            transport.write(piece)
        if close:
            transport.loseConnection()

    return act


class TestLoopbackAsync:
    """Two protocols in memory."""

    def test_pieceByPiece(self) -> None:
        """Each piece arrives as it was written, all of them before the close; nothing written after it."""

        def act(transport: Any) -> None:
            speak(b"one", b"two")(transport)
            transport.write(b"late")

        server, client = Noting(), Noting(act)
        results: list[Any] = []
        loopback.loopbackAsync(server, client).addBoth(results.append)
        assert server.heard == [b"one", b"two"]
        assert (server.lost, client.lost) == ([ConnectionDone], [ConnectionDone])
        assert results == [None]

    def test_collapsed(self) -> None:
        """With the other policy what was written together arrives together."""
        server = Noting()
        loopback.loopbackAsync(server, Noting(speak(b"one", b"two")), loopback.collapsingPumpPolicy)
        assert server.heard == [b"onetwo"]

    def test_ownPolicy(self) -> None:
        """Any function may deliver what waits."""

        def backwards(queue: Any, target: Protocol) -> None:
            while queue:
                target.dataReceived(queue.get()[::-1])

        server = Noting()
        loopback.loopbackAsync(server, Noting(speak(b"one", b"two")), backwards)
        assert server.heard == [b"eno", b"owt"]

    def test_later(self) -> None:
        """What is written later is delivered in a later turn of the reactor, never from inside ``write``."""
        server, client = Noting(onData=speak(b"answer")), Noting()

        async def main() -> None:
            over = loopback.loopbackAsync(server, client)
            client.transport.write(b"question")
            assert server.heard == []
            await over

        run(reactor, main)
        assert (server.heard, client.heard) == ([b"question"], [b"answer"])

    def test_talkWithoutEnd(self) -> None:
        """Two sides that answer each other for ever leave the reactor its turns."""
        server, client = Echo(), Echo()
        turns: list[int] = []

        async def main() -> None:
            over = loopback.loopbackAsync(server, client)
            client.transport.write(b"x")
            for _ in range(3):
                await deferLater(reactor, 0)
                turns.append(1)
            client.transport.abortConnection()  # type: ignore[attr-defined]  # these ends have it
            await over

        run(reactor, main)
        assert len(turns) == 3

    def test_abort(self) -> None:
        """Aborting drops what is on the way, and each side hears its own reason."""

        def act(transport: Any) -> None:
            transport.write(b"lost")
            transport.abortConnection()

        server, client = Noting(), Noting(act)
        loopback.loopbackAsync(server, client)
        assert server.heard == []
        assert (server.lost, client.lost) == ([ConnectionLost], [ConnectionAborted])

    def test_protocolThatRaises(self) -> None:
        """A protocol that raises loses its connection, as on a real transport (F018)."""

        def fail(transport: Any) -> None:
            raise ValueError("the protocol fails")

        server, client = Noting(onData=fail), Noting(speak(b"x", close=False))
        results: list[Any] = []
        loopback.loopbackAsync(server, client).addBoth(results.append)
        assert (server.lost, client.lost) == ([ValueError], [ConnectionLost])
        assert results == [None]

    def test_pullProducer(self) -> None:
        """A pull producer is asked for more each time its piece has arrived."""

        class Counting:
            left = 3

            def __init__(self, transport: Any) -> None:
                self.transport = transport
                transport.registerProducer(self, False)
                transport.loseConnection()

            def resumeProducing(self) -> None:
                self.left -= 1
                self.transport.queue.put(b"%d" % self.left)
                if not self.left:
                    self.transport.unregisterProducer()

        server, client = Noting(), Noting(Counting)
        loopback.loopbackAsync(server, client)
        assert server.heard == [b"2", b"1", b"0"]
        assert server.lost == [ConnectionDone]

    def test_fileGoesThrough(self, tmp_path: Any) -> None:
        """A `FileSender` sends a file through it."""
        path = tmp_path / "file"
        path.write_bytes(b"x" * 100_000)
        with path.open("rb") as file:

            def send(transport: Any) -> None:
                FileSender().beginFileTransfer(file, transport).addCallback(lambda _: transport.loseConnection())

            server = Noting()
            loopback.loopbackAsync(server, Noting(send))
        assert b"".join(server.heard) == b"x" * 100_000

    def test_transport(self) -> None:
        """The ends are transports and consumers, take bytes only, and have addresses that are nowhere."""
        client = Noting()
        loopback.loopbackAsync(Noting(), client)
        assert verifyObject(ITransport, client.transport)
        assert verifyObject(IConsumer, client.transport)
        assert client.transport.getPeer() is not None
        assert client.transport.getHost() is not None
        with pytest.raises(TypeError, match="takes bytes, not str"):
            client.transport.write("text")  # type: ignore[arg-type]  # the point


class TestLoopbackRelay:
    """A relay hands over on request."""

    def test_handsOver(self) -> None:
        """What was written arrives when the buffer is cleared, as one piece, then the close."""
        target = Noting()
        relay = loopback.LoopbackRelay(target)
        relay.write(b"a")
        relay.writeSequence([b"b", b"c"])
        relay.loseConnection()
        assert target.heard == []
        relay.clearBuffer()
        assert (target.heard, target.lost) == ([b"abc"], [ConnectionDone])
        relay.loseConnection()
        relay.clearBuffer()
        assert target.lost == [ConnectionDone]

    def test_producerAndLog(self) -> None:
        """A producer is asked at each clearing; a log is written when there is one."""
        lines: list[str] = []

        class Log:
            def write(self, line: str) -> None:
                lines.append(line)

        target = Noting()
        relay = loopback.LoopbackRelay(target, Log())

        class Producer:
            def resumeProducing(self) -> None:
                relay.write(b"more")

        relay.registerProducer(Producer(), False)
        relay.clearBuffer()
        relay.unregisterProducer()
        relay.clearBuffer()
        assert target.heard == [b"more"]
        assert lines == ["loopback writing b'more'\n", "loopback receiving b'more'\n"]
        assert relay.logPrefix() == "Loopback('Noting')"
        assert (relay.getHost(), relay.getPeer()) == ("loopback", "loopback")


@pytest.mark.parametrize("join", [loopback.loopbackTCP, loopback.loopbackUNIX])
def test_overARealSocket(join: Any) -> None:
    """The two talk over a real socket; when it is over both have heard so and nothing listens any more."""
    server, client = Noting(onData=speak(b"answer")), Noting(speak(b"question", close=False))

    async def main() -> object:
        return await join(server, client, noisy=False)

    assert run(reactor, main) is None
    assert (b"".join(server.heard), b"".join(client.heard)) == (b"question", b"answer")
    assert (server.lost, client.lost) == ([ConnectionDone], [ConnectionDone])
    assert not [reader for reader in reactor.getReaders() if type(reader).__name__ == "Port"]
