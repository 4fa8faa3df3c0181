"""Log files that are put aside."""

from __future__ import annotations

import os
import resource
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ropewalk.python.logfile import BaseLogFile, DailyLogFile, LogFile, LogReader

TODAY = time.localtime()[:3]


def sizes(directory: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in directory.iterdir()}


def test_aFullFileIsPutAside(tmp_path: Path) -> None:
    """LL8: the latest is number one; the oldest beyond the limit goes."""
    log = LogFile("log", str(tmp_path), rotateLength=10, maxRotatedFiles=2)
    for number in range(6):
        log.write(f"line{number}\n")
    assert sizes(tmp_path) == {"log": 12, "log.1": 12, "log.2": 12}
    assert log.listLogs() == [1, 2]
    log.write(b"bytes")
    assert sizes(tmp_path) == {"log": 5, "log.1": 12, "log.2": 12}
    assert log.getLog(2).readLines() == ["line2\n", "line3\n"]
    log.close()


def test_aFileIsPutAsideOnlyWhenFull(tmp_path: Path) -> None:
    """The length is a mark to pass: one byte less stays."""
    log = LogFile("log", str(tmp_path), rotateLength=5)
    log.write("1234")
    log.write("5")
    assert sizes(tmp_path) == {"log": 5}
    log.write("6")
    assert sizes(tmp_path) == {"log": 1, "log.1": 5}
    log.close()


def test_withoutALengthAFileGrows(tmp_path: Path) -> None:
    """`None` means never, until `rotate` is called."""
    log = LogFile("log", str(tmp_path), rotateLength=None)
    log.write("é" * 100)
    assert sizes(tmp_path) == {"log": 200}
    log.rotate()
    assert sizes(tmp_path) == {"log": 0, "log.1": 200}
    log.close()


def test_anExistingFileIsContinued(tmp_path: Path) -> None:
    """A restart appends, and counts what is there."""
    (tmp_path / "log").write_text("before")
    log = LogFile.fromFullPath(str(tmp_path / "log"), rotateLength=10)
    log.write("after")
    log.write("!")
    assert (tmp_path / "log.1").read_text() == "beforeafter"
    assert (log.name, log.directory, log.path) == ("log", str(tmp_path), str(tmp_path / "log"))
    log.close()


def test_permissionsAreKept(tmp_path: Path) -> None:
    """The new file has those of the old one, or those asked for."""
    kept = LogFile("kept", str(tmp_path))
    os.chmod(tmp_path / "kept", 0o640)
    kept.rotate()
    given = LogFile("given", str(tmp_path), defaultMode=0o604)
    given.rotate()
    for name, mode in (("kept", 0o640), ("given", 0o604), ("given.1", 0o604)):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode
    kept.close()
    given.close()


def test_otherFilesAreNoLogs(tmp_path: Path) -> None:
    """Only numbers count."""
    for name in ("log.1", "log.10", "log.x", "log.-1", "log.0", "logs.2", "log.1.gz"):
        (tmp_path / name).touch()
    log = LogFile("log", str(tmp_path))
    assert log.listLogs() == [1, 10]
    with pytest.raises(ValueError, match=r"log\.7"):
        log.getLog(7)
    log.close()


def test_aFileThatWasMovedIsReopened(tmp_path: Path) -> None:
    """For logrotate: move the file, tell the program."""
    log = LogFile("log", str(tmp_path))
    log.write("old")
    (tmp_path / "log").rename(tmp_path / "moved")
    log.write(" still old")
    log.reopen()
    log.write("new")
    assert sizes(tmp_path) == {"moved": 13, "log": 3}
    assert log.size == 3
    log.close()


def test_whatCannotBeReopenedIsGoneOnWith(tmp_path: Path) -> None:
    """Where no new file can be had, behind a chroot say, the one that is open goes on, wherever it is now."""
    (tmp_path / "logs").mkdir()
    log = LogFile("log", str(tmp_path / "logs"))
    log.write("before")
    (tmp_path / "logs").rename(tmp_path / "moved")
    with pytest.raises(FileNotFoundError):
        log.reopen()
    log.write(" after")
    assert (tmp_path / "moved" / "log").read_text() == "before after"
    log.close()


def test_withoutADescriptorTheFileGrows(tmp_path: Path) -> None:
    """A process that may have no more files open goes on with the one it has, and puts it aside when it can."""
    log = LogFile("log", str(tmp_path), rotateLength=1)
    log.write("a")
    with noMoreFiles():
        log.write("b")
        with pytest.raises(OSError, match="Too many open files"):
            log.rotate()
        log.write("c")
    assert sizes(tmp_path) == {"log": 3}
    log.write("d")
    assert sizes(tmp_path) == {"log.1": 3, "log": 1}
    log.close()


def test_withoutADescriptorTheDayGoesOn(tmp_path: Path) -> None:
    """The file of the day keeps its name when there can be no new one."""
    log = DailyLogFile("log", str(tmp_path))
    log.write("a")
    log.lastDate = (2020, 1, 2)
    with noMoreFiles():
        log.write("b")
    assert sizes(tmp_path) == {"log": 2}
    log.close()


