"""A lock between processes, kept in the file system.

The lock is a symbolic link whose target is the number of the process that holds it: making one succeeds for a single
process, on network file systems too, and tells everybody else whom to ask for. A lock whose process is gone is
stale and is taken over.

Taking over has a race: two processes find the same stale link, one replaces it with its own, and the other then removes
that one. So whoever takes over holds the directory's ``flock`` meanwhile and looks again under it.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["FilesystemLock", "isLocked", "unique"]


def unique() -> str:
    """Return the time in thousandths of a second, as text."""
    return str(int(time.time() * 1000))


class FilesystemLock:
    """A lock that one process at a time can hold, known by the path of its link.

    Attributes:
        name: the path. Its directory has to exist.
        locked: whether this object holds the lock.
        clean: once locked, whether it was free: false when a dead process had left it behind, and so perhaps
            what it protects is in disorder.
    """

    clean: bool | None = None
    locked = False

    def __init__(self, name: str | bytes) -> None:
        self.name = name

    def lock(self) -> bool:
        """Take the lock if no living process has it, and say whether that was so. Never waits.

        Raises:
            OSError: the link cannot be made or read: no such directory, not permitted, or something that is
                not a lock stands at its place.
        """
        clean = True
        while True:
            if self._make():
                self.locked, self.clean = True, clean
                return True
            try:
                holder = _holder(self.name)
            except FileNotFoundError:
                continue  # Given back between our two looks: it is free.
            if _isAlive(holder):
                return False
            if not self._removeStale(holder):
                return False
            clean = False

    def unlock(self) -> None:
        """Give the lock back.

        Raises:
            ValueError: another process holds it.
            FileNotFoundError: nobody does.
        """
        holder = _holder(self.name)
        if _pid(holder) != os.getpid():
            raise ValueError(f"lock {self.name!r} is held by process {holder}, not by this one")
        os.unlink(self.name)
        self.locked = False

    def _make(self) -> bool:
        """Make the link; false when there is one already."""
        try:
            os.symlink(str(os.getpid()), self.name)
        except FileExistsError:
            return False
        return True

    def _removeStale(self, holder: str) -> bool:
        """Remove the link of a dead process; false when another process is doing so right now."""
        with _directoryLocked(self.name) as ours:
            if not ours:
                return False
            try:
                # Whoever held the directory before us may have put a living process's link here.
                if _holder(self.name) == holder:
                    os.unlink(self.name)
            except FileNotFoundError:
                pass
            return True


def isLocked(name: str | bytes) -> bool:
    """Whether a living process, this one included, holds the lock of this path. Changes nothing."""
    try:
        return _isAlive(_holder(name))
    except FileNotFoundError:
        return False


def _holder(name: str | bytes) -> str:
    """What a link says: the number of the process that holds the lock."""
    return os.fsdecode(os.readlink(os.fsencode(name)))


def _pid(holder: str) -> int | None:
    """The process number in a link's target; `None` if it is something else."""
    try:
        return int(holder)
    except ValueError:
        return None


def _isAlive(holder: str) -> bool:
    """Whether the process a link names runs. A link that names none is not ours to judge: it counts as held."""
    pid = _pid(holder)
    if pid is None or pid <= 0:
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OverflowError:
        return False  # no process ever had such a number
    except PermissionError:
        return True  # somebody else's
    return True


@contextmanager
def _directoryLocked(name: str | bytes) -> Iterator[bool]:
    """Hold the ``flock`` of a path's directory; the value is false when another process holds it.

    Where a directory cannot be locked so (some network file systems), we go on without: the race is short.
    """
    import fcntl

    handle = os.open(os.path.dirname(os.fsencode(name)) or b".", os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            yield problem.errno != errno.EWOULDBLOCK
        else:
            yield True
    finally:
        os.close(handle)  # closing lets go of the lock
