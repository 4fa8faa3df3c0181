"""Small helps for bare descriptors: make one (non-)blocking, read what is there, write what fits."""

from __future__ import annotations

import errno
import os

from . import main

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["readFromFD", "setBlocking", "setNonBlocking", "writeToFD"]

# The most that one read takes.
READ_SIZE = 8192

NOT_NOW = (errno.EAGAIN, errno.EWOULDBLOCK, errno.EINTR)


def setNonBlocking(fd: int) -> None:
    """Let reads and writes of a descriptor fail rather than wait."""
    os.set_blocking(fd, False)


def setBlocking(fd: int) -> None:
    """Let reads and writes of a descriptor wait."""
    os.set_blocking(fd, True)


def readFromFD(fd: int, callback: Callable[[bytes], object]) -> BaseException | None:
    """Read what a non-blocking descriptor has, up to 8 KiB, and hand it to a function.

    Returns:
        `None` while the descriptor is good, also when it has nothing now; `main.CONNECTION_DONE` at its end;
        `main.CONNECTION_LOST` when it cannot be read.
    """
    try:
        data = os.read(fd, READ_SIZE)
    except OSError as problem:
        return None if problem.errno in NOT_NOW else main.CONNECTION_LOST
    if not data:
        return main.CONNECTION_DONE
    callback(data)
    return None


def writeToFD(fd: int, data: bytes) -> int | BaseException:
    """Write as much as a non-blocking descriptor takes.

    Returns:
        How many bytes it took, 0 if none fit now; `main.CONNECTION_LOST` when it cannot be written.
    """
    try:
        return os.write(fd, data)
    except OSError as problem:
        return 0 if problem.errno in NOT_NOW else main.CONNECTION_LOST