@contextmanager
def noMoreFiles() -> Iterator[None]:
    """Let the process have no more files than are open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(map(int, os.listdir("/proc/self/fd")))
    taken = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, hard))
        with suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for fd in taken:
            os.close(fd)


def test_aFileThatWasTruncatedIsContinued(tmp_path: Path) -> None:
    """For logrotate's copytruncate: writes go to the end, wherever that is."""
    log = LogFile("log", str(tmp_path))
    log.write("long before")
    os.truncate(tmp_path / "log", 0)
    log.write("after")
    assert (tmp_path / "log").read_text() == "after"
    log.close()


def test_aClosedFileRefuses(tmp_path: Path) -> None:
    """The error says what to do, and doing it helps."""
    log = LogFile("log", str(tmp_path))
    log.close()
    assert log.closed is True
    with pytest.raises(ValueError, match="reopen"):
        log.write("x")
    log.reopen()
    log.write("x")
    log.flush()
    log.close()


def test_aDirectoryMustBeThere() -> None:
    """The system's own error, with the path."""
    with pytest.raises(FileNotFoundError, match="nowhere"):
        LogFile("log", "/nowhere/at/all")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_whereMovingIsForbiddenTheFileGrows(tmp_path: Path) -> None:
    """A log that is too long is better than none."""
    log = LogFile("log", str(tmp_path), rotateLength=1)
    os.chmod(tmp_path, 0o500)
    try:
        log.write("a")
        log.write("b")
        assert sizes(tmp_path) == {"log": 2}
    finally:
        os.chmod(tmp_path, 0o700)
        log.close()


def test_aDirectoryThatForbidsMovingKeepsOneFile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for whom nothing is forbidden: the question is asked of the system."""
    log = LogFile("log", str(tmp_path), rotateLength=1)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    log.write("a")
    log.write("b")
    assert sizes(tmp_path) == {"log": 2}
    log.close()


def test_threadsWriteWholeLines(tmp_path: Path) -> None:
    """Nothing is lost or torn while files are put aside."""
    log = LogFile("log", str(tmp_path), rotateLength=1000)

    def write(name: str) -> None:
        for number in range(100):
            log.write(f"{name}{number}\n")

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    lines = [line for path in tmp_path.iterdir() for line in path.read_text().splitlines()]
    assert sorted(lines) == sorted(f"{name}{number}" for name in "abcd" for number in range(100))


def test_aDayIsPutAside(tmp_path: Path) -> None:
    """LL4: under its date; the new day has a new file."""
    log = DailyLogFile("log", str(tmp_path))
    log.write("old")
    assert not log.shouldRotate()
    log.lastDate = (2020, 1, 2)
    assert log.shouldRotate()
    log.write("new")
    assert sizes(tmp_path) == {"log": 3, "log.2020_1_2": 3}
    assert log.lastDate == TODAY
    assert log.getLog((2020, 1, 2)).readLines() == ["old"]
    assert log.getLog(time.mktime((2020, 1, 2, 12, 0, 0, 0, 0, -1))).readLines() == ["old"]
    assert log.getLog(time.time()).readLines() == ["new"]
    with pytest.raises(ValueError):
        log.getLog(0)
    log.close()


def test_aDayIsNotOverwritten(tmp_path: Path) -> None:
    """If the day's file is there already, the current one is continued."""
    (tmp_path / "log.2020_1_2").write_text("precious")
    log = DailyLogFile("log", str(tmp_path))
    log.lastDate = (2020, 1, 2)
    log.write("new")
    assert sizes(tmp_path) == {"log": 3, "log.2020_1_2": 8}
    log.close()


def test_aFileOfYesterdayIsPutAsideAfterARestart(tmp_path: Path) -> None:
    """LL4: the day of an existing file is that of its last write."""
    path = tmp_path / "log"
    path.write_text("old")
    when = time.mktime((2021, 3, 4, 12, 0, 0, 0, 0, -1))
    os.utime(path, (when, when))
    log = DailyLogFile.fromFullPath(str(path))
    log.write("new")
    assert sizes(tmp_path) == {"log": 3, "log.2021_3_4": 3}
    log.close()


def test_daysHaveNames(tmp_path: Path) -> None:
    """The suffix of a day, or of a time."""
    log = DailyLogFile("log", str(tmp_path))
    assert log.suffix((2020, 1, 2)) == "2020_1_2"
    assert log.suffix(time.time()) == "_".join(map(str, TODAY))
    assert log.toDate() == TODAY
    log.close()


def test_aReaderReadsSomeLinesAtATime(tmp_path: Path) -> None:
    """Ten by default; none at the end; bytes that are no text do no harm."""
    path = tmp_path / "log"
    path.write_bytes(b"".join(b"%d\n" % number for number in range(12)) + b"\xff")
    reader = LogReader(str(path))
    assert len(reader.readLines()) == 10
    assert reader.readLines(2) == ["10\n", "11\n"]
    assert reader.readLines() == ["\ufffd"]
    assert reader.readLines() == []
    reader.close()


def test_theCurrentFileHasAReader(tmp_path: Path) -> None:
    """`getCurrentLog` begins at the beginning."""
    log = LogFile("log", str(tmp_path))
    log.write("x\n")
    reader = log.getCurrentLog()
    assert reader.readLines() == ["x\n"]
    reader.close()
    log.close()


def test_theBaseDoesNotKnowWhen(tmp_path: Path) -> None:
    """A subclass must say when and how."""
    log = BaseLogFile("log", str(tmp_path))
    with pytest.raises(NotImplementedError, match="shouldRotate"):
        log.write("x")
    with pytest.raises(NotImplementedError, match="rotate"):
        log.rotate()
    log.close()
