"""`addReader` and its kin, with real descriptors, on every reactor."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from contextvars import ContextVar, copy_context
from typing import Any

import pytest
from zope.interface import implementer

from ropewalk.internet import main
from ropewalk.internet.defer import Deferred
from ropewalk.internet.error import ConnectionDone, ConnectionLost
from ropewalk.internet.interfaces import IHalfCloseableDescriptor
from ropewalk.internet.task import deferLater
from ropewalk.python.failure import Failure
from support.reactors import run
from support.recording import logged, until

task = ContextVar("task", default="nobody's")


class End:
    """One end of a socket pair, as a program would watch it.

    Attributes:
        answer: what `doRead` and `doWrite` return; raised if it is an exception class.
        lost: fires with the reason.
    """

    answer: Any = None

    def __init__(self) -> None:
        self.socket, self.other = socket.socketpair()
        self.socket.setblocking(False)
        self.number = self.socket.fileno()
        self.received = b""
        self.writes = 0
        self.reason: Failure | None = None
        self.lost: Deferred[None] = Deferred()

    def fileno(self) -> int:
        return self.socket.fileno()

    def logPrefix(self) -> str:
        return "an end"

    def doRead(self) -> Any:
        self.received += self.socket.recv(100)
        return self.tell()

    def doWrite(self) -> Any:
        self.writes += 1
        return self.tell()

    def tell(self) -> Any:
        if isinstance(self.answer, type):
            raise self.answer("raised")
        return self.answer

    def connectionLost(self, reason: Failure) -> None:
        self.reason = reason
        self.lost.callback(None)

    def close(self) -> None:
        self.socket.close()
        self.other.close()


@pytest.fixture
def end() -> Iterator[End]:
    one = End()
    yield one
    one.close()


def test_reads(reactor: Any, end: End) -> None:
    async def main() -> None:
        reactor.addReader(end)
        reactor.addReader(end)
        assert reactor.getReaders() == [end]
        end.other.send(b"one")
        await until(reactor, lambda: end.received == b"one")
        reactor.removeReader(end)
        reactor.removeReader(end)
        assert reactor.getReaders() == []
        end.other.send(b"two")
        await deferLater(reactor, 0.01)
        assert end.received == b"one"

    run(reactor, main)


def test_writes(reactor: Any, end: End) -> None:
    async def main() -> None:
        reactor.addReader(end)
        reactor.addWriter(end)
        assert reactor.getWriters() == [end]
        await until(reactor, lambda: end.writes > 1)
        reactor.removeWriter(end)
        assert reactor.getWriters() == []
        assert reactor.getReaders() == [end]
        writes = end.writes
        await deferLater(reactor, 0.01)
        assert end.writes == writes

    run(reactor, main)


@pytest.mark.parametrize("answer", [main.CONNECTION_DONE, main.CONNECTION_LOST, ValueError("of its own")])
@pytest.mark.parametrize("add", ["addReader", "addWriter"])
def test_answerEndsIt(reactor: Any, end: End, answer: Exception, add: str) -> None:
    """What `doRead` or `doWrite` returns is why the object is lost; it is watched no longer."""

    async def main() -> None:
        end.answer = answer
        end.other.send(b"x")
        getattr(reactor, add)(end)
        await end.lost
        assert reactor.getReaders() == reactor.getWriters() == []

    run(reactor, main)
    assert end.reason is not None
    assert type(end.reason.value) is type(answer)


@pytest.mark.parametrize("add", ["addReader", "addWriter"])
def test_whatItRaisesEndsIt(reactor: Any, end: End, add: str) -> None:
    """An exception is logged, and ends that object; the reactor goes on."""

    async def main() -> None:
        end.answer = ZeroDivisionError
        end.other.send(b"x")
        getattr(reactor, add)(end)
        await end.lost

    with logged(ZeroDivisionError):
        run(reactor, main)
    assert end.reason is not None
    assert end.reason.check(ZeroDivisionError)


def test_halfClosed(reactor: Any) -> None:
    """An object that can be half closed loses its reading side only when reading ends cleanly."""

    @implementer(IHalfCloseableDescriptor)
    class Half(End):
        def __init__(self) -> None:
            super().__init__()
            self.closed: Deferred[Failure] = Deferred()

        def writeConnectionLost(self) -> None:
            raise AssertionError("nobody closed that side")

        def readConnectionLost(self, reason: Failure) -> None:
            self.closed.callback(None)
            self.reason = reason

    half = Half()

    async def run_() -> None:
        half.answer = main.CONNECTION_DONE
        half.other.send(b"x")
        reactor.addReader(half)
        await half.closed
        half.answer = None
        reactor.addWriter(half)
        await until(reactor, lambda: half.writes)
        assert half.reason is not None
        assert half.reason.check(ConnectionDone)

    run(reactor, run_)
    half.close()


def test_closedBeforeItWasAdded(reactor: Any, end: End) -> None:
    end.socket.close()
    with pytest.raises(ValueError, match="no open file descriptor"):
        reactor.addReader(end)


def test_closedBeforeItWasRemoved(reactor: Any, end: End) -> None:
    """Removing an object whose descriptor is closed, and taken by another, leaves the other alone."""

    async def main() -> None:
        reactor.addReader(end)
        end.socket.close()
        reactor.removeReader(end)
        other = End()
        reactor.addReader(other)
        reactor.removeReader(end)
        other.other.send(b"x")
        await until(reactor, lambda: other.received)
        reactor.removeReader(other)
        other.close()

    run(reactor, main)


def test_goneDescriptor() -> None:
    """A descriptor that is closed while select or poll watches it ends its object; others go on."""
    from support.reactors import fresh, poll, select

    for make in (select, poll):
        with fresh(make) as reactor:
            end, other = End(), End()

            async def main(reactor: Any = reactor, end: End = end, other: End = other) -> None:
                await deferLater(reactor, 0)  # the loop has opened what it needs: the number stays free
                reactor.addReader(end)
                reactor.addReader(other)
                os.close(end.number)
                await end.lost
                other.other.send(b"x")
                await until(reactor, lambda: other.received)

            run(reactor, main)
            assert end.reason is not None
            assert end.reason.check(ConnectionLost)
            end.socket.detach()
            end.close()
            other.close()


def test_regularFile(reactor: Any) -> None:
    """A file on disk is always ready, though epoll will not have it."""

    class File:
        def __init__(self) -> None:
            self.file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by the test
            self.file.write(b"on disk")
            self.file.seek(0)
            self.got = b""

        def fileno(self) -> int:
            return self.file.fileno()

        def doRead(self) -> Any:
            self.got += self.file.read(3)

        def connectionLost(self, reason: Failure) -> None:
            raise AssertionError("nobody closed it")

    async def main() -> None:
        file = File()
        reactor.addReader(file)
        assert reactor.getReaders() == [file]
        await until(reactor, lambda: file.got == b"on disk")
        reactor.removeReader(file)
        assert reactor.getReaders() == []
        file.file.close()

    run(reactor, main)


def test_removeAll(reactor: Any) -> None:
    """`removeAll` returns what was watched, each once, and leaves what wakes the reactor."""
    ends = [End(), End()]

    async def main() -> None:
        for end in ends:
            reactor.addReader(end)
        reactor.addWriter(ends[0])
        assert sorted(map(id, reactor.removeAll())) == sorted(map(id, ends))
        assert reactor.getReaders() == reactor.getWriters() == []
        reactor.callFromThread(int)
        await deferLater(reactor, 0)

    run(reactor, main)
    for end in ends:
        end.close()


def test_shutdownDisconnects(reactor: Any, end: End) -> None:
    """Whatever is still watched when the reactor stops is told that its connection is lost."""
    reactor.addReader(end)
    reactor.callWhenRunning(reactor.stop)
    reactor.run()
    assert end.reason is not None
    assert end.reason.check(ConnectionLost)
    assert reactor.getReaders() == []


def test_insideANestedTurn(reactor: Any, end: End) -> None:
    """Descriptors are served in a turn within a turn, too."""

    def main() -> None:
        reactor.addReader(end)
        end.other.send(b"x")
        for _ in range(100):
            reactor.iterate(0.05)
            if end.received:
                break
        assert end.received == b"x"

    run(reactor, main)


def test_contextIsNotTheAdders(reactor: Any, end: End) -> None:
    """What is watched is served outside the context of whoever added it, on every reactor alike."""
    seen: list[str] = []
    end.tell = lambda: seen.append(task.get())  # type: ignore[method-assign]  # what the test watches

    async def main() -> None:
        def add() -> None:
            task.set("the adder's")
            reactor.addReader(end)

        copy_context().run(add)
        end.other.send(b"x")
        await until(reactor, lambda: seen)
        reactor.removeReader(end)

    run(reactor, main)
    assert seen == ["nobody's"]


def test_dumpNamesThem(reactor: Any, end: End) -> None:
    reactor.addReader(end)
    assert "(an end)" in reactor.dumpState()
    reactor.removeReader(end)
