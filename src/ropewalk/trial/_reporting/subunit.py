"""Results in the subunit protocol, for other programs. The library ``python-subunit`` writes it."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING, Any

from zope.interface import implementer

from ropewalk.python.failure import Failure

from ..itrial import IReporter
from ..util import excInfoOrFailureToExcInfo

if TYPE_CHECKING:
    from .result import Problem

try:
    from subunit import TestProtocolClient  # type: ignore[import-not-found]  # may not be installed
except ImportError:
    TestProtocolClient = None

__all__ = ["SubunitReporter", "TestProtocolClient"]


@implementer(IReporter)
class SubunitReporter:
    """Writes subunit.

    Args:
        stream: where to; its ``buffer`` takes the bytes, if it has one.
        tbformat: ignored, as are the others: the reader formats.

    Raises:
        Exception: the library is missing.
    """

    testsRun: Any = None

    def __init__(
        self, stream: IO[str] = sys.stdout, tbformat: str = "default", realtime: bool = False, publisher: Any = None
    ) -> None:
        if TestProtocolClient is None:
            raise Exception("subunit needs its library; install it with: pip install python-subunit")
        self._subunit = TestProtocolClient(getattr(stream, "buffer", stream))
        self._passed = True

    def done(self) -> None:
        """Write nothing more."""

    @property
    def shouldStop(self) -> bool:
        """Whether no more tests are to be run."""
        return bool(getattr(self._subunit, "shouldStop", False))

    def stop(self) -> None:
        """Have no more tests run."""
        self._subunit.stop()

    def wasSuccessful(self) -> bool:
        """Whether there was neither error nor failure."""
        return self._passed

    def startTest(self, test: Any) -> None:
        self._subunit.startTest(test)

    def stopTest(self, test: Any) -> None:
        self._subunit.stopTest(test)

    def addSuccess(self, test: Any) -> None:
        self._subunit.addSuccess(test)

    def addSkip(self, test: Any, reason: str) -> None:
        self._subunit.addSkip(test, reason)

    def addError(self, test: Any, err: Problem) -> None:
        self._passed = False
        self._subunit.addError(test, excInfoOrFailureToExcInfo(err))

    def addFailure(self, test: Any, err: Problem) -> None:
        self._passed = False
        self._subunit.addFailure(test, excInfoOrFailureToExcInfo(err))

    def addExpectedFailure(self, test: Any, failure: Failure, todo: Any = None) -> None:
        self._subunit.addExpectedFailure(test, excInfoOrFailureToExcInfo(failure))

    def addUnexpectedSuccess(self, test: Any, todo: Any = None) -> None:
        self._subunit.addUnexpectedSuccess(test)
