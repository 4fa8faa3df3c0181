"""The pool runs functions in its threads, no more of them than it may, and loses none."""

from __future__ import annotations

import contextvars
import gc
import pickle
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ropewalk.python import context, log
from ropewalk.python.failure import Failure
from ropewalk.python.threadpool import ThreadPool

PATIENCE = 10.0


@pytest.fixture
def pool() -> Iterator[ThreadPool]:
    """A running pool of up to three threads."""
    pool = ThreadPool(0, 3, "test")
    pool.start()
    yield pool
    pool.stop()


@pytest.fixture
def logged() -> Iterator[list[dict[str, Any]]]:
    """The errors that are logged."""
    events: list[dict[str, Any]] = []
    log.addObserver(events.append)
    yield events
    log.removeObserver(events.append)


class Gate:
    """Functions that wait inside until they are let go."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._inside = threading.Semaphore(0)

    def __call__(self) -> None:
        self._inside.release()
        assert self._open.wait(PATIENCE)

    def awaitInside(self, count: int) -> None:
        for _ in range(count):
            assert self._inside.acquire(timeout=PATIENCE)

    def open(self) -> None:
        self._open.set()


def outcome(pool: ThreadPool, function: Callable[[], Any]) -> tuple[bool, Any]:
    """How a function went that was run in the pool."""
    done = threading.Event()
    found: list[tuple[bool, Any]] = []

    def onResult(ok: bool, result: Any) -> None:
        found.append((ok, result))
        done.set()

    pool.callInThreadWithCallback(onResult, function)
    assert done.wait(PATIENCE)
    return found[0]


def test_aFunctionRunsInAnotherThread(pool: ThreadPool) -> None:
    """F152: what is called in the pool runs, with its arguments, in a thread named after the pool."""
    ran = threading.Event()
    seen: list[Any] = []

    def note(*args: Any, **kw: Any) -> None:
        seen.extend([args, kw, threading.current_thread()])
        ran.set()

    pool.callInThread(note, 1, two=2)
    assert ran.wait(PATIENCE)
    assert seen[:2] == [(1,), {"two": 2}]
    assert seen[2] is not threading.current_thread()
    assert "test" in seen[2].name


def test_theOutcomeIsReported(pool: ThreadPool) -> None:
    """A result comes with true, an exception as a Failure with false."""
    assert outcome(pool, lambda: 5) == (True, 5)
    ok, failure = outcome(pool, lambda: 1 // 0)
    assert not ok
    assert isinstance(failure, Failure)
    assert failure.check(ZeroDivisionError)


def test_anUnreportedExceptionIsLogged(pool: ThreadPool, logged: list[dict[str, Any]]) -> None:
    """Without anybody to tell, a failure goes to the log; so does what the callback raises. The thread goes on."""
    pool.callInThread(lambda: 1 // 0)
    pool.callInThreadWithCallback(lambda ok, result: {}["missing"], lambda: None)
    pool.stop()
    assert sorted(event["failure"].type.__name__ for event in logged) == ["KeyError", "ZeroDivisionError"]


def test_threadsAreOnlyStartedWhenNoneIsIdle(pool: ThreadPool) -> None:
    """One function after the other needs one thread."""
    for _ in range(5):
        outcome(pool, lambda: None)
        # The thread reports before it is idle; the next function may find it busy, never more than one of them.
        assert pool.workers <= 2
    assert len(pool.threads) == pool.workers


def test_theMaximumHolds(pool: ThreadPool) -> None:
    """F155: with all threads busy the others wait in the queue, and run later."""
    gate = Gate()
    for _ in range(5):
        pool.callInThread(gate)
    gate.awaitInside(3)
    assert (pool.workers, len(pool.working), len(pool.waiters), pool.q.qsize()) == (3, 3, 0, 2)
    gate.open()
    gate.awaitInside(2)


def test_functionsWaitForTheStart() -> None:
    """What is called before `start` runs after it."""
    pool = ThreadPool(0, 1)
    ran = threading.Event()
    pool.callInThread(ran.set)
    assert (pool.threads, pool.q.qsize(), pool.started) == ([], 1, False)
    pool.start()
    assert ran.wait(PATIENCE)
    pool.stop()


def test_theMinimumIsKeptRunning() -> None:
    """`start` starts the minimum at once, and they are idle."""
    pool = ThreadPool(2, 5)
    pool.start()
    assert (pool.workers, len(pool.waiters), len(pool.threads)) == (2, 2, 2)
    pool.stop()
    assert (pool.workers, pool.threads) == (0, [])


def test_stopFinishesWhatIsQueued() -> None:
    """Functions queued before `stop` run; those called after it don't."""
    pool = ThreadPool(0, 1)
    pool.start()
    gate, ran = Gate(), list[int]()
    pool.callInThread(gate)
    pool.callInThread(ran.append, 1)
    gate.awaitInside(1)
    threading.Thread(target=gate.open).start()
    pool.stop()
    pool.callInThread(ran.append, 2)
    assert ran == [1]
    assert (pool.joined, pool.started, pool.threads) == (True, False, [])
    pool.stop()


