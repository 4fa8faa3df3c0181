"""Events as text: `formatEvent`, `eventAsText`, `formatTime`.

A program has few formats and many events, so a format is read once. What comes out is a function from event to
text: as quick as an f-string when its fields are plain keys, the format's own `str.format_map` when it calls nothing,
a `Template` when it has fields such as ``{a.b()}``.

Time stamps are made once a second: two events of a second differ in none of the documented formats.
"""

from __future__ import annotations

import time
from time import localtime, strftime

from ._fields import Template, callsSomething
from ._plain import plainFormatter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ._events import LogEvent

__all__ = [
    "eventAsText",
    "formatEvent",
    "formatEventAsClassicLogText",
    "formatTime",
    "timeFormatRFC3339",
]

timeFormatRFC3339 = "%Y-%m-%dT%H:%M:%S%z"

# Format -> how to fill it in. Emptied when full: formats are few unless somebody builds them, and those never recur.
formatters: dict[object, Callable[[LogEvent], str]] = {}
_FORMATTERS_KEPT = 1024


def formatEvent(event: LogEvent) -> str:
    """Return an event's message: its ``log_format``, filled in. Empty when it has none.

    Never raises: an event that cannot be formatted gives a text that says so, and what could be saved of it.
    """
    try:
        format = event.get("log_format")
        if format is None:
            return ""
        if "log_flattened" in event:
            from ._flatten import flatFormat

            return flatFormat(event)
        formatter = formatters.get(format)
        if formatter is None:
            formatter = _formatterFor(format)
        return formatter(event)
    except Exception as problem:
        return _unformattable(event, problem)


def _formatterFor(format: object) -> Callable[[LogEvent], str]:
    """Read a format.

    Raises:
        TypeError, ValueError: it is none.
    """
    if isinstance(format, bytes):
        text = format.decode("utf-8")
    elif isinstance(format, str):
        text = format
    else:
        raise TypeError(f"log_format must be str, not {format!r}")
    formatter: Callable[[LogEvent], str]
    template = Template(text)
    formatter = plainFormatter(template) or (template.format if callsSomething(text) else text.format_map)
    if len(formatters) >= _FORMATTERS_KEPT:
        formatters.clear()
    formatters[format] = formatter
    return formatter


def _unformattable(event: LogEvent, problem: BaseException) -> str:
    """Say that an event could not be formatted; show what of it can be shown."""
    try:
        return f"Unable to format event {event!r}: {problem}"
    except Exception:
        pairs = ", ".join(f"{_shown(key)} = {_shown(value)}" for key, value in event.items())
        return f"MESSAGE LOST: unformattable object logged: {_shown(problem)}\nRecoverable data: {pairs}"


def _shown(value: object) -> str:
    """A value's `repr`, or what can be said of one that has none."""
    try:
        return repr(value)
    except Exception as problem:
        return f"<{type(value).__name__} at {id(value):#x} whose repr raised {type(problem).__name__}>"


# What `formatTime` said last in each format: the second, the text, and the time zone, which `time.tzset` replaces.
_stamps: dict[str, tuple[int, str, tuple[str, str]]] = {}
_STAMPS_KEPT = 64


def formatTime(when: float | None, timeFormat: str | None = timeFormatRFC3339, default: str = "-") -> str:
    """Return a time as text, in the local time zone.

    Args:
        when: seconds since the epoch, as `time.time` has them.
        timeFormat: as for `time.strftime`; ``%f`` are the microseconds.
        default: the result if there is no time or no format.
    """
    if when is None or timeFormat is None:
        return default
    second = int(when // 1)
    stamp = _stamps.get(timeFormat)
    if stamp is not None and stamp[0] == second and stamp[2] is time.tzname:
        return stamp[1]
    if "%f" in timeFormat:
        microseconds = f"{min(int((when - second) * 1e6 + 0.5), 999999):06}"
        # Not in ``%%f``, a percent sign before an f.
        literal = [part.replace("%f", microseconds) for part in timeFormat.split("%%")]
        return strftime("%%".join(literal), localtime(second))
    text = strftime(timeFormat, localtime(second))
    if len(_stamps) >= _STAMPS_KEPT:
        _stamps.clear()
    _stamps[timeFormat] = second, text, time.tzname
    return text


def formatEventAsClassicLogText(event: LogEvent, formatTime: Callable[[float | None], str] = formatTime) -> str | None:
    """Return an event as a line of a log file: time stamp, system, message, traceback.

    Lines of a message after the first are indented with a tab, so that each event begins at the left margin.

    Returns:
        The text, which ends with a newline; or `None` when the event has nothing to say.
    """
    text = eventAsText(event, formatTime=formatTime)
    if not text:
        return None
    if "\n" in text:
        text = text.replace("\n", "\n\t")
    return text + "\n"


def eventAsText(
    event: LogEvent,
    includeTraceback: bool = True,
    includeTimestamp: bool = True,
    includeSystem: bool = True,
    formatTime: Callable[[float | None], str] = formatTime,
) -> str:
    """Return an event as text. Never raises because of the event.

    Args:
        event: any event.
        includeTraceback: append the traceback of its ``log_failure``.
        includeTimestamp: begin with the time, made by ``formatTime``.
        includeSystem: put the system, or else the namespace and level, in brackets before the message.
        formatTime: makes text of ``log_time``, or of `None` when there is none.

    Returns:
        The text; empty when the event has neither message nor traceback.
    """
    text = formatEvent(event)
    if includeTraceback and "log_failure" in event:
        text = f"{text}\n{_traceback(event)}"
    if not text:
        return ""
    if includeSystem:
        text = f"[{_system(event)}] {text}"
    if includeTimestamp:
        text = f"{formatTime(event.get('log_time'))} {text}"
    return text


def _system(event: LogEvent) -> str:
    """What stands in brackets: who logged."""
    system = event.get("log_system")
    try:
        if system is not None:
            return str(system)
        level = event.get("log_level")
        name = "-" if level is None else getattr(level, "name", level)
        return f"{event.get('log_namespace', '-')}#{name}"
    except Exception:
        return "UNFORMATTABLE"


def _traceback(event: LogEvent) -> str:
    try:
        return str(event["log_failure"].getTraceback())
    except Exception as problem:
        return f"(UNABLE TO OBTAIN TRACEBACK FROM EVENT):{_shown(problem)}"
