"""`Failure`: an exception with its traceback, as a value that can wait, travel and be looked at later.

A Failure is made once for every error that passes through a Deferred, and most are never printed. So making one
stores three references. Everything that turns frames into text is in `_tracebacks`, which is imported, with
``traceback`` and ``linecache``, when text is first asked for.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from types import TracebackType
    from typing import Any, NoReturn, Protocol, TypeAlias

    from ._tracebacks import Frame

    # In the class, ``type`` is an attribute.
    Kind: TypeAlias = "type[BaseException]"

    class Writable(Protocol):
        def write(self, text: str, /) -> object: ...


__all__ = [
    "DO_POST_MORTEM",
    "EXCEPTION_CAUGHT_HERE",
    "DefaultException",
    "Failure",
    "NoCurrentExceptionError",
    "count",
    "format_frames",
    "startDebugMode",
    "traceupLength",
]

# Whether `startDebugMode` opens the post-mortem debugger.
DO_POST_MORTEM = True

# How many Failures have been given a number; `Failure.count` hands them out.
count = 0

# Two names that older programs read. Stacks above the place of catching are not captured any more.
traceupLength = 4
EXCEPTION_CAUGHT_HERE = "--- <exception caught here> ---"

# The stand-in hook makes ``twisted.x`` and ``ropewalk.x`` one module, so the two spellings of a name are one name too.
_PACKAGES = ("twisted.", "ropewalk.")


class DefaultException(Exception):
    """An error of no particular kind; kept for programs that raise it."""


class NoCurrentExceptionError(Exception):
    """`Failure` was called without an exception while none was being handled."""


class Outcome:
    """What a callback may return besides a plain value: the base of `Failure` and of Deferred.

    It exists so that the Deferred's loop tells plain values from both with a single `isinstance`.
    """

    __slots__ = ()


class Failure(BaseException, Outcome):
    """An exception, its type and its traceback.

    Args:
        exc_value: the exception; without it, the one being handled now. Another Failure is copied. Any other object is
            accepted for the sake of old programs, but cannot be raised.
        exc_type: the exception's class, when it isn't ``type(exc_value)``.
        exc_tb: the traceback, when it isn't the exception's own.
        captureVars: keep the local and global variables of every frame, as they are now, in `frames`. Costly.

    Raises:
        NoCurrentExceptionError: there is no ``exc_value`` and no exception is being handled.
        TypeError: ``exc_value`` is an exception class; an instance is needed.

    Attributes:
        value: the exception.
        type: its class.
        tb: its traceback, or None when it was never raised, or after `cleanFailure` or pickling.
        captureVars: whether variables were captured.
        pickled: 1 on a Failure that has been through pickle.
    """

    __slots__ = ("__weakref__", "_frames", "_number", "_origins", "captureVars", "tb", "type", "value")

    value: Any
    type: Kind
    tb: TracebackType | None
    captureVars: bool
    pickled = 0
    # Frames as data instead of a traceback; None while `tb` has them.
    _frames: list[Frame] | None
    # The text of causes and contexts, once the exceptions themselves have been let go; None before.
    _origins: str | None
    # Made when first asked for: see `count`.
    _number: int

    def __init__(
        self,
        exc_value: object = None,
        exc_type: Kind | None = None,
        exc_tb: TracebackType | None = None,
        captureVars: bool = False,
    ) -> None:
        if exc_value is None:
            exc_value = sys.exc_info()[1]
            if exc_value is None:
                raise NoCurrentExceptionError("Failure() needs an exception: none was given and none is being handled")
        self._frames = self._origins = None
        self.captureVars = captureVars
        if isinstance(exc_value, BaseException) and not isinstance(exc_value, Failure):
            self.value = exc_value
            self.type = exc_type or exc_value.__class__
            self.tb = exc_tb or exc_value.__traceback__
        else:
            self._adopt(exc_value, exc_type, exc_tb)
        if captureVars:
            self._frames = self._extractFrames()

    def _adopt(self, value: object, kind: Kind | None, tb: TracebackType | None) -> None:
        """Take over another Failure, or a value that is no exception."""
        if isinstance(value, Failure):
            self.value, self.type, self.tb = value.value, kind or value.type, tb or value.tb
            self._frames, self._origins = value._frames, value._origins
        elif isinstance(value, type) and issubclass(value, BaseException):
            raise TypeError(f"Failure() needs an exception, not the class {value!r}; write {value.__name__}()")
        else:
            self.value, self.tb = value, tb
            self.type = kind or value.__class__  # type: ignore[assignment] # no exception: see ``exc_value`` above

    def trap(self, *errorTypes: Kind | str) -> Kind | str:
        """Go on only if the exception is one of these; otherwise raise it again.

        Args:
            errorTypes: exception classes, or their dotted names.

        Returns:
            The first of ``errorTypes`` that matches.

        Raises:
            BaseException: the exception itself, when nothing matches. Raised out of an errback, it goes on to the next
                errback as the same Failure.
        """
        error = self.check(*errorTypes)
        if error is not None:
            return error
        try:
            self.raiseException()
        finally:
            del self  # This frame is part of the traceback now: it would close a circle.

    def check(self, *errorTypes: Kind | str) -> Kind | str | None:
        """Tell whether the exception is one of these classes (or dotted names, or derived from them).

        Names are compared without importing anything; ``twisted.x.Y`` and ``ropewalk.x.Y`` are the same name.

        Returns:
            The first of ``errorTypes`` that matches, or None.
        """
        kind = self.type
        for wanted in errorTypes:
            if isinstance(wanted, str):
                if _unprefixed(wanted) in map(_unprefixed, self.parents):
                    return wanted
            elif issubclass(kind, wanted):
                return wanted
        return None

    @property
    def parents(self) -> list[str]:
        """The dotted names of the exception's class and of all its bases, in method resolution order."""
        return [f"{each.__module__}.{each.__qualname__}" for each in self.type.__mro__]

    @property
    def count(self) -> int:
        """A number for this Failure, unique in the process, given when first asked for."""
        try:
            return self._number
        except AttributeError:
            global count
            count += 1
            self._number = count
            return count

    def raiseException(self) -> NoReturn:
        """Raise the exception again, with the traceback it had."""
        try:
            raise self.value.with_traceback(self.tb)
        finally:
            del self  # As in `trap`.

    def throwExceptionIntoGenerator(self, g: Generator[Any, Any, Any]) -> Any:
        """Raise the exception inside a generator, at its ``yield``; return what the generator yields next."""
        try:
            return g.throw(self.value.with_traceback(self.tb))
        finally:
            del self  # As in `trap`.

    def cleanFailure(self) -> None:
        """Let go of everything the traceback keeps alive; file names, lines and text of causes remain."""
        self._frames = self._extractFrames()
        self._origins = self._describeOrigins()
        self.tb = None
        if isinstance(self.value, BaseException):
            self.value.__traceback__ = self.value.__cause__ = self.value.__context__ = None

    @property
    def frames(self) -> list[Frame]:
        """A tuple for every frame, outermost first: function, file, line number, locals and globals.

        Locals and globals are sequences of (name, value) pairs, empty unless ``captureVars`` was given.
        """
        return self._extractFrames()

    @property
    def stack(self) -> list[Frame]:
        """Always empty: frames outside the place of catching are not captured. See ``traceback.extract_stack``."""
        return []

    def getTracebackObject(self) -> TracebackType | None:
        """Return a traceback that debuggers and error trackers can walk; None when there are no frames."""
        if self.tb is None and self._frames:
            from . import _tracebacks

            return _tracebacks.rebuilt(self._frames)
        return self.tb

    def getErrorMessage(self) -> str:
        """Return the exception's message; of an exception whose ``str()`` fails, a description of that."""
        return _message(self.value)

    def getTraceback(self, elideFrameworkCode: int = 0, detail: str = "default") -> str:
        """Return the traceback as text, with causes and notes.

        The frames by which Deferreds run callbacks and resume coroutines are left out: what remains is who called, or
        awaited, whom.

        Args:
            elideFrameworkCode: true leaves out every frame of this package.
            detail: ``"default"``, ``"brief"`` (a line a frame) or ``"verbose"`` (with captured variables).

        Raises:
            ValueError: ``detail`` is none of these.
        """
        try:
            from . import _tracebacks
        except OSError:
            # No descriptor is left to load it with. That is when errors are worth seeing most.
            return _plainTraceback(self)
        return _tracebacks.describe(self, detail, bool(elideFrameworkCode))

    def getBriefTraceback(self) -> str:
        """Return the traceback as text, one line a frame."""
        return self.getTraceback(detail="brief")

    def printTraceback(
        self, file: Writable | None = None, elideFrameworkCode: bool | int = False, detail: str = "default"
    ) -> None:
        """Write `getTraceback` to a file, by default to standard error."""
        (file or sys.stderr).write(self.getTraceback(int(elideFrameworkCode), detail))

    def printBriefTraceback(self, file: Writable | None = None, elideFrameworkCode: bool | int = 0) -> None:
        """Write the traceback to a file, one line a frame."""
        self.printTraceback(file, elideFrameworkCode, detail="brief")

    def printDetailedTraceback(self, file: Writable | None = None, elideFrameworkCode: bool | int = 0) -> None:
        """Write the traceback to a file, with the variables of every frame if they were captured."""
        self.printTraceback(file, elideFrameworkCode, detail="verbose")

    def __repr__(self) -> str:
        return f"<{Failure.__module__}.Failure {self.type.__module__}.{self.type.__qualname__}: {_message(self.value)}>"

    def __str__(self) -> str:
        return f"[Failure instance: {self.getBriefTraceback()}]"

    def __reduce__(self) -> tuple[Callable[..., Failure], tuple[Kind], dict[str, Any]]:
        from . import _tracebacks

        state = {
            **self.__dict__,
            "value": self.value,
            "type": self.type,
            "captureVars": self.captureVars,
            "pickled": 1,
            "_frames": _tracebacks.portable(self.frames),
            "_origins": self._describeOrigins(),
        }
        return _unpickled, (self.__class__,), state

    def __setstate__(self, state: dict[str, Any] | None) -> None:
        self.tb = None
        for name, value in (state or {}).items():
            setattr(self, name, value)

    def _extractFrames(self) -> list[Frame]:
        if self._frames is not None:
            return self._frames
        if self.tb is None:
            return []
        from . import _tracebacks

        return _tracebacks.extract(self.tb, self.captureVars)

    def _describeOrigins(self) -> str:
        if self._origins is None:
            if getattr(self.value, "__cause__", None) is None and getattr(self.value, "__context__", None) is None:
                return ""  # most have none, and that needs no text tools
            from . import _tracebacks

            return _tracebacks.describeOrigins(self.value, elide=False)
        return self._origins


