"""The options of every command that runs an application."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from ropewalk.python import usage

from . import debugging
from .choice import ReactorSelectionMixin
from .commands import PluginCommands
from .loading import DEFAULT_FILE
from .logs import FORMATS, LEVELS, factoryNamed, formatNamed, levelNamed
from .mistakes import STATUSES
from .profiling import AppProfiler


def seconds(text: str) -> float:
    """Return a time.

    Raises:
        ValueError: it isn't one.
    """
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise ValueError(f"a time is a number of seconds, zero or more, not {text!r}")
    return number


class ServerOptions(usage.Options, ReactorSelectionMixin, PluginCommands):
    """The command line of ``twistd``, as far as it is the same on every system."""

    optFlags = [
        ["savestats", None, "Save the profiler's statistics as they are, for pstats, and not as text."],
        ["no_save", "o", "Don't save the application when it stops."],
        ["encrypted", "e", "The application's file is encrypted (there is no encryption here: this is refused)."],
    ]

    optParameters = [
        ["logfile", "l", None, "Where to log: a file, or - for standard output."],
        ["logger", None, None, "The full name of a function that makes a log observer. It goes before --logfile."],
        ["profile", "p", None, "Run under a profiler, and write what it found to this file."],
        ["profiler", None, "cprofile", f"Which profiler: {', '.join(AppProfiler.profilers)}."],
        ["file", "f", DEFAULT_FILE, "Run the application that is saved in this file."],
        ["python", "y", None, "Run the application that this file of Python makes: a .tac file. Implies --no_save."],
        ["source", "s", None, "Run the application that is saved as source in this file."],
        ["rundir", "d", ".", "Go to this directory before running."],
        ["log-level", None, None, f"Log events of this level and above: {', '.join(LEVELS)}.", levelNamed],
        ["log-format", None, "text", f"The log's form: {', '.join(FORMATS)}.", formatNamed],
        ["drain", None, None, "When stopping, how many seconds connections may take to end.", seconds],
    ]

    compData = usage.Completions(
        mutuallyExclusive=[("file", "python", "source")],
        optActions={
            "file": usage.CompleteFiles("*.tap"),
            "log-format": usage.CompleteList(FORMATS),
            "log-level": usage.CompleteList(LEVELS),
            "logfile": usage.CompleteFiles("*.log"),
            "profiler": usage.CompleteList(list(AppProfiler.profilers)),
            "python": usage.CompleteFiles("*.(tac|py)"),
            "rundir": usage.CompleteDirs(),
            "source": usage.CompleteFiles("*.tas"),
        },
    )

    longdesc = f"twistd runs an application: from a file, or one that a command below makes. {STATUSES}"

    def __init__(self, *a: Any, **kw: Any) -> None:
        super().__init__(*a, **kw)
        self["debug"] = False
        # The command line, and what of it is the subcommand and its own.
        self.words: list[str] = []

    def opt_debug(self) -> None:
        """Run in the debugger, in the foreground; SIGUSR2 enters it."""
        self["debug"] = True

    opt_b = opt_debug

    def opt_spew(self) -> None:
        """Print every line of Python that runs. For programs that hang, and nobody knows where."""
        debugging.spew()

    def parseOptions(self, options: Sequence[str] | None = None) -> None:
        """Take in a command line; that of this process, if it is empty, is a call for help."""
        self.words = list((sys.argv[1:] or ["--help"]) if options is None else options)
        super().parseOptions(self.words)

    def postOptions(self) -> None:
        """Refuse what doesn't go together."""
        if self.subCommand or self["python"]:
            self["no_save"] = True
        if self.subCommand and (self["python"] or self["source"]):
            raise usage.UsageError(f"{self.subCommand} and an application's file exclude each other")
        if self["logger"] is not None:
            factoryNamed(self["logger"])
        if self["profiler"] not in AppProfiler.profilers:
            raise usage.UsageError(f"--profiler is one of {', '.join(AppProfiler.profilers)}, not {self['profiler']!r}")
