"""Reporters that write lines: what happened at once, tracebacks and a summary at the end."""

from __future__ import annotations

import sys
import time
import types
from collections.abc import Callable, Iterable
from typing import IO, TYPE_CHECKING, Any

from zope.interface import implementer

from ropewalk.python.failure import Failure
from ropewalk.python.util import untilConcludes

from ..itrial import IReporter
from .result import TestResult, asFailure

if TYPE_CHECKING:
    from .._cases.verdicts import Todo
    from .result import Problem

__all__ = ["MinimalReporter", "Reporter", "SafeStream", "TextReporter", "TimingTextReporter", "VerboseTextReporter"]

WIDTH = 79

# What the last line counts, in its order: the words, and the attribute of the result.
COUNTED = (
    ("skips", "skips"),
    ("expectedFailures", "expectedFailures"),
    ("failures", "failures"),
    ("errors", "errors"),
    ("unexpectedSuccesses", "unexpectedSuccesses"),
)


class SafeStream:
    """A stream whose `write` is not disturbed by signals. Everything else is that of the original."""

    def __init__(self, original: IO[str]) -> None:
        self.original = original

    def __getattr__(self, name: str) -> Any:
        return getattr(self.original, name)

    def write(self, *a: Any, **kw: Any) -> Any:
        return untilConcludes(self.original.write, *a, **kw)


def nameOf(test: Any) -> str:
    """The name by which a reader, and the command line, know a test."""
    import doctest

    if isinstance(test, doctest.DocTestCase):
        return str(test.shortDescription())
    name: str = test.id()
    return name


@implementer(IReporter)
class Reporter(TestResult):
    """Writes tracebacks and a summary when all is done; the children of this class also what happens meanwhile.

    Args:
        stream: where to.
        tbformat: of tracebacks: ``"default"``, ``"brief"`` or ``"verbose"``; see `Failure.getTraceback`.
        realtime: write each traceback as it happens, and again at the end.
        publisher: the log (`ropewalk.python.log`) in which Python's warnings appear; they are written as well.
    """

    def __init__(
        self, stream: IO[str] = sys.stdout, tbformat: str = "default", realtime: bool = False, publisher: Any = None
    ) -> None:
        super().__init__()
        self._stream: Any = SafeStream(stream)
        self.tbformat = tbformat
        self.realtime = realtime
        self._publisher = publisher
        self._startTime: float | None = None
        # The test that was announced last.
        self._current: Any = None
        if publisher is not None:
            publisher.addObserver(self._observeWarnings)

    def _observeWarnings(self, event: dict[str, Any]) -> None:
        if "warning" in event and "filename" in event and "lineno" in event:
            kind = str(event.get("category", "Warning")).rpartition(".")[2].removesuffix("'>")
            self._write(f"{event['filename']}:{event['lineno']}: {kind}: {event['warning']}\n")

    def startTest(self, test: Any) -> None:
        super().startTest(test)
        self._current = test
        if self._publisher is not None:
            self._publisher.msg(f"--> {nameOf(test)} <--")
        if self._startTime is None:
            self._startTime = time.perf_counter()

    def addFailure(self, test: Any, fail: Any) -> None:
        super().addFailure(test, fail)
        if self.realtime:
            self._write(self._traceback(asFailure(fail)))

    def addError(self, test: Any, error: Any) -> None:
        super().addError(test, error)
        if self.realtime:
            self._write(self._traceback(asFailure(error)))

    def upDownError(self, method: Any, error: Problem, warn: bool = True, printStatus: bool = True) -> None:
        """A fixture of a class failed, and with it all its tests."""
        super().addError(method, error)

    def cleanupErrors(self, errs: Problem) -> None:
        """Something went wrong after the tests; it is written, and counts nowhere."""
        self._writeln(f"cleanup errors:\n{self._traceback(asFailure(errs))}")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()

    def _writeln(self, text: str = "") -> None:
        self._write(text + "\n")

    # The end

    def done(self) -> None:
        """Write the tracebacks and the summary."""
        if self._publisher is not None:
            self._publisher.removeObserver(self._observeWarnings)
        self._printErrors()
        self._writeln("-" * WIDTH)
        self._writeln(f"Ran {self.testsRun} tests in {self._seconds():.3f}s")
        self._writeln()
        self._printSummary()

    def _seconds(self) -> float:
        return 0.0 if self._startTime is None else time.perf_counter() - self._startTime

    def _printErrors(self) -> None:
        self._printResults("[SKIPPED]", self.skips, str)
        self._printResults("[TODO]", self.expectedFailures, self._expectedFailure)
        self._printResults("[FAIL]", self.failures, self._traceback)
        self._printResults("[ERROR]", self.errors, self._traceback)
        self._printResults("[SUCCESS!?!]", self.unexpectedSuccesses, lambda todo: f"Reason: {todo.reason!r}\n")

    def _printResults(self, title: str, results: Iterable[tuple[Any, ...]], tell: Callable[..., str]) -> None:
        """Write results of one kind; those of which the same is to be told are told together."""
        groups: dict[str, list[Any]] = {}
        for test, *outcome in results:
            groups.setdefault(tell(*outcome), []).append(test)
        for text, tests in groups.items():
            self._writeln("=" * WIDTH)
            self._writeln(title)
            self._write(text if text.endswith("\n") else text + "\n")
            self._writeln()
            for test in tests:
                self._writeln(nameOf(test))

    def _expectedFailure(self, failure: Failure, todo: Todo) -> str:
        return f"Reason: {todo.reason!r}\n{self._traceback(failure)}"

    def _traceback(self, failure: Failure) -> str:
        return trimmed(failure).getTraceback(detail=self.tbformat)

    def _printSummary(self) -> None:
        self._write(("PASSED" if self.wasSuccessful() else "FAILED") + self._counts() + "\n")

    def _counts(self) -> str:
        counts = [(word, len(getattr(self, attribute))) for word, attribute in COUNTED]
        told = [f"{word}={count}" for word, count in [*counts, ("successes", self.successes)] if count]
        return f" ({', '.join(told)})" if told else ""


