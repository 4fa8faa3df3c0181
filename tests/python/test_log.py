"""The older logging interface."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.logger import Logger, LogLevel, capturedLogs, formatEvent
from ropewalk.python import context, log
from ropewalk.python.failure import Failure, NoCurrentExceptionError

Events = list[dict[str, Any]]
WHEN = 1208000000.4


@pytest.fixture
def events() -> Iterator[Events]:
    """What an observer of the older kind sees."""
    seen: Events = []
    log.addObserver(seen.append)
    yield seen
    log.removeObserver(seen.append)


@pytest.fixture
def publisher() -> tuple[log.LogPublisher, Events]:
    """A log of one's own, and what its observer sees."""
    seen: Events = []
    own = log.LogPublisher()
    own.addObserver(seen.append)
    return own, seen


class Unprintable:
    def __repr__(self) -> str:
        raise ValueError("no repr")


def test_msgEmitsAnEvent(events: Events) -> None:
    """F098, LL1, LL6: the parts of the message, a time, no error, and every keyword."""
    log.msg("Hello,", "world.", extra=3)
    (event,) = events
    assert event["message"] == ("Hello,", "world.")
    assert event["isError"] == 0
    assert event["system"] == "-"
    assert event["extra"] == 3
    assert isinstance(event["time"], float)


def test_eventsOfTheOldSystemAreSeenInTheNew() -> None:
    """LG23: they have the keys of both."""
    with capturedLogs() as captured:
        log.msg("Hello,", b"bytes", 3)
        log.msg(format="%(x)s!", x=1)
        log.msg()
    assert [formatEvent(event) for event in captured] == ["Hello, bytes 3", "1!", ""]
    assert captured[0]["log_level"] is LogLevel.info
    assert captured[0]["log_namespace"] == "log_legacy"
    assert captured[0]["log_system"] == "-"
    assert captured[0]["log_time"] == captured[0]["time"]


def test_eventsOfTheNewSystemAreSeenInTheOld(events: Events) -> None:
    """LG23: `log.textFromEventDict` reads them."""
    Logger().info("new {x}", x=1)
    assert log.textFromEventDict(events[0]) == "new 1"


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ({}, "info"),
        ({"isError": 1}, "critical"),
        ({"logLevel": logging.DEBUG}, "debug"),
        ({"logLevel": logging.WARNING, "isError": 1}, "warn"),
        ({"logLevel": "ERROR"}, "error"),
        ({"logLevel": 7}, "info"),
        ({"logLevel": "loud"}, "info"),
        ({"log_level": LogLevel.warn}, "warn"),
        ({"log_level": "nonsense"}, "info"),
    ],
)
def test_anEventHasALevel(fields: dict[str, Any], level: str) -> None:
    """LL5: ``logLevel`` says it; else errors are critical and the rest is information."""
    with capturedLogs() as captured:
        log.msg("x", **fields)
    assert captured[0]["log_level"].name == level


def test_errTakesAFailureOrAnException(events: Events) -> None:
    """F098, LL2: with a reason."""
    failure = Failure(ValueError("v"))
    log.err(failure, "reason", extra=1)
    log.err(ValueError("w"))
    assert events[0]["failure"] is failure
    assert (events[0]["why"], events[0]["isError"], events[0]["extra"]) == ("reason", 1, 1)
    assert events[1]["failure"].check(ValueError)
    assert log.textFromEventDict(events[0]) == "reason\n" + failure.getTraceback()
    text = log.textFromEventDict(events[1])
    assert text is not None
    assert text.startswith("Unhandled Error\nTraceback")


def test_errWithoutArgumentsLogsTheCurrentException(events: Events) -> None:
    """F098, LL2: convenient in an except clause."""
    try:
        raise ZeroDivisionError("zero")
    except ZeroDivisionError:
        log.err()
        log.err(None, "why")
    assert [event["failure"].type for event in events] == [ZeroDivisionError] * 2
    assert events[1]["why"] == "why"
    with pytest.raises(NoCurrentExceptionError):
        log.err()


def test_errLogsAnythingElseAsItsRepr(events: Events) -> None:
    """LL2: what is no failure."""
    log.err("text")
    assert events[0]["message"] == ("'text'",)
    assert events[0]["isError"] == 1


def test_errIsAnErrback(events: Events) -> None:
    """F072: it consumes the failure."""
    assert log.err(Failure(ValueError("v"))) is None  # type: ignore[func-returns-value]  # that is the promise
    assert log.deferr is log.err


