"""The log of this process: `globalLogPublisher`, and how logging begins.

Until a program says where its log should go, events wait in a buffer, and critical ones are shown on standard error
so that a program that never begins to log does not fail in silence.
"""

from __future__ import annotations

import sys
import warnings

from ._buffer import LimitedHistoryLogObserver
from ._filter import FilteringLogObserver, LogLevelFilterPredicate
from ._format import eventAsText
from ._io import LoggingFile
from ._levels import LogLevel
from ._logger import Logger
from ._publisher import LogPublisher

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO, Any, Protocol, TextIO

    from ._events import LogEvent, Observer

    class Streams(Protocol):
        """What has ``stdout`` and ``stderr`` to redirect: `sys`."""

        stdout: Any
        stderr: Any


__all__ = ["LogBeginner", "globalLogBeginner", "globalLogPublisher"]


class LogBeginner:
    """Begins logging, once.

    Args:
        publisher: the log whose beginning this is.
        errorStream: where critical events are shown until then; `None` for nowhere.
        stdio: what has the ``stdout`` and ``stderr`` to redirect: `sys`.
        warningsModule: what has the ``showwarning`` to redirect: `warnings`.
        initialBufferSize: how many events are kept until then; 65536 by default.
    """

    def __init__(
        self,
        publisher: LogPublisher,
        errorStream: IO[Any] | None,
        stdio: Streams,
        warningsModule: Any,  # A module, or something with its ``showwarning``.
        initialBufferSize: int | None = None,
    ) -> None:
        if initialBufferSize is None:
            buffer = LimitedHistoryLogObserver()
        else:
            buffer = LimitedHistoryLogObserver(initialBufferSize)
        self._initialBuffer: LimitedHistoryLogObserver | None = buffer
        self._publisher = publisher
        self._log = Logger(namespace="ropewalk.logger", observer=publisher)
        self._stdio = stdio
        self._warningsModule = warningsModule
        self._oldshowwarning = warningsModule.showwarning
        # Where logging began: file and line, for the warning to whoever begins it again.
        self._begun: tuple[str, int] | None = None

        def show(event: LogEvent) -> None:
            if errorStream is not None:
                errorStream.write(eventAsText(event, includeTimestamp=False, includeSystem=False) + "\n")
                errorStream.flush()

        isCritical = LogLevelFilterPredicate(defaultLogLevel=LogLevel.critical)
        self._temporaryObserver = LogPublisher(buffer, FilteringLogObserver(show, [isCritical]))
        publisher.addObserver(self._temporaryObserver)

    def beginLoggingTo(
        self, observers: Iterable[Observer], discardBuffer: bool = False, redirectStandardIO: bool = True
    ) -> None:
        """Have these observers called with every event: those emitted so far, and those to come.

        A second call adds its observers too, and warns them all that two places of the program decide where the log
        goes.

        Args:
            observers: what to call.
            discardBuffer: forget what was emitted so far.
            redirectStandardIO: make what is written to standard output and standard error events too.
        """
        observers = tuple(observers)
        caller = _callerOutside()
        previous, self._begun = self._begun, self._begun or caller
        for observer in observers:
            self._publisher.addObserver(observer)
        if previous is None:
            buffer, self._initialBuffer = self._initialBuffer, None
            self._publisher.removeObserver(self._temporaryObserver)
            if buffer is not None and not discardBuffer:
                buffer.replayTo(LogPublisher(*observers))
        else:
            self._log.warn(
                "Warning: logging begins for a second time at <{fileNow}:{lineNow}>; it began at "
                "<{fileThen}:{lineThen}>. Remove one of the calls to beginLoggingTo.",
                fileNow=caller[0],
                lineNow=caller[1],
                fileThen=previous[0],
                lineThen=previous[1],
            )
        if redirectStandardIO:
            for name, level in (("stdout", LogLevel.info), ("stderr", LogLevel.error)):
                stream = getattr(self._stdio, name)
                file = LoggingFile(
                    Logger(namespace=name, observer=self._publisher), level, getattr(stream, "encoding", None)
                )
                file._instead = getattr(stream, "_instead", stream)
                setattr(self._stdio, name, file)
        self._warningsModule.showwarning = self.showwarning

    def showwarning(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        """Emit an event for a Python warning: what `warnings.showwarning` is once logging has begun.

        With a ``file`` the warning goes there, as it would have otherwise.
        """
        if file is not None:
            self._oldshowwarning(message, category, filename, lineno, file, line)
            return
        self._log.warn(
            "{filename}:{lineno}: {category}: {warning}",
            warning=message,
            category=f"{category.__module__}.{category.__qualname__}",
            filename=filename,
            lineno=lineno,
        )


def _callerOutside() -> tuple[str, int]:
    """The file and line of the nearest caller outside this package: the place a reader of the warning can mend."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(OURS):
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


OURS = ("ropewalk.logger", "ropewalk.python.log")

globalLogPublisher = LogPublisher()
globalLogBeginner = LogBeginner(globalLogPublisher, sys.stderr, sys, warnings)
