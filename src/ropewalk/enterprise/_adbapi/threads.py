"""The threads of a pool: the connection of each is closed when it ends, and those that are stuck are replaced."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Thread, current_thread
from typing import TYPE_CHECKING

from ropewalk.python.threadpool import ThreadPool

if TYPE_CHECKING:
    from .connections import Connections
    from .pool import ConnectionPool


class Threads:
    """The threads of a pool, those that it has given up included. Both attributes change under the lock.

    Attributes:
        alive: threads that have not ended: closing the pool waits for them.
        stuck: those of them that were abandoned, and the crew that each belongs to. Nobody waits for these.
    """

    def __init__(self, pool: ConnectionPool, connections: Connections, lock: Condition) -> None:
        self._pool = pool
        self._connections = connections
        self._lock = lock
        self.alive: set[Thread] = set()
        self.stuck: dict[Thread, ThreadPool] = {}

    def crew(self) -> ThreadPool:
        """Make the thread pool that calls are given to, of the size that the pool has now."""
        crew = ThreadPool(self._pool.min, self._pool.max, self._pool.name)
        crew.threadFactory = self._make
        return crew

    def _make(self, target: Callable[[], object], name: str) -> Thread:
        """Make a thread that closes its connection when it ends. A daemon: only closing the pool waits for it."""
        thread = Thread(target=self._live, args=(target,), name=name, daemon=True)
        with self._lock:
            self.alive.add(thread)
        return thread

    def _live(self, work: Callable[[], object]) -> None:
        try:
            work()
        finally:
            self._connections.leave()
            with self._lock:
                self.alive.discard(current_thread())
                self._lock.notify_all()

    def resize(self, crew: ThreadPool) -> None:
        """Have as many threads as there may be connections, beside those that are stuck."""
        if crew is self._pool.threadpool:
            with self._lock:
                stuck = list(self.stuck.values()).count(crew)
            crew.adjustPoolsize(maxthreads=self._pool.max + stuck)

    def comeBack(self, crew: ThreadPool) -> None:
        """This thread was stuck, and is not any more: there is one too many."""
        with self._lock:
            self.stuck.pop(current_thread(), None)
        self.resize(crew)
