"""The ``trial`` command: find tests, run them, show the results.

While it runs, ``twisted`` is another name of ``ropewalk``: test suites that were written for Twisted run as they are.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from ropewalk._printing import whileRead
from ropewalk.application.app import ReactorSelectionMixin
from ropewalk.plugins import twisted_trial
from ropewalk.python import usage
from ropewalk.trial import itrial
from ropewalk.trial._running.directory import DirectoryError
from ropewalk.trial._running.names import lineOf, loadLocalVariables, namesOfTests
from ropewalk.trial.runner import DestructiveTestSuite, TestLoader, TestSuite, TrialRunner, name

if TYPE_CHECKING:
    from trace import Trace

__all__ = [
    "TBFORMAT_MAP",
    "Options",
    "TestSuite",
    "getTestModules",
    "isTestFile",
    "loadLocalVariables",
    "run",
]

# What ``--tbformat`` takes -> what Failures call it.
TBFORMAT_MAP = {
    "plain": "default",
    "default": "default",
    "emacs": "brief",
    "brief": "brief",
    "cgitb": "verbose",
    "verbose": "verbose",
}

# What ``--reporter`` takes of the house's own: the class in `ropewalk.trial.reporter`, and what it is.
REPORTERS = {plugin.longOpt: (plugin.klass, plugin.description) for plugin in twisted_trial.REPORTERS}

# What ``--order`` takes: the key to sort tests and classes by, and what it is.
ORDERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "alphabetical": (name, "by name (the default)"),
    "toptobottom": (lineOf, "in the order of the source"),
}


def isTestFile(filename: str) -> bool:
    """Return whether a file's name is that of a test module: ``test_something.py``."""
    base = os.path.basename(filename)
    return base.startswith("test_") and base.endswith(".py")


def getTestModules(filename: str) -> list[str]:
    """Return what a source file says its tests are, by ``-*- test-case-name: ... -*-`` in its first two lines."""
    return namesOfTests(filename)


