"""The bridge to the standard library's logging, in both directions."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from ropewalk.logger import (
    ILogObserver,
    Logger,
    LogLevel,
    LogPublisher,
    STDLibLogObserver,
    capturedLogs,
    formatEvent,
    logFromStdlib,
)


class Keeping(logging.Handler):
    """Keeps records."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def kept() -> Iterator[list[logging.LogRecord]]:
    """The records of the ``logging`` logger ``ropewalk-test``."""
    logger = logging.getLogger("ropewalk-test")
    handler = Keeping()
    logger.addHandler(handler)
    logger.setLevel(1)
    logger.propagate = False
    yield handler.records
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    ("name", "number"), [("debug", 10), ("info", 20), ("warn", 30), ("error", 40), ("critical", 50)]
)
def test_levelsAreMapped(kept: list[logging.LogRecord], name: str, number: int) -> None:
    """LG22: each level has its counterpart."""
    Logger(observer=STDLibLogObserver("ropewalk-test")).emit(LogLevel.levelWithName(name), "x")
    assert kept[0].levelno == number


def test_aRecordHasTheMessageAndThePlace(kept: list[logging.LogRecord]) -> None:
    """LG22: percent signs and braces are text; file, line and function are those of whoever logged."""
    log = Logger(observer=LogPublisher(STDLibLogObserver("ropewalk-test")))
    log.info("{x} is 100%s", x=[1])
    (record,) = kept
    assert record.getMessage() == "[1] is 100%s"
    assert record.name == "ropewalk-test"
    assert record.pathname == __file__
    assert record.funcName == "test_aRecordHasTheMessageAndThePlace"
    assert record.exc_info is None
    assert logging.Formatter("%(message)s").format(record) == "[1] is 100%s"


def test_aWrapperOfOnesOwnCanBeSkipped(kept: list[logging.LogRecord]) -> None:
    """`stackDepth` above the default names the caller's caller."""
    log = Logger(observer=STDLibLogObserver("ropewalk-test", stackDepth=STDLibLogObserver.defaultStackDepth + 1))

    def say(what: str) -> None:
        log.info(what)

    say("x")
    assert kept[0].funcName == "test_aWrapperOfOnesOwnCanBeSkipped"


def test_aFailureIsAnExceptionOfTheRecord(kept: list[logging.LogRecord]) -> None:
    """LG22: formatters show the traceback."""
    try:
        raise ZeroDivisionError("zero")
    except ZeroDivisionError:
        Logger(observer=STDLibLogObserver("ropewalk-test")).failure("math")
    text = logging.Formatter("%(message)s").format(kept[0])
    assert text.startswith("math\nTraceback (most recent call last):\n")
    assert text.endswith("ZeroDivisionError: zero")


def test_odd_eventsAreInformation(kept: list[logging.LogRecord]) -> None:
    """Events without a level, and with a failure that is none, arrive."""
    observer = STDLibLogObserver("ropewalk-test")
    observer({"log_format": "x"})
    observer({"log_format": "y", "log_level": None, "log_failure": "none"})
    assert [(record.levelno, record.getMessage()) for record in kept] == [(20, "x"), (20, "y")]


def test_disabledLevelsCostNothing(kept: list[logging.LogRecord]) -> None:
    """A level that ``logging`` has switched off makes no record."""
    logging.getLogger("ropewalk-test").setLevel(logging.ERROR)
    Logger(observer=STDLibLogObserver("ropewalk-test")).info("x")
    assert kept == []


def test_theObserverDeclaresItsInterface() -> None:
    """Zope's question is answered."""
    assert ILogObserver.providedBy(STDLibLogObserver())


