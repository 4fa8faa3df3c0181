"""`task.Cooperator` and its tasks."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ropewalk.internet import task
from ropewalk.internet.defer import Deferred
from ropewalk.internet.task import Clock, Cooperator
from support.programs import Program
from support.reactors import reactor as reactor
from support.reactors import run


def results(deferred: Deferred[Any]) -> list[Any]:
    """What a Deferred has fired with; a failure is handled by that."""
    found: list[Any] = []
    deferred.addBoth(found.append)
    return found


class Bench:
    """A cooperator whose slices hold a number of pieces, and begin when `slice` is called."""

    def __init__(self, pieces: int = 1, started: bool = True) -> None:
        self.clock = Clock()
        self.done: list[str] = []
        self.pieces = pieces
        self.cooperator = Cooperator(self._newSlice, lambda work: self.clock.callLater(1, work), started)

    def _newSlice(self) -> Callable[[], bool]:
        used = 0

        def isOver() -> bool:
            nonlocal used
            used += 1
            return used >= self.pieces

        return isOver

    def slice(self, count: int = 1) -> None:
        for _ in range(count):
            self.clock.advance(1)

    def work(self, name: str, pieces: int) -> Iterator[None]:
        for piece in range(pieces):
            self.done.append(f"{name}{piece}")
            yield


def test_tasksTakeTurns() -> None:
    """Each task does one piece in turn, and a slice goes on where the last one ended."""
    bench = Bench(pieces=3)
    bench.cooperator.cooperate(bench.work("a", 5))
    bench.cooperator.cooperate(bench.work("b", 3))
    assert bench.done == []
    bench.slice()
    assert bench.done == ["a0", "b0", "a1"]
    bench.slice()
    assert bench.done[3:] == ["b1", "a2", "b2"]


def test_coiterateFiresWithTheIterator() -> None:
    """The end of the iterator fires the Deferred with the iterator itself."""
    bench = Bench()
    iterator = bench.work("a", 2)
    done = results(bench.cooperator.coiterate(iterator))
    bench.slice(2)
    assert done == []
    bench.slice()
    assert done == [iterator]


def test_coiterateTakesADeferred() -> None:
    """A Deferred given is the one that fires, and is returned."""
    bench, mine = Bench(), Deferred[Iterator[None]]()
    iterator = bench.work("a", 0)
    assert bench.cooperator.coiterate(iterator, doneDeferred=mine) is mine
    bench.slice()
    assert results(mine) == [iterator]


def test_nothingIsScheduledWithoutWork() -> None:
    """A cooperator without tasks, or with paused ones only, leaves the reactor alone."""
    bench = Bench()
    one = bench.cooperator.cooperate(bench.work("a", 9))
    one.pause()
    assert bench.clock.getDelayedCalls() == []
    one.resume()
    assert len(bench.clock.getDelayedCalls()) == 1
    one.stop()
    assert bench.clock.getDelayedCalls() == []


def test_pausesAreCounted() -> None:
    """A task goes on when it was resumed as often as it was paused."""
    bench = Bench()
    one = bench.cooperator.cooperate(bench.work("a", 9))
    one.pause()
    one.pause()
    one.resume()
    bench.slice()
    assert bench.done == []
    one.resume()
    bench.slice()
    assert bench.done == ["a0"]


def test_yieldedDeferredPausesItsTask() -> None:
    """A piece that yields a Deferred waits for it; the other tasks go on."""
    bench, waiting = Bench(pieces=2), Deferred[None]()

    def waits() -> Iterator[Deferred[None]]:
        yield waiting
        bench.done.append("after")

    bench.cooperator.cooperate(waits())
    bench.cooperator.cooperate(bench.work("b", 5))
    bench.slice(2)
    assert "after" not in bench.done
    waiting.callback(None)
    bench.slice()
    assert "after" in bench.done


def test_failedDeferredFailsItsTask() -> None:
    """A yielded Deferred that fails ends the task with its failure."""
    bench, waiting = Bench(), Deferred[None]()
    one = bench.cooperator.cooperate(iter([waiting]))
    done = results(one.whenDone())
    bench.slice()
    waiting.errback(KeyError("k"))
    assert done[0].check(KeyError)
    with pytest.raises(task.TaskFailed):
        one.stop()


def test_exceptionEndsItsTaskOnly() -> None:
    """A task whose iterator raises fails; the others go on."""
    bench = Bench(pieces=2)

    def breaks() -> Iterator[float]:
        yield 1 / 0

    broken = bench.cooperator.cooperate(breaks())
    bench.cooperator.cooperate(bench.work("b", 2))
    bench.slice()
    assert results(broken.whenDone())[0].check(ZeroDivisionError)
    assert bench.done == ["b0"]
    with pytest.raises(task.TaskFailed):
        broken.pause()


def test_stopEndsATask() -> None:
    """A stopped task does nothing more, and says so to all who wait."""
    bench = Bench()
    one = bench.cooperator.cooperate(bench.work("a", 9))
    before = results(one.whenDone())
    bench.slice()
    one.stop()
    bench.slice()
    assert bench.done == ["a0"]
    for done in (before, results(one.whenDone())):
        assert done[0].check(task.TaskStopped)
    for method in (one.stop, one.pause):
        with pytest.raises(task.TaskStopped):
            method()


def test_endedTaskRefuses() -> None:
    """A task that came to its end can't be stopped or paused, and wasn't paused."""
    bench = Bench()
    one = bench.cooperator.cooperate(bench.work("a", 0))
    bench.slice()
    for method in (one.stop, one.pause):
        with pytest.raises(task.TaskDone):
            method()
    with pytest.raises(task.NotPaused):
        one.resume()


def test_eachWhenDoneIsADeferredOfItsOwn() -> None:
    """What one waiter makes of the result is no concern of another."""
    bench = Bench()
    iterator = bench.work("a", 0)
    one = bench.cooperator.cooperate(iterator)
    first = one.whenDone().addCallback(lambda _: "mine")
    second = one.whenDone()
    bench.slice()
    assert (results(first), results(second)) == (["mine"], [iterator])


def test_taskMayStopItselfOrAnother() -> None:
    """A piece may stop any task, its own included."""
    bench = Bench(pieces=9)

    def mischief() -> Iterator[None]:
        victim.stop()
        yield
        bench.done.append("again")
        itself.stop()
        yield

    victim = bench.cooperator.cooperate(bench.work("v", 9))
    itself = bench.cooperator.cooperate(mischief())
    bench.slice()
    assert bench.done == ["v0", "again"]
    assert results(itself.whenDone())[0].check(task.TaskStopped)


@pytest.mark.parametrize("last", ["return", "raise", "yield"])
def test_whatFollowsAStopDoesNotMatter(last: str) -> None:
    """A piece that stops its own task may then return, raise or yield a Deferred: the task was stopped."""
    bench = Bench(pieces=9)

    def stopsItself() -> Iterator[Deferred[None] | None]:
        itself.stop()
        if last == "raise":
            raise ZeroDivisionError
        if last == "yield":
            yield Deferred()

    itself = bench.cooperator.cooperate(stopsItself())
    bench.cooperator.cooperate(bench.work("b", 1))
    bench.slice()
    assert results(itself.whenDone())[0].check(task.TaskStopped)
    assert bench.done == ["b0"]
    assert bench.clock.getDelayedCalls() == []


def test_failureAfterAStopDoesNotMatter() -> None:
    """A Deferred that fails when its task was stopped meanwhile changes nothing."""
    bench, waiting = Bench(), Deferred[None]()
    one = bench.cooperator.cooperate(iter([waiting]))
    bench.slice()
    one.stop()
    waiting.errback(KeyError("too late"))
    assert results(one.whenDone())[0].check(task.TaskStopped)


def test_tasksMayStopEachOtherWhenTheCooperatorStops() -> None:
    """Whoever hears of an end may stop other tasks, which are about to be given up themselves."""
    bench = Bench()
    one, two = bench.cooperator.cooperate(bench.work("a", 9)), bench.cooperator.cooperate(bench.work("b", 9))
    one.whenDone().addErrback(lambda _: two.stop())
    bench.cooperator.stop()
    assert results(two.whenDone())[0].check(task.TaskStopped)


def test_stoppedCooperatorGivesUpItsTasks() -> None:
    """`stop` ends every task with `SchedulerStopped`, those that are added or resumed later too."""
    bench = Bench()
    running = bench.cooperator.cooperate(bench.work("a", 9))
    paused = bench.cooperator.cooperate(bench.work("b", 9))
    paused.pause()
    wasRunning = bench.cooperator.running
    bench.cooperator.stop()
    assert (wasRunning, bench.cooperator.running) == (True, False)
    late = bench.cooperator.cooperate(bench.work("c", 9))
    paused.resume()
    for one in (running, late, paused):
        assert results(one.whenDone())[0].check(task.SchedulerStopped)
        with pytest.raises(task.SchedulerStopped):
            one.stop()
    assert bench.clock.getDelayedCalls() == []


def test_cooperatorBeginsWhenStarted() -> None:
    """With ``started=False`` tasks gather until `start`; after `stop` it may be started again."""
    bench = Bench(started=False)
    bench.cooperator.cooperate(bench.work("a", 9))
    bench.slice()
    assert bench.done == []
    assert not bench.cooperator.running
    bench.cooperator.start()
    bench.slice()
    assert bench.done == ["a0"]
    bench.cooperator.stop()
    bench.cooperator.start()
    bench.cooperator.cooperate(bench.work("b", 9))
    bench.slice()
    assert bench.done == ["a0", "b0"]


def test_manyWaitingTasksCostNothing() -> None:
    """Ten thousand tasks that pause and resume take no time that grows with their square."""
    bench = Bench(pieces=100_000)
    waiting: list[Deferred[None]] = []

    def waits() -> Iterator[Deferred[None]]:
        waiting.append(Deferred())
        yield waiting[-1]

    for _ in range(10_000):
        bench.cooperator.cooperate(waits())
    bench.slice()
    for deferred in waiting:
        deferred.callback(None)
    bench.slice()
    assert bench.clock.getDelayedCalls() == []


def test_failedTaskLeavesNoCycle() -> None:
    """A task that failed is freed with its last reference."""
    gc.collect()
    gc.disable()
    try:
        bench = Bench()

        def breaks() -> Iterator[float]:
            yield 1 / 0

        one = bench.cooperator.cooperate(breaks())
        one.whenDone().addErrback(lambda failure: None)
        bench.slice()
        del one
        assert not [found for found in gc.get_objects() if type(found) is task.CooperativeTask]
    finally:
        gc.enable()


PROGRAM = """
from ropewalk.internet.task import coiterate, cooperate, react

def work():
    for piece in range(3):
        print("piece", piece)
        yield

async def main(reactor):
    await coiterate(work())
    await cooperate(work()).whenDone()

react(main)
"""


def test_everybodysCooperator() -> None:
    """`coiterate` and `cooperate` do their work on the reactor that is installed."""
    with Program([sys.executable, "-c", PROGRAM]) as running:
        assert running.process.wait(20) == 0
    assert running.output == ["piece 0", "piece 1", "piece 2"] * 2


def test_sliceLetsTheReactorTurn(reactor: Any) -> None:
    """Endless work takes ten milliseconds at a time: other calls are made between its slices."""
    cooperator = Cooperator(scheduler=lambda work: reactor.callLater(0, work))

    def endless() -> Iterator[None]:
        while True:
            yield

    async def main() -> None:
        one = cooperator.cooperate(endless())
        for _ in range(3):
            await task.deferLater(reactor, 0)
        one.stop()
        with pytest.raises(task.TaskStopped):
            await one.whenDone()

    run(reactor, main)
