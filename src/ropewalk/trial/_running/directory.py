"""The directory in which tests run: ``_trial_temp``, or ``_trial_temp-1`` and so on while another run has that one.

A directory that a run has made has the file ``_trial_marker`` in it. It is removed by the next run; one without the
marker is somebody's own, and left alone.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from ropewalk.python.lockfile import FilesystemLock

__all__ = ["ForeignDirectory", "workingDirectory"]

MARKER = "_trial_marker"


class ForeignDirectory(Exception):
    """The directory in which tests are to run was not made by trial, so its contents are not trial's to remove."""


@contextmanager
def workingDirectory(base: str) -> Iterator[str]:
    """Make a new directory, be in it for a block, and hold its lock meanwhile. It stays, for people to look into.

    Args:
        base: its path, to which a number is added as long as another process has the lock.

    Raises:
        ForeignDirectory: it is there, and was not made by trial.
    """
    base = os.path.abspath(base)
    os.makedirs(os.path.dirname(base), exist_ok=True)
    counter = 0
    while True:
        path = base if counter == 0 else f"{base}-{counter}"
        lock = FilesystemLock(path + ".lock")
        if lock.lock():
            break
        counter += 1
    try:
        _makeAnew(path)
        before = os.getcwd()
        os.chdir(path)
        try:
            yield path
        finally:
            os.chdir(before)
    finally:
        lock.unlock()


def _makeAnew(path: str) -> None:
    if os.path.isdir(path) and os.listdir(path):
        if not os.path.exists(os.path.join(path, MARKER)):
            raise ForeignDirectory(f"{path!r} was not made by trial; remove it, or choose another --temp-directory")
        try:
            shutil.rmtree(path)
        except OSError:
            # Something in it cannot be removed: put all of it aside.
            os.rename(path, f"{path}-old{os.getpid()}")
    os.makedirs(path, exist_ok=True)
    with open(os.path.join(path, MARKER), "w"):
        pass  # an empty file
