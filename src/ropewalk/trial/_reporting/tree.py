"""The reporter that people see: modules, classes and tests as a tree, with results in color at the right margin."""

from __future__ import annotations

import os
import sys
from typing import IO, Any

from zope.interface import implementer

from ..itrial import IReporter
from .lines import Reporter, nameOf

__all__ = ["TreeReporter"]

# Of ANSI terminals.
COLORS = {"red": "31", "green": "32", "blue": "34"}


@implementer(IReporter)
class TreeReporter(Reporter):
    """Writes tests as a tree.

    Attributes:
        columns: how wide lines are, the results at their end.
        currentLine: what the last line has so far.
        indent: of each level.
    """

    currentLine = ""
    indent = "  "
    columns = 79

    FAILURE = "red"
    ERROR = "red"
    TODO = "blue"
    SKIP = "blue"
    TODONE = "red"
    SUCCESS = "green"

    def __init__(self, stream: IO[str] = sys.stdout, *args: Any, **kwargs: Any) -> None:
        super().__init__(stream, *args, **kwargs)
        # The headings under which the last test stands: its module and class.
        self._headings: list[str] = []
        self._colored = hasColors(stream)

    def getDescription(self, test: Any) -> str:
        """Return what the line of a test says: its method's name."""
        return _steps(test)[-1]

    def startTest(self, test: Any) -> None:
        super().startTest(test)
        self._announce(test)

    def _announce(self, test: Any) -> None:
        """Begin a test's line, with headings above it where they are not those of the test before."""
        *headings, _ = _steps(test)
        for depth, heading in enumerate(headings):
            if self._headings[: depth + 1] != headings[: depth + 1]:
                self._writeln(self.indent * depth + heading)
        self._headings = headings
        self._write(f"{self.indent * len(headings)}{self.getDescription(test)} ... ")

    def addSuccess(self, test: Any) -> None:
        super().addSuccess(test)
        self.endLine("[OK]", self.SUCCESS)

    def addError(self, *args: Any) -> None:
        if args[0] is not self._current and not self.currentLine:
            # The fixture of a class or module: it was not started, as tests are.
            self._announce(args[0])
        super().addError(*args)
        self.endLine("[ERROR]", self.ERROR)

    def addFailure(self, *args: Any) -> None:
        super().addFailure(*args)
        self.endLine("[FAIL]", self.FAILURE)

    def addSkip(self, *args: Any) -> None:
        if args[0] is not self._current and not self.currentLine:
            self._announce(args[0])
        super().addSkip(*args)
        self.endLine("[SKIPPED]", self.SKIP)

    def addExpectedFailure(self, *args: Any) -> None:
        super().addExpectedFailure(*args)
        self.endLine("[TODO]", self.TODO)

    def addUnexpectedSuccess(self, *args: Any) -> None:
        super().addUnexpectedSuccess(*args)
        self.endLine("[SUCCESS!?!]", self.TODONE)

    def upDownError(self, method: Any, error: Any, warn: bool = True, printStatus: bool = True) -> None:
        super().upDownError(method, error, warn, printStatus)
        if printStatus:
            self.endLine("[ERROR]", self.ERROR)

    def cleanupErrors(self, errs: Any) -> None:
        self._write(self.indent + "cleanup errors")
        self.endLine("[ERROR]", self.ERROR)
        super().cleanupErrors(errs)

    def endLine(self, message: str, color: str) -> None:
        """End the last line with a result at the right margin."""
        spaces = " " * max(0, self.columns - len(self.currentLine) - len(message))
        self._write(spaces)
        self._stream.write(self._in(color, message))
        self._writeln()

    def _in(self, color: str, text: str) -> str:
        return f"\x1b[{COLORS[color]};1m{text}\x1b[0m" if self._colored else text

    def _write(self, text: str) -> None:
        _, newline, last = text.rpartition("\n")
        self.currentLine = last if newline else self.currentLine + last
        super()._write(text)

    def _printErrors(self) -> None:
        self._writeln()
        super()._printErrors()

    def _printSummary(self) -> None:
        passed = self.wasSuccessful()
        word = self._in(self.SUCCESS, "PASSED") if passed else self._in(self.FAILURE, "FAILED")
        self._writeln(word + self._counts())


def _steps(test: Any) -> list[str]:
    """The way down the tree to a test: module, class, name; fewer for what is no method of a class."""
    name = nameOf(test)
    if name.endswith(")") and " (" in name:
        # The standard library's name of a fixture (``setUpClass (module.Class)``) or a subtest.
        first, _, rest = name.partition(" (")
        where = rest[:-1]
        if first in ("setUpClass", "tearDownClass"):
            return [*where.rsplit(".", 1), first]
        return [where, first] if first in ("setUpModule", "tearDownModule") else [*first.rsplit(".", 2)[:-1], name]
    return name.rsplit(".", 2)


def hasColors(stream: Any) -> bool:
    """Whether a stream is a terminal that shows colors, and whoever sits at it wants them."""
    isatty = getattr(stream, "isatty", None)
    if os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb":
        return False
    return isatty is not None and bool(isatty())
