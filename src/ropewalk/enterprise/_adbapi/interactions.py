"""What a call does in its thread: somebody's function, between a connection's opening and its commit or rollback."""

from __future__ import annotations

from collections.abc import Callable
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from ropewalk.internet.defer import Deferred
from ropewalk.logger import Logger

from .job import currentJob

if TYPE_CHECKING:
    from .connection import Connection
    from .connections import Connections
    from .pool import ConnectionPool

_log = Logger("ropewalk.enterprise.adbapi")


class Interactions:
    """Ways to call a function in the calling thread, with what the pool's factories make of its connection."""

    def __init__(self, pool: ConnectionPool, connections: Connections) -> None:
        self._pool = pool
        self._connections = connections

    def withConnection(self, func: Callable[..., Any], args: tuple[Any, ...], kw: dict[str, Any]) -> Any:
        """Call a function with a `Connection`, in a transaction."""

        def use(connection: Connection) -> Any:
            self._connections.setMode(False)
            return _finished(func, func(connection, *args, **kw))

        return self._complete(use)

    def withCursor(
        self, interaction: Callable[..., Any], autocommit: bool, args: tuple[Any, ...], kw: dict[str, Any]
    ) -> Any:
        """Call a function with a `Transaction`: in one, or, if the driver can, with autocommit."""

        def use(connection: Connection) -> Any:
            # The cursor comes first: making it may bring another connection.
            transaction = self._pool.transactionFactory(self._pool, connection)
            self._connections.setMode(autocommit)
            result = _finished(interaction, interaction(transaction, *args, **kw))
            transaction.close()
            return result

        return self._complete(use)

    def _complete(self, use: Callable[[Connection], Any]) -> Any:
        """Run a function, then commit, or roll back if it raised."""
        job = currentJob()
        if job is not None:
            job.fly()
        connection = self._pool.connectionFactory(self._pool)
        try:
            result = use(connection)
            if job is not None:
                job.land()
            if not self._connections.commitsItself():
                connection.commit()
            return result
        except BaseException:
            if job is not None:
                job.land()
            if job is None or not job.broken:
                self._takeBack(connection)
            raise

    def _takeBack(self, connection: Connection) -> None:
        """Roll back. The caller hears of what came first; of a failure here, the log."""
        try:
            connection.rollback()
        except BaseException:
            _log.failure("{pool}: could not roll back", pool=self._pool)


def _finished(func: Callable[..., Any], result: Any) -> Any:
    """Refuse what is not a result yet: the transaction would be committed before it is.

    Raises:
        TypeError: a coroutine or a Deferred.
    """
    if isinstance(result, CoroutineType):
        result.close()
    elif not isinstance(result, Deferred):
        return result
    raise TypeError(
        f"{func!r} returned a {type(result).__name__}: it runs in a thread, and must block until it is done, "
        "because the transaction ends when it returns"
    )
