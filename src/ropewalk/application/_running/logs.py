"""Where an application's log goes, in what form, and how much of it."""

from __future__ import annotations

import os
import platform
import signal
import stat
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ropewalk.logger import (
    FilteringLogObserver,
    ILogObserver,
    LegacyLogObserverWrapper,
    Logger,
    LogLevel,
    LogLevelFilterPredicate,
    globalLogBeginner,
    globalLogPublisher,
    textFileLogObserver,
)
from ropewalk.python import log
from ropewalk.python.logfile import LogFile
from ropewalk.python.reflect import namedAny, qual
from ropewalk.python.usage import UsageError

from .mistakes import Refusal, Status, describe, foreignTraceback, refused

if TYPE_CHECKING:
    from ropewalk.logger import LogEvent

    Observer = Callable[[LogEvent], object]

_log = Logger("ropewalk.application.app")

LEVELS = ("debug", "info", "warn", "error", "critical")
FORMATS = ("text", "json")

DEFAULT_FILE = "twistd.log"


def levelNamed(text: str) -> Any:
    """Return a level of the log.

    Raises:
        UsageError: there is none of that name.
    """
    if text not in LEVELS:
        raise UsageError(f"--log-level is one of {', '.join(LEVELS)}, not {text!r}")
    return LogLevel.levelWithName(text)


def formatNamed(text: str) -> str:
    """Return the name of a form of the log.

    Raises:
        UsageError: there is none of that name.
    """
    if text not in FORMATS:
        raise UsageError(f"--log-format is one of {', '.join(FORMATS)}, not {text!r}")
    return text


def observerOf(file: Any, form: str = "text") -> Observer:
    """Make what writes events to a file.

    Args:
        file: has ``write`` and ``flush``.
        form: one of `FORMATS`.
    """
    if form == "json":
        from ropewalk.logger import jsonFileLogObserver

        # Without the record separators of RFC 7464: what reads logs reads lines.
        return jsonFileLogObserver(file, recordSeparator="")
    return textFileLogObserver(file)


def filtered(observer: Observer, level: Any) -> Observer:
    """Let events of a level and above through to an observer."""
    if level is None:
        return observer
    return FilteringLogObserver(observer, [LogLevelFilterPredicate(defaultLogLevel=level)])


class WhileRead:
    """Writes to standard output for as long as somebody reads it: a service goes on when a pipe's reader doesn't.

    Args:
        file: the output; `None` if the process was started without one.
    """

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, text: str) -> None:
        """Write text.

        Raises:
            OSError: it cannot be written for another reason than that nobody reads.
        """
        if self._file is not None:
            try:
                self._file.write(text)
            except BrokenPipeError:
                self._file = None

    def flush(self) -> None:
        """Give it to the system. Raises what `write` does."""
        if self._file is not None:
            try:
                self._file.flush()
            except BrokenPipeError:
                self._file = None


