"""Every assertion: what it returns when it holds, and what it says when it does not."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest

from ropewalk.internet import defer
from ropewalk.internet.defer import Deferred
from ropewalk.python.deprecate import deprecated
from ropewalk.python.versions import Version
from ropewalk.trial import unittest

case = unittest.TestCase("mktemp")


async def five() -> int:
    return 5


def raises(problem: BaseException) -> None:
    raise problem


# Assertion, arguments, what it returns.
HOLD: list[tuple[str, tuple[Any, ...], Any]] = [
    ("assertEqual", (1, 1), 1),
    ("assertNotEqual", (1, 2), 1),
    ("assertTrue", (7,), 7),
    ("assertFalse", (0,), 0),
    ("assertIs", (case, case), case),
    ("assertIsNot", (case, 1), case),
    ("assertIn", (1, [1]), 1),
    ("assertNotIn", (1, [2]), 1),
    ("assertSubstring", ("b", "abc"), "b"),
    ("assertNotSubstring", ("x", "abc"), "x"),
    ("assertApproximates", (1.0, 1.5, 0.5), 1.0),
    ("assertAlmostEqual", (1.0, 1.0), 1.0),
    ("assertNotAlmostEqual", (1.0, 2.0), 1.0),
    ("assertIsInstance", (1, (str, int)), None),
    ("assertNotIsInstance", (1, str), None),
    ("successResultOf", (defer.succeed(3),), 3),
    ("assertNoResult", (Deferred(),), None),
    ("failUnlessEqual", (1, 1), 1),
    ("failIf", (0,), 0),
    ("assertEquals", (1, 1), 1),
    ("failUnlessIdentical", (case, case), case),
]

# Assertion, arguments, what the message has.
FAIL: list[tuple[str, tuple[Any, ...], str]] = [
    ("fail", ("why",), "why"),
    ("assertEqual", (None, 11), "not equal:\na = None\nb = 11\n"),
    ("assertEqual", (1, 2, "why"), "why\nnot equal:"),
    ("assertEqual", ([1], [2]), "First differing element 0"),
    ("assertNotEqual", (1, 1), "1 == 1"),
    ("assertTrue", (0,), "0 is not true"),
    ("assertFalse", (1, "why"), "1 is not false : why"),
    ("assertIs", (1, 2), "1 is not 2"),
    ("assertIsNot", (case, case, "why"), "why"),
    ("assertIn", (1, [2]), "1 not in [2]"),
    ("assertNotIn", (1, [1]), "1 in [1]"),
    ("assertApproximates", (1.0, 2.0, 0.5), "1.0 ~== 2.0"),
    ("assertAlmostEqual", (1.0, 2.0), "1.0 != 2.0 within 7 places"),
    ("assertIsInstance", (1, str, "why"), "1 is not an instance of <class 'str'>: why"),
    ("assertNotIsInstance", (1, int), "1 is an instance of <class 'int'>"),
    ("assertRaises", (ValueError, lambda: 3), "ValueError not raised (3 returned)"),
    ("assertRaises", (ValueError, raises, KeyError(1)), "builtins.KeyError raised instead of ValueError"),
    ("failIfEqual", (1, 1), "1 == 1"),
]


@pytest.mark.parametrize(
    ("name", "arguments", "result"), HOLD, ids=lambda value: value if isinstance(value, str) else ""
)
def test_holds(name: str, arguments: tuple[Any, ...], result: object) -> None:
    """An assertion that holds returns what it looked at, so that it can be a callback (TR15)."""
    assert getattr(case, name)(*arguments) is result or getattr(case, name)(*arguments) == result


@pytest.mark.parametrize(
    ("name", "arguments", "message"), FAIL, ids=lambda value: value if isinstance(value, str) else ""
)
def test_fails(name: str, arguments: tuple[Any, ...], message: str) -> None:
    """An assertion that does not hold says so (F170)."""
    with pytest.raises(unittest.FailTest, match=re.escape(message)):
        getattr(case, name)(*arguments)


def test_raises() -> None:
    """`assertRaises` returns the exception, or as a context manager holds it (F169)."""
    problem = ValueError("v")
    assert case.assertRaises(ValueError, raises, problem) is problem
    with case.assertRaises((KeyError, ValueError)) as context:
        raises(problem)
    assert context.exception is problem
    with pytest.raises(unittest.FailTest, match=r"ValueError not raised \(None returned\)"):
        with case.assertRaises(ValueError):
            pass


def test_warns() -> None:
    """`assertWarns` checks category, text and file of a call's warnings; without a call it is a context manager."""

    def warns() -> int:
        warnings.warn("careful", UserWarning, stacklevel=1)
        return 3

    assert case.assertWarns(UserWarning, "careful", __file__, warns) == 3
    with case.assertWarns(UserWarning):
        warns()
    for wrong in (
        (UserWarning, "other", __file__, warns),
        (DeprecationWarning, "careful", __file__, warns),
        (UserWarning, "careful", "other.py", warns),
        (UserWarning, "careful", __file__, lambda: None),
    ):
        with pytest.raises(unittest.FailTest):
            case.assertWarns(*wrong)


def test_results() -> None:
    """A Deferred's present result can be taken, its failure too, and its having none be asserted (F176)."""
    problem = ValueError("z")
    assert case.successResultOf(five()) == 5
    assert case.failureResultOf(defer.fail(problem)).value is problem
    assert case.failureResultOf(defer.fail(problem), KeyError, ValueError).value is problem
    for name, deferred, message in (
        ("successResultOf", Deferred(), "found no result instead"),
        ("successResultOf", defer.fail(problem), "found failure result instead"),
        ("failureResultOf", Deferred(), "found no result instead"),
        ("failureResultOf", defer.succeed(3), r"found success result \(3\) instead"),
        ("assertNoResult", defer.succeed(3), "found 3 instead"),
        ("assertNoResult", defer.fail(problem), "found <ropewalk.python.failure.Failure"),
    ):
        with pytest.raises(unittest.FailTest, match=message):
            getattr(case, name)(deferred)
    with pytest.raises(unittest.FailTest, match="Failure of type"):
        case.failureResultOf(defer.fail(problem), KeyError)


def test_noResultYet() -> None:
    """What comes after `assertNoResult` goes on to the Deferred's later callbacks."""
    deferred: Deferred[int] = Deferred()
    case.assertNoResult(deferred)
    deferred.callback(3)
    assert case.successResultOf(deferred) == 3


def test_assertFailure() -> None:
    """A Deferred's failure becomes its result if it is one of those expected (F174)."""
    problem = KeyError(1)
    assert case.successResultOf(case.assertFailure(defer.fail(problem), ValueError, KeyError)) is problem
    other = case.failureResultOf(case.assertFailure(defer.fail(problem), ValueError))
    assert "Expected: (<class 'ValueError'>,)" in other.getErrorMessage()
    none = case.failureResultOf(case.assertFailure(defer.succeed(3), ValueError), unittest.FailTest)
    assert none.getErrorMessage() == "did not catch an error, instead got 3"


VERSION = Version("Some", 1, 2, 3)


@deprecated(VERSION)
def old() -> int:
    return 3


class Deprecated(unittest.TestCase):
    def test_old(self) -> None:
        self.assertEqual(self.callDeprecated(VERSION, old), 3)
        self.assertEqual(self.flushWarnings(), [])

    def test_otherVersion(self) -> None:
        self.assertRaises(unittest.FailTest, self.callDeprecated, Version("Some", 9, 9, 9), old)
        self.assertRaises(unittest.FailTest, self.callDeprecated, VERSION, five().close)
