"""Calls from other threads, on every reactor."""

from __future__ import annotations

import threading
import time
from contextvars import ContextVar, copy_context
from typing import Any

import pytest

from ropewalk.internet._loop.threads import Bell, Inbox
from support.reactors import run
from support.recording import logged, until

who = ContextVar("who", default="nobody")


def test_inReactorsThread(reactor: Any) -> None:
    """callFromThread calls in the reactor's thread (F151, F012)."""
    seen: list[int] = []

    async def main() -> None:
        thread = threading.Thread(target=lambda: reactor.callFromThread(lambda: seen.append(threading.get_ident())))
        thread.start()
        await until(reactor, lambda: seen)
        thread.join()

    run(reactor, main)
    assert seen == [threading.get_ident()]


def test_wakesAtOnce(reactor: Any) -> None:
    """An idle reactor is woken."""
    from ropewalk.internet.defer import Deferred

    async def main() -> float:
        done: Deferred[float] = Deferred()

        def work() -> None:
            time.sleep(0.05)  # until the reactor waits in the kernel
            reactor.callFromThread(done.callback, time.monotonic())

        thread = threading.Thread(target=work)
        thread.start()
        asked = await done
        thread.join()
        return time.monotonic() - asked

    assert run(reactor, main) < 1


def test_manyThreads(reactor: Any) -> None:
    """Calls from many threads under load: none is lost, those of one thread keep their order."""
    seen: list[tuple[int, int]] = []

    async def main() -> None:
        def work(number: int) -> None:
            for count in range(500):
                reactor.callFromThread(seen.append, (number, count))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        await until(reactor, lambda: len(seen) == 4000)
        for thread in threads:
            thread.join()

    run(reactor, main, timeout=20)
    for number in range(8):
        assert [count for which, count in seen if which == number] == list(range(500))


def test_manyCallsRingOnce() -> None:
    """A hundred calls in a row are one byte in the pipe."""
    import os

    bell = Bell(lambda: None)
    for _ in range(100):
        bell.wakeUp()
    assert os.read(bell.fileno(), 4096) == b"\0"
    bell.rung = False
    bell.wakeUp()
    bell.doRead()
    assert not bell.rung
    bell.connectionLost(None)


def test_beforeTheReactorRuns(reactor: Any) -> None:
    seen: list[int] = []
    reactor.callFromThread(seen.append, 1)
    run(reactor, lambda: until(reactor, lambda: seen))


def test_callsFromCallsWaitForTheNextTurn(reactor: Any) -> None:
    """A function that hands itself in again and again doesn't keep the reactor from anything else."""
    count = 0

    def again() -> None:
        nonlocal count
        count += 1
        if reactor.running:
            reactor.callFromThread(again)

    async def main() -> None:
        again()
        await until(reactor, lambda: count > 10)

    run(reactor, main)


def test_exceptionIsLogged(reactor: Any) -> None:
    seen: list[int] = []

    async def main() -> None:
        reactor.callFromThread(lambda: 1 / 0)
        reactor.callFromThread(seen.append, 1)
        await until(reactor, lambda: seen)

    with logged(ZeroDivisionError):
        run(reactor, main)


def test_context(reactor: Any) -> None:
    """A call sees the context variables of the thread that asked for it."""
    seen: list[str] = []

    def ask() -> None:
        who.set("the thread")
        reactor.callFromThread(lambda: seen.append(who.get()))

    async def main() -> None:
        copy_context().run(ask)
        await until(reactor, lambda: seen)

    run(reactor, main)
    assert seen == ["the thread"]


def test_notCallable(reactor: Any) -> None:
    with pytest.raises(AssertionError, match="takes a callable, not 5"):
        reactor.callFromThread(5)


def test_emptiedInsideItself() -> None:
    """A nested turn may empty the inbox while it is being emptied."""
    inbox = Inbox()
    seen: list[int] = []
    inbox.put(inbox.empty, (), {})
    inbox.put(seen.append, (1,), {})
    inbox.put(seen.append, (2,), {})
    inbox.empty()
    assert seen == [1, 2]
