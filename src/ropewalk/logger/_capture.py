"""The events of a block, for tests: `capturedLogs`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ._events import LogEvent
from ._global import globalLogPublisher

__all__ = ["capturedLogs"]


@contextmanager
def capturedLogs() -> Iterator[list[LogEvent]]:
    """Collect the events that reach `globalLogPublisher` while the block under ``with`` runs, in the yielded list."""
    events: list[LogEvent] = []
    observer = events.append
    globalLogPublisher.addObserver(observer)
    try:
        yield events
    finally:
        globalLogPublisher.removeObserver(observer)
