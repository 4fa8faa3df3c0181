"""A pool of threads that run functions for a program whose own thread must not block.

Threads are started when there is work and none is idle, up to a maximum; a minimum is kept. Functions wait in one
queue. The pool always knows how many of its threads are idle, by counting rather than asking: whoever queues a function
*claims* an idle thread if there is one, so that no second function counts on it. From this follow the invariants:

* ``_idle`` threads wait in ``_jobs.get()`` and nothing in the queue is meant for them;
* ``_backlog`` functions are in the queue and no thread is free for them, so ``_idle`` is then 0;
* counts change under ``_lock``; functions run outside it.
"""

from __future__ import annotations

import threading
from _queue import SimpleQueue  # `queue` without the two modules it imports
from collections.abc import Callable
from contextvars import copy_context
from itertools import count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextvars import Context
    from typing import Any, ParamSpec, TypeVar

    from .failure import Failure

    P = ParamSpec("P")
    R = TypeVar("R")
    # Context, function, arguments, keyword arguments, and who is told the outcome.
    Job = tuple[Context, Callable[..., Any], tuple[Any, ...], dict[str, Any], Callable[[bool, Any], object] | None]

__all__ = ["ThreadPool", "WorkerStop"]

# In the queue: the idle thread that gets it ends.
WorkerStop = object()