def test_aStoppedPoolStartsAgain() -> None:
    """A reactor that runs a second time uses its pool a second time."""
    pool = ThreadPool(1, 2)
    for _ in range(3):
        pool.start()
        assert outcome(pool, lambda: 1) == (True, 1)
        pool.stop()
    assert pool.threads == []


def test_growingRunsWhatWaits(pool: ThreadPool) -> None:
    """A higher maximum gives the waiting functions threads at once."""
    gate = Gate()
    for _ in range(5):
        pool.callInThread(gate)
    pool.adjustPoolsize(0, 5)
    gate.awaitInside(5)
    assert (pool.min, pool.max, pool.workers, pool.q.qsize()) == (0, 5, 5, 0)
    gate.open()


def test_shrinkingEndsIdleThreadsAtOnce() -> None:
    """A lower maximum ends idle threads now, busy ones when they are done."""
    pool = ThreadPool(3, 3)
    pool.start()
    pool.adjustPoolsize(0, 1)
    assert pool.workers == 1
    pool.adjustPoolsize(3, 3)
    gate = Gate()
    for _ in range(3):
        pool.callInThread(gate)
    gate.awaitInside(3)
    pool.adjustPoolsize(0, 1)
    assert pool.workers == 3
    gate.open()
    pool.stop()
    assert pool.workers == 0


@pytest.mark.parametrize(("low", "high"), [(-1, 2), (3, 2)])
def test_impossibleSizesAreRefused(low: int, high: int, pool: ThreadPool) -> None:
    """A negative minimum, or one above the maximum, changes nothing."""
    with pytest.raises(AssertionError, match="minimum"):
        ThreadPool(low, high)
    with pytest.raises(AssertionError, match="minimum"):
        pool.adjustPoolsize(low, high)
    assert (pool.min, pool.max) == (0, 3)


def test_singleWorkers(pool: ThreadPool) -> None:
    """Threads can be started and ended one by one, within the maximum."""
    for expected in (1, 2, 3, 3):
        pool.startAWorker()
        assert pool.workers == expected
    pool.stopAWorker()
    assert pool.workers == 2


def test_contextsFollow(pool: ThreadPool) -> None:
    """The caller's `contextvars` and its log context are in force in the thread, and in the callback."""
    variable = contextvars.ContextVar("variable", default="unset")
    seen: list[Any] = []
    done = threading.Event()

    def look() -> None:
        seen.append((variable.get(), context.get("who")))

    def onResult(ok: bool, result: Any) -> None:
        look()
        done.set()

    variable.set("set")
    context.call({"who": "me"}, pool.callInThreadWithCallback, onResult, look)
    assert done.wait(PATIENCE)
    assert seen == [("set", "me"), ("set", "me")]


class Argument:
    """Something that can be watched."""