class Prefixed(log.Logger):
    def __init__(self, prefix: str | Exception) -> None:
        self.prefix = prefix

    def logPrefix(self) -> str:
        if isinstance(self.prefix, Exception):
            raise self.prefix
        return self.prefix


def test_aContextIsOnEveryEventWithin(events: Events) -> None:
    """Contexts nest; keywords win."""

    def inner() -> str:
        log.msg("x")
        log.callWithContext({"b": 2}, log.msg, "y", system="mine")
        return "result"

    assert log.callWithContext({"system": "S", "a": 1}, inner) == "result"
    log.msg("z")
    assert [(event["system"], event.get("a"), event.get("b")) for event in events] == [
        ("S", 1, None),
        ("mine", 1, 2),
        ("-", None, None),
    ]
    assert context.get(log.ILogContext) == {"system": "-"}


def test_callWithLoggerSetsThePrefix(events: Events) -> None:
    """The prefix of the logger is the system; the result is the function's."""
    assert log.callWithLogger(Prefixed("P"), lambda: [log.msg("x"), 3][1]) == 3
    assert log.callWithLogger(log.Logger(), log.msg, "y") is None
    assert [event["system"] for event in events] == ["P", "-"]


def test_callWithLoggerLogsWhatIsRaised(events: Events) -> None:
    """One connection's exception does not end the others; Ctrl-C does."""

    def fail(problem: BaseException) -> None:
        raise problem

    assert log.callWithLogger(Prefixed("P"), fail, ValueError("v")) is None
    assert log.callWithLogger(Prefixed("P"), fail, SystemExit()) is None
    assert [event["failure"].type for event in events] == [ValueError, SystemExit]
    assert events[0]["system"] == "P"
    with pytest.raises(KeyboardInterrupt):
        log.callWithLogger(Prefixed("P"), fail, KeyboardInterrupt())


def test_aBuggyPrefixIsReported(events: Events) -> None:
    """The function is called all the same."""
    assert log.callWithLogger(Prefixed(ValueError("buggy")), lambda: 3) == 3
    assert events[0]["system"] == "(buggy logPrefix method)"
    assert events[0]["failure"].check(ValueError)


TEXTS: list[tuple[dict[str, Any], str | None]] = [
    ({"message": ("a", "b")}, "a b"),
    ({"message": ["a list"]}, "a list"),
    ({"message": ("",)}, ""),
    ({"message": (b"caf\xc3\xa9", 3, None)}, "café 3 None"),
    ({"message": ()}, None),
    ({"message": (), "format": "%(x)s", "x": 3}, "3"),
    ({"message": (), "log_format": "{x}", "x": 3}, None),
    ({"message": ("first",), "format": "never"}, "first"),
]


@pytest.mark.parametrize(("event", "text"), TEXTS)
def test_anEventHasAText(event: dict[str, Any], text: str | None) -> None:
    """LL6: the message, or the format."""
    assert log.textFromEventDict({"isError": 0, **event}) == text


@pytest.mark.parametrize(
    ("event", "beginning"),
    [
        ({"message": (), "format": "%(missing)s"}, "Invalid format string or unformattable object in log message: '%("),
        ({"message": (), "format": "%(x)s", "x": Unprintable()}, "UNFORMATTABLE OBJECT WRITTEN TO LOG with fmt"),
        ({"message": (), "format": object()}, "Invalid format string"),
        ({"message": (Unprintable(),)}, "<Unprintable at 0x"),
        ({"message": (), "isError": 1, "failure": 3}, "Unhandled Error\n(unable to obtain traceback"),
    ],
)
def test_aBadEventIsReportedNotRaised(event: dict[str, Any], beginning: str) -> None:
    """What cannot be formatted gives a text that says so."""
    text = log.textFromEventDict({"isError": 0, **event})
    assert text is not None
    assert text.startswith(beginning)


@given(
    st.lists(st.one_of(st.none(), st.text(), st.binary(), st.integers(), st.builds(Unprintable))),
    st.dictionaries(
        st.sampled_from(["format", "isError", "why", "system", "x", "logLevel", "log_level", "log_format", "failure"]),
        st.one_of(st.none(), st.text(), st.binary(), st.integers(), st.builds(Unprintable)),
    ),
)
def test_anyEventIsWritten(message: list[Any], fields: dict[str, Any]) -> None:
    """Whatever is given to `msg`, nothing is raised and the file takes it."""
    own = log.LogPublisher()
    file = io.BytesIO()
    broken: Events = []
    own.addObserver(log.FileLogObserver(file).emit)
    own._observerPublisher.addObserver(lambda event: broken.append(event) if "log_logger" in event else None)
    own.msg(*message, **fields)
    assert broken == []


