"""The recent past, in memory: `LimitedHistoryLogObserver`."""

from __future__ import annotations

from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from zope.interface import implementer

    from ._events import LogEvent, Observer
    from ._interfaces import ILogObserver
else:
    from ._declared import ILogObserver, implementer

__all__ = ["LimitedHistoryLogObserver"]

DEFAULT_SIZE = 65536


@implementer(ILogObserver)
class LimitedHistoryLogObserver:
    """Keeps the latest events, to be replayed to another observer later.

    Args:
        size: how many; `None` keeps all, for as long as memory lasts.
    """

    def __init__(self, size: int | None = DEFAULT_SIZE) -> None:
        self._buffer: deque[LogEvent] = deque(maxlen=size)

    def __call__(self, event: LogEvent) -> None:
        self._buffer.append(event)

    def replayTo(self, otherObserver: Observer) -> None:
        """Call another observer with each event kept, the oldest first. They stay kept."""
        for event in tuple(self._buffer):
            otherObserver(event)
