"""How the logging of a process begins, and what becomes of its standard streams."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import Any

import pytest

from ropewalk.logger import (
    LimitedHistoryLogObserver,
    LogBeginner,
    Logger,
    LoggingFile,
    LogLevel,
    LogPublisher,
    capturedLogs,
    formatEvent,
    globalLogPublisher,
)

Events = list[dict[str, Any]]


class Streams:
    """Stands for `sys`."""

    def __init__(self) -> None:
        self.stdout: Any = io.StringIO()
        self.stderr: Any = io.StringIO()


class Warnings:
    """Stands for `warnings`."""

    def __init__(self) -> None:
        self.shown: list[tuple[Any, ...]] = []

    def showwarning(self, *args: Any) -> None:
        self.shown.append(args)


class Process:
    """The log of an imaginary process."""

    def __init__(self, size: int | None = None) -> None:
        self.publisher = LogPublisher()
        self.errors = io.StringIO()
        self.streams = Streams()
        self.warnings = Warnings()
        self.beginner = LogBeginner(self.publisher, self.errors, self.streams, self.warnings, size)
        self.log = Logger("here", observer=self.publisher)


def texts(events: Events) -> list[str]:
    return [formatEvent(event) for event in events]


def test_earlierEventsAreReplayed() -> None:
    """LG17: what was logged before logging begins comes first."""
    process = Process()
    events: Events = []
    process.log.info("Hello")
    process.log.debug("too")
    process.beginner.beginLoggingTo([events.append])
    process.log.info("Hello, again")
    assert texts(events) == ["Hello", "too", "Hello, again"]


def test_earlierEventsCanBeDiscarded() -> None:
    """`discardBuffer` forgets them."""
    process = Process()
    events: Events = []
    process.log.info("Hello")
    process.beginner.beginLoggingTo(iter([events.append]), discardBuffer=True)
    process.log.info("Hello, again")
    assert texts(events) == ["Hello, again"]


def test_theBufferIsBounded() -> None:
    """LG19: only the latest events are kept."""
    process = Process(size=2)
    events: Events = []
    for number in range(5):
        process.log.info("{n}", n=number)
    process.beginner.beginLoggingTo([events.append])
    assert texts(events) == ["3", "4"]


def test_criticalEventsAreShownUntilLoggingBegins() -> None:
    """A program that never begins to log does not fail in silence."""
    process = Process()
    process.log.error("bad")
    process.log.critical("worse")
    try:
        raise ValueError("v")
    except ValueError:
        process.log.failure("worst")
    shown = process.errors.getvalue()
    assert shown.startswith("worse\nworst\nTraceback (most recent call last):\n")
    assert "builtins.ValueError: v\n" in shown
    process.beginner.beginLoggingTo([])
    process.log.critical("elsewhere")
    assert "elsewhere" not in process.errors.getvalue()


def test_beginningTwiceIsWarnedOf() -> None:
    """LG17: the second observer is added, and everybody is told where the two beginnings are."""
    process = Process()
    first: Events = []
    second: Events = []
    process.log.info("early")
    process.beginner.beginLoggingTo([first.append])
    process.beginner.beginLoggingTo([second.append])
    assert len(second) == 1
    assert first[-1] is second[0]
    assert second[0]["fileNow"] == second[0]["fileThen"] == __file__
    assert second[0]["lineNow"] == second[0]["lineThen"] + 1
    assert f"{__file__}:{second[0]['lineNow']}" in formatEvent(second[0])


def test_standardStreamsBecomeEvents() -> None:
    """LG17: what is printed is logged, as info; what goes to standard error as error."""
    process = Process()
    events: Events = []
    process.beginner.beginLoggingTo([events.append])
    print("printed\nunfin", end="", file=process.streams.stdout)
    print("ished", file=process.streams.stdout)
    process.streams.stderr.write("oops\n")
    assert [(event["log_namespace"], event["log_level"].name, event["log_io"]) for event in events] == [
        ("stdout", "info", "printed"),
        ("stdout", "info", "unfinished"),
        ("stderr", "error", "oops"),
    ]


def test_standardStreamsCanBeLeftAlone() -> None:
    """`redirectStandardIO=False` leaves them."""
    process = Process()
    stdout = process.streams.stdout
    process.beginner.beginLoggingTo([], redirectStandardIO=False)
    assert process.streams.stdout is stdout


def test_anObserverThatPrintsGoesToTheRealStream() -> None:
    """The documents' PrintingObserver, with redirected streams: no circle, one line per event."""
    process = Process()
    real = process.streams.stdout
    process.beginner.beginLoggingTo([lambda event: print(formatEvent(event), file=process.streams.stdout)])
    process.log.info("Hello")
    print("printed", file=process.streams.stdout)
    assert real.getvalue() == "Hello\nprinted\n"


