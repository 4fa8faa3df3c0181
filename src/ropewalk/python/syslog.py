"""Log to the system's ``syslog``: `startLogging`, `SyslogObserver`."""

from __future__ import annotations

import syslog

from ..logger._levels import LogLevel
from . import log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..logger._events import LogEvent

__all__ = ["DEFAULT_FACILITY", "DEFAULT_OPTIONS", "SyslogObserver", "startLogging"]

DEFAULT_OPTIONS = 0
DEFAULT_FACILITY = syslog.LOG_USER

# Levels that have a priority of their own. The rest is ``LOG_INFO``, and errors are ``LOG_ALERT``.
PRIORITIES = {LogLevel.debug: syslog.LOG_DEBUG, LogLevel.warn: syslog.LOG_WARNING}


class SyslogObserver:
    """Gives events to ``syslog``, a message for each of their lines.

    An event may say its priority (``syslogPriority``) and facility (``syslogFacility``), constants of the module
    `syslog`.

    Args:
        prefix: stands at the beginning of each message: the program's name.
        options: ``LOG_PID`` and the like.
        facility: ``LOG_DAEMON`` and the like.
    """

    openlog = staticmethod(syslog.openlog)
    syslog = staticmethod(syslog.syslog)

    def __init__(self, prefix: str, options: int = DEFAULT_OPTIONS, facility: int = DEFAULT_FACILITY) -> None:
        self.openlog(prefix, options, facility)

    def emit(self, eventDict: LogEvent) -> None:
        """Give an event to ``syslog``, unless it has no text. Lines after its first are indented with a tab."""
        text = log.textFromEventDict(eventDict)
        if text is None:
            return
        priority: int | None = eventDict.get("syslogPriority")
        if priority is None:
            if eventDict["isError"]:
                priority = syslog.LOG_ALERT
            else:
                priority = PRIORITIES.get(eventDict.get("log_level", LogLevel.info), syslog.LOG_INFO)
        priority |= eventDict.get("syslogFacility") or 0

        lines = text.split("\n")
        while lines and not lines[-1]:
            lines.pop()
        for number, line in enumerate(lines):
            # The system takes the message as a C string, which ends at a NUL.
            shown = line.replace("\0", "\\0")
            self.syslog(priority, f"[{eventDict['system']}] {chr(9) if number else ''}{shown}")


def startLogging(
    prefix: str = "Twisted",
    options: int = DEFAULT_OPTIONS,
    facility: int = DEFAULT_FACILITY,
    setStdout: bool | int = 1,
) -> None:
    """Begin to log to ``syslog``.

    Args:
        prefix: the program's name, at the beginning of each message.
        options: as for `SyslogObserver`.
        facility: as for `SyslogObserver`.
        setStdout: whether what is written to standard output and standard error becomes events too.
    """
    log.startLoggingWithObserver(SyslogObserver(prefix, options, facility).emit, setStdout=setStdout)
