"""Standard input and output as a transport, on every reactor."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from zope.interface import implementer
from zope.interface.verify import verifyObject

from ropewalk.internet.defer import Deferred
from ropewalk.internet.error import ConnectionDone, ConnectionLost
from ropewalk.internet.interfaces import (
    IAddress,
    IConsumer,
    IHalfCloseableDescriptor,
    IHalfCloseableProtocol,
    IProducer,
    ITransport,
)
from ropewalk.internet.protocol import Protocol
from ropewalk.internet.stdio import StandardIO
from ropewalk.internet.task import deferLater
from ropewalk.python.failure import Failure
from support.children import spawn
from support.programs import Program
from support.programs import python as pythonCommand
from support.reactors import run
from support.recording import logged, until


class Talker(Protocol):
    """Notes what it hears."""

    def __init__(self) -> None:
        self.received = b""
        self.events: list[str] = []
        self.lost: Deferred[Any] = Deferred()

    def connectionMade(self) -> None:
        self.events.append("made")

    def dataReceived(self, data: bytes) -> None:
        self.received += data

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]
        self.events.append("lost")
        self.lost.callback(reason.value)


@implementer(IHalfCloseableProtocol)
class HalfTalker(Talker):
    def readConnectionLost(self) -> None:
        self.events.append("read lost")

    def writeConnectionLost(self) -> None:
        self.events.append("write lost")


class Pipes:
    """The other ends: `input` is written to the protocol, `output` read from it."""

    def __init__(self) -> None:
        self.stdin, self.input = os.pipe()
        self.output, self.stdout = os.pipe()
        os.set_blocking(self.output, False)

    async def got(self, reactor: Any, size: int) -> bytes:
        """Read that much of what the protocol wrote."""
        received = b""
        while len(received) < size:
            try:
                received += os.read(self.output, size - len(received))
            except BlockingIOError:
                await deferLater(reactor, 0.001)
        return received

    def closeInput(self) -> None:
        os.close(self.input)
        self.input = -1

    def closeOutput(self) -> None:
        os.close(self.output)
        self.output = -1

    def __enter__(self) -> Pipes:
        return self

    def __exit__(self, *trouble: object) -> None:
        for fd in (self.input, self.output):
            if fd >= 0:
                os.close(fd)


def test_bothWays(reactor: Any) -> None:
    """BK-06: what comes on standard input goes to the protocol, what it writes to standard output."""

    async def main() -> None:
        talker = Talker()
        with Pipes() as pipes:
            standard = StandardIO(talker, pipes.stdin, pipes.stdout, reactor=reactor)
            assert talker.transport is standard
            for interface in (ITransport, IConsumer, IProducer, IHalfCloseableDescriptor):
                verifyObject(interface, standard)
            verifyObject(IAddress, standard.getPeer())
            verifyObject(IAddress, standard.getHost())
            os.write(pipes.input, b"hello")
            await until(reactor, lambda: talker.received == b"hello")
            standard.write(b"good")
            standard.writeSequence([b"b", b"ye"])
            standard.loseConnection()
            assert (standard.disconnecting, standard.disconnected) == (True, False)
            assert type(await talker.lost) is ConnectionDone
            assert standard.disconnected
            assert os.read(pipes.output, 100) == b"goodbye"
            assert os.read(pipes.output, 100) == b""
            with pytest.raises(BrokenPipeError):
                os.write(pipes.input, b"nobody reads")
            standard.write(b"nobody")
            standard.loseConnection()
            assert talker.events == ["made", "lost"]

    run(reactor, main)


def test_endOfInput(reactor: Any) -> None:
    """The end of the input ends the connection, once everything written has left."""
    data = os.urandom(300_000)

    async def main() -> None:
        talker = Talker()
        with Pipes() as pipes:
            standard = StandardIO(talker, pipes.stdin, pipes.stdout, reactor=reactor)
            standard.write(data)
            pipes.closeInput()
            assert await pipes.got(reactor, len(data)) == data
            assert type(await talker.lost) is ConnectionDone

    run(reactor, main)


def test_readerOfTheOutputLeaves(reactor: Any) -> None:
    """When whoever reads the output has left, the connection is lost, though nothing is being written."""

    async def main() -> None:
        talker = Talker()
        with Pipes() as pipes:
            StandardIO(talker, pipes.stdin, pipes.stdout, reactor=reactor)
            pipes.closeOutput()
            assert type(await talker.lost) is ConnectionLost

    run(reactor, main)


def test_halfClose(reactor: Any) -> None:
    """A protocol that knows halves hears of each end, and goes on with the other."""

    async def main() -> None:
        talker = HalfTalker()
        with Pipes() as pipes:
            standard = StandardIO(talker, pipes.stdin, pipes.stdout, reactor=reactor)
            pipes.closeInput()
            await until(reactor, lambda: "read lost" in talker.events)
            standard.write(b"still here")
            standard.loseConnection()
            await talker.lost
            assert os.read(pipes.output, 100) == b"still here"
            assert talker.events == ["made", "read lost", "lost"]

    run(reactor, main)


@pytest.mark.parametrize("kind", [Talker, HalfTalker])
def test_closeTheOutput(reactor: Any, kind: type[Talker]) -> None:
    """``loseWriteConnection`` closes the output; the input is read until its end, which is then the end of all."""

    async def main() -> None:
        talker = kind()
        with Pipes() as pipes:
            standard = StandardIO(talker, pipes.stdin, pipes.stdout, reactor=reactor)
            standard.write(b"last")
            standard.loseWriteConnection()
            assert await pipes.got(reactor, 4) == b"last"
            os.write(pipes.input, b"more")
            await until(reactor, lambda: talker.received == b"more")
            assert talker.events == (["made"] if kind is Talker else ["made", "write lost"])
            pipes.closeInput()
            assert type(await talker.lost) is ConnectionDone

    run(reactor, main)


def test_writerLeavesAHalfTalker(reactor: Any) -> None:
    """A protocol that knows halves goes on reading when whoever reads its output has left."""

    async def main() -> None:
        talker = HalfTalker()
        with Pipes() as pipes:
            standard = StandardIO(talker, pipes.stdin, pipes.stdout, reactor=reactor)
            pipes.closeOutput()
            await until(reactor, lambda: "write lost" in talker.events)
            os.write(pipes.input, b"more")
            await until(reactor, lambda: talker.received == b"more")
            standard.write(b"nobody")
            standard.loseConnection()
            await talker.lost

    run(reactor, main)


def test_files(reactor: Any, tmp_path: Path) -> None:
    """Input and output may be files, for which nothing can wait."""
    data = os.urandom(200_000)
    (tmp_path / "input").write_bytes(data)

    class Copy(Talker):
        def dataReceived(self, data: bytes) -> None:
            self.transport.write(data)

    async def main() -> None:
        talker = Copy()
        stdin = os.open(tmp_path / "input", os.O_RDONLY)
        stdout = os.open(tmp_path / "output", os.O_WRONLY | os.O_CREAT)
        StandardIO(talker, stdin, stdout, reactor=reactor)
        assert type(await talker.lost) is ConnectionDone

    run(reactor, main)
    assert (tmp_path / "output").read_bytes() == data


def test_nothing(reactor: Any) -> None:
    """``/dev/null`` has an end at once, and takes everything."""

    async def main() -> None:
        talker = Talker()
        null = [os.open("/dev/null", flags) for flags in (os.O_RDONLY, os.O_WRONLY)]
        StandardIO(talker, *null, reactor=reactor).write(b"x" * 100_000)
        assert type(await talker.lost) is ConnectionDone

    run(reactor, main)


def test_terminal(reactor: Any) -> None:
    """A terminal is both; afterwards it blocks again, as whoever shares it expects."""
    master, slave = os.openpty()

    async def main() -> None:
        talker = Talker()
        ours = os.dup(slave)
        standard = StandardIO(talker, ours, ours, reactor=reactor)
        os.write(master, b"typed\n")
        await until(reactor, lambda: talker.received == b"typed\n")
        assert not os.get_blocking(slave)
        standard.write(b"shown\n")
        standard.loseConnection()
        assert type(await talker.lost) is ConnectionDone
        shown = b""
        while b"shown" not in shown:
            shown += os.read(master, 100)
        assert shown == b"typed\r\nshown\r\n"
        assert os.get_blocking(slave)

    try:
        run(reactor, main)
    finally:
        os.close(master)
        os.close(slave)


def test_socket(reactor: Any) -> None:
    """One socket may be both, as a program finds it that inetd starts."""

    async def main() -> None:
        talker = Talker()
        ours, theirs = socket.socketpair()
        fd = ours.detach()
        StandardIO(talker, fd, fd, reactor=reactor).write(b"out")
        theirs.sendall(b"in")
        await until(reactor, lambda: talker.received == b"in")
        assert theirs.recv(100) == b"out"
        theirs.close()
        await talker.lost

    run(reactor, main)


def test_backpressure(reactor: Any) -> None:
    """A producer is paused while nobody reads the output; the input waits while reading is paused."""

    class Producer:
        def __init__(self) -> None:
            self.events: list[str] = []

        def pauseProducing(self) -> None:
            self.events.append("pause")

        def resumeProducing(self) -> None:
            self.events.append("resume")

        def stopProducing(self) -> None:
            self.events.append("stop")

    async def main() -> None:
        talker, producer = Talker(), Producer()
        with Pipes() as pipes:
            standard = StandardIO(talker, pipes.stdin, pipes.stdout, reactor=reactor)
            standard.pauseProducing()
            os.write(pipes.input, b"wait")
            standard.registerProducer(producer, True)
            standard.write(bytes(200_000))
            assert producer.events == ["pause"]
            waiting = standard.drain()
            await pipes.got(reactor, 200_000)
            await waiting
            assert producer.events == ["pause", "resume"]
            assert talker.received == b""
            standard.resumeProducing()
            await until(reactor, lambda: talker.received == b"wait")
            standard.unregisterProducer()
            standard.stopProducing()
            await talker.lost
            standard.registerProducer(producer, True)
            assert producer.events[-1] == "stop"

    run(reactor, main)


def test_protocolThatRaises(reactor: Any) -> None:
    """A protocol's mistake is logged, and ends the connection."""

    class Mistake(Exception):
        pass

    class Faulty(Talker):
        def dataReceived(self, data: bytes) -> None:
            raise Mistake

        def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]
            super().connectionLost(reason)
            raise Mistake

    async def main() -> None:
        talker = Faulty()
        with Pipes() as pipes:
            StandardIO(talker, pipes.stdin, pipes.stdout, reactor=reactor)
            os.write(pipes.input, b"x")
            assert type(await talker.lost) is Mistake

    with logged(Mistake):
        run(reactor, main)


