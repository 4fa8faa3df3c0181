"""`ropewalk.runner.procmon`: by a clock and processes that are none, then with real ones."""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet.defer import Deferred
from ropewalk.internet.error import ProcessTerminated
from ropewalk.logger import LogEvent, formatEvent, globalLogPublisher
from ropewalk.runner.procmon import LineLogger, ProcessMonitor, transport
from support.processes import FakeReactor
from support.reactors import epoll, fresh, run


@pytest.fixture
def clock() -> FakeReactor:
    return FakeReactor()


@pytest.fixture
def monitor(clock: FakeReactor) -> ProcessMonitor:
    """A monitor that runs, of one program."""
    monitor = ProcessMonitor(clock)
    monitor.addProcess("web", ["serve", "-p", "80"])
    monitor.startService()
    return monitor


@pytest.fixture
def said() -> Iterator[list[LogEvent]]:
    """The events that are logged."""
    events: list[LogEvent] = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


def texts(events: list[LogEvent]) -> list[str]:
    return [formatEvent(event) for event in events]


class TestStarting:
    def test_startsWhatWasAdded(self, clock: FakeReactor) -> None:
        """Programs are started with the service, with everything that was said about them."""
        monitor = ProcessMonitor(clock)
        monitor.addProcess("web", ["serve", "-p", "80"], uid=1, gid=2, env={"A": "b"}, cwd="/srv")
        assert not clock.started
        monitor.startService()
        assert [process.given for process in clock.started] == [
            {
                "executable": "serve",
                "args": ["serve", "-p", "80"],
                "uid": 1,
                "gid": 2,
                "env": {"A": "b"},
                "path": "/srv",
            }
        ]

    def test_startsAtOnceWhileItRuns(self, clock: FakeReactor, monitor: ProcessMonitor) -> None:
        """A program that is added to a running monitor is started."""
        monitor.addProcess("mail", ["post"])
        assert [process.given["executable"] for process in clock.started] == ["serve", "post"]

    def test_startsOnce(self, clock: FakeReactor, monitor: ProcessMonitor) -> None:
        """Starting what runs changes nothing."""
        monitor.startProcess("web")
        assert len(clock.started) == 1

    def test_namesAreUnique(self, monitor: ProcessMonitor) -> None:
        with pytest.raises(KeyError, match="remove web first"):
            monitor.addProcess("web", ["other"])

    @pytest.mark.parametrize("method", ["startProcess", "stopProcess", "removeProcess"])
    def test_unknownNamesAreErrors(self, monitor: ProcessMonitor, method: str) -> None:
        with pytest.raises(KeyError, match="nope"):
            getattr(monitor, method)("nope")

    def test_programThatIsNotThereIsTriedAgain(
        self, clock: FakeReactor, monitor: ProcessMonitor, said: list[LogEvent]
    ) -> None:
        """That a program can't be started is logged, and it is tried again, later each time."""
        clock.refusing = FileNotFoundError(2, "No such file or directory")
        monitor.addProcess("gone", ["/no/such"])
        clock.advance(0.5)
        clock.advance(0.5)
        assert texts(said) == ["[gone] cannot be started: No such file or directory"] * 2
        clock.refusing = None
        clock.advance(1.9)
        assert "gone" not in monitor.protocols
        clock.advance(0.1)
        assert "gone" in monitor.protocols


class TestRestarting:
    def test_atOnceAfterAGoodLife(self, clock: FakeReactor, monitor: ProcessMonitor) -> None:
        """A program that has lived for the threshold is started again without a wait."""
        clock.advance(monitor.threshold)
        clock.started[0].end()
        clock.advance(0)
        assert len(clock.started) == 2

    def test_laterAndLaterWhileItIsNotWell(self, clock: FakeReactor, monitor: ProcessMonitor) -> None:
        """The wait doubles with each early end, up to the limit."""
        monitor.maxRestartDelay = 5
        for wait in (1, 2, 4, 5, 5):
            count = len(clock.started)
            clock.started[-1].end()
            clock.advance(wait - 0.5)
            assert len(clock.started) == count
            clock.advance(0.5)
            assert len(clock.started) == count + 1

    def test_aGoodLifeIsForgiven(self, clock: FakeReactor, monitor: ProcessMonitor) -> None:
        """After it has lived for the threshold once, the waits begin anew."""
        for wait in (1, 2):
            clock.started[-1].end()
            clock.advance(wait)
        clock.advance(monitor.threshold)
        clock.started[-1].end()
        clock.advance(0)
        clock.started[-1].end()
        clock.advance(monitor.minRestartDelay)
        assert len(clock.started) == 5

    def test_theEndIsReported(self, clock: FakeReactor, monitor: ProcessMonitor, said: list[LogEvent]) -> None:
        """How a program has ended that was to run is logged; killed by a signal is a warning."""
        clock.advance(2)
        clock.started[-1].end(ProcessTerminated(signal=9))
        clock.advance(0)
        clock.started[-1].end(ProcessTerminated(exitCode=3))
        assert texts(said) == [
            "[web] has ended after 2.0 seconds: killed by SIGKILL",
            "[web] has ended after 0.0 seconds: exit status 3",
        ]
        assert [event["log_level"].name for event in said] == ["warn", "warn"]


