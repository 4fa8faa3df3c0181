"""The text of a `Failure`: frames, causes, notes, groups.

A traceback that went through Deferreds holds frames of three kinds: the program's, the engine's, and those of the
machinery that runs callbacks and resumes coroutines. The last say nothing to anybody, and text leaves them out; so it
does with the frames above the program's first one, which are the engine's way to it. The engine's other frames are
left out on request.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from types import CodeType, FrameType, TracebackType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from .failure import Failure

# Function, file, line, locals, globals: a tuple. After pickling a list, with the text of the variables' values.
Frame = Sequence[Any]

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep

# Files whose frames only pass control along.
MACHINERY = (
    os.path.join(PACKAGE, "internet", "_defer", ""),
    os.path.join(PACKAGE, "internet", "_loop", ""),
    os.path.join(PACKAGE, "internet", "_task", ""),
    os.path.join(PACKAGE, "python", "failure.py"),
    os.path.join(PACKAGE, "python", "threadpool.py"),
)

DIRECT_CAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n\n"


def describe(failure: Failure, detail: str, elide: bool) -> str:
    """Return a Failure's traceback as text: see `Failure.getTraceback`."""
    frames = _visible(failure.frames, elide)
    kind, message = failure.type, failure.getErrorMessage()
    if detail == "brief":
        missing = "" if frames else " (failure with no frames)"
        return f"Traceback{missing}: {kind}: {message}\n{describeFrames(frames, detail)}"
    if detail == "verbose":
        how = detail if failure.captureVars else "verbose-vars-not-captured"
        told = describeFrames(frames, how) + ("" if failure.captureVars else _NOT_CAPTURED)
        title = f"Failure #{failure.count}{' (pickled)' if failure.pickled else ''}"
        last = _lastLine(failure.value, kind, message)
        return f"*--- {title} ---\n{told}{last}*--- End of {title} ---\n"
    told = describeFrames(frames, detail)
    origins = failure._origins if failure._origins is not None else describeOrigins(failure.value, elide)
    if not frames:
        told = "Failure: "
    return f"{origins}Traceback (most recent call last):\n{told}{_lastLine(failure.value, kind, message)}"


_NOT_CAPTURED = " [Capture of Locals and Globals disabled (use captureVars=True)]\n"


def describeFrames(frames: Iterable[Frame], detail: str) -> str:
    """Return frames as text, outermost first.

    Raises:
        ValueError: ``detail`` is unknown.
    """
    try:
        line = _DETAILS[detail]
    except KeyError:
        raise ValueError(f"detail must be one of {', '.join(_DETAILS)}, not {detail!r}") from None
    return "".join(map(line, frames))


def describeOrigins(value: object, elide: bool) -> str:
    """Return, as text, the exceptions that led to this one, oldest first, each with the phrase that links it."""
    told: list[str] = []
    seen = {id(value)}
    while isinstance(value, BaseException):
        cause, phrase = value.__cause__, DIRECT_CAUSE
        if cause is None and not value.__suppress_context__:
            cause, phrase = value.__context__, CONTEXT
        if cause is None or id(cause) in seen:
            break
        seen.add(id(cause))
        told.append(_tellOne(cause, elide) + phrase)
        value = cause
    return "".join(reversed(told))


def describeUnprintable(value: object) -> str:
    """Describe a value whose ``str()`` raises the exception that is being handled now."""
    problem = sys.exc_info()[1]
    name = f"{type(value).__module__}.{type(value).__qualname__}"
    return f"<{name} at 0x{id(value):x}: its str() raised {type(problem).__name__}>"


def extract(tb: TracebackType, captureVars: bool) -> list[Frame]:
    """Return the frames of a traceback as data, outermost first."""
    return [
        (
            frame.f_code.co_name,
            frame.f_code.co_filename,
            line,
            tuple(frame.f_locals.items()) if captureVars else (),
            tuple(frame.f_globals.items()) if captureVars else (),
        )
        for frame, line in _walk(tb)
    ]


def portable(frames: Iterable[Frame]) -> list[Frame]:
    """Return frames with the text of their variables instead of the variables, fit for pickling."""
    return [
        frame
        if isinstance(frame, list)
        else [*frame[:3], *([(name, _repr(value)) for name, value in pairs] for pairs in frame[3:])]
        for frame in frames
    ]