class Options(usage.Options, ReactorSelectionMixin):
    """The command line of ``trial``."""

    synopsis = "trial [options] [[file|package|module|TestCase|testmethod]...]\n"

    longdesc = (
        "trial finds and runs tests. Name files, directories, packages, modules, test cases or single tests: "
        "trial package.test.test_module.TestCase.test_method"
    )

    optFlags = [
        ["no-recurse", "N", "Don't go into the packages of a package"],
        ["help-orders", None, "List the orders that --order takes"],
        ["help-reporters", None, "List the reporters that --reporter takes"],
        ["rterrors", "e", "Show tracebacks as soon as they occur, and again at the end"],
        ["unclean-warnings", None, "What tests leave in the reactor is warned of, and no error"],
        ["force-gc", None, "Collect garbage before and after each test"],
        ["exitfirst", "x", "Stop after the first test that does not pass"],
        ["debug", "b", "Run the tests in a debugger"],
        ["debug-stacktraces", "B", "Record where Deferreds are created and fired"],
        ["nopm", None, "With --debug, don't open the debugger at each exception"],
        ["dry-run", "n", "Do everything but run the tests"],
        ["profile", None, "Run the tests under the profiler; profile.data is in the temp-directory then"],
        ["until-failure", "u", "Run the tests again and again until something fails"],
    ]

    optParameters = [
        ["debugger", None, "pdb", "The full name of the debugger for --debug: an object with pdb's interface"],
        ["logfile", "l", "test.log", "The log's file, in the temp-directory; - for the terminal"],
        ["order", "o", None, "The order of tests; see --help-orders"],
        ["temp-directory", None, "_trial_temp", "Where the tests run; it is made anew each time"],
        ["reporter", None, "verbose", "What shows the results; see --help-reporters"],
    ]

    compData = usage.Completions(
        optActions={
            "order": usage.CompleteList(list(ORDERS)),
            "reporter": usage.CompleteList(list(REPORTERS)),
            "tbformat": usage.CompleteList(["plain", "emacs", "cgitb"]),
            "testmodule": usage.CompleteFiles("*.py"),
        },
        extraActions=[usage.CompleteFiles("*.py", repeat=True)],
    )

    # Counts the lines that run, with ``--coverage``.
    tracer: Trace | None = None

    def __init__(self) -> None:
        super().__init__()
        self["tests"] = []
        self["jobs"] = None
        self["random"] = None
        self["tbformat"] = "default"

    def coverdir(self) -> str:
        """Return where the coverage is written."""
        return os.path.join(os.path.abspath(self["temp-directory"]), "coverage")

    opt_h = usage.Options.opt_help

    def opt_coverage(self) -> None:
        """Count the lines that run: a file for each module, in the directory 'coverage' of the temp-directory."""
        import threading
        import trace

        self.tracer = trace.Trace(count=True, trace=False, ignoredirs=[sys.base_prefix])
        sys.settrace(self.tracer.globaltrace)
        threading.settrace(self.tracer.globaltrace)

    def opt_testmodule(self, filename: str) -> None:
        """Run the tests of this source file: those that its line '-*- test-case-name: ... -*-' names."""
        if not os.path.isfile(filename):
            raise usage.UsageError(f"--testmodule: there is no file {filename!r}")
        if isTestFile(filename):
            self["tests"].append(filename)
            return
        names = getTestModules(filename)
        if not names:
            raise usage.UsageError(
                f"--testmodule: {filename!r} names no tests; put `# -*- test-case-name: module -*-` into its first line"
            )
        self["tests"].extend(names)

    def opt_jobs(self, number: str) -> None:
        """How many processes run the tests: a number above zero, or 'auto' for one each CPU."""
        if number == "auto":
            self["jobs"] = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        elif number.isdecimal() and int(number) > 0:
            self["jobs"] = int(number)
        else:
            raise usage.UsageError(f"--jobs takes a number above zero, or 'auto', not {number!r}")

    opt_j = opt_jobs

    def opt_tbformat(self, opt: str) -> None:
        """The form of tracebacks: 'plain', 'emacs' (a line for each frame) or 'cgitb' (with variables)."""
        if opt not in TBFORMAT_MAP:
            raise usage.UsageError(f"--tbformat is one of {', '.join(TBFORMAT_MAP)}, not {opt!r}")
        self["tbformat"] = TBFORMAT_MAP[opt]

    def opt_random(self, option: str) -> None:
        """Run the tests in random order; this number, unless it is 0, decides which."""
        import random

        try:
            seed = int(option)
        except ValueError:
            raise usage.UsageError(f"--random takes a whole number, not {option!r}") from None
        if seed < 0:
            raise usage.UsageError(f"--random takes a number that is zero or more, not {option!r}")
        self["random"] = seed or random.SystemRandom().randrange(1, 2**32)

    opt_z = opt_random

    def opt_disablegc(self) -> None:
        """Switch the garbage collector off"""
        gc.disable()

    def opt_recursionlimit(self, arg: str) -> None:
        """How deep calls may go; see sys.setrecursionlimit"""
        try:
            sys.setrecursionlimit(int(arg))
        except (ValueError, RecursionError) as problem:
            raise usage.UsageError(f"--recursionlimit={arg}: {problem}") from None

    def opt_without_module(self, option: str) -> None:
        """Behave as if these modules, separated by commas, were not installed."""
        for one in option.split(","):
            if sys.modules.get(one) is not None:
                raise usage.UsageError(f"--without-module: {one!r} is loaded already, and cannot be taken away")
            sys.modules[one] = None  # type: ignore[assignment]  # that is how imports are made to fail

    def parseArgs(self, *args: str) -> None:
        """Take the names of tests. A source file that names its tests stands for them."""
        for one in args:
            named = getTestModules(one) if one.endswith(".py") and os.path.isfile(one) and not isTestFile(one) else []
            self["tests"].extend(named or [one])

    def postOptions(self) -> None:
        """Refuse what does not go together."""
        if self["help-orders"]:
            _show(((key, ORDERS[key][1]) for key in ORDERS), "orders, for --order=NAME:")
        if self["help-reporters"]:
            theirs = [(plugin.longOpt, plugin.description) for plugin in _reporterPlugins()]
            ours = [(key, REPORTERS[key][1]) for key in REPORTERS]
            _show([*ours, *theirs], "reporters, for --reporter=NAME:")
        if self["order"] is not None and self["order"] not in ORDERS:
            raise usage.UsageError(f"--order is one of {', '.join(ORDERS)}, not {self['order']!r}")
        if self["order"] is not None and self["random"] is not None:
            raise usage.UsageError("--order and --random exclude each other")
        if self["jobs"] is not None:
            for other in ("debug", "profile", "dry-run"):
                if self[other]:
                    raise usage.UsageError(f"--jobs and --{other} exclude each other")
            if self.tracer is not None:
                raise usage.UsageError("--jobs and --coverage exclude each other")
        self["reporter"] = _reporterNamed(self["reporter"])


def _show(rows: Any, title: str) -> NoReturn:
    """Print a table that was asked for, and exit."""
    with whileRead():
        print(title)
        for key, text in rows:
            print(f"    {key:14} {text}")
    sys.exit(0)


def _reporterPlugins() -> list[Any]:
    """The reporters that other packages offer: plugins with ``longOpt``, ``module``, ``klass`` and ``description``."""
    from ropewalk.plugin import getPlugins

    return [plugin for plugin in getPlugins(itrial.IReporter) if getattr(plugin, "longOpt", None) not in REPORTERS]


