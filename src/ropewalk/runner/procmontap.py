"""``twist procmon COMMAND``: keep a program running; see `ropewalk.runner.procmon`."""

from __future__ import annotations

from typing import Any, ClassVar

from ropewalk.python import usage

from .procmon import ProcessMonitor

__all__ = ["Options", "makeService"]


class Options(usage.Options):
    """The command line of ``procmon``."""

    synopsis = "[procmon options] commandline"

    optParameters = [
        ["threshold", "t", 1, "A program that ends within so many seconds of its start was not well", float],
        ["killtime", "k", 5, "How many seconds a program may take to end before it is killed", float],
        ["minrestartdelay", "m", 1, "The first wait, in seconds, before one that was not well is started again", float],
        ["maxrestartdelay", "M", 3600, "The longest such wait, in seconds", float],
    ]

    optFlags: ClassVar[list[list[Any]]] = []

    longdesc = (
        "procmon runs a program, logs what it says, and starts it again when it ends: at once if it has lived for a "
        "while, otherwise after a wait that doubles each time. For example: twist procmon sleep 10"
    )

    def parseArgs(self, *args: str) -> None:
        """Take the program's command line."""
        self["args"] = args

    def postOptions(self) -> None:
        """Refuse what makes no sense."""
        if not self["args"]:
            raise usage.UsageError("Please specify a process commandline")
        for name in ("threshold", "killtime", "minrestartdelay", "maxrestartdelay"):
            if self[name] < 0:
                raise usage.UsageError(f"--{name} is a number of seconds, zero or more, not {self[name]:g}")
        if self["minrestartdelay"] > self["maxrestartdelay"]:
            raise usage.UsageError(
                f"--minrestartdelay ({self['minrestartdelay']:g}) is above "
                f"--maxrestartdelay ({self['maxrestartdelay']:g})"
            )


def makeService(config: Options) -> ProcessMonitor:
    """Make the monitor, of the one program."""
    monitor = ProcessMonitor()
    monitor.threshold = config["threshold"]
    monitor.killTime = config["killtime"]
    monitor.minRestartDelay = config["minrestartdelay"]
    monitor.maxRestartDelay = config["maxrestartdelay"]
    monitor.addProcess(" ".join(config["args"]), config["args"])
    return monitor