def _plainTraceback(failure: Failure) -> str:
    """The traceback as text, made with nothing that would have to be loaded first: without lines of code and causes."""
    told = ["Traceback (most recent call last):\n"]
    tb = failure.tb
    while tb is not None:
        code = tb.tb_frame.f_code
        told.append(f'  File "{code.co_filename}", line {tb.tb_lineno}, in {code.co_name}\n')
        tb = tb.tb_next
    told.append(f"{failure.type.__module__}.{failure.type.__qualname__}: {failure.getErrorMessage()}\n")
    return "".join(told)


def _unpickled(kind: type[Failure]) -> Failure:
    return kind.__new__(kind)


def _unprefixed(name: str) -> str:
    """A dotted name without the package's own name, when it is one of ours."""
    for package in _PACKAGES:
        if name.startswith(package):
            return "." + name[len(package) :]
    return name


def _message(value: object) -> str:
    try:
        return _message(value.value) if isinstance(value, Failure) else str(value)
    except Exception:
        from . import _tracebacks

        return _tracebacks.describeUnprintable(value)


def format_frames(frames: Iterable[Frame], write: Callable[[str], object], detail: str = "default") -> None:
    """Write the frames of a Failure as text.

    Args:
        frames: what `Failure.frames` gave.
        write: called with each piece of text.
        detail: as for `Failure.getTraceback`, or ``"verbose-vars-not-captured"``.

    Raises:
        ValueError: ``detail`` is none of these.
    """
    from . import _tracebacks

    write(_tracebacks.describeFrames(frames, detail))


def startDebugMode() -> None:
    """Open the debugger, post mortem, whenever a Failure is made from an exception that was raised."""
    original = Failure.__init__

    def debugging(self: Failure, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if DO_POST_MORTEM and self.tb is not None:
            import pdb

            sys.stderr.write(f"Jumping into debugger for post-mortem of exception '{self.getErrorMessage()}':\n")
            pdb.post_mortem(self.tb)

    Failure.__init__ = debugging  # type: ignore[method-assign] # debugging replaces the constructor for good
