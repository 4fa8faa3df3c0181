"""Several regular intervals as one series of waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class IntervalDifferential:
    """Several regular intervals at once, as the waits from one to the next."""

    def __init__(self, intervals: Iterable[float], default: float = 60) -> None:
        """Take the lengths of the intervals.

        Args:
            default: the wait when there is no interval.
        """
        self.intervals = list(intervals)
        self.default = default

    def __iter__(self) -> _Differences:
        return _Differences(self.intervals, self.default)


class _Differences:
    """Gives ``(wait, index)``: how long after the one before, and whose turn it is (`None` for the default)."""

    def __init__(self, intervals: Sequence[float], default: float) -> None:
        self.intervals = list(intervals)
        self.default = default
        self.last: float = 0
        # When each interval's turn is next, its length and its index, which decides between those due at one time.
        self._due = [[length, length, number] for number, length in enumerate(self.intervals)]

    def __iter__(self) -> _Differences:
        return self

    def __next__(self) -> tuple[float, int | None]:
        if not self._due:
            return self.default, None
        soonest = min(self._due, key=lambda entry: (entry[0], entry[2]))
        when, length, number = soonest
        wait, self.last = when - self.last, when
        soonest[0] = when + length
        return wait, int(number)

    def addInterval(self, interval: float) -> None:
        """Add an interval that starts now."""
        self.intervals.append(interval)
        self._due.append([self.last + interval, interval, len(self.intervals) - 1])

    def removeInterval(self, interval: float) -> None:
        """Take away an interval of this length; the indexes of those behind it go down. Raises `ValueError`."""
        if interval not in self.intervals:
            raise ValueError(f"there is no interval of {interval}")
        gone = self.intervals.index(interval)
        del self.intervals[gone]
        self._due = [entry for entry in self._due if entry[2] != gone]
        for entry in self._due:
            if entry[2] > gone:
                entry[2] -= 1
