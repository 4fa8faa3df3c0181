"""The contract between loop and transports, on every poller of ours and on a hosted one."""

from __future__ import annotations

import asyncio
import errno
import os
import selectors
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ropewalk.internet._loop.pollers.epoll import EpollPoller
from ropewalk.internet._loop.pollers.hosted import HostedPoller
from ropewalk.internet._loop.pollers.native import NativePoller
from ropewalk.internet._loop.pollers.poll import PollPoller
from ropewalk.internet._loop.pollers.select import FD_SETSIZE, SelectPoller
from support.recording import logged

NATIVE: list[type[NativePoller]] = [EpollPoller, PollPoller, SelectPoller]


class Hosted:
    """A hosted poller that can be turned as ours can."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.poller = HostedPoller(self.loop)

    def turn(self, seconds: float = 0.0) -> None:
        self.loop.call_later(seconds, self.loop.stop)
        self.loop.run_forever()

    def close(self) -> None:
        self.poller.close()
        self.loop.close()


class Native:
    """One of ours."""

    def __init__(self, make: type[NativePoller]) -> None:
        self.poller = make()

    def turn(self, seconds: float = 0.0) -> None:
        self.poller.select(seconds)

    def close(self) -> None:
        self.poller.close()


@pytest.fixture(params=[*NATIVE, Hosted], ids=lambda make: make.__name__)
def bench(request: pytest.FixtureRequest) -> Iterator[Any]:
    made = Hosted() if request.param is Hosted else Native(request.param)
    yield made
    made.close()


@pytest.fixture(params=NATIVE, ids=lambda make: make.__name__)
def native(request: pytest.FixtureRequest) -> Iterator[NativePoller]:
    poller = request.param()
    yield poller
    poller.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    left, right = socket.socketpair()
    left.setblocking(False)
    right.setblocking(False)
    yield left, right
    left.close()
    right.close()


Pair = tuple[socket.socket, socket.socket]


class Watcher:
    """Notes what it is called for.

    Attributes:
        act: what to do when it is.
    """

    def __init__(self, act: Callable[[], object] = lambda: None) -> None:
        self.act = act
        self.calls: list[str] = []

    def doRead(self) -> None:
        self.calls.append("read")
        self.act()

    def doWrite(self) -> None:
        self.calls.append("write")
        self.act()

    def connectionLost(self, reason: Any) -> None:
        self.calls.append(f"lost: {type(reason.value).__name__}")


class TestInterest:
    def test_levelTriggered(self, bench: Any, pair: Pair) -> None:
        """A descriptor with unread bytes is served every turn."""
        watcher = Watcher()
        bench.poller.watchRead(pair[0].fileno(), watcher.doRead)
        bench.turn()
        assert watcher.calls == []
        pair[1].send(b"x")
        bench.turn()
        bench.turn()
        assert len(watcher.calls) >= 2

    def test_watchingAgainReplaces(self, bench: Any, pair: Pair) -> None:
        first, second = Watcher(), Watcher()
        pair[1].send(b"x")
        bench.poller.watchRead(pair[0].fileno(), first.doRead)
        bench.poller.watchRead(pair[0].fileno(), second.doRead)
        bench.turn()
        assert (first.calls, second.calls[:1]) == ([], ["read"])

    def test_bothDirections(self, bench: Any, pair: Pair) -> None:
        watcher = Watcher()
        fd = pair[0].fileno()
        bench.poller.watchRead(fd, watcher.doRead)
        bench.poller.watchWrite(fd, watcher.doWrite)
        bench.turn()
        assert set(watcher.calls) == {"write"}
        pair[1].send(b"x")
        bench.turn()
        assert set(watcher.calls) == {"read", "write"}
        bench.poller.ignoreWrite(fd)
        del watcher.calls[:]
        bench.turn()
        assert set(watcher.calls) == {"read"}
        bench.poller.ignoreRead(fd)
        del watcher.calls[:]
        bench.turn()
        assert watcher.calls == []

    def test_ignoringTheUnwatchedIsHarmless(self, bench: Any, pair: Pair) -> None:
        for stop in (bench.poller.ignoreRead, bench.poller.ignoreWrite, bench.poller.forget):
            stop(pair[0].fileno())

    def test_hangUpTellsBoth(self, bench: Any, pair: Pair) -> None:
        """When the peer is gone, both directions are told."""
        watcher = Watcher()
        bench.poller.watchRead(pair[0].fileno(), watcher.doRead)
        bench.poller.watchWrite(pair[0].fileno(), watcher.doWrite)
        pair[1].close()
        bench.turn()
        assert set(watcher.calls) == {"read", "write"}

    def test_forgottenNumberStartsClean(self, bench: Any) -> None:
        """The next owner of a number inherits nothing."""
        watcher = Watcher()
        old, other = socket.socketpair()
        number = old.fileno()
        bench.poller.watchRead(number, watcher.doRead)
        bench.poller.watchWrite(number, watcher.doWrite)
        bench.poller.forget(number)
        old.close()
        other.close()
        new, other = socket.socketpair()
        assert number in (new.fileno(), other.fileno())
        fresh = Watcher()
        mine, its = (new, other) if new.fileno() == number else (other, new)
        bench.poller.watchRead(number, fresh.doRead)
        its.send(b"x")
        bench.turn()
        assert watcher.calls == []
        assert fresh.calls[:1] == ["read"]
        bench.poller.forget(number)
        mine.close()
        its.close()

    def test_forgottenInTheSameTurn(self, native: NativePoller) -> None:
        """What an earlier handler of the same turn took off is not called any more."""
        pairs = [socket.socketpair() for _ in range(2)]
        watchers = [Watcher(), Watcher()]
        for (mine, its), watcher in zip(pairs, watchers, strict=True):
            watcher.act = lambda: [native.forget(mine.fileno()) for mine, _ in pairs]
            native.watchRead(mine.fileno(), watcher.doRead)
            its.send(b"x")
        native.select(0)
        assert sorted(watcher.calls for watcher in watchers) == [[], ["read"]]
        for mine, its in pairs:
            mine.close()
            its.close()

    def test_closedWithoutBeingForgotten(self, native: NativePoller) -> None:
        """A program that closes first and forgets later harms nobody."""
        mine, its = socket.socketpair()
        number = mine.fileno()
        native.watchRead(number, Watcher().doRead)
        mine.close()
        native.forget(number)
        native.select(0)
        its.close()

    def test_selectsLimit(self) -> None:
        """select(2) cannot watch high numbers: that is said when one is added, and what to do."""
        poller = SelectPoller()
        with pytest.raises(ValueError, match="below 1024 only, not 5000; use the epoll or poll reactor"):
            poller.watchRead(5000, Watcher().doRead)
        assert FD_SETSIZE == 1024
        poller.select(0)


class TestCork:
    class Transport:
        def __init__(self, poller: Any, again: int = 0) -> None:
            self.poller = poller
            self.again = again
            self.flushes = 0

        def flush(self) -> None:
            self.flushes += 1
            if self.again:
                self.again -= 1
                self.poller.cork(self)

    def test_flushedOnceATurn(self, bench: Any) -> None:
        transport = self.Transport(bench.poller)
        bench.poller.cork(transport)
        bench.turn()
        bench.turn()
        assert transport.flushes == 1

    def test_corkedByAHandler(self, bench: Any, pair: Pair) -> None:
        """What a handler writes leaves before the loop waits again."""
        transport = self.Transport(bench.poller)
        bench.poller.watchRead(pair[0].fileno(), lambda: (pair[0].recv(9), bench.poller.cork(transport)))
        pair[1].send(b"x")
        for _ in range(3):
            bench.turn()
        assert transport.flushes == 1

    def test_corkedByAFlush(self, bench: Any, pair: Pair) -> None:
        """A transport that writes whenever it is flushed does not keep others from being served."""
        transport = self.Transport(bench.poller, again=10**9)
        watcher = Watcher()
        bench.poller.watchRead(pair[0].fileno(), watcher.doRead)
        bench.poller.cork(transport)
        pair[1].send(b"x")
        for _ in range(3):
            bench.turn()
        assert transport.flushes >= 3
        assert watcher.calls

    def test_flushThatRaises(self, bench: Any) -> None:
        class Broken:
            def flush(self) -> None:
                raise ZeroDivisionError("in flush")

        good = self.Transport(bench.poller)
        bench.poller.cork(Broken())
        bench.poller.cork(good)
        with logged(ZeroDivisionError):
            bench.turn()
            bench.turn()
        assert good.flushes == 1

    def test_corkIsAppend(self, native: NativePoller) -> None:
        """Corking costs one call of a C function."""
        assert native.cork == native.dirty.append


class TestTrouble:
    def test_watcherThatRaises(self, native: NativePoller, pair: Pair) -> None:
        """A transport's own bug is logged; its descriptor is forgotten and the object told."""
        watcher = Watcher(lambda: 1 / 0)
        native.watchRead(pair[0].fileno(), watcher.doRead)
        pair[1].send(b"x")
        with logged(ZeroDivisionError):
            native.select(0)
        native.select(0)
        assert watcher.calls == ["read", "lost: ZeroDivisionError"]

    def test_goneDescriptor(self, pair: Pair) -> None:
        """select and poll notice a descriptor that is gone; its watcher is told once."""
        for make in (PollPoller, SelectPoller):
            poller = make()
            watcher, other = Watcher(), Watcher()
            mine, its = socket.socketpair()
            poller.watchRead(mine.fileno(), watcher.doRead)
            poller.watchWrite(mine.fileno(), watcher.doWrite)
            poller.watchRead(pair[0].fileno(), other.doRead)
            pair[1].send(b"x")
            mine.close()
            poller.select(0)
            poller.select(0)
            assert watcher.calls == ["lost: ConnectionFdescWentAway"]
            assert other.calls
            its.close()
            poller.close()

    def test_droppedFailuresAreReportedAtTheEndOfTheTurn(self, native: NativePoller, pair: Pair) -> None:
        from ropewalk.internet._defer import unhandled
        from ropewalk.internet.defer import fail

        seen: list[str] = []
        before = unhandled.onUnhandledError(lambda failure, origin: seen.append(type(failure.value).__name__))
        unhandled.deferToTurn = True
        try:
            native.watchRead(pair[0].fileno(), lambda: (fail(ZeroDivisionError()), seen.append("end of handler")))
            pair[1].send(b"x")
            native.select(0)
        finally:
            unhandled.deferToTurn = False
            unhandled.onUnhandledError(before)
        assert seen == ["end of handler", "ZeroDivisionError"]


