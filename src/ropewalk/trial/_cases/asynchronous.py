"""Test cases that wait: for the Deferreds and coroutines that tests, fixtures and cleanups return.

The reactor runs while there is something to wait for, and only then. Coroutines are started in it, so that they may
use asyncio.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from zope.interface import implementer

from ropewalk.internet.defer import Deferred, TimeoutError
from ropewalk.python.failure import Failure

from ..itrial import ITestCase
from ..util import DEFAULT_TIMEOUT, DEFAULT_TIMEOUT_DURATION
from . import waiting
from .leftovers import Leftovers
from .synchronous import SynchronousTestCase

if TYPE_CHECKING:
    from .synchronous import Told

__all__ = ["TestCase"]

__unittest = True

P = ParamSpec("P")
T = TypeVar("T")


@implementer(ITestCase)
class TestCase(SynchronousTestCase):
    """A test case whose tests, ``setUp``, ``tearDown`` and cleanups may return a Deferred, or be coroutines.

    Each of them may take as many seconds as the attribute ``timeout`` of the test method, the class or the module says;
    120 if none does. What a test leaves behind in the reactor is an error of the test.
    """

    if TYPE_CHECKING:
        # There only when a test case or a module has it: the lookup goes on where it is missing.
        skip: Any

    def getTimeout(self) -> float:
        """Return how many seconds the test, and each of its fixtures, may take."""
        timeout = self._said("timeout", DEFAULT_TIMEOUT)
        if timeout is DEFAULT_TIMEOUT:
            return DEFAULT_TIMEOUT_DURATION
        try:
            return float(timeout)
        except (TypeError, ValueError):
            warnings.warn(
                f"timeout of {self.id()} is no number but {timeout!r}; {DEFAULT_TIMEOUT_DURATION} seconds hold",
                category=RuntimeWarning,
                stacklevel=2,
            )
            return DEFAULT_TIMEOUT_DURATION

    def getSuppress(self) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
        """Return the warning filters that hold while the test runs; see `ropewalk.trial.util.suppress`."""
        return self._getSuppress()

    def addCleanup(self, f: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:  # type: ignore[override]  # the documented name
        """Have something called when the test is over, after ``tearDown``, the last added first.

        It is called whatever became of the test. If it returns a Deferred or a coroutine, the next one waits for it.
        """
        super().addCleanup(f, *args, **kwargs)

    async def enterAsyncContext(self, cm: AbstractAsyncContextManager[T]) -> T:
        """Enter an asynchronous context, which is left when the test is over; return what it yields."""
        entered = await cm.__aenter__()
        self.addCleanup(cm.__aexit__, None, None, None)
        return entered

    def assertFailure(self, deferred: Deferred[T], *expectedFailures: type[BaseException]) -> Deferred[T]:
        """Return a Deferred that fires with the exception when this one fails with one of these.

        If it succeeds, or fails otherwise, the returned one fails with `failureException`.
        """

        def succeeded(result: object) -> None:
            self.fail(f"did not catch an error, instead got {result!r}")

        def failed(failure: Failure) -> BaseException:
            if failure.check(*expectedFailures):
                return failure.value  # type: ignore[no-any-return]  # an exception: it was just checked
            raise self.failureException(f"\nExpected: {expectedFailures!r}\nGot:\n{failure.getTraceback()}") from None

        chained: Any = deferred.addCallbacks(succeeded, failed)
        # The documented type is that of the Deferred given, though what comes out is the exception.
        return chained  # type: ignore[no-any-return]

    failUnlessFailure = assertFailure

    def _perform(self, told: Told) -> None:
        leftovers = Leftovers()
        super()._perform(told)
        dirt = leftovers.clear()
        if dirt is not None:
            told.error(dirt)

    def _call(self, function: Callable[[], object]) -> object:
        if inspect.isgeneratorfunction(function):
            return super()._call(function)
        try:
            found = function()
            if inspect.iscoroutine(found):
                return waiting.outcomeInside(partial(Deferred.fromCoroutine, found), *self._patience(function))
            if isinstance(found, Deferred):
                return waiting.outcome(found, *self._patience(function))
        except BaseException:
            return Failure()
        return found

    def _patience(self, function: Callable[[], object]) -> tuple[float, Callable[[], BaseException]]:
        """How long to wait for what a function has returned, and what happens then."""
        seconds = self.getTimeout()
        name = getattr(function, "__name__", "a cleanup")
        return seconds, lambda: TimeoutError(f"{self!r} ({name}) still running at {seconds} secs")
