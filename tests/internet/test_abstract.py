"""`FileDescriptor` as programs derive from it, and numeric addresses."""

from __future__ import annotations

import os
from typing import Any

import pytest

from ropewalk.internet.abstract import FileDescriptor, isIPAddress, isIPv6Address
from ropewalk.internet.error import ConnectionDone, ConnectionLost
from ropewalk.python.failure import Failure
from support.reactors import reactor, run
from support.recording import until

__all__ = ["reactor"]


class Pipe(FileDescriptor):
    """One end of a pipe, as a third-party transport would be written."""

    def __init__(self, fd: int, reactor: Any) -> None:
        super().__init__(reactor)
        os.set_blocking(fd, False)
        self.fd = fd
        self.connected = 1
        self.received = b""
        self.reason: Failure | None = None

    def fileno(self) -> int:
        return self.fd

    def doRead(self) -> BaseException | None:
        try:
            data = os.read(self.fd, 65536)
        except BlockingIOError:
            return None
        if not data:
            return ConnectionDone()
        self.received += data
        return None

    def writeSomeData(self, data: bytes) -> int | BaseException:
        try:
            return os.write(self.fd, data)
        except BlockingIOError:
            return 0
        except OSError:
            return ConnectionLost()

    def connectionLost(self, reason: Failure) -> None:
        super().connectionLost(reason)
        os.close(self.fd)
        self.fd = -1
        self.reason = reason


def test_aBigPieceIsNotCopied() -> None:
    """What is written in one piece is what is cut: a hundred megabytes need no second hundred."""

    class Idle:
        def addWriter(self, writer: object) -> None:
            """It is written when the test says so."""

        removeWriter = addWriter

    descriptor = FileDescriptor(Idle())
    descriptor.connected = 1
    descriptor.writeSomeData = lambda data: 0  # type: ignore[method-assign]  # a pipe that is full
    big = bytes(2 * FileDescriptor.SEND_LIMIT)
    descriptor.write(big)
    descriptor.doWrite()
    assert descriptor.dataBuffer is big


class Noting:
    """A producer that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def pauseProducing(self) -> None:
        self.told.append("pause")

    def resumeProducing(self) -> None:
        self.told.append("resume")

    def stopProducing(self) -> None:
        self.told.append("stop")


def pipes(reactor: Any) -> tuple[Pipe, Pipe]:
    reading, writing = os.pipe()
    return Pipe(reading, reactor), Pipe(writing, reactor)


def test_aChildOfFileDescriptorIsATransport(reactor: Any) -> None:
    """Overriding fileno, doRead and writeSomeData is enough: order, close and end come with it."""

    async def main() -> None:
        reader, writer = pipes(reactor)
        reader.startReading()
        assert reader in reactor.getReaders()
        size = 3_000_000
        writer.write(b"head")
        writer.writeSequence([bytes(size), bytearray(b"tail")])
        assert writer in reactor.getWriters()
        writer.loseConnection()
        writer.loseConnection()
        await until(reactor, lambda: reader.reason and writer.reason)
        assert reader.received == b"head" + bytes(size) + b"tail"
        assert reader.reason is not None
        assert isinstance(reader.reason.value, ConnectionDone)
        assert (writer.connected, writer.disconnected) == (0, 1)
        assert reactor.getReaders() == []
        assert reactor.getWriters() == []
        writer.write(b"dropped")
        assert reactor.getWriters() == []

    run(reactor, main)


def test_itsProducersArePausedAndResumed(reactor: Any) -> None:
    """Above bufferSize a push producer is paused, at resumeSize resumed; the close waits until it is unregistered."""

    async def main() -> None:
        reader, writer = pipes(reactor)
        producer = Noting()
        writer.registerProducer(producer, True)
        with pytest.raises(RuntimeError, match="never unregistered"):
            writer.registerProducer(producer, True)
        writer.write(bytes(writer.bufferSize))
        assert producer.told == []
        writer.write(b"!")
        assert producer.told == ["pause"]
        drained = writer.drain()
        reader.startReading()
        await drained
        assert producer.told == ["pause", "resume"]
        writer.loseConnection()
        writer.write(b"last")
        await until(reactor, lambda: reader.received.endswith(b"last"))
        assert writer.connected
        writer.unregisterProducer()
        await until(reactor, lambda: reader.reason)

    run(reactor, main)


def test_itsPullProducersAreAskedAPieceAtATime(reactor: Any) -> None:
    """Each piece is asked for when the one before has left."""

    async def main() -> None:
        reader, writer = pipes(reactor)
        reader.startReading()
        left = [b"%d" % number * 50_000 for number in range(9)]
        whole = b"".join(left)

        class Pieces(Noting):
            def resumeProducing(self) -> None:
                super().resumeProducing()
                if left:
                    writer.write(left.pop(0))
                else:
                    writer.unregisterProducer()
                    writer.loseConnection()

        producer = Pieces()
        writer.registerProducer(producer, False)
        await until(reactor, lambda: reader.reason)
        assert reader.received == whole
        assert producer.told == ["resume"] * 10

    run(reactor, main)


def test_aBrokenOneTellsItsProducer(reactor: Any) -> None:
    """The reader is gone: the next write finds out."""

    async def main() -> None:
        reader, writer = pipes(reactor)
        producer = Noting()
        writer.registerProducer(producer, True)
        os.close(reader.fd)
        writer.write(b"anybody?")
        waiting = writer.drain()
        await until(reactor, lambda: writer.reason)
        assert producer.told == ["stop"]
        assert waiting.called
        with pytest.raises(ConnectionLost):
            await writer.drain()

    run(reactor, main)


def test_whatAChildMustDefineIsNamed() -> None:
    """Calling what was not overridden says which method is missing."""
    bare = FileDescriptor(object())
    assert bare.fileno() == -1
    for call in (bare.doRead, lambda: bare.writeSomeData(b""), bare.getHost, bare.getPeer):
        with pytest.raises(NotImplementedError, match="FileDescriptor"):
            call()
    with pytest.raises(TypeError, match="not str"):
        bare.write("text")  # type: ignore[arg-type]


NUMERIC = [
    ("127.0.0.1", True, False),
    (b"127.0.0.1", True, False),
    ("255.255.255.255", True, False),
    ("256.0.0.1", False, False),
    ("1.2.3", False, False),
    ("", False, False),
    ("localhost", False, False),
    ("::1", False, True),
    (b"::1", False, True),
    ("fe80::1%eth0", False, True),
    ("1:2:3", False, False),
    ("127.0.0.1\0", False, False),
    (b"\xff", False, False),
]


@pytest.mark.parametrize(("text", "fourth", "sixth"), NUMERIC)
def test_numericAddresses(text: Any, fourth: bool, sixth: bool) -> None:
    """Dotted decimals and colons, as text or bytes; a name is neither."""
    assert isIPAddress(text) is fourth
    assert isIPv6Address(text) is sixth


def test_noOtherFamilies() -> None:
    """A family that has no numeric addresses is an error."""
    with pytest.raises(ValueError, match="AF_INET"):
        isIPAddress("x", 1)
