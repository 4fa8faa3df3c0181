"""Work in other threads, and the ways back, on every reactor."""

from __future__ import annotations

import sys
import threading
from typing import Any

import pytest

from ropewalk.internet import threads
from ropewalk.internet.defer import Deferred, fail
from ropewalk.internet.task import deferLater
from ropewalk.python.threadpool import ThreadPool
from support.reactors import run
from support.recording import logged, until


def defer(reactor: Any, f: Any, *args: Any, **kw: Any) -> Any:
    return threads.deferToThreadPool(reactor, reactor.getThreadPool(), f, *args, **kw)


def test_deferToThreadPool(reactor: Any) -> None:
    """The function runs in another thread; the answer comes in the reactor's (F153)."""

    async def main() -> None:
        worker = await defer(reactor, threading.get_ident)
        assert worker != threading.get_ident()
        with pytest.raises(ValueError, match="invalid literal"):
            await defer(reactor, int, "five")
        assert await defer(reactor, int, "11", base=2) == 3

    run(reactor, main)


def test_ownPool(reactor: Any) -> None:
    pool = ThreadPool(0, 1, "mine")
    pool.start()

    async def main() -> str:
        name: str = await threads.deferToThreadPool(reactor, pool, lambda: threading.current_thread().name)
        return name

    assert "mine" in run(reactor, main)
    pool.stop()


def test_blockingCallFromThread(reactor: Any) -> None:
    """A thread waits for what the reactor's thread says: a value, a Deferred, a coroutine, or an exception (F154)."""

    async def coroutine() -> str:
        await deferLater(reactor, 0.01)
        return "awaited"

    def work() -> list[Any]:
        def call(f: Any, *args: Any) -> Any:
            return threads.blockingCallFromThread(reactor, f, *args)

        with pytest.raises(ZeroDivisionError):
            call(lambda: fail(ZeroDivisionError()))
        with pytest.raises(ValueError, match="invalid literal"):
            call(int, "five")
        return [
            call(threading.get_ident),
            call(deferLater, reactor, 0.01, lambda: "deferred"),
            call(coroutine),
        ]

    assert run(reactor, lambda: defer(reactor, work)) == [threading.get_ident(), "deferred", "awaited"]


def test_blockingTheReactorIsRefused(reactor: Any) -> None:
    """In the reactor's own thread it would wait for itself: that is said, and what to do."""

    def main() -> None:
        with pytest.raises(RuntimeError, match=r"in the reactor's own thread.* await its Deferred"):
            threads.blockingCallFromThread(reactor, int)

    run(reactor, main)


def test_callInThread(reactor: Any) -> None:
    """callInThread gives no answer; what the function raises is logged (F152)."""
    seen: list[int] = []

    async def main() -> None:
        reactor.callInThread(lambda: 1 / 0)
        reactor.callInThread(lambda *args, **kw: seen.extend((threading.get_ident(), args, kw)), 1, two=2)
        await until(reactor, lambda: len(seen) == 3)

    with logged(ZeroDivisionError):
        run(reactor, main)
    assert seen[0] != threading.get_ident()
    assert seen[1:] == [(1,), {"two": 2}]


def test_callInThreadBeforeTheRun(reactor: Any) -> None:
    """What is handed in before the reactor runs is done when it does."""
    seen: list[int] = []
    reactor.callInThread(seen.append, 1)
    assert seen == []
    run(reactor, lambda: until(reactor, lambda: seen))


def test_poolSize(reactor: Any) -> None:
    """The pool has 0 to 10 threads unless the program says otherwise (F155)."""
    pool = reactor.getThreadPool()
    assert reactor.getThreadPool() is pool
    assert (pool.min, pool.max) == (0, 10)
    reactor.suggestThreadPoolSize(34)
    assert pool.max == 34


def test_poolEndsWithTheReactor(reactor: Any) -> None:
    """No thread outlives the reactor; the next run has a new pool."""

    async def main() -> Any:
        await defer(reactor, int)
        return reactor.getThreadPool()

    first = run(reactor, main)
    assert first.joined
    assert first.threads == []
    assert reactor.threadpool is None
    assert run(reactor, main) is not first


# These two use the process's own reactor: in a process of their own.
OWN = """if 1:
    import sys, threading
    from ropewalk.internet import reactor, threads
    main = threading.get_ident()
    seen = []

    def step(value):
        seen.append(value)
        if len(seen) == 3:
            reactor.stop()

    threads.deferToThread(threading.get_ident).addCallback(lambda ident: step(ident != main))
    ask = reactor.callFromThread
    threads.callMultipleInThread([(ask, (step, 1), {}), (ask, (step,), {"value": 2})])
    reactor.run()
    print(sorted(seen, key=str))
"""


def test_onTheProcesssReactor() -> None:
    """deferToThread and callMultipleInThread use the reactor of the process."""
    import subprocess

    done = subprocess.run([sys.executable, "-c", OWN], capture_output=True, text=True, timeout=30, check=False)
    assert done.stderr == ""
    assert done.stdout == "[1, 2, True]\n"


def test_cancelledWait(reactor: Any) -> None:
    """Cancelling the Deferred doesn't stop the thread; its answer is not an error."""
    done = threading.Event()

    async def main() -> None:
        from ropewalk.internet.defer import CancelledError

        deferred: Deferred[Any] = defer(reactor, done.wait, 5)
        deferred.cancel()
        with pytest.raises(CancelledError):
            await deferred
        done.set()
        await defer(reactor, int)

    run(reactor, main)
