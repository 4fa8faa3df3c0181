"""Wait with select(2), which every system has."""

from __future__ import annotations

import os
import select

from .contract import GONE, READ, WRITE
from .native import NativePoller

__all__ = ["SelectPoller"]

# Descriptors from here on do not fit into the set that select(2) takes.
FD_SETSIZE = 1024


class SelectPoller(NativePoller):
    """A poller over two sets of descriptors; for systems, and tests, that have nothing better."""

    def __init__(self) -> None:
        super().__init__()
        self._reading: set[int] = set()
        self._writing: set[int] = set()

    def _wait(self, timeout: float | None, most: int) -> list[tuple[int, int]]:
        try:
            readable, writable, _ = select.select(self._reading, self._writing, (), timeout)
        except OSError:
            # It does not say which. EINTR never comes here: the interpreter goes on waiting by itself.
            return [(fd, GONE) for fd in self._reading | self._writing if isClosed(fd)]
        if not writable:
            return [(fd, READ) for fd in readable]
        flags = dict.fromkeys(readable, READ)
        for fd in writable:
            flags[fd] = flags.get(fd, 0) | WRITE
        return list(flags.items())

    def _enter(self, fd: int, flags: int) -> None:
        if fd >= FD_SETSIZE:
            raise ValueError(
                f"select() takes descriptors below {FD_SETSIZE} only, not {fd}; use the epoll or poll reactor "
                "for that many open files"
            )
        (self._reading.add if flags & READ else self._reading.discard)(fd)
        (self._writing.add if flags & WRITE else self._writing.discard)(fd)

    def _alter(self, fd: int, flags: int) -> None:
        self._enter(fd, flags)

    def _leave(self, fd: int) -> None:
        self._reading.discard(fd)
        self._writing.discard(fd)

    def close(self) -> None:
        """Nothing to give back."""


def isClosed(fd: int) -> bool:
    """Return whether a number is no open descriptor."""
    try:
        os.fstat(fd)
    except OSError:
        return True
    return False