def test_anIdleThreadKeepsNothing(pool: ThreadPool) -> None:
    """What a function was given is let go when it is done, not when the next one comes."""
    argument = Argument()
    gone = threading.Event()
    weakref.finalize(argument, gone.set)
    pool.callInThread(lambda _: None, argument)
    del argument
    # The thread may still be about to let it go; without a cycle it does so without the collector.
    gc.disable()
    try:
        assert gone.wait(PATIENCE)
    finally:
        gc.enable()


class Trouble(Exception):
    """An exception that carries something."""


def test_aFailureLeavesNoCycle() -> None:
    """What an exception carries is freed once nobody holds the failure any more, without the collector."""
    carried = [Argument()]
    gone = threading.Event()
    weakref.finalize(carried[0], gone.set)

    def fail() -> None:
        raise Trouble(carried.pop())

    pool = ThreadPool(0, 1)
    pool.start()
    gc.collect()
    gc.disable()
    try:
        pool.callInThreadWithCallback(lambda ok, failure: None, fail)
        pool.stop()
        assert gone.is_set()
    finally:
        gc.enable()


def test_aPoolPicklesAsItsSizes() -> None:
    """Threads stay behind."""
    again = pickle.loads(pickle.dumps(ThreadPool(1, 4, "kept")))
    assert (again.min, again.max, again.name, again.threads) == (1, 4, "kept", [])
    again.start()
    assert outcome(again, lambda: 1) == (True, 1)
    again.stop()


def test_whenTheSystemHasNoThread() -> None:
    """If no further thread can be started the ones there do the work; without any the caller is told."""

    class Refused(threading.Thread):
        allowed = 1

        def start(self) -> None:
            if Refused.allowed == 0:
                raise RuntimeError("can't start new thread")
            Refused.allowed -= 1
            super().start()

    pool = ThreadPool(0, 5)
    pool.threadFactory = Refused
    pool.start()
    gate, ran = Gate(), threading.Event()
    pool.callInThread(gate)
    gate.awaitInside(1)
    pool.callInThread(ran.set)
    assert pool.q.qsize() == 1
    gate.open()
    assert ran.wait(PATIENCE)
    pool.stop()
    pool.start()
    with pytest.raises(RuntimeError):
        pool.callInThread(ran.set)
    pool.stop()


def test_manyCallersLoseNothing(pool: ThreadPool) -> None:
    """Functions handed in from several threads all run, each once."""
    done = threading.Semaphore(0)

    def callMany() -> None:
        for _ in range(500):
            pool.callInThread(done.release)

    callers = [threading.Thread(target=callMany) for _ in range(4)]
    for caller in callers:
        caller.start()
    for _ in range(2000):
        assert done.acquire(timeout=PATIENCE)
    for caller in callers:
        caller.join()
    pool.stop()
    assert not done.acquire(blocking=False)
    assert (pool.workers, len(pool.waiters), pool.q.qsize()) == (0, 0, 0)


def test_statisticsAreLogged(pool: ThreadPool, logged: list[dict[str, Any]]) -> None:
    """`dumpStats` says how many wait, idle and work."""
    pool.dumpStats()
    texts = " ".join(" ".join(event["message"]) for event in logged)
    assert "waiters: 0" in texts
    assert "workers: 0" in texts


def test_theCallersThreadIsToBeHad() -> None:
    """`currentThread` is the one that asks."""
    assert ThreadPool.currentThread() is threading.current_thread()


def test_concurrentFuturesIsNotLoaded() -> None:
    """A pool at work loads neither `concurrent.futures` nor `queue`."""
    code = f"""
import sys
sys.path[:0] = {sys.path!r}
from ropewalk.python.threadpool import ThreadPool
pool = ThreadPool(0, 1)
pool.start()
pool.callInThread(int)
pool.stop()
print([name for name in ("concurrent.futures", "queue", "logging", "asyncio") if name in sys.modules])
"""
    command = [sys.executable, "-S", "-c", code]
    assert subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.strip() == "[]"
