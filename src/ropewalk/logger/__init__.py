"""Structured logging: events are dicts, observers are called with them, text is made only when somebody reads it.

A `Logger` emits events; `globalLogPublisher` gives them to whoever was added; `globalLogBeginner` decides, once, who
that is. `textFileLogObserver` writes lines for people, `jsonFileLogObserver` lines for programs, `formatEvent` makes
the text of one event.

This module is a door. Behind it, ``_logger`` is where events come from, ``_publisher`` where they are given out,
``_interest`` why an event that nobody would see costs nothing, ``_format`` how they become text. What a small server
doesn't use (JSON, interfaces, the bridge to the standard library's ``logging``) is loaded when it is first asked for.
"""

from __future__ import annotations

from .._doors import publish
from ._buffer import LimitedHistoryLogObserver
from ._events import LogEvent
from ._file import FileLogObserver, textFileLogObserver
from ._filter import FilteringLogObserver, LogLevelFilterPredicate, PredicateResult
from ._format import eventAsText, formatEvent, formatEventAsClassicLogText, formatTime, timeFormatRFC3339
from ._global import LogBeginner, globalLogBeginner, globalLogPublisher
from ._io import LoggingFile
from ._legacy import LegacyLogObserverWrapper
from ._levels import InvalidLogLevelError, LogLevel
from ._logger import Logger
from ._publisher import LogPublisher

__all__ = [
    "FileLogObserver",
    "FilteringLogObserver",
    "InvalidLogLevelError",
    "LegacyLogObserverWrapper",
    "LimitedHistoryLogObserver",
    "LogBeginner",
    "LogEvent",
    "LogLevel",
    "LogLevelFilterPredicate",
    "LogPublisher",
    "Logger",
    "LoggingFile",
    "PredicateResult",
    "eventAsText",
    "formatEvent",
    "formatEventAsClassicLogText",
    "formatTime",
    "globalLogBeginner",
    "globalLogPublisher",
    "textFileLogObserver",
    "timeFormatRFC3339",
]
publish(__name__)
