"""Events for observers of the older system, `ropewalk.python.log`, and events from it.

The older system's events have other keys: ``message`` (a tuple), ``isError``, ``time``, ``system``, ``failure``,
``why`` and a ``format`` for the ``%`` operator. Both kinds travel through the same publishers; here each gets the keys
that the other kind's observers ask for.
"""

from __future__ import annotations

from ._format import formatEvent
from ._levels import LEVELS, SEVERITY, LogLevel, fromSeverity
from ._names import Constant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from zope.interface import implementer

    from ._events import LogEvent, Observer
    from ._interfaces import ILogObserver
else:
    from ._declared import ILogObserver, implementer

__all__ = ["LegacyLogObserverWrapper", "publishToNewObserver"]

#: The namespace of events that come from the older system.
LEGACY = "log_legacy"


class FormattedEvent:
    """An event whose `str` is its message, formatted when it is asked for."""

    __slots__ = ("_event",)

    def __init__(self, event: LogEvent) -> None:
        self._event = event

    def __str__(self) -> str:
        return formatEvent(self._event)

    def __repr__(self) -> str:
        return repr(str(self))


@implementer(ILogObserver)
class LegacyLogObserverWrapper:
    """Lets an observer of the older system observe the newer one.

    Args:
        legacyObserver: called with events that have the older system's keys as well.
    """

    def __init__(self, legacyObserver: Observer) -> None:
        self.legacyObserver = legacyObserver

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.legacyObserver!r})"

    def __call__(self, event: LogEvent) -> None:
        if event.get("log_namespace") != LEGACY or "message" not in event:
            event = withLegacyKeys(event)
        self.legacyObserver(event)


def withLegacyKeys(event: LogEvent) -> LogEvent:
    """Return a copy of an event that an observer of the older system understands."""
    original, event = event, event.copy()
    if not isinstance(event.get("message"), (tuple, list)):
        event["message"] = ()  # A key of the emitter's that happens to have this name would be taken for the text.
    if "time" not in event:
        event["time"] = event.get("log_time")
    if "system" not in event:
        system = event.get("log_system")
        event["system"] = "-" if system is None else system
    if "format" not in event and event.get("log_format") is not None:
        # Observers apply the format to the event; this one puts in the message, if it comes to that.
        event["format"] = "%(log_legacy)s"
        event["log_legacy"] = FormattedEvent(original)
    if "log_failure" in event:
        event.setdefault("failure", event["log_failure"])
        event.setdefault("isError", 1)
        event.setdefault("why", formatEvent(original))
    else:
        event.setdefault("isError", 1 if event.get("log_level") in (LogLevel.error, LogLevel.critical) else 0)
    return event


def publishToNewObserver(
    observer: Observer, eventDict: LogEvent, textFromEventDict: Callable[[LogEvent], str | None]
) -> None:
    """Give an event of the older system to an observer of the newer one, with the keys that it asks for.

    Args:
        observer: what to call.
        eventDict: the event; the keys are added to it.
        textFromEventDict: makes its message.
    """
    # Written out rather than with `dict.setdefault`: every `log.msg` comes through here.
    if "log_time" not in eventDict:
        eventDict["log_time"] = eventDict["time"]
    if "log_format" not in eventDict:
        message = eventDict["message"]
        # Nearly every event of the older system is one string.
        if len(message) == 1 and type(message[0]) is str:
            text: str | None = message[0]
        else:
            text = textFromEventDict(eventDict)
        if text is not None:
            eventDict["log_text"] = text
            eventDict["log_format"] = "{log_text}"
    level = eventDict.get("log_level")
    if type(level) is not Constant or level not in SEVERITY:
        eventDict["log_level"] = _levelOf(eventDict)
    if "log_namespace" not in eventDict:
        eventDict["log_namespace"] = LEGACY
    if "log_system" not in eventDict and eventDict.get("system") is not None:
        eventDict["log_system"] = eventDict["system"]
    observer(eventDict)


def _levelOf(eventDict: LogEvent) -> object:
    """The level of an event of the older system: what ``logLevel`` says, else whether it is an error."""
    number = eventDict.get("logLevel")
    if number is not None:
        if isinstance(number, int) and number in SEVERITY.values():
            return fromSeverity(number)
        for level in LEVELS:
            if isinstance(number, str) and level.name == number.lower():
                return level
    return LogLevel.critical if eventDict.get("isError") else LogLevel.info
