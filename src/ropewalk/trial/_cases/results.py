"""Tell test results that are not ours what came of a test: those of `unittest` and of pytest."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING, Any

from ropewalk.python.failure import Failure

from ..itrial import IReporter
from ..util import excInfoOrFailureToExcInfo

if TYPE_CHECKING:
    from types import TracebackType

    from .verdicts import Todo

    ExcInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]

__all__ = ["PyUnitResultAdapter", "adapted"]

__unittest = True


class PyUnitResultAdapter:
    """A `unittest` test result as a reporter.

    Args:
        original: the result; it is asked for methods that not every result has.
    """

    def __init__(self, original: Any) -> None:
        self.original = original

    def startTest(self, method: unittest.TestCase) -> None:
        self.original.startTest(method)

    def stopTest(self, method: unittest.TestCase) -> None:
        self.original.stopTest(method)

    def addSuccess(self, test: unittest.TestCase) -> None:
        self.original.addSuccess(test)

    def addFailure(self, test: unittest.TestCase, fail: Failure | ExcInfo) -> None:
        self.original.addFailure(test, excInfoOrFailureToExcInfo(fail))

    def addError(self, test: unittest.TestCase, error: Failure | ExcInfo) -> None:
        self.original.addError(test, excInfoOrFailureToExcInfo(error))

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        self.original.addSkip(test, reason)

    def addExpectedFailure(self, test: unittest.TestCase, error: Failure | ExcInfo, todo: Todo | None = None) -> None:
        if todo is not None and _isPytests(self.original):
            self.original.addExpectedFailure(test, excInfoOrFailureToExcInfo(error), todo.reason)
        else:
            self.original.addExpectedFailure(test, excInfoOrFailureToExcInfo(error))

    def addUnexpectedSuccess(self, test: unittest.TestCase, todo: Todo | None = None) -> None:
        if todo is not None and _isPytests(self.original):
            self.original.addUnexpectedSuccess(test, todo)
        else:
            self.original.addUnexpectedSuccess(test)

    def upDownError(self, method: unittest.TestCase, error: Failure, warn: bool, printStatus: bool) -> None:
        """A fixture failed; `addError` has told the result already."""

    def stop(self) -> None:
        """Have no more tests run."""
        stop = getattr(self.original, "stop", None)
        if stop is not None:
            stop()


def _isPytests(result: object) -> bool:
    """Whether a result is pytest's, which takes reasons."""
    return type(result).__module__.startswith("_pytest.")


def adapted(result: Any) -> Any:
    """A reporter for whatever a test case is given to report to."""
    return result if IReporter.providedBy(result) else PyUnitResultAdapter(result)
