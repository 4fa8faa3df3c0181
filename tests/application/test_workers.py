"""`ropewalk.application._running.workers`: a supervisor with processes that are none, and a clock."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from ropewalk.application._running.membership import VARIABLE
from ropewalk.application._running.workers import FIRST_WAIT, GRACE, LONGEST_WAIT, THRESHOLD, Workers
from ropewalk.internet.error import ProcessTerminated
from ropewalk.logger import LogEvent, formatEvent, globalLogPublisher
from support.processes import FakeProcess, FakeReactor

DRAIN = 10.0


class Stage:
    """Three workers, and what becomes of them."""

    def __init__(self) -> None:
        self.reactor = FakeReactor()
        self.gaveUp: list[int] = []
        self.workers = Workers(["python", "prog.py"], 3, DRAIN, self.gaveUp.append, self.reactor)
        self.ready: list[object] = []
        self.workers.whenReady.addCallback(self.ready.append)

    def begin(self, ready: bool = True) -> Stage:
        self.workers.startService()
        if ready:
            for process in list(self.reactor.started):
                report(process)
        return self

    @property
    def started(self) -> list[FakeProcess]:
        return self.reactor.started

    def names(self, *processes: FakeProcess) -> list[str]:
        """What processes were told that they are."""
        return [json.loads(process.given["env"][VARIABLE])["name"] for process in processes]


def report(process: FakeProcess) -> None:
    """A worker says that it is ready."""
    process.protocol.take({"ready": True, "places": []}, [])


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def said() -> Iterator[list[str]]:
    """What is logged."""
    lines: list[str] = []

    def observe(event: LogEvent) -> None:
        lines.append(formatEvent(event))

    globalLogPublisher.addObserver(observe)
    yield lines
    globalLogPublisher.removeObserver(observe)


def test_startsTheProgramSoManyTimes(stage: Stage) -> None:
    """Each worker is the same command, and is told which one it is."""
    stage.begin(ready=False)
    assert [process.given["args"] for process in stage.started] == [["python", "prog.py"]] * 3
    assert stage.names(*stage.started) == ["worker 1", "worker 2", "worker 3"]


def test_isReadyWhenAllAre(stage: Stage) -> None:
    """The supervisor is ready when its last worker is."""
    stage.begin(ready=False)
    for process in stage.started:
        assert not stage.ready
        report(process)
    assert stage.ready == [None]


def test_killedWorkerIsReportedAndComesBack(stage: Stage, said: list[str]) -> None:
    """kill -9 of a worker is logged, and another one is started; the others go on."""
    stage.begin()
    stage.reactor.advance(THRESHOLD)
    victim = stage.started[1]
    victim.end(ProcessTerminated(signal=9))
    stage.reactor.advance(0)
    assert stage.names(stage.started[3]) == ["worker 2"]
    assert len(stage.started) == 4
    assert said[-1] == (
        f"worker 2 (process {victim.pid}) has ended after 5.0 seconds: killed by SIGKILL; starting it again now"
    )


def test_waitsLongerForOneThatIsNotWell(stage: Stage) -> None:
    """A worker that ends soon after its start is started again later each time, up to a limit."""
    stage.begin()
    wait = FIRST_WAIT
    for _ in range(9):
        count = len(stage.started)
        stage.started[-1].end(ProcessTerminated(exitCode=1))
        stage.reactor.advance(wait - 0.25)
        assert len(stage.started) == count
        stage.reactor.advance(0.25)
        assert len(stage.started) == count + 1
        wait = min(wait * 2, LONGEST_WAIT)


def test_programThatDoesNotStartIsNoReasonToTryForEver(stage: Stage, said: list[str]) -> None:
    """When a worker ends before any was ready, the supervisor gives up with the same exit status."""
    stage.begin(ready=False)
    stage.started[0].end(ProcessTerminated(exitCode=69))
    assert stage.gaveUp == [69]
    assert said == ["worker 1 has ended before it was ready: exit status 69; the program does not start"]


def test_programThatRunsOnlyOnceIsNone(stage: Stage) -> None:
    """When the second worker can't start, because the first has what can't be shared, the supervisor gives up, too."""
    stage.begin(ready=False)
    report(stage.started[0])
    stage.started[1].end(ProcessTerminated(exitCode=69))
    assert stage.gaveUp == [69]


def test_workerThatIsKilledWhileItStarts(stage: Stage) -> None:
    """One that was killed is started again, if others are ready."""
    stage.begin(ready=False)
    report(stage.started[0])
    stage.started[1].end(ProcessTerminated(signal=9))
    assert not stage.gaveUp
    stage.reactor.advance(FIRST_WAIT)
    assert stage.names(stage.started[-1]) == ["worker 2"]


def test_processesThatCannotBeStarted(stage: Stage, said: list[str]) -> None:
    """When the system refuses a process, that is logged and tried again."""
    stage.begin()
    stage.reactor.refusing = OSError(11, "Resource temporarily unavailable")
    stage.started[0].end(ProcessTerminated(signal=9))
    stage.reactor.advance(FIRST_WAIT)
    assert said[-1] == "worker 1 cannot be started: [Errno 11] Resource temporarily unavailable"
    stage.reactor.refusing = None
    stage.reactor.advance(FIRST_WAIT * 2)
    assert stage.names(stage.started[-1]) == ["worker 1"]


class TestStopping:
    def test_waitsForAll(self, stage: Stage) -> None:
        """Every worker is asked to end, and the stop is over when all have."""
        stage.reactor.stubborn = True
        stage.begin()
        stopped: list[object] = []
        stage.workers.stopService().addCallback(stopped.append)
        assert [process.signals for process in stage.started] == [["TERM"]] * 3
        for process in stage.started:
            assert not stopped
            process.end()
        assert stopped == [None]
        assert not stage.reactor.getDelayedCalls()

    def test_killsThoseThatStay(self, stage: Stage, said: list[str]) -> None:
        """Who hasn't ended when its connections must have, and a little later, is killed."""
        stage.reactor.stubborn = True
        stage.begin()
        stopped: list[object] = []
        stage.workers.stopService().addCallback(stopped.append)
        stage.reactor.advance(DRAIN + GRACE - 0.5)
        assert not stopped
        stage.reactor.advance(0.5)
        assert stopped == [None]
        assert sorted(line for line in said if "is killed" in line) == [
            f"worker {number} (process {process.pid}) is killed: it has not ended within 15 seconds"
            for number, process in enumerate(stage.started, 1)
        ]

    def test_startsNobodyThen(self, stage: Stage) -> None:
        """A start that was to come is dropped."""
        stage.begin()
        stage.started[0].end(ProcessTerminated(signal=9))
        stage.workers.stopService()
        stage.reactor.advance(LONGEST_WAIT)
        assert len(stage.started) == 3

    def test_withoutWorkersItIsOverAtOnce(self, stage: Stage) -> None:
        stage.begin()
        for process in stage.started:
            process.end()
        stopped: list[object] = []
        stage.workers.stopService().addCallback(stopped.append)
        assert stopped == [None]


