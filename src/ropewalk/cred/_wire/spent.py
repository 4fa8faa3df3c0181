"""Which answers to challenges were used: each counts once."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["LIMIT", "WINDOW", "Spent"]

#: How far behind the highest count of a challenge an answer may come: requests on parallel connections overtake.
WINDOW = 128

#: Challenges that are remembered. Beyond it the older half is forgotten, and answers to those count as too late.
LIMIT = 2**16


class Spent:
    """Remembers the counts that were used with each challenge, as long as the challenge lives.

    Args:
        seconds: the clock.
        lifetime: of a challenge, in seconds.
        limit: challenges to remember.
    """

    def __init__(self, seconds: Callable[[], float], lifetime: float, limit: int = LIMIT) -> None:
        self._seconds = seconds
        self.lifetime = lifetime
        self._limit = limit
        # By challenge: when it was issued, the highest count, and bits for that count and those below it.
        self._used: dict[bytes, tuple[float, int, int]] = {}
        # Challenges issued until then are too old.
        self._forgotten = float("-inf")

    def isTooOld(self, issued: float) -> bool:
        """Whether a challenge's time is over."""
        return issued <= self._forgotten or self._seconds() - issued > self.lifetime

    def isSpent(self, challenge: bytes, count: int) -> bool:
        """Whether a count was used with a challenge, or is so far behind that nobody knows."""
        if challenge not in self._used:
            return False
        _, highest, bits = self._used[challenge]
        behind = highest - count
        return behind >= WINDOW or (behind >= 0 and bool(bits >> behind & 1))

    def spend(self, challenge: bytes, issued: float, count: int) -> bool:
        """Use a count with a challenge; false if it was used before."""
        if self.isTooOld(issued) or self.isSpent(challenge, count):
            return False
        if challenge not in self._used and len(self._used) >= self._limit:
            self._makeRoom()
        _, highest, bits = self._used.get(challenge, (issued, count, 0))
        if count > highest:
            # Whatever is further behind than the window drops out of the bits; a leap shifts everything out.
            bits = bits << min(count - highest, WINDOW) & (1 << WINDOW) - 1
            highest = count
        self._used[challenge] = (issued, highest, bits | 1 << highest - count)
        return True

    def _makeRoom(self) -> None:
        """Forget what is too old, or if that is too little, the older half."""
        self._used = {key: used for key, used in self._used.items() if not self.isTooOld(used[0])}
        if len(self._used) > self._limit // 2:
            times = sorted(issued for issued, _, _ in self._used.values())
            self._forgotten = times[len(times) // 2]
            self._used = {key: used for key, used in self._used.items() if used[0] > self._forgotten}