class TestSelector:
    """To asyncio, our pollers are selectors."""

    def test_register(self, native: NativePoller, pair: Pair) -> None:
        key = native.register(pair[0], selectors.EVENT_READ, "data")
        assert key == native.get_key(pair[0]) == native.get_map()[pair[0]]
        assert native.select(0) == []
        pair[1].send(b"x")
        assert native.select(0) == [(key, selectors.EVENT_READ)]
        key = native.modify(pair[0], selectors.EVENT_READ | selectors.EVENT_WRITE, "more")
        assert native.select(0) == [(key, selectors.EVENT_READ | selectors.EVENT_WRITE)]
        assert native.unregister(pair[0]) == key
        assert native.select(0) == []
        assert len(native.get_map()) == 0

    def test_badUse(self, native: NativePoller, pair: Pair) -> None:
        with pytest.raises(ValueError, match="invalid events: 0"):
            native.register(pair[0], 0)
        with pytest.raises(ValueError, match="invalid file descriptor: -1"):
            native.register(-1, selectors.EVENT_READ)
        native.register(pair[0], selectors.EVENT_READ)
        with pytest.raises(KeyError, match="already registered"):
            native.register(pair[0], selectors.EVENT_READ)
        with pytest.raises(KeyError, match="not registered"):
            native.unregister(pair[1])
        assert native.get_map().get(pair[1]) is None

    def test_bothWorldsOnOneDescriptor(self, native: NativePoller, pair: Pair) -> None:
        """We and asyncio may watch the same descriptor; neither takes it from the other."""
        watcher = Watcher()
        fd = pair[0].fileno()
        native.watchRead(fd, watcher.doRead)
        key = native.register(fd, selectors.EVENT_WRITE)
        assert native.select(0) == [(key, selectors.EVENT_WRITE)]
        pair[1].send(b"x")
        assert native.select(0) == [(key, selectors.EVENT_WRITE)]
        assert watcher.calls == ["read"]
        native.forget(fd)
        assert native.select(0) == [(key, selectors.EVENT_WRITE)]
        native.unregister(fd)
        assert native.select(0) == []

    def test_closedFileIsStillKnown(self, native: NativePoller) -> None:
        mine, its = socket.socketpair()
        native.register(mine, selectors.EVENT_READ)
        mine.close()
        native.unregister(mine)
        its.close()

    def test_refusedDescriptorIsNotKept(self) -> None:
        """epoll refuses files on disk; asyncio gets that error, and nothing remains."""
        poller = EpollPoller()
        fd = os.open(__file__, os.O_RDONLY)
        with pytest.raises(PermissionError) as caught:
            poller.register(fd, selectors.EVENT_READ)
        assert caught.value.errno == errno.EPERM
        assert len(poller.get_map()) == 0
        os.close(fd)
        poller.close()

    def test_timeoutBoundsTheWait(self, native: NativePoller) -> None:
        """asyncio's timeout and our next timer: the earlier one ends the wait."""
        seen: list[int] = []
        native.timers.add(60, seen.append, (1,))
        native.timers.add(0.01, seen.append, (2,))
        native.select(0.001)
        for _ in range(20):
            native.select(30)
            if seen:
                break
        assert seen == [2]