def test_linesAreWrittenAsTheDocumentsShow(monkeypatch: pytest.MonkeyPatch) -> None:
    """F097: ``2008-04-25 10:53:27+0200 [-] Log opened.``, later lines indented with a tab."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        file = io.StringIO()
        observer = log.FileLogObserver(file)
        event = {"time": WHEN, "system": "-", "message": ("hi\nthere",), "isError": 0}
        observer.emit(event)
        observer.emit({**event, "message": ()})
        observer.emit({**event, "system": "Chat,1,::1", "message": ("x",)})
        assert file.getvalue() == (
            "2008-04-12 13:33:20+0200 [-] hi\n\tthere\n2008-04-12 13:33:20+0200 [Chat,1,::1] x\n"
        )
        assert observer.getTimezoneOffset(WHEN) == -7200
        observer.timeFormat = "%H:%M"
        assert observer.formatTime(WHEN) == "13:33"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_observersStartAndStop() -> None:
    """LL7: an observer adds itself to the log."""
    file = io.StringIO()
    observer = log.FileLogObserver(file)
    observer.start()
    log.msg("seen")
    observer.stop()
    log.msg("unseen")
    assert file.getvalue().endswith(" [-] seen\n")
    assert file.getvalue().count("\n") == 1


def test_aPublisherOfOnesOwn(publisher: tuple[log.LogPublisher, Events]) -> None:
    """Its observers are listed, may be added twice, and removed."""
    own, seen = publisher
    own.addObserver(seen.append)
    own.msg("x")
    assert own.observers == [seen.append, seen.append]
    assert len(seen) == 2
    own.removeObserver(seen.append)
    own.removeObserver(print)
    assert own.observers == [seen.append]


def test_aBrokenObserverHurtsNobody(publisher: tuple[log.LogPublisher, Events]) -> None:
    """The others get the event and a report."""
    own, seen = publisher

    def broken(event: dict[str, Any]) -> None:
        raise ValueError("broken")

    own.addObserver(broken)
    own.msg("x")
    assert log.textFromEventDict(seen[0]) == "x"
    assert seen[1]["failure"].check(ValueError)


def test_defaultObserverShowsErrors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors, and nothing else, go to standard error."""
    observer = log.DefaultObserver()
    stderr = io.StringIO()
    monkeypatch.setattr(observer, "stderr", stderr)
    observer.emit({"isError": 0, "message": ("fine",)})
    observer.emit({"isError": 1, "message": ("bad",)})
    observer.emit({"isError": 1, "message": (), "failure": Failure(ValueError("v"))})
    assert stderr.getvalue().startswith("bad\nUnhandled Error\nTraceback")


def test_aStdioOnnaStickLogsLines(events: Events) -> None:
    """LL6: ``printed``, and ``isError`` for standard error."""
    file = log.StdioOnnaStick(1, "latin-1")
    file.write("abc\nde")
    file.write(b"\xe9\n")
    file.writelines(["x", b"y"])
    assert [event["message"] for event in events] == [("abc",), ("deé",), ("x",), ("y",)]
    assert {event["printed"] for event in events} == {1} == {event["isError"] for event in events}
    assert (file.mode, file.name, file.closed, file.encoding) == ("wb", "<stdio (log)>", 0, "latin-1")
    file.flush()
    file.close()
    for name in ("read", "readline", "readlines", "seek", "tell", "fileno"):
        with pytest.raises(OSError):
            getattr(file, name)()


