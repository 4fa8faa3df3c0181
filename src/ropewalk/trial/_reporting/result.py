"""Count and keep what comes of tests."""

from __future__ import annotations

import time
import unittest
from typing import TYPE_CHECKING, Any

from zope.interface import implementer

from ropewalk.python.components import proxyForInterface
from ropewalk.python.failure import Failure
from ropewalk.python.reflect import fullyQualifiedName

from .._cases.verdicts import Todo, makeTodo
from ..itrial import IReporter, IReporterWithDurations
from ..util import DirtyReactorAggregateError

if TYPE_CHECKING:
    from types import TracebackType

    ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
    Problem = Failure | ExcInfo

__all__ = [
    "BrokenTestCaseWarning",
    "ExitWrapper",
    "TestResult",
    "TestResultDecorator",
    "UncleanWarningsReporterWrapper",
]

# Of a test that the standard library's decorator says will fail, without saying why.
EXPECTED = "Test expected to fail"


class BrokenTestCaseWarning(Warning):
    """A test case does something that makes its results doubtful."""


@implementer(IReporter)
class TestResult(unittest.TestResult):
    """The results of tests.

    Attributes:
        errors: pairs of a test and a Failure.
        failures: likewise.
        skips: pairs of a test and the reason.
        expectedFailures: triples of a test, a Failure and the `Todo`.
        unexpectedSuccesses: pairs of a test and the `Todo`.
        successes: how many tests have passed.
        collectedDurations: pairs of a test's name and its seconds.
    """

    # For pytest: no tests are in here.
    __test__ = False

    # Of another form than the standard library's.
    errors: list[Any]
    failures: list[Any]
    expectedFailures: list[Any]
    unexpectedSuccesses: list[Any]

    def __init__(self) -> None:
        super().__init__()
        self.skips: list[tuple[Any, str]] = []
        self.successes = 0
        self.collectedDurations: list[tuple[str, float]] = []
        # When the test that runs was started; how many seconds the last one took.
        self._testStarted = 0.0
        self._lastTime = 0.0

    def __repr__(self) -> str:
        return (
            f"<{fullyQualifiedName(type(self))} run={self.testsRun} errors={len(self.errors)} "
            f"failures={len(self.failures)} todos={len(self.expectedFailures)} "
            f"dones={len(self.unexpectedSuccesses)} skips={len(self.skips)}>"
        )

    def startTest(self, test: Any) -> None:
        self.testsRun += 1
        self._testStarted = time.perf_counter()

    def stopTest(self, test: Any) -> None:
        self._lastTime = time.perf_counter() - self._testStarted

    def addFailure(self, test: Any, fail: Any) -> None:
        self.failures.append((test, asFailure(fail)))

    def addError(self, test: Any, error: Any) -> None:
        self.errors.append((test, asFailure(error)))

    def addSkip(self, test: Any, reason: str) -> None:
        self.skips.append((test, reason))

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        """A subtest of a standard test case is over; ``err`` is `None` when it has passed."""
        if err is None:
            return
        if issubclass(err[0], test.failureException):
            self.addFailure(subtest, err)
        else:
            self.addError(subtest, err)

    def addExpectedFailure(self, test: Any, error: Any, todo: Todo | None = None) -> None:
        self.expectedFailures.append((test, asFailure(error), todo or makeTodo(EXPECTED)))

    def addUnexpectedSuccess(self, test: Any, todo: Todo | None = None) -> None:
        self.unexpectedSuccesses.append((test, todo or makeTodo(EXPECTED)))

    def addSuccess(self, test: Any) -> None:
        self.successes += 1

    def addDuration(self, test: Any, elapsed: float) -> None:
        self.collectedDurations.append((str(test), elapsed))

    def wasSuccessful(self) -> bool:
        """Whether there was neither error nor failure."""
        return not self.failures and not self.errors

    def done(self) -> None:
        """All tests have been run."""


def asFailure(problem: Problem) -> Failure:
    """A problem as a Failure, whether it is one or a triple of the standard library."""
    if isinstance(problem, Failure):
        return problem
    kind, value, tb = problem
    return Failure(value, kind, tb)


class TestResultDecorator(proxyForInterface(IReporterWithDurations, "_originalReporter")):  # type: ignore[misc]  # a class made at run time
    """A reporter that passes on what it is told to another one; override what is to be different."""


@implementer(IReporter)
class UncleanWarningsReporterWrapper(TestResultDecorator):
    """Makes warnings of the errors that say that a test has left the reactor unclean."""

    def addError(self, test: Any, error: Problem) -> None:
        failure = asFailure(error)
        if not failure.check(DirtyReactorAggregateError):
            self._originalReporter.addError(test, failure)
            return
        import warnings

        warnings.warn(failure.getErrorMessage(), stacklevel=1)
        self._originalReporter.addSuccess(test)


class ExitWrapper(TestResultDecorator):
    """Has no more tests run after the first that does not pass."""

    def addError(self, test: Any, error: Problem) -> None:
        self.shouldStop = True
        self._originalReporter.addError(test, error)

    def addFailure(self, test: Any, failure: Problem) -> None:
        self.shouldStop = True
        self._originalReporter.addFailure(test, failure)
