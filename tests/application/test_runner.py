"""`ropewalk.application.runner`: where a process logs. That it starts and stops is told by `test_twist`."""

from __future__ import annotations

import io
import json
from typing import Any

from ropewalk.application._running.logs import filtered, observerOf
from ropewalk.application.runner._runner import _marked
from ropewalk.logger import Logger, LogLevel, LogPublisher


def written(form: str) -> tuple[Logger, io.StringIO]:
    """A logger whose events a worker writes to a file."""
    file = io.StringIO()
    observer = filtered(_marked(observerOf(file, form), "worker 2"), LogLevel.info)
    return Logger(namespace="shop", observer=LogPublisher(observer)), file


def test_linesSayWhichProcess() -> None:
    """With several processes each line begins with the one that wrote it."""
    logger, file = written("text")
    logger.warn("sold {count}", count=3)
    assert file.getvalue().partition(" ")[2] == "[worker 2, shop#warn] sold 3\n"


def test_eventsSayWhichProcess() -> None:
    """In JSON it is a field of its own."""
    logger, file = written("json")
    logger.info("sold {count}", count=3)
    event: dict[str, Any] = json.loads(file.getvalue())
    assert (event["worker"], event["log_system"], event["count"]) == ("worker 2", "worker 2, shop#info", 3)


def test_systemsOfTheirOwnStay() -> None:
    """A connection's log prefix is still there."""
    lines: list[str] = []
    observer = _marked(lambda event: lines.append(event["log_system"]), "worker 2")
    observer({"log_system": "HTTPChannel,3,127.0.0.1"})
    observer({})
    assert lines == ["worker 2, HTTPChannel,3,127.0.0.1", "worker 2, -#-"]


def test_eventsBelowTheLevelAreNotMade() -> None:
    """The mark doesn't hide from loggers that nobody wants their debug events."""
    logger, file = written("text")
    logger.debug("{boom()}", boom=lambda: 1 / 0)
    assert file.getvalue() == ""
