"""Log files of applications when somebody asks for new ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ropewalk.application._running.logs import rotate
from ropewalk.logger import capturedLogs, formatEvent
from ropewalk.python.logfile import LogFile


@pytest.fixture
def file(tmp_path: Path) -> Iterator[LogFile]:
    (tmp_path / "logs").mkdir()
    file = LogFile("log", str(tmp_path / "logs"))
    file.write("before")
    yield file
    file.close()


def sentences(file: LogFile) -> list[str]:
    """Ask for a new file, and return what is logged."""
    with capturedLogs() as events:
        rotate(file)
    file.write("after")
    return [formatEvent(event) for event in events]


def test_isPutAside(tmp_path: Path, file: LogFile) -> None:
    """The file gets another name, and a new one takes its place."""
    assert sentences(file) == []
    assert [path.read_text() for path in sorted((tmp_path / "logs").iterdir())] == ["after", "before"]


def test_wasPutAside(tmp_path: Path, file: LogFile) -> None:
    """If somebody else has done so, there is only a new one."""
    (tmp_path / "logs/log").rename(tmp_path / "elsewhere")
    assert sentences(file) == []
    assert (tmp_path / "logs/log").read_text() == "after"
    assert (tmp_path / "elsewhere").read_text() == "before"


def test_cannotBeginANewOne(tmp_path: Path, file: LogFile) -> None:
    """Where there is none to be had, behind a chroot say, the log goes on and says so."""
    (tmp_path / "logs").rename(tmp_path / "elsewhere")
    assert sentences(file) == [f"cannot begin a new log file {file.path!r}: No such file or directory"]
    assert (tmp_path / "elsewhere/log").read_text() == "beforeafter"


def test_mayNotMoveIt(tmp_path: Path, file: LogFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has shed the privileges that the directory asks for is told that nothing happened."""
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert sentences(file) == [f"the log file {file.path!r} is not put aside: this process may not write there"]
    assert (tmp_path / "logs/log").read_text() == "beforeafter"


def test_pipesAndDevicesStay(tmp_path: Path) -> None:
    """What is no file stays where it is: ``/dev/null`` is everybody's."""
    os.mkfifo(tmp_path / "pipe")
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    pipe = LogFile("pipe", str(tmp_path), rotateLength=None)
    assert sentences(pipe) == []
    assert os.read(reading, 100) == b"after"
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]
    pipe.close()
    os.close(reading)