# Modules whose frames stand between us and a module that could not be loaded.
IMPORTING = ("importlib", "importlib._bootstrap", "importlib._bootstrap_external")


def trimmed(failure: Failure) -> Failure:
    """A Failure without the frames of test runners and assertions.

    Their modules have the name ``__unittest``, as `unittest` and pytest know it.
    """
    if failure.tb is None:
        return failure
    kept = []
    tb: types.TracebackType | None = failure.tb
    while tb is not None:
        names = tb.tb_frame.f_globals
        if "__unittest" not in names and names.get("__name__") not in IMPORTING:
            kept.append(tb)
        tb = tb.tb_next
    rebuilt: types.TracebackType | None = None
    for one in reversed(kept):
        rebuilt = types.TracebackType(rebuilt, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return Failure(failure.value, failure.type, rebuilt or failure.tb)


@implementer(IReporter)
class MinimalReporter(Reporter):
    """Writes numbers only, for programs: seconds, tests, tests once more, errors, failures, skips."""

    def _printErrors(self) -> None:
        pass

    def _printSummary(self) -> None:
        counts = (self.testsRun, self.testsRun, len(self.errors), len(self.failures), len(self.skips))
        self._writeln(" ".join(map(str, (self._seconds(), *counts))))


@implementer(IReporter)
class TextReporter(Reporter):
    """Writes a letter for each test."""

    def addSuccess(self, test: Any) -> None:
        super().addSuccess(test)
        self._write(".")

    def addError(self, *args: Any) -> None:
        super().addError(*args)
        self._write("E")

    def addFailure(self, *args: Any) -> None:
        super().addFailure(*args)
        self._write("F")

    def addSkip(self, *args: Any) -> None:
        super().addSkip(*args)
        self._write("S")

    def addExpectedFailure(self, *args: Any) -> None:
        super().addExpectedFailure(*args)
        self._write("T")

    def addUnexpectedSuccess(self, *args: Any) -> None:
        super().addUnexpectedSuccess(*args)
        self._write("!")

    def _printErrors(self) -> None:
        self._writeln()
        super()._printErrors()


@implementer(IReporter)
class VerboseTextReporter(Reporter):
    """Writes a line for each test, without color."""

    def startTest(self, tm: Any) -> None:
        super().startTest(tm)
        self._write(f"{nameOf(tm)} ... ")

    def addSuccess(self, test: Any) -> None:
        super().addSuccess(test)
        self._write("[OK]")

    def addError(self, *args: Any) -> None:
        super().addError(*args)
        self._write("[ERROR]")

    def addFailure(self, *args: Any) -> None:
        super().addFailure(*args)
        self._write("[FAILURE]")

    def addSkip(self, *args: Any) -> None:
        super().addSkip(*args)
        self._write("[SKIPPED]")

    def addExpectedFailure(self, *args: Any) -> None:
        super().addExpectedFailure(*args)
        self._write("[TODO]")

    def addUnexpectedSuccess(self, *args: Any) -> None:
        super().addUnexpectedSuccess(*args)
        self._write("[SUCCESS!?!]")

    def stopTest(self, test: Any) -> None:
        super().stopTest(test)
        self._writeln()

    def _printErrors(self) -> None:
        self._writeln()
        super()._printErrors()


@implementer(IReporter)
class TimingTextReporter(VerboseTextReporter):
    """Writes a line for each test, and one with its seconds."""

    def stopTest(self, method: Any) -> None:
        super().stopTest(method)
        self._writeln(f"({self._lastTime:.3f} secs)")
