"""The interfaces of trial: what a test case offers to a runner, and a reporter to test cases."""

from __future__ import annotations

from typing import Any, TypeVar

from zope.interface import Attribute, Interface

__all__ = ["IReporter", "IReporterWithDurations", "ITestCase", "ITestCaseVar"]


class ITestCase(Interface):
    """A test, or something that a runner treats as one."""

    failureException = Attribute("The exception by which assertions fail; others are errors.")
    skip = Attribute("Why the test is not to be run; absent or `None` when it is.")

    def __call__(result: Any) -> None:
        """Run the test; the same as `run`."""

    def countTestCases() -> int:
        """Return how many tests this is."""

    def id() -> str:
        """Return the name by which a runner can be told to run this test."""

    def run(result: Any) -> None:
        """Run the test, and tell ``result``, an `IReporter`, what came of it."""

    def shortDescription() -> str:
        """Return a line that says what the test is about."""


class IReporter(Interface):
    """Is told what comes of tests, and shows it."""

    shouldStop = Attribute("True when no more tests are to be run.")
    testsRun = Attribute("How many tests have been started.")

    def startTest(method: Any) -> None:
        """A test begins."""

    def stopTest(method: Any) -> None:
        """A test is over. It comes once for each `startTest`, after what came of the test."""

    def addSuccess(test: Any) -> None:
        """The test has passed."""

    def addError(test: Any, error: Any) -> None:
        """Something went wrong; ``error`` is a Failure or an exception triple. A test may have several."""

    def addFailure(test: Any, failure: Any) -> None:
        """An assertion did not hold; ``failure`` is a Failure or an exception triple."""

    def addExpectedFailure(test: Any, failure: Any, todo: Any = None) -> None:
        """The test did not pass, and ``todo``, a `Todo`, says that it was not expected to."""

    def addUnexpectedSuccess(test: Any, todo: Any = None) -> None:
        """The test has passed although ``todo`` says that it was not expected to."""

    def addSkip(test: Any, reason: str) -> None:
        """The test was not run, or not to its end, for this reason."""

    def wasSuccessful() -> bool:
        """Return whether there was neither error nor failure."""

    def done() -> None:
        """All tests have been run: show what is shown at the end."""


class IReporterWithDurations(IReporter):
    """A reporter that wants to know how long each test took."""

    collectedDurations = Attribute("A list of pairs: a test's name, and its seconds.")

    def addDuration(test: Any, elapsed: float) -> None:
        """A test took this many seconds."""


ITestCaseVar = TypeVar("ITestCaseVar", bound=ITestCase)
