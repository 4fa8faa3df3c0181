"""The driver's connections: each thread has one, which is opened, used and closed in that thread only."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition
from typing import TYPE_CHECKING, Any

from ropewalk.logger import Logger

from .drivers import switchToAutocommit
from .errors import PoolError
from .job import currentJob

if TYPE_CHECKING:
    from .pool import ConnectionPool

_log = Logger("ropewalk.enterprise.adbapi")


class Connections:
    """The driver's connections of a pool, and the mode that each is in. Methods mean that of the calling thread.

    Attributes:
        byThread: the connections, by the number of the thread that has it.
        opened: how many were opened so far. Changes under the lock.
    """

    def __init__(self, pool: ConnectionPool, lock: Condition) -> None:
        self._pool = pool
        self._lock = lock
        self.byThread: dict[int, Any] = {}
        self.opened = 0
        # Undo autocommit, by thread: for connections in that mode. A key is only touched from its thread.
        self._plain: dict[int, Callable[[], object]] = {}

    def open(self) -> Any:
        """Return this thread's connection, opened if there is none.

        Raises:
            BaseException: whatever the driver, or ``openfun``, raised.
        """
        pool = self._pool
        thread = pool.threadID()
        connection = self.byThread.get(thread)
        if connection is None:
            if pool.noisy:
                _log.info("{pool}: connecting", pool=pool)
            connection = pool.dbapi.connect(*pool.connargs, **pool.connkw)
            if pool.openfun is not None:
                try:
                    pool.openfun(connection)
                except BaseException:
                    self._close(connection)
                    raise
            self.byThread[thread] = connection
            with self._lock:
                self.opened += 1
        job = currentJob()
        if job is not None:
            job.connection = connection
        return connection

    def letGo(self, connection: Any) -> None:
        """Close this thread's connection; harmless with `None` when there is none.

        Raises:
            PoolError: it is another thread's.
        """
        thread = self._pool.threadID()
        if not self.isOurs(connection):
            raise PoolError(f"{connection!r} is not the connection of this thread, and only its own may close it")
        if connection is not None:
            self._plain.pop(thread, None)
            del self.byThread[thread]
            job = currentJob()
            if job is not None:
                job.connection = job.cursor = None
            self._close(connection)

    def isOurs(self, connection: Any) -> bool:
        """Whether it is this thread's."""
        return connection is self.byThread.get(self._pool.threadID())

    def leave(self) -> None:
        """Close this thread's connection, if there is one: the thread ends."""
        connection = self.byThread.pop(self._pool.threadID(), None)
        if connection is not None:
            self._close(connection)

    def closeOthers(self, threads: set[int | None]) -> None:
        """Close the connections of all threads but these."""
        for number in self.byThread.keys() - threads:
            self._close(self.byThread.pop(number))

    def setMode(self, autocommit: bool) -> None:
        """Have this thread's connection commit by itself, or not.

        Changing it may cost a round trip: a connection stays in the mode that it was last used in.
        """
        thread = self._pool.threadID()
        if autocommit:
            if thread not in self._plain:
                restore = switchToAutocommit(self.byThread.get(thread))
                if restore is not None:
                    self._plain[thread] = restore
        elif thread in self._plain:
            self._plain.pop(thread)()

    def commitsItself(self) -> bool:
        """Whether this thread's connection is in autocommit mode."""
        return self._pool.threadID() in self._plain

    def _close(self, connection: Any) -> None:
        if self._pool.noisy:
            _log.info("{pool}: closing a connection", pool=self._pool)
        try:
            connection.close()
        except Exception:
            # It is gone as far as we are concerned.
            _log.failure("{pool}: could not close a connection", pool=self._pool)
