"""What functions that run in the pool's threads are given: a connection, or a transaction that looks like a cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.logger import Logger

from .errors import ConnectionLost
from .job import currentJob

if TYPE_CHECKING:
    from .pool import ConnectionPool

_log = Logger("ropewalk.enterprise.adbapi")


class Connection:
    """A thread's connection to the database. What is not defined here is the driver's connection's.

    Once the call that it was made for has timed out or been cancelled, using it raises `QueryTimeout` or
    `CancelledError`.
    """

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool
        self._connection: Any = None  # the driver's; `None` again when it was lost
        self.reconnect()

    def close(self) -> None:
        """Do nothing: the pool keeps its connections. Here because DB-API has it."""

    def rollback(self) -> None:
        """Take back what was done since the last commit.

        A pool that reconnects (``cp_reconnect``) also tries whether the connection still answers, with ``cp_good_sql``.

        Raises:
            ConnectionLost: it does not, and was let go; the thread's next use of the pool opens another. Only from a
                pool that reconnects, the driver's own exception otherwise.
        """
        if self._connection is None:
            return  # What was done went with the connection.
        if not self._pool.reconnect:
            self._connection.rollback()
            return
        try:
            self._connection.rollback()
            cursor = self._connection.cursor()
            cursor.execute(self._pool.good_sql)
            cursor.close()
            self._connection.commit()
        except Exception as problem:
            _log.failure("{pool}: a rollback failed, or the connection does not answer", pool=self._pool)
            lost, self._connection = self._connection, None
            self._pool.disconnect(lost)
            if self._pool.noisy:
                _log.info("{pool}: connection lost", pool=self._pool)
            raise ConnectionLost(f"the connection was lost: {problem}") from problem

    def reconnect(self) -> None:
        """Close the connection, if there is one, and open another."""
        old, self._connection = self._connection, None
        if old is not None:
            self._pool.disconnect(old)
        self._connection = self._pool.connect()

    def __getattr__(self, name: str) -> Any:
        job = currentJob()
        if job is not None:
            job.check()
        connection = self.__dict__.get("_connection")
        if connection is None:
            raise ConnectionLost(f"the connection was lost, {name!r} can't be used; reconnect() opens another")
        return getattr(connection, name)


class Transaction:
    """A cursor for an interaction. What is not defined here is the driver's cursor's.

    Once the interaction has timed out or been cancelled, using it raises `QueryTimeout` or `CancelledError`, so that
    an interaction that goes on in vain ends at its next statement.
    """

    def __init__(self, pool: ConnectionPool, connection: Connection) -> None:
        self._pool = pool
        self._connection = connection
        self._cursor: Any = None  # the driver's
        self.reopen()

    def close(self) -> None:
        """Close the cursor; harmless when it is closed."""
        cursor, self._cursor = self._cursor, None
        if cursor is not None:
            cursor.close()

    def reopen(self) -> None:
        """Close the cursor, if there is one, and open another; over a new connection if a pool that reconnects must."""
        self.close()
        job = currentJob()
        try:
            self._cursor = self._connection.cursor()
        except Exception:
            if not self._pool.reconnect:
                raise
            if job is not None:
                job.check()
            _log.failure("{pool}: the connection gave no cursor", pool=self._pool)
            if self._pool.noisy:
                _log.info("{pool}: connection lost, reconnecting", pool=self._pool)
            self.reconnect()
            self._cursor = self._connection.cursor()
        if job is not None:
            job.cursor = self._cursor

    def reconnect(self) -> None:
        """Open another connection. The cursor is gone with the old one: `reopen` makes one."""
        self._connection.reconnect()
        self._cursor = None

    def __getattr__(self, name: str) -> Any:
        job = currentJob()
        if job is not None:
            job.check()
        cursor = self.__dict__.get("_cursor")
        if cursor is None:
            raise AttributeError(
                f"the cursor of this transaction is closed, it has no {name!r}; reopen() makes another"
            )
        return getattr(cursor, name)