def test_theNullFileIsEmpty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything may be done with it, and nothing happens; `discardLogs` puts one in place of `logfile`."""
    monkeypatch.setattr(log, "logfile", log.logfile)
    log.discardLogs()
    file = log.logfile
    assert isinstance(file, log.NullFile)
    file.write(b"x")
    file.flush()
    file.close()
    assert file.read() is None  # type: ignore[func-returns-value]


def test_theInterfaceIsThere() -> None:
    """`ILogObserver` is loaded when it is asked for; other names are not made up."""
    assert log.ILogObserver.__name__ == "ILogObserver"
    assert log.ILogObserver.__module__ == "ropewalk.python.log"
    with pytest.raises(AttributeError):
        log.nothing  # noqa: B018


class TestPythonLogging:
    """Into the standard library's logging."""

    @pytest.fixture
    def records(self) -> Iterator[list[logging.LogRecord]]:
        kept: list[logging.LogRecord] = []

        class Keeping(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                kept.append(record)

        logger = logging.getLogger("ropewalk-log-test")
        logger.propagate = False
        logger.setLevel(1)
        handler = Keeping()
        logger.addHandler(handler)
        observer = log.PythonLoggingObserver("ropewalk-log-test")
        observer.start()
        yield kept
        observer.stop()
        logger.removeHandler(handler)

    def test_levels(self, records: list[logging.LogRecord]) -> None:
        """LL5, F12: INFO for msg, ERROR for err, and what ``logLevel`` says."""
        log.msg("a")
        log.err(ValueError("v"))
        log.msg("b", logLevel=logging.CRITICAL)
        log.msg("c", logLevel=logging.DEBUG)
        log.err(ValueError("v"), logLevel=logging.WARNING)
        log.msg("d", logLevel=5)
        assert [record.levelno for record in records] == [20, 40, 50, 10, 30, 5]

    def test_messages(self, records: list[logging.LogRecord]) -> None:
        """Percent signs are text; the place is that of the caller."""
        log.msg("100%", 3)
        log.msg(format="%(x)s", x=1)
        Logger().info("{x}", x=2)
        log.msg()
        assert [record.getMessage() for record in records][:3] == ["100% 3", "1", "2"]
        assert {record.filename for record in records} == {"test_log.py"}

    def test_emitCanBeCalledDirectly(self, records: list[logging.LogRecord]) -> None:
        """With an event that somebody made by hand."""
        observer = log.PythonLoggingObserver("ropewalk-log-test")
        observer.emit({"message": ("by hand",), "isError": 0})
        observer.emit({"message": (), "isError": 0})
        assert [record.getMessage() for record in records] == ["by hand"]


def run(program: str) -> tuple[list[str], str]:
    """Run a program; return the lines of its output without time stamps, and its errors."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TZ": "UTC"},
    )
    lines = done.stdout.splitlines()
    return [line[25:] if line[19:24] == "+0000" else line for line in lines], done.stderr


def test_startLogging() -> None:
    """F097, LL3: the first line says that the log is open; earlier messages are forgotten; prints are redirected."""
    lines, errors = run(
        "import sys\n"
        "from ropewalk.python import log\n"
        "log.msg('forgotten')\n"
        "observer = log.startLogging(sys.stdout)\n"
        "log.msg('one\\ntwo')\n"
        "print('printed')\n"
        "sys.stderr.write('errors\\n')\n"
        "assert log.startLogging(sys.stdout) is None\n"
        "log.callWithContext({'system': 'Chat,0,127.0.0.1'}, print, 'in a context')\n"
        "observer.stop()\n"
        "log.msg('stopped')\n"
    )
    assert lines == [
        "[-] Log opened.",
        "[-] one",
        "\ttwo",
        "[-] printed",
        "[-] errors",
        "[Chat,0,127.0.0.1] in a context",
    ]
    assert errors == ""


def test_startLoggingWithoutStdout() -> None:
    """LL3: ``setStdout=False`` leaves the streams."""
    lines, errors = run(
        "import sys\n"
        "from ropewalk.python import log\n"
        "log.startLogging(sys.stdout, setStdout=False)\n"
        "print('printed')\n"
        "sys.stderr.write('errors\\n')\n"
    )
    assert lines == ["[-] Log opened.", "printed"]
    assert errors == "errors\n"


def test_beforeLoggingBeginsErrorsAreShown() -> None:
    """LL3: on standard error; messages are not."""
    lines, errors = run("from ropewalk.python import log\nlog.msg('unseen')\nlog.err(ValueError('v'), 'seen')\n")
    assert lines == []
    assert errors.startswith("seen\nTraceback")
    assert "builtins.ValueError: v" in errors


def test_startLoggingToAFileOfBytes() -> None:
    """A file opened in binary mode gets UTF-8."""
    lines, _ = run(
        "import sys\n"
        "from ropewalk.python import log\n"
        "log.startLogging(open(1, 'wb', closefd=False), setStdout=False)\n"
        "log.msg('caf\\xe9')\n"
    )
    assert lines == ["[-] Log opened.", "[-] café"]
