"""Reporters and results, told of tests that never ran."""

from __future__ import annotations

import io
import unittest as standard
import warnings
from typing import Any

import pytest

from ropewalk.python.failure import Failure
from ropewalk.trial import reporter, unittest, util
from ropewalk.trial.itrial import IReporter
from ropewalk.trial.runner import ErrorHolder, TestHolder


class Case(unittest.SynchronousTestCase):
    __test__ = False

    def test_it(self) -> None:
        pass

    def test_other(self) -> None:
        pass


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_counts() -> None:
    """A result keeps what it is told; only failures and errors make it unsuccessful."""
    result = reporter.TestResult()
    case = Case("test_it")
    failure = Failure(ValueError("no"))
    result.addSuccess(case)
    result.addSkip(case, "why")
    result.addExpectedFailure(case, failure)
    result.addUnexpectedSuccess(case, unittest.makeTodo("later"))
    assert result.wasSuccessful()
    result.addError(case, (ValueError, failure.value, None))
    assert not result.wasSuccessful()
    assert result.errors[0][1].value is failure.value
    assert result.expectedFailures == [(case, failure, unittest.makeTodo("Test expected to fail"))]
    assert repr(result) == ("<ropewalk.trial.reporter.TestResult run=0 errors=1 failures=0 todos=1 dones=1 skips=1>")


def test_sameTextOnce() -> None:
    """Tests of which the same is told are named under one text."""
    stream = io.StringIO()
    shown = reporter.Reporter(stream)
    for name in ("test_it", "test_other"):
        shown.addSkip(Case(name), "no network")
    shown.done()
    names = [f"{__name__}.Case.{name}" for name in ("test_it", "test_other")]
    assert stream.getvalue().splitlines()[:5] == ["=" * 79, "[SKIPPED]", "no network", "", names[0]]
    assert stream.getvalue().count("[SKIPPED]") == 1
    assert names[1] in stream.getvalue()


def test_colors(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal gets colors, unless it is dumb or its user wants none."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)

    def shown(stream: io.StringIO) -> str:
        Case("test_it").run(reporter.TreeReporter(stream))
        return stream.getvalue()

    assert "\x1b[32;1m[OK]\x1b[0m" in shown(Terminal())
    assert "\x1b" not in shown(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in shown(Terminal())


def test_treeOfOddNames() -> None:
    """What is no method of a class stands in the tree under its name."""
    stream = io.StringIO()
    tree = reporter.TreeReporter(stream)
    TestHolder("alone").run(tree)
    ErrorHolder("pack.module", Failure(ValueError())).run(tree)
    assert stream.getvalue().splitlines() == [
        "alone ...".ljust(75) + "[OK]",
        "pack",
        "  module ...".ljust(72) + "[ERROR]",
    ]


def test_subtests() -> None:
    """A failing subtest of a standard test case is a failure of its own."""

    class Subtests(standard.TestCase):
        def test_it(self) -> None:
            for number in range(3):
                with self.subTest(number=number):
                    self.assertEqual(number, 1)

    result = reporter.TestResult()
    Subtests("test_it").run(result)
    assert [str(test).rpartition(" ")[2] for test, _ in result.failures] == ["(number=0)", "(number=2)"]
    assert not result.successes


@pytest.mark.parametrize(
    ("tbformat", "line"), [("default", '  File "'), ("brief", "Traceback: <class"), ("verbose", "*--- F")]
)
def test_tracebackFormats(tbformat: str, line: str) -> None:
    """Tracebacks come in the form that was asked for."""
    stream = io.StringIO()
    shown = reporter.Reporter(stream, tbformat=tbformat)
    try:
        raise ValueError("no")
    except ValueError:
        shown.addError(Case("test_it"), Failure())
    shown.done()
    assert any(one.startswith(line) for one in stream.getvalue().splitlines())


def test_uncleanWarnings() -> None:
    """The wrapper makes warnings of unclean reactors, and leaves other errors what they are."""
    result = reporter.TestResult()
    wrapped: Any = reporter.UncleanWarningsReporterWrapper(result)
    assert IReporter.providedBy(wrapped)
    with pytest.warns(UserWarning, match="Reactor was unclean"):
        wrapped.addError(Case("test_it"), Failure(util.DirtyReactorAggregateError(["call"])))
    wrapped.addError(Case("test_it"), Failure(ValueError()))
    assert (result.successes, len(result.errors)) == (1, 1)


def test_warnings() -> None:
    """Warnings that appear in the log are shown as Python shows them."""

    class Log:
        observers: list[Any] = []

        def addObserver(self, observer: Any) -> None:
            self.observers.append(observer)

        def removeObserver(self, observer: Any) -> None:
            self.observers.remove(observer)

    stream = io.StringIO()
    shown = reporter.Reporter(stream, publisher=Log())
    (observe,) = Log.observers
    observe({"warning": "careful", "category": "builtins.UserWarning", "filename": "a.py", "lineno": 3})
    observe({"message": ("something else",)})
    shown.done()
    assert stream.getvalue().splitlines()[0] == "a.py:3: UserWarning: careful"
    assert Log.observers == []


@pytest.mark.skipif(reporter.TestProtocolClient is not None, reason="the library is there")
def test_subunitMissing() -> None:
    """Without its library the subunit reporter says how to get it."""
    with pytest.raises(Exception, match="pip install python-subunit"):
        reporter.SubunitReporter(io.StringIO())


def test_util() -> None:
    """Attributes of the nearest owner, warning filters, exception triples, profiles."""
    case = Case("test_it")
    assert util.acquireAttribute([object(), case], "_testMethodName") == "test_it"
    assert util.acquireAttribute([case], "missing", 5) == 5
    with pytest.raises(AttributeError, match="attribute 'missing' not found in"):
        util.acquireAttribute([case], "missing")
    assert util.suppress(message="x") == (("ignore",), {"message": "x"})
    problem = ValueError()
    assert util.excInfoOrFailureToExcInfo(Failure(problem)) == (ValueError, problem, None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "Selectables:\nport" in str(util.DirtyReactorAggregateError([], ["port"]))
