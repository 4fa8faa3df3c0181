"""What may become of a test besides passing: it fails, it is skipped, or it is known not to pass yet."""

from __future__ import annotations

import unittest
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ropewalk.python.failure import Failure

__all__ = ["FailTest", "SkipTest", "Todo", "makeTodo", "reasonToSkip"]


class FailTest(AssertionError):
    """An assertion of a test does not hold. Only this counts as a failure; any other exception is an error."""


class SkipTest(unittest.SkipTest):
    """Raise this in a test or its ``setUp`` to skip it; the message says why."""


class Todo:
    """A test that is known not to pass yet.

    Attributes:
        reason: why not.
        errors: the exceptions that are expected; `None` when every one is.
    """

    __slots__ = ("__weakref__", "errors", "reason")

    def __init__(self, reason: str, errors: Iterable[type[BaseException]] | None = None) -> None:
        self.reason = reason
        self.errors = errors

    def __repr__(self) -> str:
        return f"<Todo reason={self.reason!r} errors={self.errors!r}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Todo):
            return NotImplemented
        return (self.reason, self.errors) == (other.reason, other.errors)

    def __hash__(self) -> int:
        return hash((self.reason, None if self.errors is None else tuple(self.errors)))

    def expected(self, failure: Failure) -> bool:
        """Whether a failure is one of those that the test is known for."""
        return self.errors is None or any(failure.check(error) for error in self.errors)


def makeTodo(value: str | tuple[type[BaseException] | Iterable[type[BaseException]], str]) -> Todo:
    """Make a `Todo` of what a ``todo`` attribute may be.

    Args:
        value: the reason, or a pair: the exceptions (or the exception) that are expected, and the reason.
    """
    if isinstance(value, str):
        return Todo(reason=value)
    errors, reason = value
    return Todo(reason=reason, errors=[errors] if isinstance(errors, type) else list(errors))


def reasonToSkip(problem: BaseException) -> str:
    """What a `SkipTest`, ours or the standard library's, says."""
    arguments: tuple[Any, ...] = problem.args
    return str(arguments[0]) if arguments else "no reason given"
