"""The command line of ``twist``."""

from __future__ import annotations

from typing import NoReturn

from ropewalk._printing import whileRead
from ropewalk.python import usage

from .._running.choice import ReactorSelectionMixin
from .._running.commands import PluginCommands
from .._running.logs import FORMATS, LEVELS, formatNamed, levelNamed
from .._running.mistakes import STATUSES
from .._running.options import seconds

__all__ = ["TwistOptions"]

# More processes than this are a mistake: somebody meant a port.
MOST_WORKERS = 1024


def workers(text: str) -> int:
    """Return a number of processes; one for each processor that we may use for ``auto``.

    Raises:
        ValueError: it isn't one.
    """
    if text == "auto":
        import os

        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not text.isdecimal() or not 1 <= int(text) <= MOST_WORKERS:
        raise ValueError(f"--workers is a number from 1 to {MOST_WORKERS}, or auto, not {text!r}")
    return int(text)


class TwistOptions(usage.Options, ReactorSelectionMixin, PluginCommands):
    """The command line of ``twist``: options, the name of a plugin, and the plugin's own options."""

    synopsis = "Usage: twist [options] plugin [plugin_options]"

    optFlags = [
        ["reload", None, "While developing: start again when a source file of the program has changed."],
    ]

    optParameters = [
        ["log-file", None, "-", "Where to log: a file, - for standard output, + for standard error."],
        ["log-format", None, None, f"The log's form: {', '.join(FORMATS)}. On a terminal it is text, otherwise json.",
         formatNamed],
        ["log-level", None, None, f"Log events of this level and above: {', '.join(LEVELS)}. It is info if not given.",
         levelNamed],
        ["workers", "w", None, "Serve with so many processes, which share their ports; auto: one for each CPU.",
         workers],
        ["drain", None, None, "When stopping, how many seconds connections may take to end (10 with --workers).",
         seconds],
    ]  # fmt: skip

    compData = usage.Completions(
        optActions={
            "log-file": usage.CompleteFiles("*.log"),
            "log-format": usage.CompleteList(FORMATS),
            "log-level": usage.CompleteList(LEVELS),
            "workers": usage.CompleteList(["auto", "2", "4"]),
        }
    )

    longdesc = f"twist runs what a plugin offers, and logs, until it is stopped by Ctrl-C or SIGTERM. {STATUSES}"

    def opt_version(self) -> NoReturn:
        """Print the version, and exit."""
        from ropewalk._standin import ownVersion

        with whileRead():
            print(ownVersion())
        raise SystemExit(0)

    def postOptions(self) -> None:
        """Refuse what doesn't go together."""
        if self.subCommand is None:
            raise usage.UsageError("say which plugin to run: one of the commands")
        if self["reload"] and self["workers"] is not None:
            raise usage.UsageError("--reload and --workers exclude each other: one is for developing, one for serving")
