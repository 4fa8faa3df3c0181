"""Events to the system's syslog."""

from __future__ import annotations

import syslog as system
from typing import Any

import pytest

from ropewalk.logger import LogLevel
from ropewalk.python.failure import Failure
from ropewalk.python.syslog import DEFAULT_FACILITY, DEFAULT_OPTIONS, SyslogObserver


class Recording(SyslogObserver):
    """Keeps what would have been sent."""

    def __init__(self, *args: Any) -> None:
        self.opened: list[tuple[Any, ...]] = []
        self.sent: list[tuple[int, str]] = []
        super().__init__(*args)

    def openlog(self, *args: Any) -> None:
        self.opened.append(args)

    def syslog(self, priority: int, message: str) -> None:
        self.sent.append((priority, message))


def sent(**event: Any) -> list[tuple[int, str]]:
    observer = Recording("prog")
    observer.emit({"system": "-", "isError": 0, "message": ("a",), **event})
    return observer.sent


def test_theLogIsOpenedWithThePrefix() -> None:
    """F189: the prefix, the options and the facility are handed on."""
    assert Recording("prog").opened == [("prog", DEFAULT_OPTIONS, DEFAULT_FACILITY)]
    assert Recording("prog", 1, 16).opened == [("prog", 1, 16)]


@pytest.mark.parametrize(
    ("fields", "priority"),
    [
        ({}, system.LOG_INFO),
        ({"isError": 1}, system.LOG_ALERT),
        ({"syslogPriority": system.LOG_DEBUG, "isError": 1}, system.LOG_DEBUG),
        ({"syslogFacility": system.LOG_LOCAL0}, system.LOG_INFO | system.LOG_LOCAL0),
        ({"log_level": LogLevel.debug}, system.LOG_DEBUG),
        ({"log_level": LogLevel.warn}, system.LOG_WARNING),
        ({"log_level": LogLevel.critical, "isError": 1}, system.LOG_ALERT),
    ],
)
def test_anEventHasAPriority(fields: dict[str, Any], priority: int) -> None:
    """Errors are alerts; an event may say otherwise."""
    assert sent(**fields) == [(priority, "[-] a")]


def test_eachLineIsAMessage() -> None:
    """Those after the first are indented; empty ones at the end are left out."""
    assert sent(message=("one\ntwo\n\n",), system="S") == [(6, "[S] one"), (6, "[S] \ttwo")]
    lines = sent(message=(), isError=1, failure=Failure(ValueError("v")))
    assert lines[0] == (1, "[-] Unhandled Error")
    assert lines[-1] == (1, "[-] \tFailure: builtins.ValueError: v")


def test_anEventWithoutTextIsNotSent() -> None:
    """Nothing to say, nothing said."""
    assert sent(message=()) == []
    assert sent(message=("",)) == []


def test_aNulDoesNotCutTheMessage() -> None:
    """The system would take it for the end."""
    assert sent(message=("a\0b",)) == [(6, "[-] a\\0b")]