SCRIPT = """
from ropewalk.internet import reactor, stdio
from ropewalk.protocols.basic import LineReceiver

class Shout(LineReceiver):
    delimiter = b"\\n"
    def lineReceived(self, line):
        self.sendLine(line.upper())
    def connectionLost(self, reason):
        reactor.stop()

stdio.StandardIO(Shout())
reactor.run()
"""


def test_pipeline(reactor: Any) -> None:
    """BK-06: a whole program in a pipeline, with the descriptors 0 and 1."""

    async def main() -> None:
        child = spawn(reactor, sys.executable, "-c", SCRIPT)
        child.transport.write(b"one\ntwo\n")
        child.transport.closeStdin()
        assert (await child.ended).exitCode == 0, child.said
        assert child.output == b"ONE\nTWO\n"

    run(reactor, main)


def test_pipelineThatBreaks() -> None:
    """BK-06: a program whose reader has left ends; so does one that is started without input."""
    with Program(pythonCommand("-c", SCRIPT)) as program:
        assert program.wait() == 0
        assert program.errors == []


def test_aFullDiskIsNamed(reactor: Any) -> None:
    """When the output can't be written the reason says why: no peer has left a file."""

    async def main() -> None:
        talker = Talker()
        reading, writing = os.pipe()
        with open("/dev/full", "wb") as full:
            transport = StandardIO(talker, reading, os.dup(full.fileno()), reactor=reactor)
        transport.write(b"too much")
        assert "No space left on device" in str(await talker.lost)
        os.close(writing)

    run(reactor, main)


@pytest.mark.parametrize("which", ["stdin", "stdout"])
def test_aClosedDescriptorIsNamed(reactor: Any, which: str) -> None:
    """A program that was started without one of the two is told which, and nothing stays registered."""
    reading, writing = os.pipe()
    before = [*reactor.getReaders(), *reactor.getWriters()]
    fds = {"stdin": reading, "stdout": writing, which: 2_000_000_000}
    with pytest.raises(OSError, match=f"descriptor 2000000000, given as {which}, is not open"):
        StandardIO(Talker(), reactor=reactor, **fds)
    assert [*reactor.getReaders(), *reactor.getWriters()] == before
    os.close(reading)
    os.close(writing)
