"""The loader, suites and names, without the command."""

from __future__ import annotations

import io
import sys
import types
import unittest as standard
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet import defer
from ropewalk.python import log
from ropewalk.python.failure import Failure
from ropewalk.trial import reporter, runner, unittest
from ropewalk.trial._running.names import loadLocalVariables, namesOfTests
from support.trial import Recorder, quiet


class Case(unittest.SynchronousTestCase):
    __test__ = False

    def test_b(self) -> None:
        pass

    def test_a(self) -> None:
        pass

    def helper(self) -> None:
        raise AssertionError("is no test")


def names(test: Any) -> list[str]:
    """The methods of all tests of a suite."""
    try:
        tests = list(test)
    except TypeError:
        return [test.id().rpartition(".")[2]]
    return [name for one in tests for name in names(one)]


def test_loadClass() -> None:
    """The methods with the prefix are tests, in the order of the sorter."""
    loader = runner.TestLoader()
    assert loader.getTestCaseNames(Case) == ["_a", "_b"] or set(loader.getTestCaseNames(Case)) == {"_a", "_b"}
    assert names(loader.loadClass(Case)) == ["test_a", "test_b"]
    loader.sorter = lambda test: -ord(test.id()[-1])
    assert names(loader.loadClass(Case)) == ["test_b", "test_a"]


def test_loadModule() -> None:
    """A module's test cases, or what it says itself: by a suite function, `load_tests` and doctests."""
    loader = runner.TestLoader()
    module: Any = types.ModuleType("made")
    module.Case = Case
    module.Standard = standard.TestCase
    assert names(loader.loadModule(module)) == ["test_a", "test_b"]

    module.__doctests__ = ["ropewalk.trial.util"]
    module.load_tests = lambda loader, tests, pattern: standard.TestSuite([tests, Case("test_a")])
    assert names(loader.loadModule(module)) == ["test_a", "test_b", "test_a"]

    module.test_suite = lambda: unittest.TestSuite([Case("test_b")])
    assert names(loader.loadModule(module)) == ["test_b"]


def test_loadWrongKind() -> None:
    """Each loading method refuses what is not of its kind."""
    loader = runner.TestLoader()
    wrong: Any
    for load, wrong, problem in (
        (loader.loadClass, 3, TypeError),
        (loader.loadClass, dict, ValueError),
        (loader.loadModule, 3, TypeError),
        (loader.loadPackage, sys, TypeError),
        (loader.loadAnything, 3, TypeError),
        (loader.loadFile, "missing.py", ValueError),
        (runner.name, 3, TypeError),
    ):
        with pytest.raises(problem):
            load(wrong)


def test_skippedModule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that raises SkipTest when it is imported is a skip, not an error."""
    (tmp_path / "test_skipping.py").write_text("import unittest\nraise unittest.SkipTest('not here')\n")
    monkeypatch.chdir(tmp_path)
    recorder = Recorder()
    runner.TestLoader().loadByName("test_skipping.py").run(recorder)
    assert recorder.told == [("py", "skip", "not here")]


def test_plainDirectory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory that is no package has the tests of its files; a module of the same name elsewhere is no matter."""
    source = "from ropewalk.trial import unittest\nclass T(unittest.TestCase):\n    def test_{}(self): pass\n"
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "test_same.py").write_text(source.format(folder))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])
    try:
        assert names(runner.TestLoader().loadByNames(["one", "two"])) == ["test_one", "test_two"]
    finally:
        sys.modules.pop("test_same", None)


@pytest.mark.parametrize(
    ("text", "tests"),
    [
        ("# -*- test-case-name: a.b -*-\n", ["a.b"]),
        ("#!/usr/bin/python\n# -*- test-case-name: a.b, c.d -*-\n", ["a.b", "c.d"]),
        ("# -*- test-case-name: a.b; fill-column: 75; -*-\n", ["a.b"]),
        ("# -*- fill-column: 75; test-case-name: a.b -*-\n", ["a.b"]),
        ("# -*- python -*-\n", []),
        ("\n\n# -*- test-case-name: a.b -*-\n", []),
        ("", []),
    ],
)
def test_caseNames(tmp_path: Path, text: str, tests: list[str]) -> None:
    """F162, TR14: where a source file may say what its tests are, and how."""
    path = tmp_path / "module.py"
    path.write_text(text)
    assert namesOfTests(str(path)) == tests
    assert loadLocalVariables(str(path)).get("test-case-name", "").replace(", ", ",") == ",".join(tests)