def rebuilt(frames: Iterable[Frame]) -> TracebackType | None:
    """Return something that walks like a traceback over frames of which only names and numbers are left."""
    tb: RememberedTraceback | None = None
    for name, file, line, *variables in reversed(list(frames)):
        tb = RememberedTraceback(RememberedFrame(name, file, line, *variables), tb)
    return cast("TracebackType | None", tb)  # It quacks like one: the real type cannot be made without real frames.


class RememberedFrame:
    """What is left of a frame: enough for debuggers and error trackers."""

    def __init__(self, name: str, file: str, line: int, localItems: Frame = (), globalItems: Frame = ()) -> None:
        code = compile("", file, "exec").replace(co_name=name, co_firstlineno=line)
        self.f_code: CodeType = code
        self.f_lineno = line
        self.f_lasti = 0
        self.f_locals = dict(localItems)
        self.f_globals = dict(globalItems)
        self.f_builtins: dict[str, object] = {}
        self.f_back: FrameType | None = None
        self.f_trace = None


class RememberedTraceback:
    """A link of a rebuilt traceback."""

    def __init__(self, frame: RememberedFrame, following: RememberedTraceback | None) -> None:
        self.tb_frame = frame
        self.tb_lineno = frame.f_lineno
        self.tb_lasti = 0
        self.tb_next = following


def _walk(tb: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    while tb is not None:
        yield tb.tb_frame, tb.tb_lineno
        tb = tb.tb_next


def _visible(frames: list[Frame], elide: bool) -> list[Frame]:
    """The frames worth showing; all of them if nothing else would be left."""
    hidden = (PACKAGE,) if elide else MACHINERY
    shown = [frame for frame in frames if not frame[1].startswith(hidden)]
    first = 0
    while first < len(shown) and shown[first][1].startswith(PACKAGE):
        first += 1
    return shown[first:] or shown or frames


def _tellOne(error: BaseException, elide: bool) -> str:
    frames = _visible(extract(error.__traceback__, False), elide) if error.__traceback__ else []
    told = describeFrames(frames, "default") if frames else ""
    return f"Traceback (most recent call last):\n{told}{_lastLine(error, type(error), str(error))}"


def _lastLine(value: object, kind: type, message: str) -> str:
    """The line that names the exception, its notes, and the members of an exception group."""
    name = f"{kind.__module__}.{kind.__qualname__}"
    lines = [f"{name}: {message}"]
    lines += [str(note) for note in getattr(value, "__notes__", None) or ()]
    if isinstance(value, BaseExceptionGroup):
        for number, member in enumerate(value.exceptions, 1):
            lines.append(f"  +---------------- {number} ----------------")
            told = describeOrigins(member, elide=False) + _tellOne(member, elide=False)
            lines += [f"  | {line}" for line in told.splitlines()]
    return "\n".join(lines) + "\n"


def _repr(value: object) -> str:
    try:
        return repr(value)
    except Exception:
        return describeUnprintable(value)


def _default(frame: Frame) -> str:
    name, file, line = frame[:3]
    source = linecache.getline(file, line).strip()
    return f'  File "{file}", line {line}, in {name}\n' + (f"    {source}\n" if source else "")


def _brief(frame: Frame) -> str:
    name, file, line = frame[:3]
    return f"{file}:{line}:{name}\n"


def _verbose(frame: Frame) -> str:
    told = [_withoutVariables(frame)]
    for title, pairs in ((" [ Locals ]", frame[3]), (" ( Globals )", frame[4])):
        told.append(f"{title}\n")
        # The variables of a frame that was pickled, a list, are text already.
        told += [f"  {name} : {value if isinstance(frame, list) else _repr(value)}\n" for name, value in pairs]
    return "".join(told)


def _withoutVariables(frame: Frame) -> str:
    name, file, line = frame[:3]
    return f"{file}:{line}: {name}(...)\n"


_DETAILS = {
    "default": _default,
    "brief": _brief,
    "verbose": _verbose,
    "verbose-vars-not-captured": _withoutVariables,
}
