"""The supervisor's end of what `membership` is the child's: processes of our own program."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ropewalk.internet.error import ProcessExitedAlready
from ropewalk.internet.protocol import ProcessProtocol
from ropewalk.logger import Logger

from .keeping import Shelf
from .line import Report, Reports
from .membership import VARIABLE

if TYPE_CHECKING:
    from ropewalk.internet.interfaces import IDelayedCall
    from ropewalk.python.failure import Failure

__all__ = ["Child", "ownCommand"]

_log = Logger("ropewalk.application.children")

# The first descriptor that is neither input, output nor errors; the first one that systemd hands on, too.
FIRST = 3


def ownCommand() -> list[str]:
    """Return the command line that this process was started with."""
    return [sys.executable, *sys.orig_argv[1:]]


def commandFor(module: str, arguments: Sequence[str]) -> list[str]:
    """Return the command line that runs a module in a Python like ours."""
    flags: list[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]  # what multiprocessing uses
    return [sys.executable, *flags, "-m", module, *arguments]


class Child(ProcessProtocol):
    """A process of our own program, with our input, output and errors.

    Args:
        name: what it is called, there too.
        reactor: starts it, and measures time.
        ended: called with this and the reason when it has ended, after its last report.
        reported: called with this and each report.
        shelf: the sockets that it inherits; those that it makes are put there.

    Attributes:
        isReady: whether it has said so.
        isOutdated: whether another one is to take its place when it has ended.
        startedAt: when it was started.
    """

    def __init__(
        self,
        name: str,
        reactor: Any,
        ended: Callable[[Child, Failure], object],
        reported: Callable[[Child, Report], object],
        shelf: Shelf | None = None,
    ) -> None:
        self.name = name
        self.isReady = False
        self.isOutdated = False
        self._reactor = reactor
        self._ended = ended
        self._reported = reported
        self._shelf = Shelf() if shelf is None else shelf
        self._reports: Reports | None = None
        self._alarm: IDelayedCall | None = None

    def start(self, command: Sequence[str]) -> None:
        """Start it.

        Raises:
            OSError: there can be no more processes, or the program is gone.
        """
        self.startedAt: float = self._reactor.seconds()
        handed = int(os.environ.get("LISTEN_FDS", "0")) if os.environ.get("LISTEN_PID") == str(os.getpid()) else 0
        plan = {fd: fd for fd in range(FIRST + handed) if _isOpen(fd)}
        line = FIRST + handed
        sockets, places = self._shelf.plan(line + 1)
        said = {"name": self.name, "line": line, "sockets": places}
        ours, theirs = socket.socketpair()
        try:
            self._reactor.spawnProcess(
                self,
                command[0],
                command,
                env={**os.environ, VARIABLE: json.dumps(said)},
                childFDs={**plan, line: theirs.fileno(), **sockets},
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        ours.setblocking(False)
        self._reports = Reports(ours, self._reactor, self.take)
        process: Any = self.transport
        self.pid: int = process.pid

    @property
    def age(self) -> float:
        """How many seconds have passed since its start."""
        seconds: float = self._reactor.seconds() - self.startedAt
        return seconds

    def signal(self, name: str) -> None:
        """Send it a signal, if it lives."""
        process: Any = self.transport
        try:
            process.signalProcess(name)
        except ProcessExitedAlready:
            pass

    def terminate(self, patience: float) -> None:
        """Ask it to end, and kill it when it hasn't after so many seconds."""
        # First the alarm: it may end while it is being signalled.
        if self._alarm is None:
            self._alarm = self._reactor.callLater(patience, self._kill, patience)
        self.signal("TERM")

    def _kill(self, patience: float) -> None:
        self._alarm = None
        _log.warn(
            "{name} (process {pid}) is killed: it has not ended within {seconds:g} seconds",
            name=self.name,
            pid=self.pid,
            seconds=patience,
        )
        self.signal("KILL")

    def take(self, report: Report, fds: list[int]) -> None:
        """Take a report."""
        if "keep" in report:
            kind, interface, port = report["keep"]
            self._shelf.put((kind, interface, port), fds.pop(0))
            return
        if report.get("ready"):
            self.isReady = True
            self._shelf.retain((kind, interface, port) for kind, interface, port in report["places"])
        self._reported(self, report)

    def processExited(self, reason: Failure) -> None:
        """It has ended."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._reports is not None:
            self._reports.finish()
        self._ended(self, reason)


def howItEnded(reason: Failure) -> str:
    """Say in words how a process has ended."""
    end: Any = reason.value
    return str(end.ending)


def _isOpen(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True