class TestStopping:
    def test_stopsAndComesBack(self, clock: FakeReactor, monitor: ProcessMonitor) -> None:
        """A process that is stopped by its name is started again."""
        clock.advance(2)
        monitor.stopProcess("web")
        assert clock.started[0].signals == ["TERM"]
        clock.advance(0)
        assert len(clock.started) == 2

    def test_restartsAll(self, clock: FakeReactor, monitor: ProcessMonitor) -> None:
        monitor.addProcess("mail", ["post"])
        clock.advance(2)
        monitor.restartAll()
        clock.advance(0)
        assert [process.given["executable"] for process in clock.started] == ["serve", "post"] * 2

    def test_killsWhoDoesNotEnd(self, clock: FakeReactor, said: list[LogEvent]) -> None:
        """What ignores SIGTERM is killed after killTime, and not before; that is logged."""
        clock.stubborn = True
        monitor = ProcessMonitor(clock)
        monitor.addProcess("web", ["serve"])
        monitor.startService()
        monitor.stopProcess("web")
        clock.advance(monitor.killTime - 0.5)
        assert clock.started[0].signals == ["TERM"]
        clock.advance(0.5)
        assert clock.started[0].signals == ["TERM", "KILL"]
        assert texts(said) == ["[web] is killed: it has not ended within 5 seconds"]

    def test_theServiceWaitsForAll(self, clock: FakeReactor) -> None:
        """The stop of the service is over when every process has ended; none is started again."""
        monitor = ProcessMonitor(clock)
        monitor.addProcess("quick", ["quick"])
        monitor.startService()
        clock.stubborn = True
        monitor.addProcess("slow", ["slow"])
        stopped: list[object] = []
        monitor.stopService().addCallback(stopped.append)
        assert not stopped
        clock.advance(monitor.killTime)
        assert stopped == [None]
        assert not clock.getDelayedCalls()
        assert len(clock.started) == 2

    def test_stopsWhileItWaitsToStart(self, clock: FakeReactor, monitor: ProcessMonitor) -> None:
        """A restart that was to come is dropped."""
        clock.started[0].end()
        assert clock.getDelayedCalls()
        stopped: list[object] = []
        monitor.stopService().addCallback(stopped.append)
        assert stopped == [None]
        assert not clock.getDelayedCalls()

    def test_removedIsNotStartedAgain(self, clock: FakeReactor, monitor: ProcessMonitor) -> None:
        monitor.removeProcess("web")
        assert not clock.getDelayedCalls()
        assert not monitor.processes

    def test_removedWhileItWaitsToStart(self, clock: FakeReactor, monitor: ProcessMonitor) -> None:
        clock.started[0].end()
        monitor.removeProcess("web")
        assert not clock.getDelayedCalls()


class TestOutput:
    def test_linesAreLogged(self, clock: FakeReactor, monitor: ProcessMonitor, said: list[LogEvent]) -> None:
        """Each line of both streams is an event that says whose it is."""
        protocol = clock.started[0].protocol
        protocol.outReceived(b"one\ntw")
        protocol.errReceived(b"oh\n")
        assert not protocol.empty
        protocol.outReceived(b"o\n")
        assert protocol.empty
        assert texts(said) == ["[web] one", "[web] oh", "[web] two"]
        assert [event["stream"] for event in said] == ["stdout", "stderr", "stdout"]

    def test_theLastLineNeedsNoEnd(self, clock: FakeReactor, monitor: ProcessMonitor, said: list[LogEvent]) -> None:
        """What was begun when the program ended is logged, too."""
        clock.started[0].protocol.outReceived(b"half")
        clock.started[0].end()
        assert texts(said)[0] == "[web] half"

    def test_bytesThatAreNoText(self, clock: FakeReactor, monitor: ProcessMonitor, said: list[LogEvent]) -> None:
        clock.started[0].protocol.outReceived(b"\xff!\n")
        assert texts(said) == ["[web] b'\\xff!'"]

    def test_longLinesAreCut(self) -> None:
        """A line above the limit comes in pieces, and the next one whole."""
        lines: list[str] = []

        class Log:
            def info(self, format: str, **fields: Any) -> None:
                lines.append(fields["line"])

        logger = LineLogger()
        logger.service = type("Service", (), {"log": Log()})()
        logger.MAX_LENGTH = 4
        logger.makeConnection(transport)
        logger.dataReceived(b"abcdefghij\nxy\n")
        assert "".join(lines) == "abcdefghijxy"
        assert max(len(line) for line in lines) <= 4
        assert lines[-1] == "xy"

    def test_linesWithoutAnEndAreCut(self, clock: FakeReactor, monitor: ProcessMonitor, said: list[LogEvent]) -> None:
        """A program that writes and writes without a line's end is logged, too, and nothing grows."""
        protocol = clock.started[0].protocol
        for _ in range(5):
            protocol.outReceived(b"x" * 10_000)
        clock.started[0].end()
        pieces = [event["line"] for event in said if "line" in event]
        assert "".join(pieces) == "x" * 50_000
        assert max(map(len, pieces)) <= LineLogger.MAX_LENGTH


