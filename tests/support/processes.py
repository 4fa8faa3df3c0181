"""Child processes that are none: a reactor that starts them, to do what a test says, at the time that it says."""

from __future__ import annotations

import itertools
import signal
from typing import Any

from ropewalk.internet.error import ProcessDone, ProcessExitedAlready, ProcessTerminated
from ropewalk.internet.task import Clock
from ropewalk.python.failure import Failure


class FakeProcess:
    """A process that does what a test says.

    Attributes:
        given: the arguments it was started with.
        signals: what it was sent.
        stubborn: only SIGKILL ends it.
        pid: a number that no other one has.
    """

    numbers = itertools.count(1000)

    def __init__(self, protocol: Any, given: dict[str, Any], stubborn: bool) -> None:
        self.protocol = protocol
        self.given = given
        self.stubborn = stubborn
        self.signals: list[str] = []
        self.alive = True
        self.pid = next(self.numbers)
        protocol.makeConnection(self)

    def signalProcess(self, name: str) -> None:
        if not self.alive:
            raise ProcessExitedAlready()
        self.signals.append(name)
        if name == "KILL" or (name == "TERM" and not self.stubborn):
            self.end(ProcessTerminated(signal=getattr(signal, "SIG" + name)))

    def loseConnection(self) -> None:
        """Pipes have no part in this."""

    def end(self, how: Any = None) -> None:
        self.alive = False
        reason = Failure(how or ProcessDone(0))
        self.protocol.processExited(reason)
        self.protocol.processEnded(reason)


class FakeReactor(Clock):
    """Starts processes that are none.

    Attributes:
        started: all of them.
        refusing: raised instead of starting one.
        stubborn: those that are started from now on are.
    """

    def __init__(self) -> None:
        super().__init__()
        self.started: list[FakeProcess] = []
        self.refusing: OSError | None = None
        self.stubborn = False

    def addReader(self, reader: Any) -> None:
        """Nothing comes that a test doesn't bring."""

    def removeReader(self, reader: Any) -> None:
        """Nothing was watched."""

    def spawnProcess(self, protocol: Any, executable: Any, args: Any = (), **given: Any) -> FakeProcess:
        if self.refusing is not None:
            raise self.refusing
        process = FakeProcess(protocol, {"executable": executable, "args": args, **given}, self.stubborn)
        self.started.append(process)
        return process
