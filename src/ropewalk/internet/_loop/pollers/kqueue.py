"""Wait with kqueue(2), on macOS and the BSDs."""

from __future__ import annotations

import select as system

from .contract import READ, WRITE
from .native import NativePoller

__all__ = ["KqueuePoller"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Checkers know kqueue only where they run on it.
select: Any = system

if not hasattr(select, "kqueue"):
    raise ImportError("this system has no kqueue(2); take the default reactor, which fits the system")


class KqueuePoller(NativePoller):
    """A poller whose table lives in the kernel. Each direction is an entry of its own there."""

    def __init__(self) -> None:
        super().__init__()
        self.reopen()

    def reopen(self) -> None:
        """Make a new queue and enter everything again: a child process does not inherit its parent's."""
        self._queue = select.kqueue()
        self._entered: dict[int, int] = {}
        for fd in {*self.readers, *self.writers, *self.foreign}:
            self._alter(fd, self._flags(fd))

    def fileno(self) -> int:
        """Return the queue's own descriptor."""
        fd: int = self._queue.fileno()
        return fd

    def _wait(self, timeout: float | None, most: int) -> list[tuple[int, int]]:
        return [
            (event.ident, READ if event.filter == select.KQ_FILTER_READ else WRITE)
            for event in self._queue.control(None, most, timeout)
        ]

    def _enter(self, fd: int, flags: int) -> None:
        self._alter(fd, flags)

    def _alter(self, fd: int, flags: int) -> None:
        old = self._entered.get(fd, 0)
        for flag, mechanism in ((READ, select.KQ_FILTER_READ), (WRITE, select.KQ_FILTER_WRITE)):
            if (flags ^ old) & flag:
                action = select.KQ_EV_ADD if flags & flag else select.KQ_EV_DELETE
                try:
                    self._queue.control([select.kevent(fd, mechanism, action)], 0)
                except OSError:
                    if flags & flag:
                        raise
                    # Closed before it was forgotten: the kernel dropped it by itself.
        if flags:
            self._entered[fd] = flags
        else:
            self._entered.pop(fd, None)

    def _leave(self, fd: int) -> None:
        self._alter(fd, 0)

    def close(self) -> None:
        """Close the queue's descriptor."""
        self._queue.close()
