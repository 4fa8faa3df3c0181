"""The older logging interface: `msg`, `err`, `startLogging`. It is a client of `ropewalk.logger`.

An event of this interface is a dict with the keys ``message`` (a tuple of what was given to `msg`), ``isError``,
``time``, ``system`` and whatever else was given; ``failure`` and ``why`` when it is about an exception; ``format``,
for the ``%`` operator, in place of a message. On its way through `globalLogPublisher` it gets the newer system's keys
too, and events of the newer system get these, so observers of either kind see everything.
"""

from __future__ import annotations

import sys
import warnings
from io import UnsupportedOperation
from time import localtime, time

from ..logger._file import encodable, takesText
from ..logger._format import formatTime
from ..logger._global import LogBeginner, globalLogBeginner, globalLogPublisher
from ..logger._io import LoggingFile
from ..logger._legacy import LegacyLogObserverWrapper, publishToNewObserver
from ..logger._levels import LogLevel
from ..logger._logger import Logger as NewLogger
from ..logger._prefix import transportPrefix
from ..logger._publisher import LogPublisher as NewPublisher
from . import context
from .failure import Failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import IO, Any, NoReturn, ParamSpec, Protocol, TypeVar

    from ..logger._events import LogEvent, Observer

    P = ParamSpec("P")
    R = TypeVar("R")

    class Prefixed(Protocol):
        def logPrefix(self) -> str: ...


__all__ = [
    "DefaultObserver",
    "FileLogObserver",
    "ILogContext",
    "LegacyLogObserverWrapper",
    "LogBeginner",
    "LogPublisher",
    "Logger",
    "LoggingFile",
    "NullFile",
    "PythonLoggingObserver",
    "StdioOnnaStick",
    "addObserver",
    "callWithContext",
    "callWithLogger",
    "defaultObserver",
    "deferr",
    "discardLogs",
    "err",
    "logerr",
    "logfile",
    "msg",
    "removeObserver",
    "showwarning",
    "startLogging",
    "startLoggingWithObserver",
    "textFromEventDict",
    "theLogPublisher",
]


class ILogContext:
    """The key of `ropewalk.python.context` under which the log context is carried: a dict of keys for each event."""


context.setDefault(ILogContext, {"system": "-"})


def callWithContext(ctx: dict[str, Any], func: Callable[P, R], *args: P.args, **kw: P.kwargs) -> R:
    """Call a function and return its result; every event of this interface emitted meanwhile gets these keys.

    Args:
        ctx: the keys, on top of those of the context this is called in. ``system`` is what stands in brackets
            before a message.
        func: what to call.
        args: its arguments.
        kw: its keyword arguments.
    """
    merged = {**context.get(ILogContext), **ctx}
    return context.call({ILogContext: merged}, func, *args, **kw)


def callWithLogger(logger: Prefixed, func: Callable[P, R], *args: P.args, **kw: P.kwargs) -> R | None:
    """Call a function with ``logger.logPrefix()`` as the system of what it logs, and log what it raises.

    Returns:
        The function's result; `None` when it raised.
    """
    try:
        prefix = logger.logPrefix()
    except Exception:
        prefix = "(buggy logPrefix method)"
        err(system=prefix)
    try:
        return callWithContext({"system": prefix}, func, *args, **kw)
    except KeyboardInterrupt:
        raise
    except BaseException:  # Even `SystemExit`: what one connection does must not end the rest.
        err(system=prefix)
        return None


