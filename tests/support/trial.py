"""Run test cases and see what they tell their reporter."""

from __future__ import annotations

import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from zope.interface import implementer

from ropewalk.logger import globalLogPublisher
from ropewalk.trial.itrial import IReporter
from ropewalk.trial.unittest import TestSuite


@implementer(IReporter)
class Recorder(unittest.TestResult):
    """A reporter that keeps what it is told, in words: ``("test_x", "error", "ValueError: no")``."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, ...]] = []

    def _tell(self, test: Any, what: str, *more: str) -> None:
        self.told.append((test.id().rpartition(".")[2].rstrip(")"), what, *more))

    def addSuccess(self, test: Any) -> None:
        self._tell(test, "success")

    def addError(self, test: Any, error: Any) -> None:
        self._tell(test, "error", _words(error))

    def addFailure(self, test: Any, failure: Any) -> None:
        self._tell(test, "failure", _words(failure))

    def addSkip(self, test: Any, reason: str) -> None:
        self._tell(test, "skip", reason)

    def addExpectedFailure(self, test: Any, failure: Any, todo: Any = None) -> None:
        self._tell(test, "expected failure", todo.reason)

    def addUnexpectedSuccess(self, test: Any, todo: Any = None) -> None:
        self._tell(test, "unexpected success", todo.reason)

    def done(self) -> None:
        pass


def _words(error: Any) -> str:
    value = error[1] if isinstance(error, tuple) else error.value
    return f"{type(value).__name__}: {value}"


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what is logged off the terminal: before a log begins, critical events are shown there."""
    from ropewalk.logger import globalLogBeginner

    before = globalLogBeginner._temporaryObserver
    globalLogPublisher.removeObserver(before)
    try:
        yield
    finally:
        globalLogPublisher.addObserver(before)


def verdicts(*classes: type[unittest.TestCase]) -> list[tuple[str, ...]]:
    """Run all tests of test cases, in the order of their names; return what was told."""
    recorder = Recorder()
    loader = unittest.TestLoader()
    loader.suiteClass = TestSuite
    with quiet():
        TestSuite(map(loader.loadTestsFromTestCase, classes)).run(recorder)
    return recorder.told


def verdict(cls: type[unittest.TestCase], name: str = "test_it") -> list[tuple[str, ...]]:
    """Run one test; return what was told without its name."""
    recorder = Recorder()
    with quiet():
        cls(name).run(recorder)
    return [told[1:] for told in recorder.told]
