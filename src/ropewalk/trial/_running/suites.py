"""Suites that watch over their tests, and stand-ins for tests that cannot be run."""

from __future__ import annotations

import unittest
from collections.abc import Iterable, Iterator
from typing import Any

from zope.interface import implementer

from ropewalk.python.failure import Failure

from .._cases import logged
from .._cases.leftovers import usedReactor
from .._cases.results import adapted
from .._cases.suites import TestSuite
from ..itrial import ITestCase

__all__ = [
    "NOT_IN_TEST",
    "DestructiveTestSuite",
    "ErrorHolder",
    "LoggedSuite",
    "TestHolder",
    "TrialSuite",
    "eachTest",
]

__unittest = True

# The name under which errors are told that no test logged.
NOT_IN_TEST = "<not in test>"


@implementer(ITestCase)
class TestHolder:
    """Takes the place of a test in a suite, under its name.

    Attributes:
        description: the name.
    """

    __test__ = False  # for pytest: no tests are in here
    failureException: type[BaseException] | None = None
    skip: str | None = None

    def __init__(self, description: str) -> None:
        self.description = description

    def __call__(self, result: Any) -> Any:
        return self.run(result)

    def id(self) -> str:
        """Return the name."""
        return self.description

    def shortDescription(self) -> str:
        """Return the name."""
        return self.description

    def countTestCases(self) -> int:
        """Return 0: this is no test."""
        return 0

    def run(self, result: Any) -> None:
        """Tell that it has passed."""
        self._tell(adapted(result), "addSuccess")

    def _tell(self, reporter: Any, what: str, *details: object) -> None:
        reporter.startTest(self)
        getattr(reporter, what)(self, *details)
        reporter.stopTest(self)


class ErrorHolder(TestHolder):
    """Takes the place of tests that could not be loaded.

    Args:
        description: their name.
        error: what happened: a Failure or an exception triple.
    """

    def __init__(self, description: str, error: Any) -> None:
        super().__init__(description)
        self.error = error if isinstance(error, Failure) else Failure(error[1], error[0], error[2])

    def __repr__(self) -> str:
        return f"<ErrorHolder description={self.description!r} error={self.error.value!r}>"

    def run(self, result: Any) -> None:
        """Tell what happened."""
        self._tell(adapted(result), "addError", self.error)


class SkipHolder(TestHolder):
    """Takes the place of a module that wants to be skipped.

    Args:
        reason: why.
    """

    def __init__(self, description: str, reason: str) -> None:
        super().__init__(description)
        self.reason = reason

    def run(self, result: Any) -> None:
        """Tell why."""
        self._tell(adapted(result), "addSkip", self.reason)


class LoggedSuite(TestSuite):
    """A suite that reports the errors that are logged between its tests."""

    def run(self, result: Any, debug: bool = False) -> Any:
        """Run the tests."""
        with logged.collecting() as errors:
            super().run(result, debug)
        for failure in errors:
            result.addError(TestHolder(NOT_IN_TEST), failure)
        return result


class DestructiveTestSuite(TestSuite):
    """A suite that lets go of each test when it has been run, and of what the test holds."""

    def _removeTestAtIndex(self, index: int) -> None:
        """Let go of the test: as the standard library does."""
        unittest.TestSuite._removeTestAtIndex(self, index)  # type: ignore[attr-defined]  # not in the type stubs


class TrialSuite(TestSuite):
    """The suite of a whole run: when it is over, the reactor is shut down.

    Args:
        tests: the tests.
        forceGarbageCollection: collect garbage before and after each test, so that errors of Deferreds in cycles are
            told of the test that made them.
    """

    def __init__(self, tests: Iterable[Any] = (), forceGarbageCollection: bool = False) -> None:
        super().__init__(tests)
        if forceGarbageCollection:
            for test in eachTest(self):
                test._collectsGarbage = True

    def run(self, result: Any, debug: bool = False) -> Any:
        """Run the tests."""
        try:
            return super().run(result, debug)
        finally:
            self._bail()

    def _bail(self) -> None:
        """Let the shutdown event happen: threads end, files are closed."""
        reactor = usedReactor()
        if reactor is not None and not reactor.running:
            reactor.callWhenRunning(reactor.stop)
            reactor.run(installSignalHandlers=False)


def eachTest(test: Any) -> Iterator[Any]:
    """Every single test of a suite."""
    try:
        tests = iter(test)
    except TypeError:
        yield test
        return
    for one in tests:
        yield from eachTest(one)
