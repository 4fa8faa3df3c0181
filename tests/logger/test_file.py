"""Events into files."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from ropewalk.logger import FileLogObserver, ILogObserver, Logger, textFileLogObserver

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
