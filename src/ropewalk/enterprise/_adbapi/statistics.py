"""Numbers about a pool."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a pool is doing, and has done since it was made.

    Attributes:
        name: the pool's.
        threads: how many there are.
        connections: how many are open.
        running: calls that a thread is busy with.
        waiting: calls that wait for a thread.
        abandoned: threads that did not come back from a call that was given up.
        opened: connections that were opened.
        finished: calls that were answered.
        failed: calls that raised.
        timedOut: calls that were not answered in time.
        cancelled: calls whose Deferred was cancelled.
        refused: calls that the pool was too busy for, or closed.
    """

    name: str
    threads: int
    connections: int
    running: int
    waiting: int
    abandoned: int
    opened: int
    finished: int
    failed: int
    timedOut: int
    cancelled: int
    refused: int