class TestShape:
    def test_repr(self, clock: FakeReactor) -> None:
        monitor = ProcessMonitor(clock)
        monitor.addProcess("a", ["a", "b"])
        monitor.addProcess("c", ["c"], 3, 4)
        assert repr(monitor) == "<ProcessMonitor 'a': ['a', 'b'] 'c'(3:4): ['c']>"
        assert monitor.processes == {"a": (["a", "b"], None, None, {}), "c": (["c"], 3, 4, {})}

    def test_pickles(self) -> None:
        """What is to run is kept, what runs isn't."""
        monitor = ProcessMonitor()
        monitor.addProcess("web", ["serve"])
        again = pickle.loads(pickle.dumps(monitor))
        assert again.processes == monitor.processes
        assert not again.protocols


# With real processes.

SPEAKER = """
import os, sys
print("pid", os.getpid(), flush=True)
sys.stdin.read()
"""

STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("pid", os.getpid(), flush=True)
while True:
    time.sleep(60)
"""


class Lines:
    """Waits for log lines of real programs."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._waiting: list[tuple[str, int, Deferred[list[str]]]] = []

    def __call__(self, event: LogEvent) -> None:
        self.all.append(formatEvent(event))
        for entry in list(self._waiting):
            found = self._found(entry[0])
            if len(found) >= entry[1]:
                self._waiting.remove(entry)
                entry[2].callback(found)

    def holding(self, part: str, count: int = 1) -> Deferred[list[str]]:
        """Fire when so many lines hold a text, with those lines."""
        ready: Deferred[list[str]] = Deferred()
        self._waiting.append((part, count, ready))
        self({"log_format": "looking"})
        return ready

    def _found(self, part: str) -> list[str]:
        return [line for line in self.all if part in line]


@pytest.fixture
def lines() -> Iterator[Lines]:
    lines = Lines()
    globalLogPublisher.addObserver(lines)
    yield lines
    globalLogPublisher.removeObserver(lines)


def pidIn(line: str) -> int:
    return int(line.rpartition(" ")[2])


def isAlive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_killedFromOutsideIsReportedAndComesBack(lines: Lines) -> None:
    """kill -9 of a child is reported, and the child is started again."""

    async def main(reactor: Any) -> None:
        monitor = ProcessMonitor(reactor)
        monitor.threshold = monitor.minRestartDelay = 0.01
        monitor.addProcess("child", [sys.executable, "-c", SPEAKER], env=None)
        monitor.startService()
        first = pidIn((await lines.holding("[child] pid"))[0])
        os.kill(first, signal.SIGKILL)
        second = pidIn((await lines.holding("[child] pid", 2))[1])
        assert second != first
        assert any("[child] has ended" in line and "killed by SIGKILL" in line for line in lines.all)
        await monitor.stopService()
        assert not isAlive(second)

    with fresh(epoll) as reactor:
        run(reactor, main, reactor, timeout=20)


def test_childThatIgnoresTheRequestIsKilled(lines: Lines) -> None:
    """A child that ignores SIGTERM is gone after killTime, when the service has stopped."""

    async def main(reactor: Any) -> None:
        monitor = ProcessMonitor(reactor)
        monitor.killTime = 0.05
        monitor.addProcess("child", [sys.executable, "-c", STUBBORN], env=None)
        monitor.startService()
        pid = pidIn((await lines.holding("[child] pid"))[0])
        await monitor.stopService()
        assert not isAlive(pid)
        assert "[child] is killed: it has not ended within 0.05 seconds" in lines.all

    with fresh(epoll) as reactor:
        run(reactor, main, reactor, timeout=20)


def test_heirOfThePipesDoesNotHoldUpTheStop(lines: Lines) -> None:
    """The stop is over when the child is, even if another process has kept its output open."""
    script = "import os, subprocess, sys\nsubprocess.Popen(['sleep', '30'])\n" + SPEAKER

    async def main(reactor: Any) -> None:
        monitor = ProcessMonitor(reactor)
        monitor.addProcess("child", [sys.executable, "-c", script], env=None)
        monitor.startService()
        pid = pidIn((await lines.holding("[child] pid"))[0])
        heirs = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        await monitor.stopService()
        assert not isAlive(pid)
        for heir in heirs:
            os.kill(int(heir), signal.SIGKILL)

    with fresh(epoll) as reactor:
        run(reactor, main, reactor, timeout=20)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may become another user")
def test_runsAsAnotherUser(lines: Lines) -> None:
    """A child runs as the user and the group, and in the directory, that it was added with."""

    async def main(reactor: Any) -> None:
        monitor = ProcessMonitor(reactor)
        script = "echo $(id -u) $(id -g) $(pwd); exec cat"
        monitor.addProcess("child", ["/bin/sh", "-c", script], uid=65534, gid=65533, env=None, cwd="/")
        monitor.startService()
        assert await lines.holding("[child] 65534 65533 /")
        await monitor.stopService()

    with fresh(epoll) as reactor:
        run(reactor, main, reactor, timeout=20)
