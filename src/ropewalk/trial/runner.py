"""Find tests and run them: what the command ``trial`` is made of.

``TestLoader().loadByName("package.test", recurse=True)`` makes a suite, ``TrialRunner(TreeReporter).run(suite)``
runs it.
"""

from __future__ import annotations

from .._doors import publish
from ._cases.suites import TestSuite
from ._running.loader import TestLoader
from ._running.names import filenameToModule, isPackage, isPackageDirectory, isTestCase, name, samefile
from ._running.run import TrialRunner
from ._running.suites import (
    NOT_IN_TEST,
    DestructiveTestSuite,
    ErrorHolder,
    LoggedSuite,
    TestHolder,
    TrialSuite,
)

__all__ = [
    "NOT_IN_TEST",
    "DestructiveTestSuite",
    "ErrorHolder",
    "LoggedSuite",
    "TestHolder",
    "TestLoader",
    "TestSuite",
    "TrialRunner",
    "TrialSuite",
    "filenameToModule",
    "isPackage",
    "isPackageDirectory",
    "isTestCase",
    "name",
    "samefile",
]

publish(__name__)
