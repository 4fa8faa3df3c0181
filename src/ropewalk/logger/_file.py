"""Events into a file, as lines of text: `FileLogObserver`."""

from __future__ import annotations

import io
import time

from ._format import formatEventAsClassicLogText, formatters, formatTime, timeFormatRFC3339

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO, Any

    from zope.interface import implementer

    from ._events import LogEvent
    from ._interfaces import ILogObserver
else:
    from ._declared import ILogObserver, implementer

__all__ = ["FileLogObserver", "takesText", "textFileLogObserver"]


@implementer(ILogObserver)
class FileLogObserver:
    """Writes each event to a file and flushes it.

    Args:
        outFile: a file of text, or of bytes (which get UTF-8).
        formatEvent: makes the text of an event, newline included, or nothing for an event to be left out.
    """

    def __init__(self, outFile: IO[Any], formatEvent: Callable[[LogEvent], str | None]) -> None:
        self._outFile = outFile
        self._encoding = None if takesText(outFile) else "utf-8"
        self.formatEvent = formatEvent

    def __call__(self, event: LogEvent) -> None:
        text = self.formatEvent(event)
        if text:
            self._put(text)

    def _put(self, text: str) -> None:
        """Write text, and hand it to the system."""
        outFile = self._outFile
        if self._encoding is None:
            try:
                outFile.write(text)
            except UnicodeEncodeError:
                outFile.write(encodable(text, outFile))
        else:
            outFile.write(text.encode(self._encoding, "backslashreplace"))
        outFile.flush()


def encodable(text: str, outFile: object) -> str:
    """Escape what a file's encoding lacks, since an event in part is better than none."""
    encoding = getattr(outFile, "encoding", None) or "ascii"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def takesText(file: object) -> bool:
    """Whether a file's ``write`` wants `str`. A file of unknown kind is taken to."""
    if isinstance(file, io.TextIOBase):
        return True
    if isinstance(file, io.IOBase):
        return False
    # Wrappers of `tempfile` and the like carry the file that they wrap.
    inner = getattr(file, "file", None)
    return not isinstance(inner, io.IOBase) or isinstance(inner, io.TextIOBase)


def textFileLogObserver(outFile: IO[Any], timeFormat: str | None = timeFormatRFC3339) -> FileLogObserver:
    """Make an observer that writes events as `formatEventAsClassicLogText` has them.

    Args:
        outFile: a file of text, or of bytes (which get UTF-8).
        timeFormat: how to write time stamps, as for `formatTime`; `None` for a dash in their place.
    """
    return TextFileLogObserver(outFile, timeFormat)


class TextFileLogObserver(FileLogObserver):
    """What `textFileLogObserver` makes: it writes ordinary events in one go, and others as its base does.

    Args:
        outFile: where to write.
        timeFormat: as for `formatTime`.
    """

    def __init__(self, outFile: IO[Any], timeFormat: str | None) -> None:
        def stamped(when: float | None) -> str:
            return formatTime(when, timeFormat)

        super().__init__(outFile, lambda event: formatEventAsClassicLogText(event, stamped))
        self._timeFormat = timeFormat
        # The second of the latest time stamp, as its beginning and its end, the stamp, and the time zone, which
        # `time.tzset` replaces. Changed as a whole, since other threads read it meanwhile.
        self._latest = (0.0, 0.0, "", time.tzname)

    def __call__(self, event: LogEvent) -> None:
        try:
            text = formatters[event["log_format"]](event)
            when = event["log_time"]
            begin, end, stamp, zone = self._latest
            if not begin <= when < end or zone is not time.tzname:
                stamp = self._next(when)
            line = f"{stamp} [{event['log_namespace']}#{event['log_level'].name}] {text}\n"
        except Exception:
            # Not an ordinary event: a format not met before, or bad; no time or level. (It is written below, not here:
            # what goes wrong then, a full disk say, must not be told as the consequence of this.)
            text = ""
        if not text or "\n" in text or "log_failure" in event or "log_system" in event or "log_flattened" in event:
            super().__call__(event)
            return
        self._put(line)

    def _next(self, when: float) -> str:
        """Return a time as text, and remember it for the rest of its second if the format shows no less."""
        stamp = formatTime(when, self._timeFormat)
        if self._timeFormat is not None and "%f" not in self._timeFormat:
            begin = when // 1
            self._latest = (begin, begin + 1, stamp, time.tzname)
        return stamp
