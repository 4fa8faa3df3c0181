"""Test cases: import this in place of the standard library's `unittest`.

`TestCase` waits for Deferreds and coroutines, `SynchronousTestCase` does not. Both run under ``trial``, under
``python -m unittest`` and under pytest.
"""

from __future__ import annotations

from .._doors import publish
from ._cases.asynchronous import TestCase
from ._cases.results import PyUnitResultAdapter
from ._cases.suites import TestDecorator, TestSuite, decorate
from ._cases.synchronous import SynchronousTestCase
from ._cases.verdicts import FailTest, SkipTest, Todo, makeTodo

__all__ = [
    "FailTest",
    "PyUnitResultAdapter",
    "SkipTest",
    "SynchronousTestCase",
    "TestCase",
    "TestDecorator",
    "TestSuite",
    "Todo",
    "decorate",
    "makeTodo",
]

# Test runners leave out of tracebacks what stands between a test and its failed assertion.
__unittest = True

publish(__name__)