class LogPublisher:
    """Emits events and gives them to observers of the older kind.

    Args:
        observerPublisher: the newer system's publisher to which observers are added.
        publishPublisher: the newer system's publisher to which events are given; the same by default.
        logBeginner: begins the logging of that publisher.
        warningsModule: what has the ``showwarning`` to redirect: `warnings`.
    """

    synchronized = ["msg"]

    def __init__(
        self,
        observerPublisher: NewPublisher | None = None,
        publishPublisher: NewPublisher | None = None,
        logBeginner: LogBeginner | None = None,
        warningsModule: Any = warnings,  # A module, or something with its ``showwarning``.
    ) -> None:
        if publishPublisher is None:
            publishPublisher = NewPublisher()
            if observerPublisher is None:
                observerPublisher = publishPublisher
        if observerPublisher is None:
            observerPublisher = NewPublisher()
        if logBeginner is None:
            # Its own publisher: a beginner that begins nothing must not hold back what is published here.
            logBeginner = LogBeginner(NewPublisher(), None, sys, warningsModule)
        self._observerPublisher = observerPublisher
        self._publishPublisher = publishPublisher
        self._legacyObservers: list[LegacyLogObserverWrapper] = []
        self._logBeginner = logBeginner
        self.showwarning = logBeginner.showwarning

    @property
    def observers(self) -> list[Observer]:
        """What is called with each event."""
        return [wrapper.legacyObserver for wrapper in self._legacyObservers]

    def addObserver(self, other: Observer) -> None:
        """Have an observer called with every event from now on."""
        wrapper = LegacyLogObserverWrapper(other)
        self._legacyObservers.append(wrapper)
        self._observerPublisher.addObserver(wrapper)

    def removeObserver(self, other: Observer) -> None:
        """Stop calling an observer. Nothing happens when it isn't there."""
        for wrapper in self._legacyObservers:
            if wrapper.legacyObserver == other:
                self._legacyObservers.remove(wrapper)
                self._observerPublisher.removeObserver(wrapper)
                return

    def _startLogging(self, other: Observer, setStdout: object) -> None:
        """Begin to log, to this observer."""
        wrapper = LegacyLogObserverWrapper(other)
        self._legacyObservers.append(wrapper)
        self._logBeginner.beginLoggingTo([wrapper], discardBuffer=True, redirectStandardIO=bool(setStdout))

    def msg(self, *message: object, **kw: Any) -> None:
        """Emit an event.

        Args:
            message: what to say; its parts are joined with spaces.
            kw: more keys for the event. ``system`` is who says it, ``logLevel`` its level as a number of `logging`.
        """
        eventDict: LogEvent = {**context.get(ILogContext), **kw}
        if eventDict.get("system") == "-":
            # Nobody has said who is speaking: a connection, perhaps.
            prefix = transportPrefix()
            if prefix is not None:
                eventDict["system"] = prefix
        eventDict["message"] = message
        eventDict["time"] = time()
        if "isError" not in eventDict:
            eventDict["isError"] = 0
        publishToNewObserver(self._publishPublisher, eventDict, textFromEventDict)


theLogPublisher = LogPublisher(
    observerPublisher=globalLogPublisher, publishPublisher=globalLogPublisher, logBeginner=globalLogBeginner
)
msg = theLogPublisher.msg
addObserver = theLogPublisher.addObserver
removeObserver = theLogPublisher.removeObserver
showwarning = theLogPublisher.showwarning


def err(_stuff: object = None, _why: str | None = None, **kw: Any) -> None:
    """Emit an event about an exception, with its traceback. As an errback it consumes the failure.

    Args:
        _stuff: a `Failure` or an exception; by default the exception that is being handled; anything else is logged
            as its `repr`.
        _why: what was going on.
        kw: more keys for the event.

    Raises:
        NoCurrentExceptionError: nothing is given and no exception is being handled.
    """
    if _stuff is None:
        _stuff = Failure()
    elif isinstance(_stuff, BaseException) and not isinstance(_stuff, Failure):
        _stuff = Failure(_stuff)
    if isinstance(_stuff, Failure):
        msg(failure=_stuff, why=_why, isError=1, **kw)
    else:
        msg(repr(_stuff), why=_why, isError=1, **kw)


deferr = err


class Logger:
    """Something whose log lines have a prefix: to be derived from."""

    def logPrefix(self) -> str:
        """Return the prefix, which stands in brackets: ``-``, unless a subclass knows better."""
        return "-"


def textFromEventDict(eventDict: LogEvent) -> str | None:
    """Return the text of an event of this interface; `None` when it has none.

    It is the ``message``; or else the traceback of the ``failure`` under ``why``; or else ``format % event``.
    """
    message = eventDict["message"]
    if message:
        if len(message) == 1 and type(message[0]) is str:
            return message[0]
        return " ".join([_str(part) for part in message])
    if eventDict.get("isError") and "failure" in eventDict:
        why = eventDict.get("why") or "Unhandled Error"
        try:
            traceback = eventDict["failure"].getTraceback()
        except Exception as problem:
            traceback = f"(unable to obtain traceback: {_str(problem)})"
        return f"{_str(why)}\n{traceback}"
    if "format" in eventDict:
        return _formatted(eventDict["format"], eventDict)
    return None


