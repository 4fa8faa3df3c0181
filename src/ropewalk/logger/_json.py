"""Events as lines of JSON, and back.

Whatever an event holds, a line comes out: bytes become text (each byte a character), log levels and failures become
objects that are recognised when they are read, and what JSON has no word for becomes ``{"unpersistable": true}``. The
fields that the format names are saved beside it (see `._flatten`), so a reloaded event reads as it did.

Records are written as RFC 7464 has it: a record separator, the object, a newline. That makes a record that a crash
cut short recognisable, and the next one readable.
"""

from __future__ import annotations

import json
import sys
from uuid import UUID

from ..python.failure import Failure
from ._events import LogEvent
from ._file import FileLogObserver
from ._flatten import flattened
from ._levels import LEVELS, SEVERITY
from ._logger import Logger
from ._names import Constant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO, Any

__all__ = ["eventAsJSON", "eventFromJSON", "eventsFromJSONLogFile", "jsonFileLogObserver"]

log = Logger(namespace="ropewalk.logger")

#: What marks an object that stands for one of ours. Files that Twisted wrote have the same marks.
KIND = "__class_uuid__"
LEVEL = str(UUID("02E59486-F24D-46AD-8224-3ACDF2A5732A"))
FAILURE = str(UUID("E76887E2-20ED-49BF-A8F8-BA25CC586F2D"))
UNPERSISTABLE = {"unpersistable": True}

SEPARATOR = "\x1e"


def eventAsJSON(event: LogEvent) -> str:
    """Return an event as JSON text, in one line. Never raises because of the event."""
    saved = event.copy()
    fields = flattened(event)
    if fields is not None:
        saved["log_flattened"] = fields
    tail = "}"
    level = saved.get("log_level")
    if type(level) is Constant and level in _tails and isinstance(saved.get("log_logger"), Logger) and len(saved) > 2:
        # Nearly every event has these two, and what is saved of them is text already.
        del saved["log_level"], saved["log_logger"]
        tail = _tails[level]
    try:
        text = _encode(saved)
    except (TypeError, ValueError, RecursionError):
        text = _encode(_tame(saved, set()))
    return text[:-1] + tail


