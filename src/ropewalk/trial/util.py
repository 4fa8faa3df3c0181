"""Small things that tests, test runners and their authors use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec, TextIO, TypeVar

from ropewalk.python.failure import Failure

if TYPE_CHECKING:
    from types import TracebackType

    from ropewalk.python.filepath import FilePath

__all__ = [
    "DEFAULT_TIMEOUT",
    "DEFAULT_TIMEOUT_DURATION",
    "DirtyReactorAggregateError",
    "acquireAttribute",
    "excInfoOrFailureToExcInfo",
    "openTestLog",
    "profiled",
    "suppress",
]

P = ParamSpec("P")
R = TypeVar("R")

# Seconds that a test, or one of its fixtures, may take unless it says otherwise.
DEFAULT_TIMEOUT_DURATION = 120.0

# What stands for "the default" where a timeout is looked up.
DEFAULT_TIMEOUT = object()

_MISSING = object()


class DirtyReactorAggregateError(Exception):
    """A test has left something behind in the reactor.

    Attributes:
        delayedCalls: the calls that are still to come.
        selectables: what is still open.
    """

    def __init__(self, delayedCalls: Sequence[object], selectables: Sequence[object] | None = None) -> None:
        super().__init__(delayedCalls, selectables)
        self.delayedCalls = delayedCalls
        self.selectables = selectables

    def __str__(self) -> str:
        told = ["Reactor was unclean."]
        if self.delayedCalls:
            told.append("DelayedCalls: (set ropewalk.internet.base.DelayedCall.debug = True to debug)")
            told += map(str, self.delayedCalls)
        if self.selectables:
            told.append("Selectables:")
            told += map(str, self.selectables)
        return "\n".join(told)


def acquireAttribute(objects: Iterable[object], attr: str, default: Any = _MISSING) -> Any:
    """Return an attribute of the first of several objects that has it.

    Raises:
        AttributeError: none has it, and there is no default.
    """
    objects = list(objects)
    for one in objects:
        value = getattr(one, attr, _MISSING)
        if value is not _MISSING:
            return value
    if default is not _MISSING:
        return default
    raise AttributeError(f"attribute {attr!r} not found in {objects!r}")


def suppress(action: str = "ignore", **kwarg: Any) -> tuple[tuple[str], dict[str, Any]]:
    """Make an entry of a test's ``suppress`` list: a filter for warnings that holds while the test runs.

    Args:
        action: of `warnings.filterwarnings`.
        kwarg: its other arguments.
    """
    return (action,), kwarg


def excInfoOrFailureToExcInfo(
    err: tuple[type[BaseException] | None, BaseException | None, TracebackType | None] | Failure,
) -> tuple[type[BaseException] | None, BaseException | None, TracebackType | None]:
    """Return a Failure as the triple that the standard library's test results take; a triple as it is."""
    if isinstance(err, Failure):
        return err.type, err.value, err.getTracebackObject()
    return err


def profiled(f: Callable[P, R], outputFile: str) -> Callable[P, R]:
    """Return a function that does the same and writes a profile of it to a file, for `pstats`."""

    def profiling(*args: P.args, **kwargs: P.kwargs) -> R:
        from cProfile import Profile

        profile = Profile()
        result = profile.runcall(f, *args, **kwargs)
        profile.dump_stats(outputFile)
        return result

    return profiling


def openTestLog(path: FilePath[str] | FilePath[bytes]) -> TextIO:
    """Open a log file to append to, and make the directory that it is in."""
    parent = path.parent()
    if not parent.exists():
        parent.makedirs()
    return open(path.path, "a", encoding="utf-8", errors="strict")