def test_warningsBecomeEvents() -> None:
    """Python warnings are logged; one with a file of its own goes there as before."""
    process = Process()
    events: Events = []
    process.beginner.beginLoggingTo([events.append])
    process.warnings.showwarning("old", DeprecationWarning, "prog.py", 3)
    assert texts(events) == ["prog.py:3: builtins.DeprecationWarning: old"]
    assert events[0]["log_level"] is LogLevel.warn
    process.warnings.showwarning("old", DeprecationWarning, "prog.py", 3, sys.stderr, "line")
    assert len(events) == 1
    assert process.beginner._oldshowwarning.__self__.shown == [
        ("old", DeprecationWarning, "prog.py", 3, sys.stderr, "line")
    ]


def test_historyIsReplayedInOrder() -> None:
    """LG19: the latest events, the oldest first, as often as one likes."""
    history = LimitedHistoryLogObserver(2)
    for number in range(3):
        history({"n": number})
    for _ in range(2):
        events: Events = []
        history.replayTo(events.append)
        assert events == [{"n": 1}, {"n": 2}]


def test_historyCanBeEndless() -> None:
    """`None` keeps everything."""
    history = LimitedHistoryLogObserver(None)
    events: Events = []
    for number in range(70000):
        history({"n": number})
    history.replayTo(events.append)
    assert len(events) == 70000


def test_capturedLogsHoldsTheEventsOfABlock() -> None:
    """A test sees what was logged globally while its block ran, and nothing later."""
    log = Logger()
    log.info("before")
    with capturedLogs() as events:
        log.info("during")
    log.info("after")
    assert texts(events) == ["during"]


def test_capturedLogsEndsWhenTheBlockRaises() -> None:
    """The observer is removed in any case."""
    with pytest.raises(ValueError), capturedLogs() as events:
        raise ValueError
    globalLogPublisher({"n": 1})
    assert events == []


def test_aLoggingFileIsAFileThatIsWrittenTo() -> None:
    """Programs look at their stdout in many ways."""
    file = LoggingFile(Logger("io"), LogLevel.warn, "ascii")
    assert (file.name, file.mode, file.encoding, file.newlines) == ("<LoggingFile io#warn>", "w", "ascii", None)
    assert file.softspace == 0
    assert not file.isatty()
    assert not file.closed
    with pytest.raises(io.UnsupportedOperation):
        file.fileno()
    for name in ("read", "next", "readline", "readlines", "xreadlines", "seek", "tell", "truncate"):
        with pytest.raises(OSError):
            getattr(file, name)()


def test_aLoggingFileTakesTextAndBytes() -> None:
    """Lines are cut from whatever comes; closing gives away what is left."""
    events: Events = []
    file = LoggingFile(Logger("io", observer=events.append), encoding="latin-1")
    assert file.write(b"\xe9") == 1
    file.writelines(["a", "b\n", b"c\n"])
    file.write("rest")
    file.flush()
    assert [event["log_io"] for event in events] == ["éab", "c"]
    file.close()
    assert file.closed
    assert events[-1]["log_io"] == "rest"
    with pytest.raises(ValueError):
        file.write("x")


PROGRAM = """
import sys
from ropewalk.logger import Logger, globalLogBeginner, textFileLogObserver
log = Logger()
log.info("early")
globalLogBeginner.beginLoggingTo([textFileLogObserver(sys.stdout, timeFormat=None)])
print("printed")
import warnings
warnings.warn("careful")
log.debug("late")
"""


def test_aLineWithoutAnEndIsCut() -> None:
    """A progress bar that never ends its line costs no more memory than a long line: what there is becomes an event."""
    events: Events = []
    file = LoggingFile(Logger("io", observer=events.append))
    file.write("." * 2**16)
    assert events == []
    file.write(".")
    file.write("|\n")
    assert [event["log_io"] for event in events] == ["." * (2**16 + 1), "|"]


def test_aProgramBeginsToLog() -> None:
    """The whole of it, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "- [__main__#info] early",
        "- [stdout#info] printed",
        "- [ropewalk.logger#warn] <string>:9: builtins.UserWarning: careful",
        "- [__main__#debug] late",
    ]
    assert done.stderr == ""


def test_loggingIsLightToImport() -> None:
    """A server's start-up loads none of what it doesn't use."""
    heavy = "json logging inspect traceback re typing zope.interface constantly datetime asyncio dataclasses"
    program = (
        f"import sys, ropewalk.logger, ropewalk.python.log; print(*[m for m in {heavy.split()} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""
