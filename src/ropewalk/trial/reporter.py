"""Reporters: they are told what comes of tests, and show it.

`TreeReporter` is what ``trial`` shows by default; ``trial --help-reporters`` names the others.
"""

from __future__ import annotations

from .._doors import publish
from ._reporting.lines import (
    MinimalReporter,
    Reporter,
    SafeStream,
    TextReporter,
    TimingTextReporter,
    VerboseTextReporter,
)
from ._reporting.result import (
    BrokenTestCaseWarning,
    TestResult,
    TestResultDecorator,
    UncleanWarningsReporterWrapper,
)
from ._reporting.subunit import SubunitReporter, TestProtocolClient
from ._reporting.tree import TreeReporter

__all__ = [
    "BrokenTestCaseWarning",
    "MinimalReporter",
    "Reporter",
    "SafeStream",
    "SubunitReporter",
    "TestProtocolClient",
    "TestResult",
    "TestResultDecorator",
    "TextReporter",
    "TimingTextReporter",
    "TreeReporter",
    "UncleanWarningsReporterWrapper",
    "VerboseTextReporter",
]

publish(__name__)
