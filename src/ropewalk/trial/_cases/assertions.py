"""The assertions: those of the standard library, and those that know Deferreds.

An assertion that holds returns what it looked at, so that it can stand in a chain of callbacks:
``d.addCallback(self.assertEqual, 3)``.
"""

from __future__ import annotations

import unittest
import warnings
from collections.abc import Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

from ropewalk.internet.defer import Deferred, ensureDeferred
from ropewalk.python.failure import Failure

from .verdicts import FailTest

if TYPE_CHECKING:
    from types import TracebackType

    Exceptions = type[BaseException] | tuple[type[BaseException], ...]

__all__ = ["Assertions", "RaisesContext"]

# Its frames stand between a test and what it asserts; test runners leave them out of tracebacks.
__unittest = True

T = TypeVar("T")


class Assertions(unittest.TestCase):
    """A test case's assertions.

    Those of `unittest.TestCase` that are not here are inherited, and raise `failureException` as well.
    """

    failureException = FailTest

    def fail(self, msg: object = None) -> NoReturn:
        """Fail."""
        raise self.failureException(msg)

    # Values

    def assertTrue(self, condition: T, msg: object = None) -> T:
        """Fail if ``condition`` is false; return it."""
        super().assertTrue(condition, msg)
        return condition

    def assertFalse(self, condition: T, msg: object = None) -> T:
        """Fail if ``condition`` is true; return it."""
        super().assertFalse(condition, msg)
        return condition

    def assertEqual(self, first: T, second: object, msg: object = None) -> T:
        """Fail if two things are not equal; return the first.

        The message shows both, or for texts, lists, dicts and sets where they differ.
        """
        super().assertEqual(first, second, msg)
        return first

    def _baseAssertEqual(self, first: object, second: object, msg: object = None) -> None:
        """Compare what has no comparison of its own; the standard library's `assertEqual` calls this."""
        if not first == second:  # noqa: SIM201  # two objects may be unequal and yet not `!=`
            title = "" if msg is None else f"{msg}\n"
            raise self.failureException(f"{title}not equal:\na = {first!r}\nb = {second!r}\n")

    def assertNotEqual(self, first: T, second: object, msg: object = None) -> T:
        """Fail if two things are equal; return the first."""
        if not first != second:
            raise self.failureException(msg or f"{first!r} == {second!r}")
        return first

    def assertIs(self, first: T, second: object, msg: object = None) -> T:  # type: ignore[override]  # likewise
        """Fail if two things are not one and the same; return it."""
        if first is not second:
            raise self.failureException(msg or f"{first!r} is not {second!r}")
        return first

    def assertIsNot(self, first: T, second: object, msg: object = None) -> T:  # type: ignore[override]  # likewise
        """Fail if two things are one and the same; return the first."""
        if first is second:
            raise self.failureException(msg or f"{first!r} is {second!r}")
        return first

    def assertIn(self, containee: T, container: Any, msg: object = None) -> T:
        """Fail if something is not in a container; return it."""
        if containee not in container:
            raise self.failureException(msg or f"{containee!r} not in {container!r}")
        return containee

    def assertNotIn(self, containee: T, container: Any, msg: object = None) -> T:
        """Fail if something is in a container; return it."""
        if containee in container:
            raise self.failureException(msg or f"{containee!r} in {container!r}")
        return containee

    def assertSubstring(self, substring: T, astring: Any, msg: object = None) -> T:
        """Fail if a text is not part of another; return it."""
        return self.assertIn(substring, astring, msg)

    def assertNotSubstring(self, substring: T, astring: Any, msg: object = None) -> T:
        """Fail if a text is part of another; return it."""
        return self.assertNotIn(substring, astring, msg)

    def assertApproximates(self, first: T, second: Any, tolerance: Any, msg: object = None) -> T:
        """Fail if two numbers differ by more than ``tolerance``; return the first."""
        number = cast("Any", first)  # Whatever can be subtracted.
        if abs(number - second) > tolerance:
            raise self.failureException(msg or f"{first!r} ~== {second!r}")
        return first

    def assertAlmostEqual(  # type: ignore[override]  # returns what it got
        self, first: T, second: Any, places: int | None = 7, msg: object = None, delta: Any = None
    ) -> T:
        """Fail if two numbers differ by more than ``delta``, or within ``places`` decimals; return the first."""
        super().assertAlmostEqual(cast("Any", first), second, None if delta is not None else places, msg, delta)
        return first

    def assertNotAlmostEqual(  # type: ignore[override]  # likewise
        self, first: T, second: Any, places: int | None = 7, msg: object = None, delta: Any = None
    ) -> T:
        """Fail if two numbers do not differ by more than ``delta``, or within ``places`` decimals; return the first."""
        super().assertNotAlmostEqual(cast("Any", first), second, None if delta is not None else places, msg, delta)
        return first

    def assertIsInstance(self, instance: object, classOrTuple: Any, message: object = None) -> None:
        """Fail if something is not an instance of a class, or of one of several."""
        if not isinstance(instance, classOrTuple):
            suffix = "" if message is None else f": {message}"
            raise self.failureException(f"{instance!r} is not an instance of {classOrTuple}{suffix}")

    def assertNotIsInstance(self, instance: object, classOrTuple: Any) -> None:  # type: ignore[override]  # likewise
        """Fail if something is an instance of a class, or of one of several."""
        if isinstance(instance, classOrTuple):
            raise self.failureException(f"{instance!r} is an instance of {classOrTuple}")

    # Exceptions and warnings

    def assertRaises(  # type: ignore[override]  # returns the exception, and takes no message
        self, exception: Exceptions, f: Callable[..., object] | None = None, *args: Any, **kwargs: Any
    ) -> Any:  # The exception, or without a function the context manager.
        """Fail unless a call raises one of these exceptions; return what it raised.

        Without a function it is for ``with``, and what it yields has the `exception` afterwards. Any exception that was
        not expected fails the test, with its traceback in the message.
        """
        context = RaisesContext(self, exception)
        if f is None:
            return context
        result = None
        with context:
            result = f(*args, **kwargs)
            context.result = result
        return context.exception

    def assertWarns(  # type: ignore[override]  # the documented arguments; without ``f``, those of the standard library
        self,
        category: Any,
        message: Any = None,
        filename: str | None = None,
        f: Callable[..., Any] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        """Fail unless a call gives warnings, all of this category and text, from this file; return its result.

        Without ``f`` it is the standard library's: ``with self.assertWarns(UserWarning):``.
        """
        if f is None:
            given = [one for one in (message, filename) if one is not None]
            return super().assertWarns(category, *given, **kwargs)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = f(*args, **kwargs)
        if not caught:
            self.fail("No warnings emitted")
        for warning in caught:
            self.assertEqual(str(warning.message), message)
            self.assertIs(warning.category, category)
            source = filename or ""
            self.assertTrue(
                warning.filename.removesuffix("c") == source.removesuffix("c"),
                f"Warning in {warning.filename!r}, expected {filename!r}",
            )
        return result

    # Deferreds and coroutines

    def successResultOf(
        self, deferred: Coroutine[Deferred[T], Any, T] | Generator[Deferred[T], Any, T] | Deferred[T]
    ) -> T:
        """Return the result that a Deferred, or a coroutine, has now. Fail if it has none yet, or a failure."""
        awaited: Deferred[Any] = ensureDeferred(deferred)
        results = _resultsOf(awaited)
        if not results:
            self.fail(f"Success result expected on {awaited!r}, found no result instead")
        if isinstance(results[0], Failure):
            self.fail(
                f"Success result expected on {awaited!r}, found failure result instead:\n{results[0].getTraceback()}"
            )
        return cast("T", results[0])

    def failureResultOf(
        self,
        deferred: Coroutine[Deferred[Any], Any, Any] | Generator[Deferred[Any], Any, Any] | Deferred[Any],
        *expectedExceptionTypes: type[BaseException],
    ) -> Failure:
        """Return the Failure that a Deferred, or a coroutine, has now. Fail if it has none, or one of another type."""
        awaited: Deferred[Any] = ensureDeferred(deferred)
        results = _resultsOf(awaited)
        if not results:
            self.fail(f"Failure result expected on {awaited!r}, found no result instead")
        found = results[0]
        if not isinstance(found, Failure):
            self.fail(f"Failure result expected on {awaited!r}, found success result ({found!r}) instead")
        if expectedExceptionTypes and not found.check(*expectedExceptionTypes):
            wanted = " or ".join(f"{kind.__module__}.{kind.__name__}" for kind in expectedExceptionTypes)
            self.fail(
                f"Failure of type ({wanted}) expected on {awaited!r}, "
                f"found type {found.type!r} instead: {found.getTraceback()}"
            )
        return found

    def assertNoResult(
        self, deferred: Coroutine[Deferred[Any], Any, Any] | Generator[Deferred[Any], Any, Any] | Deferred[Any]
    ) -> None:
        """Fail if a Deferred, or a coroutine, has a result or a failure now. The Deferred keeps what it gets later."""
        awaited: Deferred[Any] = ensureDeferred(deferred)
        results: list[Any] = []

        def look(result: T) -> T | None:
            results.append(result)
            # A failure is shown below; nobody else has to handle it. Later results are for whoever comes after us.
            return None if looking and isinstance(result, Failure) else result

        looking = True
        awaited.addBoth(look)
        looking = False
        if results:
            self.fail(f"No result expected on {awaited!r}, found {results[0]!r} instead")

    # Older names

    assert_ = failUnless = failUnlessTrue = assertTrue  # type: ignore[assignment]  # returns what it got
    assertNot = failIf = failUnlessFalse = assertFalse  # type: ignore[assignment]  # returns what it got
    assertEquals = failUnlessEqual = failUnlessEquals = assertEqual
    assertNotEquals = failIfEqual = failIfEquals = assertNotEqual
    assertIdentical = failUnlessIdentical = assertIs
    assertNotIdentical = failIfIdentical = assertIsNot
    failUnlessIn = assertIn
    failIfIn = assertNotIn
    failUnlessSubstring = assertSubstring
    failIfSubstring = assertNotSubstring
    failUnlessApproximates = assertApproximates
    assertAlmostEquals = failUnlessAlmostEqual = failUnlessAlmostEquals = assertAlmostEqual  # type: ignore[assignment]  # returns what it got
    assertNotAlmostEquals = failIfAlmostEqual = failIfAlmostEquals = assertNotAlmostEqual  # type: ignore[assignment]  # returns what it got
    failUnlessIsInstance = assertIsInstance
    failIfIsInstance = assertNotIsInstance
    failUnlessRaises = assertRaises  # type: ignore[assignment]  # returns what it got
    failUnlessWarns = assertWarns


class RaisesContext:
    """What ``with self.assertRaises(...)`` yields.

    Attributes:
        exception: what was raised, once the block is over.
        result: what was returned instead.
    """

    exception: BaseException
    result: object = None

    def __init__(self, case: Assertions, expected: Exceptions) -> None:
        self._case = case
        self._expected = expected

    def __enter__(self) -> RaisesContext:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> bool:
        expected = self._expected
        name = expected.__name__ if isinstance(expected, type) else repr(expected)
        if value is None:
            self._case.fail(f"{name} not raised ({self.result!r} returned)")
        if not isinstance(value, expected):
            found = Failure(value, kind, tb)
            kindName = f"{type(value).__module__}.{type(value).__qualname__}"
            # The message has the traceback; the exception itself would show it once more.
            raise self._case.failureException(
                f"{kindName} raised instead of {name}:\n {found.getTraceback()}"
            ) from None
        self.exception = value.with_traceback(None)
        return True


def _resultsOf(deferred: Deferred[Any]) -> list[Any]:
    """Take what a Deferred has: a list of one, or an empty one. Its result is `None` afterwards."""
    results: list[Any] = []
    deferred.addBoth(results.append)
    return results