def _formatted(format: object, eventDict: LogEvent) -> str:
    """Apply a ``%`` format; a bad one gives a text that says so."""
    try:
        template: Any = format.decode("utf-8") if isinstance(format, bytes) else format
        return str(template % eventDict)
    except Exception:
        try:
            return f"Invalid format string or unformattable object in log message: {format!r}, {eventDict!r}"
        except Exception:
            return f"UNFORMATTABLE OBJECT WRITTEN TO LOG with fmt {_str(format)!r}, MESSAGE LOST"


def _str(part: object) -> str:
    """A part of a message as text; bytes are taken for UTF-8, and what has no `str` is described."""
    try:
        if isinstance(part, bytes):
            return part.decode("utf-8", "backslashreplace")
        return str(part)
    except Exception as problem:
        return f"<{type(part).__name__} at {id(part):#x} whose str raised {type(problem).__name__}>"


class _GlobalStartStopObserver:
    """An observer that can add itself to the log, and remove itself."""

    def emit(self, eventDict: LogEvent) -> None:
        """Take an event."""
        raise NotImplementedError(f"{type(self).__name__} has no emit")

    def start(self) -> None:
        """Observe from now on."""
        addObserver(self.emit)

    def stop(self) -> None:
        """Observe no more."""
        removeObserver(self.emit)


class FileLogObserver(_GlobalStartStopObserver):
    """Writes events to a file, a line each: time stamp, system in brackets, text.

    Args:
        f: a file of text, or of bytes (which get UTF-8).

    Attributes:
        timeFormat: how to write time stamps, as for `time.strftime`; `None` for ``2008-04-25 10:53:27+0200``.
    """

    timeFormat: str | None = None

    def __init__(self, f: IO[Any]) -> None:
        self.write = f.write
        self.flush = f.flush
        self._file = f
        self._takesText = takesText(f)

    def getTimezoneOffset(self, when: float) -> int:
        """Return the seconds by which local time is behind UTC at a time; negative east of Greenwich."""
        return -localtime(when).tm_gmtoff

    def formatTime(self, when: float) -> str:
        """Return a time as it stands at the beginning of a line."""
        return formatTime(when, self.timeFormat or "%Y-%m-%d %H:%M:%S%z")

    def emit(self, eventDict: LogEvent) -> None:
        """Write an event, unless it has no text. Lines after its first are indented with a tab."""
        text = textFromEventDict(eventDict)
        if text is None:
            return
        if "\n" in text:
            text = text.replace("\n", "\n\t")
        system = eventDict["system"]
        if type(system) is not str:
            system = _str(system)
        line = f"{self.formatTime(eventDict['time'])} [{system}] {text}\n"
        if self._takesText:
            try:
                self.write(line)
            except UnicodeEncodeError:
                self.write(encodable(line, self._file))
        else:
            self.write(line.encode("utf-8", "backslashreplace"))
        self.flush()


class PythonLoggingObserver(_GlobalStartStopObserver):
    """Gives events to the standard library's ``logging``.

    The level is the event's ``logLevel`` if it has one, else ``ERROR`` for errors and ``INFO`` for the rest. Handlers
    run in the reactor's thread: one that blocks (mail, HTTP) blocks everything.

    Args:
        loggerName: of the ``logging`` logger that gets them.
    """

    def __init__(self, loggerName: str = "twisted") -> None:
        from ..logger._stdlib import STDLibLogObserver

        self._newObserver = STDLibLogObserver(loggerName)

    def emit(self, eventDict: LogEvent) -> None:
        """Give an event to ``logging``, unless it has no text."""
        if "log_format" in eventDict:
            self._newObserver(eventDict)
            return
        # Not from the log but from somebody who calls us directly, perhaps with half the keys.
        eventDict.setdefault("time", time())
        if textFromEventDict(eventDict) is not None:
            publishToNewObserver(self._newObserver, eventDict, textFromEventDict)


