"""The bridge to the standard library's ``logging``: our events as its records, its records as our events.

A program may have both directions at once. What has crossed the bridge is marked, a record with the event it was and
an event with the record it was, and nothing crosses back.
"""

from __future__ import annotations

import logging
import sys

from ._global import globalLogBeginner, globalLogPublisher
from ._legacy import LEGACY, FormattedEvent
from ._levels import SEVERITY, LogLevel, fromSeverity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from zope.interface import implementer

    from ._events import LogEvent, Observer
    from ._interfaces import ILogObserver
else:
    from ._declared import ILogObserver, implementer

__all__ = ["STDLibLogObserver", "logFromStdlib", "logToStdlib"]

# Code that stands between whoever logs and an observer.
PASSERS = ("ropewalk.logger", "ropewalk.python.log", "ropewalk.python.context")


@implementer(ILogObserver)
class STDLibLogObserver:
    """Gives events to ``logging``: level, message, exception, and the place in the program that logged.

    Handlers of ``logging`` may block; nothing protects the reactor from one that does.

    Args:
        name: of the ``logging`` logger that gets the events.
        stackDepth: raise it above `defaultStackDepth` by the number of your own functions that stand between those
            who log and `Logger`, to have records name the former.
    """

    defaultStackDepth = 4

    def __init__(self, name: str = "twisted", stackDepth: int = defaultStackDepth) -> None:
        self.logger = logging.getLogger(name)
        self.stackDepth = stackDepth

    def __call__(self, event: LogEvent) -> None:
        if "log_record" not in event:
            self._send(self.logger, event)

    def _send(self, logger: logging.Logger, event: LogEvent) -> None:
        number = _severity(event)
        if not logger.isEnabledFor(number):
            return
        failure = event.get("log_failure") or event.get("failure")
        excInfo = None
        if failure is not None:
            try:
                excInfo = (failure.type, failure.value, failure.getTracebackObject())
            except AttributeError:
                pass  # Not a Failure; formatting the event says what it is.
        frame = self._caller()
        record = logger.makeRecord(
            logger.name,
            number,
            frame.f_code.co_filename,
            frame.f_lineno,
            FormattedEvent(event),
            (),
            excInfo,
            frame.f_code.co_name,
            {"log_event": event},
        )
        when = event.get("log_time")
        if isinstance(when, float):
            record.created, record.msecs = when, when % 1 * 1000
        logger.handle(record)

    def _caller(self) -> FrameType:
        """The frame of whoever logged."""
        frame = sys._getframe(2)
        while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(PASSERS):
            frame = frame.f_back
        for _ in range(self.stackDepth - self.defaultStackDepth):
            frame = frame.f_back or frame
        return frame


def _severity(event: LogEvent) -> int:
    """The number of an event's level; events of `ropewalk.python.log` may carry their own."""
    number = event.get("logLevel")
    if isinstance(number, int) and not isinstance(number, bool):
        return number
    level = event.get("log_level")
    if level is LogLevel.critical and event.get("log_namespace") == LEGACY and number is None:
        return logging.ERROR  # `log.err`: the documents promise this level, and no higher one.
    return logging.INFO if level is None else SEVERITY.get(level, logging.INFO)


class _ByNamespace(STDLibLogObserver):
    """Gives each event to the ``logging`` logger of its namespace, so that levels can be set for each."""

    def __call__(self, event: LogEvent) -> None:
        if "log_record" not in event:
            self._send(logging.getLogger(event.get("log_namespace") or self.logger.name), event)


class Bridge:
    """One direction of the bridge, as long as it is up."""

    def __init__(self, observer: Observer | None = None, handler: logging.Handler | None = None) -> None:
        self._observer = observer
        self._handler = handler

    def stop(self) -> None:
        """Take it down. Nothing happens if it is."""
        if self._observer is not None:
            globalLogPublisher.removeObserver(self._observer)
        if self._handler is not None:
            logging.getLogger().removeHandler(self._handler)


def logToStdlib(name: str | None = None) -> Bridge:
    """Send every event to ``logging``, and begin to log that way.

    Events so far come along; standard output and standard error stay what they are, since the handlers of ``logging``
    usually write there.

    Args:
        name: of the ``logging`` logger that gets all events; by default each goes to the logger that is named as its
            namespace, so that ``logging``'s configuration tells modules apart.

    Returns:
        The bridge, to be stopped.
    """
    observer = _ByNamespace("ropewalk") if name is None else STDLibLogObserver(name)
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False)
    return Bridge(observer=observer)


def logFromStdlib(level: int | str | None = None) -> Bridge:
    """Make an event of every record of ``logging``.

    The event's ``log_namespace`` is the logger's name, its ``log_record`` the record, its message the record's,
    formatted when somebody reads it.

    Args:
        level: the lowest that ``logging`` lets through, set on its root logger; by default that stays as it is
            (``WARNING``, unless the program has changed it).

    Returns:
        The bridge, to be stopped.
    """
    root = logging.getLogger()
    handler = _EventHandler()
    root.addHandler(handler)
    if level is not None:
        root.setLevel(level)
    return Bridge(handler=handler)


class _EventHandler(logging.Handler):
    """The end of the bridge that ``logging`` knows."""

    def emit(self, record: logging.LogRecord) -> None:
        if hasattr(record, "log_event"):
            return
        event: LogEvent = {
            "log_record": record,
            "log_level": fromSeverity(record.levelno),
            "log_namespace": record.name,
            "log_source": None,
            "log_format": "{log_record.getMessage()}",
            "log_time": record.created,
        }
        if record.exc_info and record.exc_info[1] is not None:
            from ..python.failure import Failure

            event["log_failure"] = Failure(record.exc_info[1], record.exc_info[0], record.exc_info[2])
        globalLogPublisher(event)
