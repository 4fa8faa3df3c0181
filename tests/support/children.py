"""Child processes for tests: a protocol that notes what happens, and ways to count what must not be left behind."""

from __future__ import annotations

import os
import sys
from typing import Any

from ropewalk.internet.defer import Deferred
from ropewalk.internet.protocol import ProcessProtocol
from ropewalk.python.failure import Failure


class Child(ProcessProtocol):
    """Notes what a child does.

    Attributes:
        events: what was called, in order; data is joined in `said` instead.
        said: what came from each of the child's descriptors.
        ended: fires with the reason's value when all is over.
        exited: fires with it when the child was reaped.
    """

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.said: dict[int, bytes] = {}
        self.exited: Deferred[Any] = Deferred()
        self.ended: Deferred[Any] = Deferred()

    def connectionMade(self) -> None:
        self.events.append("made")

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        self.said[childFD] = self.said.get(childFD, b"") + data
        if self.events[-1] != ("data", childFD):
            self.events.append(("data", childFD))

    def childConnectionLost(self, childFD: int) -> None:
        self.events.append(("lost", childFD))

    def processExited(self, reason: Failure) -> None:
        self.events.append("exited")
        self.exited.callback(reason.value)

    def processEnded(self, reason: Failure) -> None:
        self.events.append("ended")
        self.ended.callback(reason.value)

    @property
    def output(self) -> bytes:
        return self.said.get(1, b"")


def spawn(reactor: Any, *command: Any, child: Any = None, **options: Any) -> Any:
    """Start a program with its arguments, the environment handed on; return its protocol."""
    child = Child() if child is None else child
    options.setdefault("env", None)
    reactor.spawnProcess(child, command[0], command, **options)
    return child


def shell(reactor: Any, script: str, **options: Any) -> Any:
    """Start a shell that runs a script."""
    return spawn(reactor, "sh", "-c", script, **options)


def python(reactor: Any, script: str, **options: Any) -> Any:
    """Start an interpreter that runs a script."""
    return spawn(reactor, sys.executable, "-S", "-c", script, **options)


def descriptors() -> set[str]:
    """What is open in this process."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        try:
            found.add(f"{name} -> {os.readlink(f'/proc/self/fd/{name}')}")
        except OSError:
            pass  # what listed them
    return found


def isAlive(pid: int) -> bool:
    """Whether there is a process of that number, be it a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