def _reporterNamed(wanted: Any) -> Callable[..., Any]:
    """The class of a reporter. Raises `UsageError` when there is none."""
    from ropewalk.python.reflect import namedAny

    if callable(wanted):
        return wanted  # type: ignore[no-any-return]  # found already
    if wanted in REPORTERS:
        return namedAny(f"ropewalk.trial.reporter.{REPORTERS[wanted][0]}")  # type: ignore[no-any-return]  # by name
    for plugin in _reporterPlugins():
        if plugin.longOpt == wanted:
            return namedAny(f"{plugin.module}.{plugin.klass}")  # type: ignore[no-any-return]  # by name
    raise usage.UsageError(f"there is no reporter {wanted!r}; --help-reporters lists those there are")


def loaderFor(options: Options) -> TestLoader:
    """A loader that puts tests into the order that was asked for."""
    if options["random"] is not None:
        import random

        order = random.Random(options["random"])
        print(f"Running tests shuffled with seed {options['random']}\n")
        return TestLoader(sorter=lambda thing: order.random())
    return TestLoader(sorter=ORDERS[options["order"] or "alphabetical"][0])


def _runnerFor(options: Options) -> TrialRunner:
    debugger = None
    if options["debug"]:
        debugger = _debuggerNamed(options["debugger"])
        if not options["nopm"]:
            from ropewalk.python import failure

            failure.startDebugMode()
    if options["jobs"] is not None:
        from ropewalk.trial._running.parallel import ParallelRunner

        return ParallelRunner(
            workers=options["jobs"],
            arguments=sys.argv[1:],
            seed=options["random"],
            reporterFactory=options["reporter"],
            logfile=options["logfile"],
            stream=sys.stdout,
            tracebackFormat=options["tbformat"],
            realTimeErrors=bool(options["rterrors"]),
            uncleanWarnings=bool(options["unclean-warnings"]),
            workingDirectory=os.path.abspath(options["temp-directory"]),
            exitFirst=bool(options["exitfirst"]),
        )
    mode = TrialRunner.DRY_RUN if options["dry-run"] else TrialRunner.DEBUG if options["debug"] else None
    return TrialRunner(
        reporterFactory=options["reporter"],
        mode=mode,
        logfile=options["logfile"],
        stream=sys.stdout,
        profile=bool(options["profile"]),
        tracebackFormat=options["tbformat"],
        realTimeErrors=bool(options["rterrors"]),
        uncleanWarnings=bool(options["unclean-warnings"]),
        workingDirectory=options["temp-directory"],
        forceGarbageCollection=bool(options["force-gc"]),
        debugger=debugger,
        exitFirst=bool(options["exitfirst"]),
    )


def _debuggerNamed(wanted: str) -> Any:
    from ropewalk.python.reflect import namedAny

    if wanted == "pdb":
        import pdb

        return pdb.Pdb()  # It has read the current directory's .pdbrc.
    try:
        debugger = namedAny(wanted)
    except (ImportError, AttributeError, ValueError) as problem:
        raise usage.UsageError(f"--debugger: {wanted!r} cannot be loaded: {problem}") from None
    if not hasattr(debugger, "runcall"):
        raise usage.UsageError(f"--debugger: {wanted!r} has no `runcall`, which runs a function in the debugger")
    return debugger


def _debugStacktraces() -> None:
    from ropewalk.internet import base, defer

    defer.setDebugging(True)
    base.DelayedCall.debug = True


def run() -> NoReturn:
    """Do what the command line says, and exit: with 0 if all tests passed, 1 if not, 130 after Ctrl-C."""
    from ropewalk import _standin
    from ropewalk.logger import globalLogBeginner

    _standin.install()
    # Tests are looked for from here, and still found when they run somewhere else.
    here = os.getcwd()
    sys.path[:] = [here, *(os.path.abspath(entry) for entry in sys.path if os.path.abspath(entry) != here)]

    if len(sys.argv) == 1:
        sys.argv.append("--help")
    options = Options()
    try:
        options.parseOptions()
        runner = _runnerFor(options)
    except usage.UsageError as problem:
        raise SystemExit(f"trial: {problem}") from None
    if options["debug-stacktraces"]:
        _debugStacktraces()

    loader = loaderFor(options)
    if not options["until-failure"]:
        # What a test has left in its attributes need not stay to the end of the run.
        loader.suiteFactory = DestructiveTestSuite
    suite = loader.loadByNames(options["tests"], not options["no-recurse"])
    # The runner writes the log to its file; until a log begins, critical events would be shown on the terminal.
    globalLogBeginner.beginLoggingTo([], discardBuffer=True, redirectStandardIO=False)
    try:
        with whileRead(status=1):
            result = runner.runUntilFailure(suite) if options["until-failure"] else runner.run(suite)
    except DirectoryError as problem:
        raise SystemExit(f"trial: {problem}") from None
    except KeyboardInterrupt:
        sys.exit(130)
    if options.tracer is not None:
        sys.settrace(None)
        options.tracer.results().write_results(show_missing=True, summary=False, coverdir=options.coverdir())
    sys.exit(not result.wasSuccessful())
