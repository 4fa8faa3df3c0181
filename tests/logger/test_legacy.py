"""Observers of the older system in the newer one."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.logger import ILogObserver, LegacyLogObserverWrapper, Logger, LogLevel, formatEvent
from ropewalk.python.log import textFromEventDict


@pytest.fixture
def seen() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def log(seen: list[dict[str, Any]]) -> Logger:
    """A logger whose events go to an observer of the older kind."""
    return Logger("here", observer=LegacyLogObserverWrapper(seen.append))


def test_newEventsHaveTheOldKeys(log: Logger, seen: list[dict[str, Any]]) -> None:
    """LG23: an old observer finds message, time, system, isError and a format."""
    log.info("got {x}", x=1)
    (event,) = seen
    assert event["message"] == ()
    assert event["time"] == event["log_time"]
    assert event["system"] == "-"
    assert event["isError"] == 0
    assert event["format"] % event == "got 1"
    assert textFromEventDict(event) == "got 1"
    assert repr(event["log_legacy"]) == "'got 1'"


@pytest.mark.parametrize(("name", "isError"), [("debug", 0), ("warn", 0), ("error", 1), ("critical", 1)])
def test_highLevelsAreErrors(log: Logger, seen: list[dict[str, Any]], name: str, isError: int) -> None:
    """LG23: from error on an event is an error to the older system."""
    log.emit(LogLevel.levelWithName(name), "x")
    assert seen[0]["isError"] == isError


def test_failuresAreErrors(log: Logger, seen: list[dict[str, Any]]) -> None:
    """LG23: a failure, and the message as its reason."""
    try:
        raise ValueError("v")
    except ValueError:
        log.failure("while {x}", level=LogLevel.info, x=1)
    (event,) = seen
    assert event["isError"] == 1
    assert event["failure"] is event["log_failure"]
    assert event["why"] == "while 1"
    text = textFromEventDict(event)
    assert text is not None
    assert text.startswith("while 1\nTraceback")


def test_theEventOfOthersStaysAsItWas(seen: list[dict[str, Any]]) -> None:
    """The old keys are put into a copy."""
    event = {"log_format": "x", "log_time": 1.0, "log_level": LogLevel.info}
    LegacyLogObserverWrapper(seen.append)(event)
    assert event.keys() == {"log_format", "log_time", "log_level"}
    assert seen[0]["time"] == 1.0


def test_aKeyOfTheEmittersIsNoMessage(log: Logger, seen: list[dict[str, Any]]) -> None:
    """An event that happens to have a ``message`` reads as its format says."""
    log.info("{message}!", message="hello")
    assert textFromEventDict(seen[0]) == "hello!"


def test_anEventOfNothingArrives(seen: list[dict[str, Any]]) -> None:
    """No key is needed."""
    LegacyLogObserverWrapper(seen.append)({})
    assert textFromEventDict(seen[0]) is None
    assert formatEvent(seen[0]) == ""


def test_theWrapperShowsWhatItWraps(seen: list[dict[str, Any]]) -> None:
    """The repr names the observer."""
    wrapper = LegacyLogObserverWrapper(print)
    assert repr(wrapper) == f"LegacyLogObserverWrapper({print!r})"
    assert ILogObserver.providedBy(wrapper)
