"""A file whose lines become events, to stand in for ``sys.stdout`` and ``sys.stderr``: `LoggingFile`."""

from __future__ import annotations

import sys
from io import UnsupportedOperation

from ._levels import LogLevel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO, Any, NoReturn

    from ._logger import Logger
    from ._names import Constant

__all__ = ["LoggingFile"]

#: How many characters wait for the end of their line. More of them are taken for a line.
MAX_WAITING = 2**16


class LoggingFile:
    """Emits an event for each line written to it. The line is the event's ``log_io``.

    Args:
        logger: emits the events.
        level: their level.
        encoding: of bytes that are written; that of the system by default.
    """

    softspace = 0  # Python 2's ``print`` kept its state here; old programs still ask for it.

    def __init__(self, logger: Logger, level: Constant = LogLevel.info, encoding: str | None = None) -> None:
        self.log = logger
        self.level = level
        self._encoding = encoding or sys.getdefaultencoding()
        self._buffer = ""  # The beginning of a line that isn't complete yet.
        self._closed = False
        # The stream that this one stands in for; set by `LogBeginner`. Observers that print write there.
        self._instead: IO[Any] | None = None

    @property
    def closed(self) -> bool:
        """Whether `close` has been called."""
        return self._closed

    @property
    def encoding(self) -> str:
        """How bytes that are written are decoded."""
        return self._encoding

    @property
    def mode(self) -> str:
        """``w``: it can be written to."""
        return "w"

    @property
    def newlines(self) -> None:
        """`None`: nothing is translated."""
        return

    @property
    def name(self) -> str:
        """Says where lines go: the logger's namespace and the level."""
        return f"<{type(self).__name__} {self.log.namespace}#{self.level.name}>"

    def close(self) -> None:
        """Take no more. What was not a whole line yet becomes an event."""
        rest, self._buffer = self._buffer, ""
        self._closed = True
        if rest:
            self._emit(rest)

    def flush(self) -> None:
        """Nothing: a line that isn't complete stays here."""

    def fileno(self) -> int:
        """
        Raises:
            io.UnsupportedOperation: always.
        """
        raise UnsupportedOperation("a LoggingFile has no file descriptor: what is written to it becomes log events")

    def isatty(self) -> bool:
        """False."""
        return False

    def write(self, message: str | bytes) -> int:
        """Take text, and emit an event for each line that it completes; for one that gets too long, before its end.

        Raises:
            ValueError: the file is closed.
        """
        if self._closed:
            raise ValueError("I/O operation on closed file")
        text = message.decode(self._encoding) if isinstance(message, bytes) else message
        *lines, self._buffer = (self._buffer + text).split("\n")
        for line in lines:
            self._emit(line)
        if len(self._buffer) > MAX_WAITING:
            line, self._buffer = self._buffer, ""
            self._emit(line)
        return len(message)

    def writelines(self, lines: Iterable[str | bytes]) -> None:
        """Take texts, one after the other; as with any file, nothing is put between them."""
        for line in lines:
            self.write(line)

    def _emit(self, line: str) -> None:
        if self._instead is not None and getattr(self.log.observer, "isBusy", bool)():
            # An observer that prints what it observes, or reports trouble of its own. As an event it would go round
            # in circles.
            self._instead.write(line + "\n")
            return
        from ._prefix import currentSystem

        # Only a system that somebody has set is worth a key: without it the stream's name says who wrote.
        system = currentSystem()
        if system is None:
            self.log.emit(self.level, "{log_io}", log_io=line)
        else:
            self.log.emit(self.level, "{log_io}", log_io=line, log_system=system)

    def _unreadable(self, *args: object) -> NoReturn:
        """
        Raises:
            OSError: always; a log is written to.
        """
        raise OSError("unsupported operation: a LoggingFile can only be written to")

    read = next = readline = readlines = xreadlines = seek = tell = truncate = _unreadable
