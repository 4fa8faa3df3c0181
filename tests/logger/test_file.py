"""Events into files."""

from __future__ import annotations

import errno
import io
import os
import tempfile
from pathlib import Path

import pytest

from ropewalk.logger import FileLogObserver, ILogObserver, LogEvent, Logger, LogPublisher, textFileLogObserver

EVENT = {"log_format": "é {x}", "x": 1}


def test_textFilesGetText() -> None:
    """A file of text gets text."""
    file = io.StringIO()
    FileLogObserver(file, lambda event: "é\n")({})
    assert file.getvalue() == "é\n"


def test_binaryFilesGetUTF8() -> None:
    """A file of bytes gets UTF-8."""
    file = io.BytesIO()
    textFileLogObserver(file)(EVENT)
    assert file.getvalue() == "- [-#-] é 1\n".encode()
    with tempfile.NamedTemporaryFile() as wrapped:
        textFileLogObserver(wrapped)(EVENT)
        assert Path(wrapped.name).read_bytes() == "- [-#-] é 1\n".encode()


def test_whatTheEncodingLacksIsEscaped(tmp_path: Path) -> None:
    """An event in part is better than none: neither ASCII files nor lone surrogates lose one."""
    with open(tmp_path / "ascii", "w+", encoding="ascii") as file:
        observer = textFileLogObserver(file)
        observer(EVENT)
        observer({"log_format": "\ud800"})
        file.seek(0)
        assert file.read() == "- [-#-] \\xe9 1\n- [-#-] \\ud800\n"
    binary = io.BytesIO()
    textFileLogObserver(binary)({"log_format": "\ud800"})
    assert binary.getvalue() == b"- [-#-] \\ud800\n"


def test_anEventIsInTheFileAtOnce(tmp_path: Path) -> None:
    """Each event is flushed: a crash loses none."""
    with open(tmp_path / "log", "w") as file:
        Logger(observer=textFileLogObserver(file)).info("here")
        assert (tmp_path / "log").read_text().endswith("#info] here\n")


def test_eventsWithoutTextAreLeftOut() -> None:
    """A formatter that returns nothing leaves an event out."""
    file = io.StringIO()
    for text in (None, ""):
        FileLogObserver(file, lambda event, text=text: text)({})  # type: ignore[misc]  # mypy drops the default
    assert file.getvalue() == ""


def test_observersDeclareTheirInterface() -> None:
    """Components that ask for an `ILogObserver` find one."""
    assert ILogObserver.providedBy(textFileLogObserver(io.StringIO()))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("format", ["met for the first time {n}", "plain"])
def test_aFullDiskIsReportedAndTheProgramGoesOn(format: str) -> None:
    """When the disk is full the other observers are told why, and nothing else; events go on to them."""
    heard: list[LogEvent] = []
    publisher = LogPublisher(heard.append)
    file = open("/dev/full", "w")  # noqa: SIM115 # its close fails too, below
    publisher.addObserver(textFileLogObserver(file))
    for n in range(3):
        Logger(observer=publisher).info(format, n=n)
    try:
        file.close()
    except OSError:
        pass  # what it still holds does not fit either
    assert [event["n"] for event in heard if event["log_format"] == format] == [0, 1, 2]
    (problem,) = [event["log_failure"] for event in heard if "log_failure" in event]
    assert problem.check(OSError)
    assert problem.value.errno == errno.ENOSPC
    assert problem.value.__context__ is None