def test_recordsBecomeEvents() -> None:
    """One call makes an event of every record: level, name, message, time."""
    bridge = logFromStdlib()
    try:
        with capturedLogs() as events:
            logging.getLogger("library.part").warning("%s happened", "it")
            try:
                raise ValueError("v")
            except ValueError:
                logging.getLogger("library").exception("failed")
    finally:
        bridge.stop()
    first, second = events
    assert formatEvent(first) == "it happened"
    assert first["log_level"] is LogLevel.warn
    assert first["log_namespace"] == "library.part"
    assert first["log_time"] == first["log_record"].created
    assert second["log_failure"].check(ValueError)
    assert second["log_level"] is LogLevel.error
    with capturedLogs() as events:
        logging.getLogger("library").warning("after")
    assert events == []


@pytest.mark.parametrize(
    ("number", "level"), [(5, "debug"), (10, "debug"), (25, "info"), (30, "warn"), (45, "error"), (60, "critical")]
)
def test_numbersBetweenTheLevelsAreRoundedDown(number: int, level: str) -> None:
    """A library's own level number becomes the level below it."""
    logger = logging.getLogger("library.own")
    logger.setLevel(1)
    bridge = logFromStdlib()
    try:
        with capturedLogs() as events:
            logger.log(number, "x")
    finally:
        bridge.stop()
        logger.setLevel(logging.NOTSET)
    assert events[0]["log_level"].name == level


BOTH = """
import logging, sys
from ropewalk.logger import Logger, logFromStdlib, logToStdlib
logging.basicConfig(stream=sys.stdout, format="%(name)s %(levelname)s %(message)s", level=logging.INFO)
logging.getLogger("quiet").setLevel(logging.ERROR)
Logger("ours").info("early {x}", x=1)
logToStdlib()
logFromStdlib(logging.INFO)
Logger("ours").warn("late")
Logger("quiet").info("unseen")
logging.getLogger("theirs").info("theirs too")
print("printed")
"""


def test_bothDirectionsAtOnceMakeNoCircle() -> None:
    """Wish 22: each message comes once, under its own logger, at its own level."""
    done = subprocess.run([sys.executable, "-c", BOTH], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "ours INFO early 1",
        "ours WARNING late",
        "theirs INFO theirs too",
        "printed",
    ]
    assert done.stderr == ""


REDIRECTED = """
import logging, sys
from ropewalk.python import log
log.startLogging(sys.stdout)
logging.basicConfig(stream=sys.stderr, format="%(message)s")
log.PythonLoggingObserver().start()
log.msg("once", logLevel=logging.ERROR)
"""


def test_aHandlerOnARedirectedStreamMakesNoCircle() -> None:
    """Wish 22: events to logging to standard error, which is redirected into events, ends there."""
    done = subprocess.run([sys.executable, "-c", REDIRECTED], capture_output=True, text=True, check=True, timeout=30)
    assert [line[25:] for line in done.stdout.splitlines()] == ["[-] Log opened.", "[-] once"]
    assert done.stderr.splitlines() == ["once"]


def test_aBridgeWithAName() -> None:
    """With a name, all events go to that one logger."""
    program = (
        "import logging, sys\n"
        "from ropewalk.logger import Logger, logToStdlib\n"
        "logging.basicConfig(stream=sys.stdout, format='%(name)s %(message)s', level=logging.INFO)\n"
        "bridge = logToStdlib('app')\n"
        "Logger('x').info('seen')\n"
        "bridge.stop()\n"
        "Logger('x').info('unseen')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "app seen\n"


def test_messagesAreFormattedOnlyIfShown() -> None:
    """A record holds the event; text is made when a handler asks."""
    asked: list[int] = []
    handler = Keeping()
    observer = STDLibLogObserver()
    observer.logger = logging.Logger("nobody else's")
    observer.logger.addHandler(handler)
    event: dict[str, Any] = {"log_format": "{ask()}", "ask": lambda: asked.append(1), "log_level": LogLevel.error}
    observer(event)
    assert asked == []
    logging.StreamHandler(io.StringIO()).handle(handler.records[0])
    assert asked == [1]
