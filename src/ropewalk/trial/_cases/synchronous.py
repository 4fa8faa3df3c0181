"""Test cases without a reactor: everything of a test case but waiting.

A test's story is in `SynchronousTestCase._perform`: ``setUp``, the test, ``tearDown``, the cleanups, and then what came
to light besides: logged errors, warnings. `ropewalk.trial._cases.asynchronous` has the same story and only *calls*
differently: it waits for what a call returns.
"""

from __future__ import annotations

import gc
import inspect
import os
import sys
import tempfile
import unittest
import warnings
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from ropewalk.python import deprecate, monkey, reflect, versions
from ropewalk.python.failure import Failure

from . import logged, warned
from .assertions import Assertions
from .results import adapted
from .verdicts import Todo, makeTodo, reasonToSkip

if TYPE_CHECKING:
    from ropewalk.python.monkey import MonkeyPatcher

__all__ = ["SynchronousTestCase"]

__unittest = True

P = ParamSpec("P")
R = TypeVar("R")

# Longest name of a module, class or method in a temporary path: some systems limit the whole to 260 characters.
LONGEST = 32

# Makes the directory in which temporary paths are; set by a runner that does not change the working directory.
temporaryRoot: Callable[[], str] | None = None


class SynchronousTestCase(Assertions):
    """A test case whose tests are over when they return.

    Attributes of the test method, the class or the module, the nearest one counts:

    - ``skip``: why the test is not to be run.
    - ``todo``: why it is known not to pass yet; see `makeTodo`.
    - ``suppress``: a list of warning filters; see `ropewalk.trial.util.suppress`.

    The decorators of `unittest` (``skip``, ``skipIf``, ``expectedFailure``) mean the same.
    """

    # Whether garbage is collected before and after each test; a runner sets it.
    _collectsGarbage = False

    def __init__(self, methodName: str = "runTest") -> None:
        super().__init__(methodName)
        self._testMethodName = methodName
        method = getattr(self, methodName)
        # Where attributes of the test are looked up, the nearest first.
        self._parents = [method, self, sys.modules.get(type(self).__module__)]
        # As the standard library names them, so that its `enterContext` and `doCleanups` serve too.
        self._cleanups: list[tuple[Callable[..., object], tuple[Any, ...], dict[str, Any]]] = []
        # While the test runs: what it has logged, and the warnings that it gave.
        self._errors: list[Failure] = []
        self._warnings: list[warnings.WarningMessage] = []

    def __eq__(self, other: object) -> bool:
        """A test is equal to itself only: two of the same name are two tests."""
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def runTest(self) -> None:
        """A test that passes: what a test case without a method's name runs."""

    def shortDescription(self) -> str:
        """Return the first line of the test's docstring, or else its method's name."""
        return super().shortDescription() or self._testMethodName

    # What is said of a test

    def _said(self, attribute: str, default: Any = None) -> Any:
        """What the test, its class or its module says by an attribute, the nearest first.

        A function is no answer: many a module imports one that is called ``skip``, ``suppress`` or ``timeout``.
        """
        for parent in self._parents:
            value = getattr(parent, attribute, None)
            if value is not None and not callable(value):
                return value
        return default

    def getSkip(self) -> tuple[bool, str | None]:
        """Return whether the test is to be skipped, and why."""
        reason = self._said("skip")
        if reason is not None and reason is not False:
            return True, str(reason)
        for one in (self._parents[0], type(self)):
            if getattr(one, "__unittest_skip__", False):
                return True, getattr(one, "__unittest_skip_why__", "")
        return False, None

    def getTodo(self) -> Todo | None:
        """Return why the test is known not to pass yet; `None` when it ought to."""
        todo = self._said("todo")
        if todo is not None:
            return todo if isinstance(todo, Todo) else makeTodo(todo)
        for one in (self._parents[0], type(self)):
            if getattr(one, "__unittest_expecting_failure__", False):
                return Todo("expected to fail")
        return None

    def _getSuppress(self) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
        return list(self._said("suppress", []))

    # Running

    def __call__(self, *args: Any, **kwds: Any) -> Any:
        return self.run(*args, **kwds)

    def run(self, result: Any = None) -> Any:
        """Run the test, and tell a result what came of it.

        Args:
            result: a reporter, or the result of `unittest` or pytest; by default a new one of `unittest`.

        Returns:
            The result.
        """
        if result is None:
            result = unittest.TestResult()
        reporter = adapted(result)
        reporter.startTest(self)
        shows: list[Callable[[], object]] = []
        try:
            skip, reason = self.getSkip()
            if skip:
                reporter.addSkip(self, reason)
            else:
                shows = self._tell(reporter)
        finally:
            for show in shows:
                show()
            reporter.stopTest(self)
        return result

    def _tell(self, reporter: Any) -> list[Callable[[], object]]:
        """Perform the test and tell what came of it; return what shows the warnings that nobody took."""
        told = Told(self, reporter)
        with logged.collecting() as self._errors:
            if self._collectsGarbage:
                gc.collect()
            with warnings.catch_warnings(record=True) as self._warnings:
                warnings.simplefilter("always")
                for args, kwargs in self._getSuppress():
                    warnings.filterwarnings(*args, **kwargs)
                self._perform(told)
            if self._collectsGarbage:
                # What it drops with an error inside is still this test's.
                gc.collect()
        for failure in logged.flush(self._errors, ()):
            told.error(failure)
        shows, failures = warned.giveAgain(self._warnings)
        for failure in failures:
            told.error(failure)
        told.end()
        return shows

    def _perform(self, told: Told) -> None:
        """A test from its ``setUp`` to its last cleanup."""
        method = self._parents[0]
        if self._fixture(told, self.setUp):
            found = self._call(method)
            if isinstance(found, Failure):
                told.problem(found)
            self._fixture(told, self.tearDown, maySkip=False)
        self._cleanUp(told)

    def _fixture(self, told: Told, function: Callable[[], object], maySkip: bool = True) -> bool:
        """Call a fixture; return whether it went well. Whatever goes wrong in one is an error, not a failure."""
        found = self._call(function)
        if not isinstance(found, Failure):
            return True
        if maySkip and found.check(unittest.SkipTest):
            told.skip(found)
        else:
            told.error(found)
        return False

    def _call(self, function: Callable[[], object]) -> object:
        """Call a test or fixture; return its result, or a Failure of what it raised."""
        if inspect.isgeneratorfunction(function):
            return Failure(
                TypeError(f"{function!r} is a generator function and therefore will never run: it has a `yield`")
            )
        try:
            found = function()
        except BaseException:
            return _shortened(Failure())
        if inspect.iscoroutine(found):
            found.close()
            return Failure(
                TypeError(f"{function!r} is a coroutine function: derive from TestCase, which waits for coroutines")
            )
        return found

    # Cleaning up

    def addCleanup(self, f: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:  # type: ignore[override]  # the documented name
        """Have something called when the test is over, after ``tearDown``, the last added first.

        It is called whatever became of the test, also if ``setUp`` failed.
        """
        self._cleanups.append((f, args, kwargs))

    def _cleanUp(self, told: Told) -> None:
        # A cleanup may add another.
        while self._cleanups:
            function, args, kwargs = self._cleanups.pop()
            self._fixture(told, partial(function, *args, **kwargs), maySkip=False)

    def patch(self, obj: object, attribute: str, value: object) -> MonkeyPatcher:
        """Replace an attribute until the test is over.

        Returns:
            What puts it back earlier, by its ``restore``.

        Raises:
            AttributeError: there is no such attribute.
        """
        patcher = monkey.MonkeyPatcher((obj, attribute, value))
        patcher.patch()
        self.addCleanup(patcher.restore)
        return patcher

    def mktemp(self) -> str:
        """Return a path at which the test may make a file or directory. Nothing is there yet, its parent is.

        It is relative to the working directory, which under ``trial`` is ``_trial_temp``; under pytest it is in
        pytest's own directory for such.
        """
        names = (type(self).__module__, type(self).__name__, self._testMethodName)
        base = os.path.join(*(name[:LONGEST] for name in names))
        if temporaryRoot is not None:
            base = os.path.join(temporaryRoot(), base)
        os.makedirs(base, exist_ok=True)
        return os.path.join(tempfile.mkdtemp("", "", base), "temp")

    # Logged errors and warnings

    def flushLoggedErrors(self, *errorTypes: type[BaseException] | str) -> list[Failure]:
        """Take the errors that were logged since the test began. Those that a test does not take fail it.

        Args:
            errorTypes: of which types; of any by default.
        """
        from ropewalk.internet._defer import unhandled

        unhandled.reportAll()
        return logged.flush(self._errors, errorTypes)

    def flushWarnings(self, offendingFunctions: list[Callable[..., Any]] | None = None) -> list[dict[str, Any]]:
        """Take the warnings that were given since the test began; the others are shown after the test.

        Args:
            offendingFunctions: only those that point at a line of one of these.

        Returns:
            For each a dict of its ``message``, ``category``, ``filename`` and ``lineno``.
        """
        if offendingFunctions is None:
            taken = self._warnings[:]
        else:
            taken = [one for one in self._warnings if warned.isFrom(one, offendingFunctions)]
        # In place: the machinery of `warnings` appends to this very list.
        self._warnings[:] = [one for one in self._warnings if one not in taken]
        return [warned.asDict(one) for one in taken]

    def callDeprecated(self, version: Any, f: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a deprecated function, and return its result. Fail unless it gives its one warning.

        Args:
            version: since when it is deprecated, or a pair: that, and what is to be used instead.
        """
        result = f(*args, **kwargs)
        given = self.flushWarnings([self.callDeprecated])
        replacement = None
        if isinstance(version, tuple):
            version, replacement = version
        expected = deprecate.getDeprecationWarningString(f, version, replacement=replacement)
        self._onlyWarning(given, expected, f"{reflect.fullyQualifiedName(f)} is not deprecated")
        return result

    def getDeprecatedModuleAttribute(self, moduleName: str, name: str, version: Any, message: str | None = None) -> Any:
        """Return a deprecated attribute of a module. Fail unless looking it up gives its one warning.

        Args:
            version: since when it is deprecated.
            message: what the warning says besides.
        """
        value = getattr(reflect.namedAny(moduleName), name)
        given = self.flushWarnings([self.getDeprecatedModuleAttribute])
        expected = f"{moduleName}.{name} was deprecated in {versions.getVersionString(version)}"
        if message is not None:
            expected += ": " + message
        self._onlyWarning(given, expected, f"{moduleName}.{name} is not deprecated")
        return value

    def _onlyWarning(self, given: list[dict[str, Any]], expected: str, otherwise: str) -> None:
        if not given:
            self.fail(otherwise)
        self.assertEqual([one["category"] for one in given], [DeprecationWarning])
        self.assertEqual(given[0]["message"], expected)


class Told:
    """What came of one test so far, told to its reporter in the order of events."""

    def __init__(self, case: SynchronousTestCase, reporter: Any) -> None:
        self._case = case
        self._reporter = reporter
        self._todo = case.getTodo()
        # Nothing was told, so the test has passed.
        self.passed = True

    def problem(self, failure: Failure) -> None:
        """The test itself raised something."""
        if self._todo is not None and self._todo.expected(failure):
            self.passed = False
            self._reporter.addExpectedFailure(self._case, failure, self._todo)
        elif failure.check(unittest.SkipTest):
            self.skip(failure)
        elif failure.check(self._case.failureException):
            self.passed = False
            self._reporter.addFailure(self._case, failure)
        else:
            self.error(failure)

    def skip(self, failure: Failure) -> None:
        self.passed = False
        self._reporter.addSkip(self._case, reasonToSkip(failure.value))

    def error(self, failure: Failure) -> None:
        """Something other than an assertion of the test went wrong."""
        self.passed = False
        self._reporter.addError(self._case, failure)
        if failure.check(KeyboardInterrupt) and hasattr(self._reporter, "stop"):
            self._reporter.stop()

    def end(self) -> None:
        """Everything that can go wrong has had its chance."""
        if not self.passed:
            return
        if self._todo is not None:
            self._reporter.addUnexpectedSuccess(self._case, self._todo)
        else:
            self._reporter.addSuccess(self._case)


def _shortened(failure: Failure) -> Failure:
    """A Failure whose traceback begins where our own call ends."""
    if failure.tb is not None and failure.tb.tb_next is not None:
        failure.tb = failure.tb.tb_next
    return failure
