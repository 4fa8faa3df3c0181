"""Run a suite: in its directory, with its log, under a debugger or a profiler if wanted, once or until it fails."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, Protocol, cast

from ropewalk.python import log
from ropewalk.python.filepath import FilePath

from .._reporting.result import ExitWrapper, UncleanWarningsReporterWrapper
from ..util import openTestLog, profiled
from .directory import workingDirectory
from .suites import LoggedSuite, TrialSuite, eachTest

__all__ = ["TrialRunner"]

__unittest = True


class Debugger(Protocol):
    """What runs tests so that a person can look: `pdb.Pdb`, or something with its interface."""

    def runcall(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any: ...


class TrialRunner:
    """Runs tests and shows the results.

    Args:
        reporterFactory: makes the reporter; called with the stream, the format of tracebacks, whether to show errors
            at once, and the log.
        mode: `DEBUG`, `DRY_RUN` or `None`.
        logfile: where the log goes, in the working directory; ``-`` for standard output.
        stream: where the results are written.
        profile: write a profile, ``profile.data``.
        tracebackFormat: ``"default"``, ``"brief"`` or ``"verbose"``.
        realTimeErrors: show errors at once.
        uncleanWarnings: what a test leaves in the reactor is a warning, not an error.
        workingDirectory: where tests run; made anew.
        forceGarbageCollection: collect garbage before and after each test.
        debugger: in `DEBUG` mode, what runs the tests.
        exitFirst: stop after the first test that does not pass.
        log: where messages about the run, and the warnings of tests, go.
    """

    __slots__ = (
        "__weakref__",
        "_exitFirst",
        "_forceGarbageCollection",
        "_log",
        "_realTimeErrors",
        "_tracebackFormat",
        "debugger",
        "logfile",
        "mode",
        "profile",
        "reporterFactory",
        "stream",
        "uncleanWarnings",
        "workingDirectory",
    )

    DEBUG = "debug"
    DRY_RUN = "dry-run"

    def __init__(
        self,
        reporterFactory: Callable[[Any, str, bool, Any], Any],
        mode: str | None = None,
        logfile: str = "test.log",
        stream: IO[str] = sys.stdout,
        profile: bool = False,
        tracebackFormat: str = "default",
        realTimeErrors: bool = False,
        uncleanWarnings: bool = False,
        workingDirectory: str = "_trial_temp",
        forceGarbageCollection: bool = False,
        debugger: Debugger | None = None,
        exitFirst: bool = False,
        log: Any = log,
    ) -> None:
        self.reporterFactory = reporterFactory
        self.mode = mode
        self.logfile = logfile
        self.stream = stream
        self.profile = profile
        self.uncleanWarnings = uncleanWarnings
        self.workingDirectory = workingDirectory
        self.debugger = debugger
        self._tracebackFormat = tracebackFormat
        self._realTimeErrors = realTimeErrors
        self._forceGarbageCollection = forceGarbageCollection
        self._exitFirst = exitFirst
        self._log = log

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TrialRunner):
            return NotImplemented
        names = [name for name in TrialRunner.__slots__ if name != "__weakref__"]
        return all(getattr(self, name) == getattr(other, name) for name in names)

    __hash__ = None  # type: ignore[assignment]  # it can be changed

    @property
    def tbformat(self) -> str:
        """The format of tracebacks."""
        return self._tracebackFormat

    @property
    def rterrors(self) -> bool:
        """Whether errors are shown at once."""
        return self._realTimeErrors

    def run(self, test: Any) -> Any:
        """Run a test or suite; return the reporter, which knows whether all went well."""
        with workingDirectory(self.workingDirectory), self._logging():
            return self._runOnce(test)

    def runUntilFailure(self, test: Any) -> Any:
        """Run a test or suite again and again until something goes wrong; return the last reporter."""
        with workingDirectory(self.workingDirectory), self._logging():
            count = 0
            while True:
                count += 1
                self.stream.write(f"Test Pass {count}\n")
                result = self._runOnce(test)
                if result.testsRun == 0 or not result.wasSuccessful():
                    return result

    def _runOnce(self, test: Any) -> Any:
        result = self._makeResult()
        suite = TrialSuite([LoggedSuite([test])], self._forceGarbageCollection)
        run: Callable[[], object] = lambda: suite.run(result)  # noqa: E731  # wrapped below
        if self.mode == self.DRY_RUN:
            run = lambda: _runDry(suite, result)  # noqa: E731
        elif self.mode == self.DEBUG and self.debugger is not None:
            debugger = self.debugger
            run = lambda: debugger.runcall(suite.run, result)  # noqa: E731
        if self.profile:
            run = profiled(run, "profile.data")
        try:
            run()
        except KeyboardInterrupt:
            # What has been found out so far is shown, as if there were no more tests.
            self.stream.write("\nInterrupted.\n")
            result.done()
            raise
        result.done()
        return result

    def _makeResult(self) -> Any:
        reporter = self.reporterFactory(self.stream, self.tbformat, self.rterrors, self._log)
        if self._exitFirst:
            reporter = ExitWrapper(reporter)
        if self.uncleanWarnings:
            reporter = UncleanWarningsReporterWrapper(reporter)
        return reporter

    @contextmanager
    def _logging(self) -> Iterator[None]:
        """Write the log to its file, and Python's warnings to the log."""
        import warnings

        if self.logfile == "-":
            stream = cast("IO[str]", sys.stdout)
        else:
            stream = openTestLog(FilePath(self.logfile))
        observer = log.FileLogObserver(stream)
        showwarning = warnings.showwarning
        observer.start()
        warnings.showwarning = log.showwarning
        try:
            log.msg("Log opened.")
            yield
        finally:
            warnings.showwarning = showwarning
            observer.stop()
            if stream is not sys.stdout:
                try:
                    stream.close()
                except OSError as problem:
                    # The verdicts are told already; they hold whether or not the disk was full.
                    self.stream.write(f"\nthe log {self.logfile!r} is not whole: {problem}\n")


def _runDry(suite: Any, result: Any) -> None:
    """Tell of every test that it has passed."""
    for test in eachTest(suite):
        result.startTest(test)
        result.addSuccess(test)
        result.stopTest(test)
