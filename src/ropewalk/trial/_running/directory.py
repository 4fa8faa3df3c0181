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

__all__ = ["DirectoryError", "workingDirectory"]

MARKER = "_trial_marker"


class DirectoryError(Exception):
    """Tests can't run in this directory: it can't be made, or has contents that are not trial's to remove."""


@contextmanager
def workingDirectory(base: str) -> Iterator[str]:
    """Make a new directory, be in it for a block, and hold its lock meanwhile. It stays, for people to look into.

    Args:
        base: its path, to which a number is added as long as another process has the lock.

    Raises:
        DirectoryError: it can't be made, or is there and was not made by trial.
    """
    base = os.path.abspath(base)
    with _told(base):
        os.makedirs(os.path.dirname(base), exist_ok=True)
        path, lock = _lockOne(base)
    try:
        with _told(path):
            _makeAnew(path)
            before = os.getcwd()
            os.chdir(path)
        try:
            yield path
        finally:
            os.chdir(before)
    finally:
        lock.unlock()


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Make a sentence of what the system says to a directory."""
    try:
        yield
    except OSError as problem:
        raise DirectoryError(f"tests cannot run in {path!r}: {problem}; choose another --temp-directory") from problem


def _lockOne(base: str) -> tuple[str, FilesystemLock]:
    """Lock the first path that is free."""
    counter = 0
    while True:
        path = base if counter == 0 else f"{base}-{counter}"
        lock = FilesystemLock(path + ".lock")
        if lock.lock():
            return path, lock
        counter += 1


def _makeAnew(path: str) -> None:
    if os.path.isdir(path) and os.listdir(path):
        if not os.path.exists(os.path.join(path, MARKER)):
            raise DirectoryError(f"{path!r} was not made by trial; remove it, or choose another --temp-directory")
        try:
            shutil.rmtree(path)
        except OSError:
            # Something in it cannot be removed: put all of it aside.
            os.rename(path, f"{path}-old{os.getpid()}")
    os.makedirs(path, exist_ok=True)
    with open(os.path.join(path, MARKER), "w"):
        pass  # an empty file
