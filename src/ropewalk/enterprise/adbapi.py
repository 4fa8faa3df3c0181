"""Query a database through its DB-API 2.0 driver without blocking the reactor.

A `ConnectionPool` has threads, and each thread a connection. What is asked of the pool runs in one of them, and the
answer comes by a Deferred that fires in the reactor's thread.
"""

from __future__ import annotations

from .._doors import publish
from ._adbapi.connection import Connection, Transaction
from ._adbapi.errors import ConnectionLost, PoolClosed, PoolError, PoolExhausted, QueryTimeout
from ._adbapi.pool import ConnectionPool
from ._adbapi.statistics import Statistics
from ._adbapi.terms import Terms

__all__ = [
    "Connection",
    "ConnectionLost",
    "ConnectionPool",
    "PoolClosed",
    "PoolError",
    "PoolExhausted",
    "QueryTimeout",
    "Statistics",
    "Terms",
    "Transaction",
]
publish(__name__)
