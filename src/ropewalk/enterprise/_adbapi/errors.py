"""What goes wrong in the pool itself. The driver's own exceptions are passed on as they are."""

from __future__ import annotations

from ropewalk.internet.defer import TimeoutError


class PoolError(Exception):
    """The pool could not do what was asked."""


class ConnectionLost(PoolError):
    """A rollback failed, or the connection did not answer after it: the pool has let the connection go."""


class PoolClosed(PoolError):
    """The pool was closed before this was done, or before it was asked. `ConnectionPool.start` opens it again."""


class PoolExhausted(PoolError):
    """Every connection is busy, and as many calls wait for one as the pool allows (``cp_backlog``).

    Attributes:
        name: the pool's ``cp_name``, or the name of its driver.
        connections: how many there are at most.
        backlog: how many calls may wait.
    """

    def __init__(self, name: str, connections: int, backlog: int) -> None:
        super().__init__(name, connections, backlog)
        self.name = name
        self.connections = connections
        self.backlog = backlog

    def __str__(self) -> str:
        return (
            f"the pool {self.name!r} is exhausted: {self.connections} connections are busy and {self.backlog} calls "
            "wait; ask later, or raise cp_max or cp_backlog"
        )


class QueryTimeout(PoolError, TimeoutError):
    """The answer did not come in time.

    Attributes:
        name: of the pool.
        seconds: the time allowed, from the asking to the answer.
    """

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__(name, seconds)
        self.name = name
        self.seconds = seconds

    def __str__(self) -> str:
        return f"the database of the pool {self.name!r} did not answer within {self.seconds:g} seconds"
