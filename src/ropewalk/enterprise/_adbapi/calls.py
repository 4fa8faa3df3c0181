"""The calls of a pool: they wait for a thread, are performed or given up, and their answers come back.

Invariants:

* ``_jobs`` holds every call that waits for a thread or occupies one; it and the counts change under the lock, under
  which nothing of anybody else's is called. Only the reactor's thread takes from ``_answers``;
* Deferreds fire in the reactor's thread only, and every one fires: with its outcome, or when it is cut, or at the
  latest when the pool closes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import inf
from threading import Condition, current_thread, get_ident
from time import monotonic
from typing import TYPE_CHECKING, Any

from ropewalk.internet.defer import CancelledError, Deferred, fail
from ropewalk.logger import Logger
from ropewalk.python.failure import Failure

from .errors import PoolClosed, PoolError, PoolExhausted, QueryTimeout
from .job import Job, Phase

if TYPE_CHECKING:
    from .connections import Connections
    from .pool import ConnectionPool
    from .threads import Threads

_log = Logger("ropewalk.enterprise.adbapi")


class Calls:
    """What was asked of a pool and is not answered yet, and counts of what was.

    Attributes:
        closed: nothing more may be asked.
        home: the number of the reactor's thread.
        running: how many calls occupy a thread that the pool counts on.
    """

    def __init__(
        self, pool: ConnectionPool, reactor: Any, threads: Threads, connections: Connections, lock: Condition
    ) -> None:
        self._pool = pool
        self._reactor = reactor
        self._threads = threads
        self._connections = connections
        self._lock = lock
        self._jobs: set[Job] = set()
        self._answers: deque[tuple[Job, bool, Any]] = deque()  # for Deferreds that are to fire
        self._expected = False  # whether `deliver` will be called
        self.closed = False
        self.home = get_ident()
        self.running = 0
        self.finished = self.failed = self.timedOut = self.cancelled = self.refused = 0

    @property
    def waiting(self) -> int:
        """How many calls have no thread yet."""
        return len(self._jobs) - self.running

    # -- Asking -----------------------------------------------------------------------------------------------------

    def enter(self, perform: Callable[[], Any], seconds: float | None) -> Deferred[Any]:
        """Queue a function for the threads."""
        if seconds == inf:
            seconds = None
        with self._lock:
            refusal = self._refusal()
            if refusal is not None:
                self.refused += 1
                return fail(refusal)
            job = Job(perform, self._onCancel, self._pool.threadpool, seconds)
            self._jobs.add(job)
        deferred = job.deferred
        assert deferred is not None, "a new job has not fired"
        if seconds is not None:
            if get_ident() == self.home:
                self._arm(job)
            else:
                self._reactor.callFromThread(self._arm, job)
        try:
            job.crew.callInThread(self._run, job)
        except RuntimeError:  # the system has no thread to give
            job.take()
            with self._lock:
                self._jobs.discard(job)
            return fail()
        return deferred

    def _refusal(self) -> PoolError | None:
        pool = self._pool
        if self.closed:
            return PoolClosed(f"the pool {pool._title!r} is closed; start() opens it again")
        if pool.backlog is not None and len(self._jobs) >= pool.max + pool.backlog:
            return PoolExhausted(pool._title, pool.max, pool.backlog)
        return None

    # -- In the threads ---------------------------------------------------------------------------------------------

    def _run(self, job: Job) -> None:
        """Perform a job, and send the answer on its way."""
        if not job.begin(current_thread()):
            return
        with self._lock:
            self.running += 1
        worked, result = True, None
        try:
            result = job.perform()
        except BaseException:
            # Of whatever kind: it is the caller's, and the thread has other work.
            worked, result = False, Failure()
        try:
            job.end()
            if job.broken or job.abandoned:
                self._discard(job)
            if not job.abandoned:
                self._answer(job, worked, result)
            else:
                self._late(job, worked, result)
        finally:
            # A failure holds this frame through its traceback, so the frame must not hold the failure.
            result = None

    def _discard(self, job: Job) -> None:
        """The thread is back from a job that was broken off by force, and gives its connection away."""
        if job.connection is not None and self._connections.isOurs(job.connection):
            self._pool.disconnect(job.connection)
        if job.abandoned:
            self._threads.comeBack(job.crew)

    def _answer(self, job: Job, worked: bool, result: Any) -> None:
        with self._lock:
            self.running -= 1
            self._jobs.discard(job)
            if job.cut is None:
                self.finished += worked
                self.failed += not worked
            self._answers.append((job, worked, result))
            expected, self._expected = self._expected, True
        if not expected:
            self._reactor.callFromThread(self.deliver)

    def _late(self, job: Job, worked: bool, result: Any) -> None:
        """Nobody waits for this answer any more. It is not lost silently."""
        if worked:
            _log.warn("{pool}: a call that had been given up ({cut!r}) was completed", pool=self._pool, cut=job.cut)
        elif result.value is not job.cut:
            _log.info(
                "{pool}: a call that had been given up ({cut!r}) ended with {problem!r}",
                pool=self._pool,
                cut=job.cut,
                problem=result.value,
            )

    # -- Answers ----------------------------------------------------------------------------------------------------

    def deliver(self) -> None:
        """Fire the Deferreds of what was done. In the reactor's thread."""
        with self._lock:
            self._expected = False
            count = len(self._answers)
        # No more than there were: threads may be as fast as this. One by one: a callback may close the pool.
        for _ in range(count):
            if not self._answers:
                return
            job, worked, result = self._answers.popleft()
            deferred = job.take()
            if deferred is None:
                self._late(job, worked, result)
            elif worked:
                deferred.callback(result)
            else:
                deferred.errback(result)

    # -- Giving up --------------------------------------------------------------------------------------------------

    def _arm(self, job: Job) -> None:
        """Begin to count a job's time. In the reactor's thread."""
        if job.deferred is not None and job.deadline is not None:
            job.timer = self._reactor.callLater(max(0.0, job.deadline - monotonic()), self.expire, job)

    def expire(self, job: Job) -> None:
        """Cut a job whose time is over. In the reactor's thread."""
        if job.phase is Phase.OVER:
            return  # The answer is on its way.
        deferred = job.take()
        if deferred is not None and job.seconds is not None:
            with self._lock:
                self.timedOut += 1
            self._giveUp(job, QueryTimeout(self._pool._title, job.seconds))
            deferred.errback(QueryTimeout(self._pool._title, job.seconds))

    def shutOut(self, job: Job) -> None:
        """Cut a job because the pool closes. In the reactor's thread."""
        if job.phase is Phase.OVER:
            return  # The answer is on its way.
        deferred = job.take()
        if deferred is not None:
            sentence = f"the pool {self._pool._title!r} was closed before this was done"
            self._giveUp(job, PoolClosed(sentence))
            deferred.errback(PoolClosed(sentence))

    def _onCancel(self, job: Job) -> None:
        """A Deferred is being cancelled, and fires by itself."""
        if job.take() is not None:
            with self._lock:
                self.cancelled += 1
            self._giveUp(job, CancelledError("the Deferred of this call was cancelled"))

    def _giveUp(self, job: Job, reason: Exception) -> None:
        if job.giveUp(reason, self._pool.patience, self._onAbandoned):
            with self._lock:
                self._jobs.discard(job)

    def _onAbandoned(self, job: Job) -> None:
        """A thread did not come back: another takes its place. In the breaker's thread."""
        with self._lock:
            self._jobs.discard(job)
            self.running -= 1
            # Unless it has just come back after all: the thread clears this after the job is over.
            if job.phase is not Phase.OVER and job.thread is not None:
                self._threads.stuck[job.thread] = job.crew
            self._lock.notify_all()
        _log.warn("{pool}: a thread is stuck in a call that was given up ({cut!r})", pool=self._pool, cut=job.cut)
        self._threads.resize(job.crew)

    # -- What is left -----------------------------------------------------------------------------------------------

    def outstanding(self) -> list[Job]:
        """The jobs whose Deferreds have not fired, if this is the thread in which they may. Called under the lock."""
        return [job for job in self._jobs if job.deferred is not None] if get_ident() == self.home else []

    def settle(self) -> None:
        """Fire what has not fired, once the threads have ended; later, if this is not the reactor's thread."""
        if get_ident() == self.home:
            self._settle()
        else:
            self._reactor.callFromThread(self._settle)

    def _settle(self) -> None:
        """Fire the Deferreds of what was done, and of what no thread will do any more. In the reactor's thread."""
        self.deliver()
        with self._lock:
            left = [job for job in self._jobs if job.phase is Phase.WAITING]
        for job in left:
            self.shutOut(job)