class DefaultObserver(_GlobalStartStopObserver):
    """Writes errors to standard error: for programs that never begin to log."""

    stderr: IO[str] | None = sys.stderr

    def emit(self, eventDict: LogEvent) -> None:
        """Write an event if it is an error."""
        if eventDict["isError"] and self.stderr is not None:
            text = textFromEventDict(eventDict)
            if text is not None:
                self.stderr.write(text + "\n")
                self.stderr.flush()


# Not started: until logging begins, `ropewalk.logger` shows what is critical.
defaultObserver = DefaultObserver()


def startLogging(file: IO[Any] | LoggingFile, *a: Any, **kw: Any) -> FileLogObserver | None:
    """Begin to log to a file. What was logged before is forgotten.

    Args:
        file: anything with ``write`` and ``flush``: a file, `sys.stdout`, a `ropewalk.python.logfile.DailyLogFile`.
        a: whether what is written to standard output and standard error becomes events too (``setStdout``); it does
            by default.
        kw: the same, by name.

    Returns:
        The observer that writes; `None` when the file is the log itself, where logging has begun already.
    """
    if isinstance(file, LoggingFile):
        return None
    observer = FileLogObserver(file)
    startLoggingWithObserver(observer.emit, *a, **kw)
    return observer


def startLoggingWithObserver(observer: Observer, setStdout: bool | int = 1) -> None:
    """Begin to log to an observer, as `startLogging` does to a file."""
    theLogPublisher._startLogging(observer, setStdout)
    msg("Log opened.")


class StdioOnnaStick:
    """A file whose lines become events of this interface; see `ropewalk.logger.LoggingFile` for the newer one.

    Args:
        isError: whether the events are errors.
        encoding: of bytes that are written.
    """

    closed: bool | int = 0
    softspace = 0
    mode = "wb"
    name = "<stdio (log)>"

    def __init__(self, isError: bool | int = 0, encoding: str | None = None) -> None:
        self.isError = isError
        self.encoding = encoding or sys.getdefaultencoding()
        self.buf = ""  # The beginning of a line that isn't complete yet.

    def close(self) -> None:
        """Nothing: the log stays open."""

    def flush(self) -> None:
        """Nothing: a line that isn't complete stays here."""

    def fileno(self) -> int:
        """
        Raises:
            io.UnsupportedOperation: always.
        """
        raise UnsupportedOperation("a StdioOnnaStick has no file descriptor: what is written to it becomes log events")

    def write(self, data: str | bytes) -> None:
        """Take text, and emit an event for each line that it completes."""
        text = data.decode(self.encoding) if isinstance(data, bytes) else data
        *lines, self.buf = (self.buf + text).split("\n")
        for line in lines:
            msg(line, printed=1, isError=self.isError)

    def writelines(self, lines: Iterable[str | bytes]) -> None:
        """Emit an event for each of these texts."""
        for line in lines:
            text = line.decode(self.encoding) if isinstance(line, bytes) else line
            msg(text, printed=1, isError=self.isError)

    def _unreadable(self) -> NoReturn:
        """
        Raises:
            OSError: always; a log is written to.
        """
        raise OSError("can't read from the log!")

    read = readline = readlines = seek = tell = _unreadable


class NullFile:
    """A file that is always empty."""

    softspace = 0

    def read(self) -> None:
        """Nothing is there."""

    def write(self, bytes: object) -> None:
        """Nothing happens."""

    def flush(self) -> None:
        """Nothing happens."""

    def close(self) -> None:
        """Nothing happens."""


logfile: LoggingFile | NullFile = LoggingFile(NewLogger(namespace="stdout"), LogLevel.info)
logerr = LoggingFile(NewLogger(namespace="stderr"), LogLevel.error)


def discardLogs() -> None:
    """Make `logfile` a file that forgets what is written to it."""
    global logfile
    logfile = NullFile()


if TYPE_CHECKING:
    from ._logInterfaces import ILogObserver as ILogObserver


def __getattr__(name: str) -> object:
    """`ILogObserver` is loaded when it is asked for: ``zope.interface`` takes longer than all of this."""
    if name == "ILogObserver":
        from ._logInterfaces import ILogObserver

        return ILogObserver
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
