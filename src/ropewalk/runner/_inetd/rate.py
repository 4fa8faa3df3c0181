"""How often a program may be started."""

from __future__ import annotations

from collections import deque

__all__ = ["MOST_STARTS", "PERIOD", "Rate"]

# A peer can have a program started as often as it connects, and a program that fails at once is started again and
# again: so many times in so many seconds is the limit, unless inetd.conf has another number (``nowait.1000``).
MOST_STARTS = 256
PERIOD = 60.0


class Rate:
    """Counts starts, and says when the next one may be.

    Args:
        most: how many there may be in a `PERIOD`.
    """

    def __init__(self, most: int = MOST_STARTS) -> None:
        self.most = most
        self._starts: deque[float] = deque(maxlen=most)

    def start(self, now: float) -> float:
        """Ask for a start.

        Returns:
            0 when it may be, and it is counted then; otherwise how many seconds are left until it may.
        """
        if len(self._starts) == self.most:
            left = self._starts[0] + PERIOD - now
            if left > 0:
                return left
        self._starts.append(now)
        return 0
