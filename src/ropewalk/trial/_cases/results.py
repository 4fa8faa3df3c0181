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
        self.original.addFailure(test, _triple(fail))

    def addError(self, test: unittest.TestCase, error: Failure | ExcInfo) -> None:
        self.original.addError(test, _triple(error))

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        self.original.addSkip(test, reason)

    def addExpectedFailure(self, test: unittest.TestCase, error: Failure | ExcInfo, todo: Todo | None = None) -> None:
        if todo is not None and _isPytests(self.original):
            self.original.addExpectedFailure(test, _triple(error), todo.reason)
        else:
            self.original.addExpectedFailure(test, _triple(error))

    def addUnexpectedSuccess(self, test: unittest.TestCase, todo: Todo | None = None) -> None:
        if _isPytests(self.original):
            # Our plugin knows what to make of it; pytest itself would count it as a failure.
            self.original._ropewalkTodo = todo
        else:
            self.original.addUnexpectedSuccess(test)

    def upDownError(self, method: unittest.TestCase, error: Failure, warn: bool, printStatus: bool) -> None:
        """A fixture failed; `addError` has told the result already."""

    def stop(self) -> None:
        """Have no more tests run."""
        stop = getattr(self.original, "stop", None)
        if stop is not None:
            stop()


def _triple(problem: Failure | ExcInfo) -> ExcInfo:
    """A problem as a triple that has a traceback, because pytest insists on one."""
    kind, value, tb = excInfoOrFailureToExcInfo(problem)
    if tb is None and value is not None:
        try:
            raise value
        except BaseException as raised:
            tb = raised.__traceback__
    return kind, value, tb


def _isPytests(result: object) -> bool:
    """Whether a result is pytest's, which takes reasons."""
    return type(result).__module__.startswith("_pytest.")


def adapted(result: Any) -> Any:
    """A reporter for whatever a test case is given to report to.

    pytest's results say that they are reporters as soon as they see Twisted, but they want to be told otherwise.
    """
    return result if IReporter.providedBy(result) and not _isPytests(result) else PyUnitResultAdapter(result)