class ThreadPool:
    """Threads that run functions, and a queue of functions for when all of them are busy.

    Functions may be handed in from any thread, before `start` too: they then wait for it. They run in a copy of the
    `contextvars` context of whoever handed them in, log contexts included.

    Attributes:
        min: threads kept even when idle.
        max: threads at most.
        started: between `start` and `stop`.
        joined: after `stop`.
        threads: the running ones.
        threadFactory: called with ``target`` and ``name``; returns an unstarted thread.
    """

    min = 5
    max = 20
    name: str | None = None
    started = False
    joined = False
    threadFactory: Callable[..., threading.Thread] = threading.Thread

    def __init__(self, minthreads: int = 5, maxthreads: int = 20, name: str | None = None) -> None:
        """Make a pool; no thread is started before `start`.

        Args:
            name: in the names of the threads; a number when not given.

        Raises:
            AssertionError: ``minthreads`` is negative or above ``maxthreads``.
        """
        _checkSizes(minthreads, maxthreads)
        self.min = minthreads
        self.max = maxthreads
        self.name = name
        self._setUp()

    def _setUp(self) -> None:
        self.threads: list[threading.Thread] = []
        self._jobs: SimpleQueue[Job | object] = SimpleQueue()
        self._lock = threading.Lock()
        self._numbers = count()
        self._workers = 0  # running threads that were not told to end
        self._idle = 0
        self._backlog = 0

    def __getstate__(self) -> dict[str, object]:
        """A pool is pickled as its sizes and name; its threads and functions are this process's affair."""
        return {"min": self.min, "max": self.max, "name": self.name}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._setUp()

    # -- Work -------------------------------------------------------------------------------------------------------

    def callInThread(self, func: Callable[P, object], *args: P.args, **kw: P.kwargs) -> None:
        """Run a function in one of the threads. What it returns is dropped, what it raises is logged.

        After `stop` nothing runs and nothing is said.
        """
        self._enter((copy_context(), func, args, kw, None))

    def callInThreadWithCallback(
        self,
        onResult: Callable[[bool, R | Failure], object] | None,
        func: Callable[P, R],
        *args: P.args,
        **kw: P.kwargs,
    ) -> None:
        """Run a function in one of the threads, and report how it went.

        Args:
            onResult: called **in that thread** with true and the function's result, or with false and a
                `Failure`. What it raises is logged. `None`: nobody is told, failures are logged.
        """
        self._enter((copy_context(), func, args, kw, onResult))

    def _enter(self, job: Job) -> None:
        with self._lock:
            if self.joined:
                return
            if self._idle:
                self._idle -= 1
            elif not self.started or self._workers >= self.max:
                self._backlog += 1
            else:
                try:
                    self._startThread()
                except RuntimeError:
                    # The system has no thread to give. Those we have will come to it; without any it is an error.
                    if not self._workers:
                        raise
                    self._backlog += 1
            # Under the lock: a function must not come behind the order to stop.
            self._jobs.put(job)

    def _work(self) -> None:
        """The life of a thread: it begins and goes on with the next entry in the queue, which is meant for it."""
        while (job := self._jobs.get()) is not WorkerStop:
            _run(job)  # type: ignore[arg-type]  # `WorkerStop` is the only other thing in the queue
            # Do not keep what the function was given while waiting for the next.
            del job
            with self._lock:
                if self._workers > self.max or (self.joined and not self._backlog):
                    self._workers -= 1
                    break
                if self._backlog:
                    self._backlog -= 1
                else:
                    self._idle += 1
        with self._lock:
            self.threads.remove(threading.current_thread())

    # -- Life and size ----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the minimum of threads, and as many as the waiting functions need. A stopped pool starts anew."""
        with self._lock:
            self.joined = False
            self.started = True
            self._fill()

    def stop(self) -> None:
        """Let the threads run what is still queued, then end them, and return when they have ended.

        A pool without threads, because it was never started, drops what is queued. Harmless when called again.
        """
        with self._lock:
            self.started = False
            self.joined = True
            self._release(self._idle)
            if not self._workers:
                self._drop()
            threads = list(self.threads)
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join()

    def adjustPoolsize(self, minthreads: int | None = None, maxthreads: int | None = None) -> None:
        """Change the minimum, the maximum or both. Threads too many end as soon as they are idle.

        Raises:
            AssertionError: the minimum is negative or above the maximum; nothing was changed.
        """
        low = self.min if minthreads is None else minthreads
        high = self.max if maxthreads is None else maxthreads
        _checkSizes(low, high)
        with self._lock:
            self.min, self.max = low, high
            if self.started:
                self._release(min(self._idle, max(0, self._workers - high)))
                self._fill()

    def startAWorker(self) -> None:
        """Start one more thread, if the maximum allows it."""
        with self._lock:
            if self._workers < self.max:
                self._add()

    def stopAWorker(self) -> None:
        """End one thread, if one is idle."""
        with self._lock:
            self._release(min(self._idle, 1))

    def _fill(self) -> None:
        """Start threads up to the minimum and for the functions that wait. Called under the lock."""
        while self._workers < self.min or (self._backlog and self._workers < self.max):
            self._add()

    def _add(self) -> None:
        """Start a thread for the next waiting function, or an idle one. Called under the lock."""
        self._startThread()
        if self._backlog:
            self._backlog -= 1
        else:
            self._idle += 1

    def _startThread(self) -> None:
        name = f"PoolThread-{self.name or id(self)}-{next(self._numbers)}"
        thread = self.threadFactory(target=self._work, name=name)
        self.threads.append(thread)
        self._workers += 1
        try:
            thread.start()
        except BaseException:
            # No more threads to be had: who asked is told, and the counts stay true.
            self.threads.remove(thread)
            self._workers -= 1
            raise

    def _release(self, howMany: int) -> None:
        """Tell idle threads to end. Called under the lock."""
        for _ in range(howMany):
            self._idle -= 1
            self._workers -= 1
            self._jobs.put(WorkerStop)

    def _drop(self) -> None:
        """Forget the functions that wait; entries that tell a thread to end are not touched. Called under the lock."""
        for _ in range(self._backlog):
            self._jobs.get()
        self._backlog = 0

    # -- Questions --------------------------------------------------------------------------------------------------

    @property
    def workers(self) -> int:
        """How many threads there are."""
        return self._workers

    @property
    def waiters(self) -> list[None]:
        """An entry for each idle thread."""
        return [None] * self._idle

    @property
    def working(self) -> list[None]:
        """An entry for each busy thread."""
        return [None] * (self._workers - self._idle)

    @property
    def q(self) -> Queued:
        """The functions that wait for a thread: ``q.qsize()`` says how many."""
        return Queued(self._backlog)

    @staticmethod
    def currentThread() -> threading.Thread:
        """Return the thread this is called in."""
        return threading.current_thread()

    def dumpStats(self) -> None:
        """Log how many functions wait, how many threads are idle and busy, and which threads there are."""
        from . import log

        log.msg(f"queue: {self._backlog} waiting")
        log.msg(f"waiters: {len(self.waiters)}")
        log.msg(f"workers: {len(self.working)}")
        log.msg(f"total: {self.threads}")


class Queued:
    """How many functions waited for a thread at the moment of asking."""

    __slots__ = ("_size",)

    def __init__(self, size: int) -> None:
        self._size = size

    def qsize(self) -> int:
        return self._size

    def empty(self) -> bool:
        return not self._size


def _checkSizes(low: int, high: int) -> None:
    if low < 0:
        raise AssertionError(f"a pool cannot have a minimum of {low} threads")
    if low > high:
        raise AssertionError(f"a minimum of {low} threads is above the maximum of {high}")


def _run(job: Job) -> None:
    """Run a function and tell the outcome. Nothing escapes: the thread has other functions to run."""
    context, func, args, kw, onResult = job
    result: Any = None
    try:
        try:
            outcome, result = True, context.run(func, *args, **kw)
        except BaseException:
            if onResult is None:
                raise
            from .failure import Failure

            outcome, result = False, Failure()
        if onResult is not None:
            context.run(onResult, outcome, result)
    except BaseException:
        from . import log

        context.run(log.err)
    finally:
        # A failure holds this frame through its traceback, so the frame must not hold the failure.
        result = None