def _save(value: object) -> object:
    """Return what JSON can hold of a value that it cannot."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, Constant):
        return _savedLevels.get(value, UNPERSISTABLE)
    if isinstance(value, Failure):
        return _savedFailure(value)
    return UNPERSISTABLE


# What goes round in circles is found by its depth: to look for circles takes longer.
_encode = json.JSONEncoder(skipkeys=True, check_circular=False, default=_save).encode

# Numbers as `logging` and other tools have them, so that a reader can filter by "at least".
_savedLevels = {level: {"name": level.name, KIND: LEVEL, "severity": SEVERITY[level]} for level in LEVELS}

# How an event's text ends that has the level, and a logger.
_tails = {
    level: f', "log_level": {_encode(saved)}, "log_logger": {_encode(UNPERSISTABLE)}}}'
    for level, saved in _savedLevels.items()
}


def _savedFailure(failure: Failure) -> dict[str, object]:
    return {
        KIND: FAILURE,
        "type": {"__module__": failure.type.__module__, "__name__": failure.type.__qualname__},
        "value": _text(failure.value),
        "parents": list(failure.parents),
        "frames": [[name, file, line, [], []] for name, file, line, *_ in failure.frames],
        "stack": [],
        "captureVars": False,
        "tb": None,
        "count": failure.count,
        "pickled": 1,
        # For people, and for programs that know nothing of us.
        "traceback": _traceback(failure),
    }


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception:
        return f"<{type(value).__name__} whose str raised>"


def _traceback(failure: Failure) -> str:
    try:
        return failure.getTraceback()
    except Exception:
        return ""


def _tame(value: object, above: set[int]) -> object:
    """Return a copy of a structure in which what goes round in circles, or cannot be encoded, has a placeholder.

    Args:
        value: any value.
        above: the `id` of each container that this one is in.
    """
    if isinstance(value, (dict, list, tuple)):
        if id(value) in above or len(above) > 100:
            return UNPERSISTABLE
        above = above | {id(value)}
        if isinstance(value, dict):
            return {key: _tame(inner, above) for key, inner in value.items() if isinstance(key, str)}
        return [_tame(inner, above) for inner in value]
    try:
        _encode(value)
    except (TypeError, ValueError, RecursionError):
        return UNPERSISTABLE
    return value


def eventFromJSON(eventText: str) -> LogEvent:
    """Return the event that `eventAsJSON` made a text of.

    Raises:
        json.JSONDecodeError: the text is not JSON.
    """
    event: LogEvent = _decode(eventText)
    return event


def _load(saved: dict[str, Any]) -> object:
    """Return what an object of JSON stands for, which for most is itself."""
    kind = saved.get(KIND)
    if kind == LEVEL:
        name = saved.get("name")
        for level in LEVELS:
            if level.name == name:
                return level
    elif kind == FAILURE:
        return _loadedFailure(saved)
    return saved


_decode = json.JSONDecoder(object_hook=_load).decode


class ReloadedException(Exception):
    """Stands for an exception of which only the text was saved."""


def _loadedFailure(saved: dict[str, Any]) -> object:
    try:
        failure = Failure.__new__(Failure)
        failure.__setstate__(
            {
                "type": _typeNamed(saved["type"]["__module__"], saved["type"]["__name__"]),
                "value": ReloadedException(saved["value"]),
                "captureVars": False,
                "_frames": [tuple(frame) for frame in saved["frames"]],
                "_origins": "",
            }
        )
    except (KeyError, TypeError, AttributeError):
        return saved  # Somebody else's object that happens to carry our mark.
    return failure


def _typeNamed(module: str, name: str) -> type[BaseException]:
    """Return the exception class of that name, if it is loaded: a log file must not make us import anything."""
    found: object = sys.modules.get(module)
    if found is None and module.startswith("twisted."):
        found = sys.modules.get("ropewalk." + module.removeprefix("twisted."))  # The file is Twisted's.
    for part in name.split("."):
        found = getattr(found, part, None)
    if isinstance(found, type) and issubclass(found, BaseException):
        return found
    return type(name, (ReloadedException,), {"__module__": module})


def jsonFileLogObserver(outFile: IO[Any], recordSeparator: str = SEPARATOR) -> FileLogObserver:
    """Make an observer that writes events as JSON, a line each.

    Args:
        outFile: a file of text, or of bytes (which get UTF-8).
        recordSeparator: what stands before each record; ``""`` for plain lines of JSON, as many tools want them.
    """
    return FileLogObserver(outFile, lambda event: f"{recordSeparator}{eventAsJSON(event)}\n")


def eventsFromJSONLogFile(
    inFile: IO[Any], recordSeparator: str | bytes | None = None, bufferSize: int = 4096
) -> Iterable[LogEvent]:
    """Read back the events that `jsonFileLogObserver` wrote. A record that cannot be read is logged and left out.

    Args:
        inFile: a file of text, or of bytes in UTF-8.
        recordSeparator: what stands before each record, ``""`` for plain lines; by default the file's first character
            tells.
        bufferSize: how much to read at once.

    Returns:
        An iterator that reads as it goes.
    """
    separator = None if recordSeparator is None else _bytes(recordSeparator)
    return _events(inFile, separator, bufferSize)


def _events(inFile: IO[Any], separator: bytes | None, bufferSize: int) -> Iterator[LogEvent]:
    def read() -> bytes:
        return _bytes(inFile.read(bufferSize))

    buffer = read()
    if separator is None:
        separator = SEPARATOR.encode() if buffer.startswith(SEPARATOR.encode()) else b""
    chunk = buffer
    while chunk:
        # All but the last piece are complete: what follows them says so.
        *records, buffer = buffer.split(separator or b"\n")
        for record in records:
            yield from _record(record, separator)
        chunk = read()
        buffer += chunk
    yield from _record(buffer, separator)


def _record(record: bytes, separator: bytes) -> Iterator[LogEvent]:
    """Yield the event in a record, or log what is wrong with it."""
    if not record.strip():
        return
    if separator and not record.endswith(b"\n"):
        log.error("Unable to read truncated JSON record: {record!r}", record=record)
        return
    try:
        event: object = _decode(record.decode("utf-8"))
    except UnicodeDecodeError:
        log.error("Unable to decode UTF-8 for JSON record: {record!r}", record=record)
    except ValueError:
        log.error("Unable to read JSON record: {record!r}", record=record)
    else:
        if isinstance(event, dict):
            yield event
        else:
            log.error("Unable to read JSON record, an event is an object: {record!r}", record=record)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
