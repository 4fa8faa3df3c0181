"""The warnings that a test gives. What the test does not take is given again when the test is over."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from types import CodeType
from typing import Any

from ropewalk.python.failure import Failure

__all__ = ["asDict", "giveAgain", "isFrom"]


def asDict(warning: warnings.WarningMessage) -> dict[str, Any]:
    """A warning as `flushWarnings` tells it."""
    return {
        "message": warning.message.args[0] if isinstance(warning.message, Warning) else warning.message,
        "category": warning.category,
        "filename": warning.filename,
        "lineno": warning.lineno,
    }


def isFrom(warning: warnings.WarningMessage, functions: Iterable[Callable[..., Any]]) -> bool:
    """Whether the line that a warning points at is in one of these functions."""
    for function in functions:
        inner: Any = function
        while inner is not None:
            code = getattr(getattr(inner, "__func__", inner), "__code__", None)
            if code is not None and warning.filename == code.co_filename:
                first, last = _lines(code)
                if first <= warning.lineno <= last:
                    return True
            inner = getattr(inner, "__wrapped__", None)
    return False


def _lines(code: CodeType) -> tuple[int, int]:
    """The first and the last line of a function, functions within it included."""
    numbers = [code.co_firstlineno, *(line for _, _, line in code.co_lines() if line is not None)]
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            numbers += _lines(constant)
    return min(numbers), max(numbers)


def giveAgain(given: Iterable[warnings.WarningMessage]) -> tuple[list[Callable[[], object]], list[Failure]]:
    """Put warnings through the filters that hold outside of tests.

    Returns:
        What shows those that are to be shown, to be called when it is time; and a failure for each that the filters
        make an error.
    """
    show: list[Callable[[], object]] = []
    errors = []
    for warning in given:
        if isinstance(warning.message, Warning):
            text: Any = warning.message
        else:
            text = str(warning.message)
        with warnings.catch_warnings(record=True) as passed:
            try:
                # Without a registry: that a line gave its warning in one test is no reason to hide it in another.
                warnings.warn_explicit(text, warning.category, warning.filename, warning.lineno, source=warning.source)
            except Warning:
                errors.append(Failure())
        for one in passed:
            show.append(_shower(one))
    return show, errors


def _shower(warning: warnings.WarningMessage) -> Callable[[], object]:
    def show() -> None:
        text: Any = warning.message
        warnings.showwarning(text, warning.category, warning.filename, warning.lineno)

    return show