def test_suiteKeepsItsTests() -> None:
    """A suite can be run again; a destructive one lets go of what it has run."""
    suite = unittest.TestSuite([Case("test_a")])
    destructive = runner.DestructiveTestSuite([Case("test_a")])
    for one, left in ((suite, Case), (destructive, type(None))):
        result = reporter.TestResult()
        one.run(result)
        assert result.testsRun == 1
        assert [type(test) for test in one] == [left]


def test_errorsBetweenTests() -> None:
    """What is logged outside of a test is an error outside of tests."""

    class Logs(unittest.SynchronousTestCase):
        @classmethod
        def setUpClass(cls) -> None:
            log.err(ValueError("fixture"))

        def test_it(self) -> None:
            pass

    recorder = Recorder()
    with quiet():
        runner.LoggedSuite([Logs("test_it")]).run(recorder)
    assert recorder.told == [("test_it", "success"), ("<not in test>", "error", "ValueError: fixture")]


def test_errorsBetweenClasses() -> None:
    """An error that is logged after one test and before the next is told, too: by a fixture of the second class."""

    class First(unittest.SynchronousTestCase):
        def test_it(self) -> None:
            pass

    class Second(unittest.SynchronousTestCase):
        @classmethod
        def setUpClass(cls) -> None:
            log.err(ValueError("between"))

        def test_it(self) -> None:
            pass

    recorder = Recorder()
    with quiet():
        runner.LoggedSuite([First("test_it"), Second("test_it")]).run(recorder)
    assert recorder.told == [
        ("test_it", "success"),
        ("test_it", "success"),
        ("<not in test>", "error", "ValueError: between"),
    ]


def test_decorate() -> None:
    """Every test of a suite can be wrapped."""
    ran = []

    class Noting(unittest.TestDecorator):
        def run(self, result: Any) -> Any:
            ran.append(self.id().rpartition(".")[2])
            return super().run(result)

    suite = unittest.TestSuite([Case("test_a"), unittest.TestSuite([Case("test_b")])])
    decorated = unittest.decorate(suite, lambda test: test if isinstance(test, standard.TestSuite) else Noting(test))
    result = reporter.TestResult()
    decorated.run(result)
    assert (ran, result.successes) == (["test_a", "test_b"], 2)


def test_holders() -> None:
    """Stand-ins for tests are told of like tests."""
    error = runner.ErrorHolder("name", Failure(ValueError("no")))
    assert (error.id(), error.shortDescription(), error.countTestCases()) == ("name", "name", 0)
    recorder = Recorder()
    error.run(recorder)
    runner.TestHolder("fine")(recorder)
    assert recorder.told == [("name", "error", "ValueError: no"), ("fine", "success")]


def test_trialRunner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A runner can be used without the command; its log is written, and everything is as before afterwards."""

    class Writes(unittest.TestCase):
        def test_it(self) -> defer.Deferred[None]:
            log.msg("from the test")
            return defer.succeed(None)

    monkeypatch.chdir(tmp_path)
    stream = io.StringIO()
    with quiet():
        result = runner.TrialRunner(reporter.TreeReporter, stream=stream).run(Writes("test_it"))
    assert result.wasSuccessful()
    assert stream.getvalue().endswith("PASSED (successes=1)\n")
    assert "from the test" in (tmp_path / "_trial_temp" / "test.log").read_text()
    assert Path.cwd() == tmp_path


def test_packages() -> None:
    """What is a package, and what a test case."""
    assert runner.isPackage(standard)
    assert not runner.isPackage(sys)
    assert runner.isPackageDirectory(str(Path(runner.__file__).parent)) == "__init__.py"
    assert not runner.isPackageDirectory("/")
    assert runner.isTestCase(Case)
    assert not runner.isTestCase(Case("test_a"))
    assert runner.samefile(__file__, str(Path(__file__).parent / "." / Path(__file__).name))
