"""Tests put together, and wrapped."""

from __future__ import annotations

import unittest
from collections.abc import Callable
from typing import Any

from ropewalk.python.components import proxyForInterface

from ..itrial import ITestCase

__all__ = ["TestDecorator", "TestSuite", "decorate"]


class TestSuite(unittest.TestSuite):
    """A suite that keeps its tests when it has run them, so that it may run again.

    Class and module fixtures (``setUpClass``, ``setUpModule`` ...) are run as `unittest` runs them.
    """

    def _removeTestAtIndex(self, index: int) -> None:
        """Keep the test. The standard library documents this method for that purpose."""

    def _handleClassSetUp(self, test: unittest.TestCase, result: unittest.TestResult) -> None:
        """Run ``setUpClass``; the standard library calls this before the first test of each class.

        A class that has a ``skip`` is not set up at all.
        """
        cls = type(test)
        reason = getattr(cls, "skip", None)
        if reason is None or reason is False or callable(reason):
            super()._handleClassSetUp(test, result)  # type: ignore[misc]  # not in the type stubs
        elif cls is not getattr(result, "_previousTestClass", None):
            # The class may have inherited that the fixture of its parent failed.
            cls._classSetupFailed = False  # type: ignore[attr-defined]  # the standard library's mark


class TestDecorator(proxyForInterface(ITestCase, "_originalTest")):  # type: ignore[misc]  # a class made at run time
    """A test that does something around another one: override `run`."""

    def __call__(self, result: Any) -> Any:
        return self.run(result)

    def run(self, result: Any) -> Any:
        """Run the test."""
        return self._originalTest.run(result)


def decorate(test: Any, decorator: Callable[[Any], Any]) -> Any:
    """Wrap every test of a suite, however deep. The suites stay; their tests are replaced in them.

    Args:
        test: a test or a suite.
        decorator: makes of a test, and in the end of each suite, what is to take its place.

    Returns:
        What takes the place of ``test``.
    """
    try:
        tests = list(test)
    except TypeError:
        return decorator(test)
    if not isinstance(test, unittest.TestSuite):
        return decorator(test)
    test._tests = []  # there is no public way to replace a suite's tests
    for one in tests:
        test.addTest(decorate(one, decorator))
    return decorator(test)
