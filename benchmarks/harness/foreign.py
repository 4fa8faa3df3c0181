"""How much CPU others use while we measure."""

from __future__ import annotations

import time

from .children import Child
from .system import busySeconds, cpuSeconds, reapedSeconds


class Watch:
    """From now on: what the whole machine spends, less ourselves and our children."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._before = self._others()

    def foreign(self) -> float:
        """Foreign load since then, in cores."""
        return max(0.0, (self._others() - self._before) / (time.monotonic() - self._start))

    def _others(self) -> float:
        ours = time.process_time() + reapedSeconds() + sum(map(cpuSeconds, Child.living))
        return busySeconds() - ours