class TestReplacing:
    def test_oneByOne(self, stage: Stage) -> None:
        """A worker ends when its successor is ready, and the next one's successor is started then."""
        stage.begin()
        replaced: list[object] = []
        stage.workers.replaceAll().addCallback(replaced.append)
        for number in range(3):
            assert not replaced
            assert len(stage.started) == 4 + number
            old, new = stage.started[number], stage.started[3 + number]
            assert not old.signals
            assert stage.names(new) == stage.names(old)
            report(new)
            assert old.signals == ["TERM"]
        assert len(stage.started) == 6
        assert replaced == [None]

    def test_drainingOnesHoldNobodyUp(self, stage: Stage) -> None:
        """The next one is replaced while the last one still sees to its connections; the stop waits for all."""
        stage.reactor.stubborn = True
        stage.begin()
        stage.workers.replaceAll()
        for number in range(3):
            report(stage.started[3 + number])
        stopped: list[object] = []
        stage.workers.stopService().addCallback(stopped.append)
        for process in stage.started[3:]:
            process.end()
        assert not stopped
        for process in stage.started[:3]:
            process.end()
        assert stopped == [None]

    def test_successorThatFails(self, stage: Stage, said: list[str]) -> None:
        """When the new program doesn't start, the old one goes on, and it is said."""
        stage.begin()
        replaced: list[object] = []
        stage.workers.replaceAll().addCallback(replaced.append)
        stage.started[3].end(ProcessTerminated(exitCode=70))
        assert replaced == [None]
        assert said[-1] == (
            "the successor of worker 1 has ended before it was ready: exit status 70; the others stay as they are"
        )
        assert not any(process.signals for process in stage.started)
        assert len(stage.started) == 4

    def test_oldOneThatEndsMeanwhile(self, stage: Stage, said: list[str]) -> None:
        """When a worker dies while its successor starts, that one takes its place, and nobody else does."""
        stage.begin()
        stage.workers.replaceAll()
        stage.started[0].end(ProcessTerminated(signal=9))
        assert said[-1].endswith("killed by SIGKILL; its successor is on the way")
        stage.reactor.advance(FIRST_WAIT)
        assert len(stage.started) == 4
        report(stage.started[3])
        assert stage.names(stage.started[4]) == ["worker 2"]

    def test_bothEnd(self, stage: Stage) -> None:
        """When the successor fails as well, the place is filled again."""
        stage.begin()
        stage.workers.replaceAll()
        stage.started[0].end(ProcessTerminated(signal=9))
        stage.started[3].end(ProcessTerminated(exitCode=70))
        stage.reactor.advance(FIRST_WAIT)
        assert stage.names(*stage.started[4:]) == ["worker 1"]

    def test_onlyOnceAtATime(self, stage: Stage, said: list[str]) -> None:
        """A second call begins nothing, and waits for the same end."""
        stage.begin()
        replaced: list[object] = []
        for _ in range(2):
            stage.workers.replaceAll().addCallback(replaced.append)
        assert len(stage.started) == 4
        assert said[-1] == "the workers are being replaced already"
        for number in range(3):
            assert not replaced
            report(stage.started[3 + number])
        assert replaced == [None, None]

    def test_endsWithTheService(self, stage: Stage) -> None:
        """Who waits for the last successor is told when all are to stop."""
        stage.begin()
        replaced: list[object] = []
        stage.workers.replaceAll().addCallback(replaced.append)
        stage.workers.stopService()
        assert replaced == [None]

    def test_thoseThatAreToBeStartedAnyway(self, stage: Stage) -> None:
        """A worker that waits for its start needs no successor."""
        stage.begin()
        stage.started[0].end(ProcessTerminated(signal=9))
        stage.workers.replaceAll()
        assert stage.names(stage.started[3]) == ["worker 2"]


def test_signalsAreHandedOn(stage: Stage) -> None:
    """A signal for all goes to those that are ready for it."""
    stage.begin(ready=False)
    report(stage.started[0])
    stage.workers.signal("USR1")
    assert [process.signals for process in stage.started] == [["USR1"], [], []]
