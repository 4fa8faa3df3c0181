"""The run methods of a pool on terms for one call."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from ropewalk.internet.defer import Deferred

if TYPE_CHECKING:
    from .connection import Connection, Transaction
    from .pool import ConnectionPool

P = ParamSpec("P")
R = TypeVar("R")


class Terms:
    """The run methods of a pool, on other terms than the pool's own. Made by `ConnectionPool.using`."""

    def __init__(self, pool: ConnectionPool, timeout: float | None, autocommit: bool) -> None:
        self._pool = pool
        self._timeout = timeout
        self._autocommit = autocommit

    def runQuery(self, *args: Any, **kw: Any) -> Deferred[list[Any]]:
        """As `ConnectionPool.runQuery`."""
        return self._run(partial(self._pool._interactions.withCursor, self._pool._runQuery, self._autocommit, args, kw))

    def runOperation(self, *args: Any, **kw: Any) -> Deferred[None]:
        """As `ConnectionPool.runOperation`."""
        return self._run(
            partial(self._pool._interactions.withCursor, self._pool._runOperation, self._autocommit, args, kw)
        )

    def runInteraction(
        self, interaction: Callable[Concatenate[Transaction, P], R], *args: P.args, **kw: P.kwargs
    ) -> Deferred[R]:
        """As `ConnectionPool.runInteraction`."""
        return self._run(partial(self._pool._runInteraction, interaction, *args, **kw))

    def runWithConnection(
        self, func: Callable[Concatenate[Connection, P], R], *args: P.args, **kw: P.kwargs
    ) -> Deferred[R]:
        """As `ConnectionPool.runWithConnection`."""
        return self._run(partial(self._pool._runWithConnection, func, *args, **kw))

    def _run(self, perform: Callable[[], Any]) -> Deferred[Any]:
        return self._pool._calls.enter(perform, self._timeout)
