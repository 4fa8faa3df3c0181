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

TYPE_CHECKING = False

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

if TYPE_CHECKING:
    from ._capture import capturedLogs as capturedLogs
    from ._flatten import extractField as extractField
    from ._interfaces import ILogFilterPredicate as ILogFilterPredicate
    from ._interfaces import ILogObserver as ILogObserver
    from ._json import eventAsJSON as eventAsJSON
    from ._json import eventFromJSON as eventFromJSON
    from ._json import eventsFromJSONLogFile as eventsFromJSONLogFile
    from ._json import jsonFileLogObserver as jsonFileLogObserver
    from ._operation import Operation as Operation
    from ._stdlib import STDLibLogObserver as STDLibLogObserver
    from ._stdlib import logFromStdlib as logFromStdlib
    from ._stdlib import logToStdlib as logToStdlib

# What is loaded when it is first asked for: name -> the module that defines it.
_LATER = {
    "ILogFilterPredicate": "_interfaces",
    "ILogObserver": "_interfaces",
    "Operation": "_operation",
    "STDLibLogObserver": "_stdlib",
    "capturedLogs": "_capture",
    "eventAsJSON": "_json",
    "eventFromJSON": "_json",
    "eventsFromJSONLogFile": "_json",
    "extractField": "_flatten",
    "jsonFileLogObserver": "_json",
    "logFromStdlib": "_stdlib",
    "logToStdlib": "_stdlib",
}
__all__ += _LATER  # noqa: PLE0604, RUF100


def __getattr__(name: str) -> object:
    """Load one of the names that are loaded late."""
    home = _LATER.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    try:
        value.__module__ = __name__  # As `publish` does for what is here from the start.
    except (AttributeError, TypeError):
        pass
    globals()[name] = value
    return value
