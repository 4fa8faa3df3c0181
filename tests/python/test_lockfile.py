"""One process at a time holds a lock, and none holds it from beyond the grave."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ropewalk.python.lockfile import FilesystemLock, isLocked, unique


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "lock")


def deadProcess() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-S", "-c", ""])
    process.wait()
    return process.pid


def test_aFreeLockIsTaken(path: str) -> None:
    """TR3: the link names this process; a second taker is refused until it is given back."""
    lock = FilesystemLock(path)
    assert lock.lock()
    assert (lock.locked, lock.clean, os.readlink(path)) == (True, True, str(os.getpid()))
    assert isLocked(path)
    assert not FilesystemLock(path).lock()
    lock.unlock()
    assert not lock.locked
    assert not isLocked(path)
    assert FilesystemLock(path).lock()


def test_bytesNameALock(path: str) -> None:
    """The path may be bytes."""
    lock = FilesystemLock(os.fsencode(path))
    assert lock.lock()
    lock.unlock()
    assert not os.path.lexists(path)


def test_aStaleLockIsTakenOver(path: str) -> None:
    """TR2, TR3: the lock of a process that ended is free, and its taker knows that it was left behind."""
    os.symlink(str(deadProcess()), path)
    assert not isLocked(path)
    lock = FilesystemLock(path)
    assert lock.lock()
    assert lock.clean is False
    assert os.readlink(path) == str(os.getpid())


def test_aLivingProcessKeepsItsLock(path: str) -> None:
    """A lock of somebody else's process, ours to signal or not, is held; unlocking it is an error."""
    os.symlink(str(os.getppid()), path)
    lock = FilesystemLock(path)
    assert not lock.lock()
    assert isLocked(path)
    with pytest.raises(ValueError, match=f"held by process {os.getppid()}"):
        lock.unlock()


def test_onlyOneTakesOver(path: str) -> None:
    """Of those who find a stale lock only the one that has the directory's lock removes it."""
    os.symlink(str(deadProcess()), path)
    handle = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert not FilesystemLock(path).lock()
    finally:
        os.close(handle)
    assert FilesystemLock(path).lock()


def test_manyProcessesAndOneWinner(path: str) -> None:
    """Processes that race for a stale lock get it once."""
    os.symlink(str(deadProcess()), path)
    code = f"""
import sys
sys.path[:0] = {sys.path!r}
from ropewalk.python.lockfile import FilesystemLock
sys.stdin.readline()
print(FilesystemLock({path!r}).lock(), flush=True)
sys.stdin.readline()
"""
    racers = [
        subprocess.Popen([sys.executable, "-S", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()
    answers = [racer.stdout.readline().strip() for racer in racers if racer.stdout is not None]
    for racer in racers:
        racer.communicate("\n", timeout=30)
    assert answers.count("True") == 1
    assert set(answers) <= {"True", "False"}


def test_aLinkThatNamesNoProcessIsNotOurs(path: str) -> None:
    """What we do not understand we do not take away."""
    os.symlink("not a number", path)
    assert isLocked(path)
    assert not FilesystemLock(path).lock()
    assert os.readlink(path) == "not a number"


def test_whatIsInTheWayIsReported(path: str) -> None:
    """Another file at that place, or no directory, is an `OSError`; so is giving back what nobody holds."""
    Path(path).write_text("a file")
    with pytest.raises(OSError, match="Invalid argument"):
        FilesystemLock(path).lock()
    with pytest.raises(FileNotFoundError):
        FilesystemLock(os.path.join(path + "nowhere", "lock")).lock()
    with pytest.raises(FileNotFoundError):
        FilesystemLock(path + "other").unlock()


def test_uniqueIsANumber() -> None:
    """`unique` is text of digits."""
    assert unique().isdigit()