class AppLogger:
    """Begins the log of an application, and ends it.

    In this order, the first that is there counts: the component `ILogObserver` of the application, the factory that
    the option ``logger`` names, the other options.

    Args:
        options: what a command line said: ``logfile``, ``logger``, and if they are there ``log-level`` (a level) and
            ``log-format``.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._filename: str = options.get("logfile") or ""
        self._form: str = options.get("log-format") or "text"
        self._level = options.get("log-level")
        self._factory: Callable[[], Observer] | None = None
        name = options.get("logger")
        if name:
            self._factory = factoryNamed(name)
        self._observer: Observer | None = None

    def start(self, application: Any) -> None:
        """Begin to log: what has happened so far, and how the process starts.

        Args:
            application: a `Componentized`; its component `ILogObserver` comes first.

        Raises:
            Refusal: the log cannot be written.
        """
        observer = _component(application)
        if observer is None:
            if self._factory is not None:
                observer = _modern(self._factory())
            else:
                observer = self._getLogObserver()
        self._observer = filtered(observer, self._level)
        self._probe(observer)
        globalLogBeginner.beginLoggingTo([self._observer])
        self._initialLog()

    def stop(self) -> None:
        """Say that this is the end, and log no more."""
        _log.info("Server Shut Down.", log_system="-")
        if self._observer is not None:
            globalLogPublisher.removeObserver(self._observer)
            self._observer = None

    def _getLogObserver(self) -> Observer:
        """Make the observer that the options describe. Children have more to choose from."""
        if self._filename in ("", "-"):
            return observerOf(WhileRead(sys.stdout), self._form)
        return observerOf(openLog(self._filename), self._form)

    def _probe(self, observer: Observer) -> None:
        """Write the log's first line, here where what doesn't work can still be told."""
        try:
            Logger("ropewalk.application.app", observer=observer).info("Log opened.", log_system="-")
        except OSError as problem:
            where = repr(self._filename) if self._filename not in ("", "-") else "standard output"
            raise refused(f"write the log to {where}", problem, Status.IOERR) from None
        except Exception as problem:
            raise Refusal(
                f"the log observer does not work: {problem}", Status.CONFIG, foreignTraceback(problem)
            ) from problem

    def _initialLog(self) -> None:
        from ropewalk._standin import ownVersion
        from ropewalk.internet import reactor

        _log.info(
            "twistd {version} ({exe} {pyVersion}) starting up.",
            version=ownVersion(),
            exe=sys.executable,
            pyVersion=platform.python_version(),
            log_system="-",
        )
        reactor.addSystemEventTrigger  # noqa: B018  # an attribute, so that the reactor is chosen by now
        _log.info("reactor class: {reactor}.", reactor=qual(type(reactor)), log_system="-")


def _component(application: Any) -> Observer | None:
    """The observer that an application brings, of the newer kind or the older."""
    getComponent = getattr(application, "getComponent", None)
    if getComponent is None:
        return None
    observer: Observer | None = getComponent(ILogObserver, None)
    if observer is not None:
        return observer
    older = getComponent(log.ILogObserver, None)
    return None if older is None else LegacyLogObserverWrapper(older)


def _modern(observer: Observer) -> Observer:
    """What a factory made, wrapped unless it says that it knows the newer events: the older ones have more keys."""
    return observer if ILogObserver.providedBy(observer) else LegacyLogObserverWrapper(observer)


def factoryNamed(name: str) -> Callable[[], Observer]:
    """Return the function that makes an observer, by its full name.

    Raises:
        UsageError: there is none of that name, or its module cannot be imported.
    """
    try:
        factory: Callable[[], Observer] = namedAny(name)
    except Exception as problem:
        # Somebody's module may raise anything while it is imported.
        raise UsageError(f"--logger: {name!r} cannot be imported: {problem}") from problem

    def make() -> Observer:
        try:
            return factory()
        except Exception as problem:
            raise Refusal(
                f"--logger: {name} could not make an observer: {problem}", Status.CONFIG, foreignTraceback(problem)
            ) from problem

    return make


def openLog(path: str) -> LogFile:
    """Open a log file that is put aside when it is full, and on SIGUSR1.

    When something else, logrotate say, has put it aside already, SIGUSR1 begins a new one under the old name.

    Raises:
        Refusal: it cannot be opened.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        # A device or a pipe cannot be put aside.
        rotateLength = None
    else:
        rotateLength = 1000000
    try:
        file = LogFile.fromFullPath(path, rotateLength=rotateLength)
    except OSError as problem:
        raise refused(f"open the log file {path!r}", problem, Status.CANTCREAT) from None
    if hasattr(signal, "SIGUSR1") and signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL:
        signal.signal(signal.SIGUSR1, lambda number, frame: _rotateSoon(file))
    return file


def _rotateSoon(file: LogFile) -> None:
    """Have it done between two turns: in the middle of a write is no time for it."""
    from ropewalk.internet import reactor

    reactor.callFromThread(rotate, file)


def rotate(file: LogFile) -> None:
    """Put a log file aside, or begin a new one if somebody else has. A device or a pipe stays where it is."""
    ours = os.fstat(file._file.fileno())
    if not stat.S_ISREG(ours.st_mode):
        return
    try:
        if not _isAt(file.path, ours):
            file.reopen()
            return
        file.rotate()
        stays = _isAt(file.path, ours)
    except OSError as problem:
        _log.error("cannot begin a new log file {path!r}: {problem}", path=file.path, problem=describe(problem))
        return
    if stays:
        _log.warn("the log file {path!r} is not put aside: this process may not write there", path=file.path)


def _isAt(path: str, file: os.stat_result) -> bool:
    """Whether a path is that of a file."""
    try:
        return os.path.samestat(os.stat(path), file)
    except FileNotFoundError:
        return False
