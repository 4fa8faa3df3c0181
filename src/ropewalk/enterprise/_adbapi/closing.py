"""How a pool ends: its threads do what waits, in the time that they have, and what is left is cut."""

from __future__ import annotations

from math import inf
from threading import Condition, Thread, current_thread
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .calls import Calls
    from .connections import Connections
    from .pool import ConnectionPool
    from .threads import Threads


class Closing:
    """One closing of a pool, in the thread that asks for it."""

    def __init__(
        self, pool: ConnectionPool, calls: Calls, threads: Threads, connections: Connections, lock: Condition
    ) -> None:
        self._pool = pool
        self._calls = calls
        self._threads = threads
        self._connections = connections
        self._lock = lock
        # When every call is to be cut.
        self._end = inf if pool.grace is None else monotonic() + pool.grace

    def run(self) -> None:
        """Close, and return when that is done: every Deferred has fired then, if this is the reactor's thread."""
        with self._lock:
            self._calls.closed = True
        self._dismiss()
        # What is left was opened with `connect` in somebody else's thread. A stuck thread's is in use.
        with self._lock:
            theirs = {thread.ident for thread in self._threads.alive}
        self._connections.closeOthers(theirs)
        self._calls.settle()

    def _dismiss(self) -> None:
        """End the threads when they have done what waits, and wait for them, but not for those that are stuck."""
        # `stop` waits for stuck threads, too, so it does so in a thread of its own.
        stopper = Thread(target=self._pool.threadpool.stop, name="adbapi-stopper", daemon=True)
        stopper.start()
        threads = self._threads
        me = current_thread()
        while True:
            with self._lock:
                if not any(thread.is_alive() for thread in threads.alive - threads.stuck.keys() - {me}):
                    break
                left = self._nextEnd() - monotonic()
                if left > 0:
                    self._lock.wait(None if left == inf else left)
            if left <= 0:
                self._cutOverdue()
        if threads.alive:
            self._pool.threadpool = threads.crew()
        else:
            stopper.join()

    def _nextEnd(self) -> float:
        """When the next job is to be cut. Called under the lock."""
        return min((min(self._end, job.deadline or inf) for job in self._calls.outstanding()), default=inf)

    def _cutOverdue(self) -> None:
        """Cut the jobs whose time is over. The reactor waits for the threads, so its timers don't run."""
        with self._lock:
            jobs = self._calls.outstanding()
        now = monotonic()
        for job in jobs:
            if job.deadline is not None and job.deadline <= now:
                self._calls.expire(job)
            elif self._end <= now:
                self._calls.shutOut(job)
