"""`task.LoopingCall` and `task.deferLater`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ropewalk.internet.defer import CancelledError, Deferred, succeed
from ropewalk.internet.task import Clock, LoopingCall, deferLater
from ropewalk.python.failure import Failure


def results(deferred: Deferred[Any]) -> list[Any]:
    """What a Deferred has fired with: nothing yet, or one thing; a failure is handled by that."""
    found: list[Any] = []
    deferred.addBoth(found.append)
    return found


class Loop:
    """A loop on a clock that notes when it was called."""

    def __init__(self, answer: Callable[[], object] = lambda: None) -> None:
        self.clock = Clock()
        self.times: list[float] = []
        self._answer = answer
        self.call = LoopingCall(self.work)
        self.call.clock = self.clock

    def work(self) -> object:
        self.times.append(round(self.clock.seconds(), 6))
        return self._answer()


class TestLoopingCall:
    def test_callsAtOnceAndThenAtEveryBeat(self) -> None:
        """The first call comes with `start`, the others an interval apart (F102)."""
        loop = Loop()
        loop.call.start(2)
        loop.clock.pump([1, 1, 1, 1])
        assert loop.times == [0, 2, 4]

    def test_startsLaterWhenAsked(self) -> None:
        """With ``now=False`` the first call comes after an interval."""
        loop = Loop()
        loop.call.start(2, now=False)
        assert loop.times == []
        loop.clock.pump([2, 2])
        assert loop.times == [2, 4]

    def test_argumentsArePassed(self) -> None:
        """The function gets the arguments given with it."""
        got: list[object] = []
        call = LoopingCall(lambda *a, **kw: got.append((a, kw)), 1, x=2)
        call.clock = Clock()
        call.start(1)
        assert got == [((1,), {"x": 2})]

    def test_stopFiresTheDeferred(self) -> None:
        """`stop` fires what `start` returned, with the loop itself (F102)."""
        loop = Loop()
        done = results(loop.call.start(1))
        wasRunning = loop.call.running
        loop.call.stop()
        assert done == [loop.call]
        assert (wasRunning, loop.call.running) == (True, False)
        assert loop.clock.getDelayedCalls() == []

    def test_stopFromInsideTheFunction(self) -> None:
        """The function may stop its own loop, at its first call and at a later one (F102)."""
        for last in (1, 3):
            loop = Loop()
            loop._answer = lambda loop=loop, last=last: loop.call.stop() if len(loop.times) == last else None  # type: ignore[misc]
            done = results(loop.call.start(1))
            loop.clock.pump([1] * 5)
            assert len(loop.times) == last
            assert done == [loop.call]

    def test_exceptionEndsTheLoop(self) -> None:
        """An exception stops the loop and fails the Deferred (F102)."""
        loop = Loop(lambda: 1 / 0)
        (failure,) = results(loop.call.start(1))
        assert failure.check(ZeroDivisionError)
        assert not loop.call.running
        assert loop.clock.getDelayedCalls() == []

    def test_lateCallsDoNotMoveTheBeat(self) -> None:
        """A call that comes late is followed by one at the next beat; beats in between are skipped (F102)."""
        loop = Loop()
        loop.call.start(1)
        loop.clock.advance(3.5)
        loop.clock.advance(0.4)
        loop.clock.advance(0.1)
        assert loop.times == [0, 3.5, 4]

    def test_decimalsKeepTheBeat(self) -> None:
        """Intervals that floats can't say exactly lead to one call a beat, never to two."""
        loop = Loop()
        loop.call.start(0.1)
        for _ in range(1000):
            loop.clock.advance(0.1)
        # Where the sum of the tenths falls behind the beats, an advance doesn't reach the next one.
        assert 995 <= len(loop.times) <= 1001
        assert len(set(loop.times)) == len(loop.times)

    def test_zeroIntervalCallsEveryTurn(self) -> None:
        """An interval of zero means: in the next turn of the reactor."""
        loop = Loop()
        loop._answer = lambda: loop.call.stop() if len(loop.times) == 5 else None
        loop.call.start(0)
        assert len(loop.times) == 1
        loop.clock.advance(0)
        assert len(loop.times) == 5

    def test_waitsForADeferred(self) -> None:
        """While the function's Deferred is not there nothing is called; then comes the next beat."""
        waiting: list[Deferred[None]] = []

        def answer() -> Deferred[None]:
            waiting.append(Deferred())
            return waiting[-1]

        loop = Loop(answer)
        loop.call.start(1)
        loop.clock.advance(2.5)
        assert loop.times == [0]
        waiting[0].callback(None)
        assert loop.times == [0]
        loop.clock.advance(0.5)
        assert loop.times == [0, 3]

    def test_awaitsACoroutine(self) -> None:
        """The function may be a coroutine function."""
        clock, steps = Clock(), list[str]()

        async def work() -> None:
            steps.append("begin")
            await deferLater(clock, 1.5)
            steps.append("end")

        call = LoopingCall(work)
        call.clock = clock
        call.start(1)
        clock.pump([1, 0.5])
        assert steps == ["begin", "end"]
        clock.advance(0.5)
        assert steps == ["begin", "end", "begin"]

    def test_failedDeferredEndsTheLoop(self) -> None:
        """A Deferred that fails does what an exception does."""
        waiting: Deferred[None] = Deferred()
        loop = Loop(lambda: waiting)
        done = results(loop.call.start(1))
        waiting.errback(KeyError("k"))
        assert done[0].check(KeyError)
        assert not loop.call.running

    def test_stopWaitsForTheDeferredUnderWay(self) -> None:
        """Stopped while a Deferred is awaited, the loop ends when that fires."""
        waiting: Deferred[None] = Deferred()
        loop = Loop(lambda: waiting)
        done = results(loop.call.start(1))
        loop.call.stop()
        assert done == []
        waiting.callback(None)
        assert done == [loop.call]
        assert loop.clock.getDelayedCalls() == []

    def test_canBeStartedAgain(self) -> None:
        """A loop that ended may begin anew, with another interval."""
        loop = Loop()
        loop.call.start(1)
        loop.call.stop()
        loop.clock.advance(10)
        loop.call.start(3)
        loop.clock.advance(3)
        assert loop.times == [0, 10, 13]

    def test_runsDoNotMix(self) -> None:
        """Stopped and started again while a result is awaited, each run has its own end, and there is one beat."""
        waiting: list[Deferred[None]] = []

        def answer() -> Deferred[None]:
            waiting.append(Deferred())
            return waiting[-1]

        loop = Loop(answer)
        first = results(loop.call.start(1))
        loop.call.stop()
        second = results(loop.call.start(1))
        waiting[0].callback(None)
        assert (first, second) == ([loop.call], [])
        waiting[1].callback(None)
        assert len(loop.clock.getDelayedCalls()) == 1
        loop.call.stop()
        assert second == [loop.call]

    def test_resetBeginsTheBeatAnew(self) -> None:
        """After `reset` the next call is an interval away."""
        loop = Loop()
        loop.call.start(1)
        loop.clock.advance(0.7)
        loop.call.reset()
        loop.clock.advance(0.9)
        assert loop.times == [0]
        loop.clock.pump([0.1, 1])
        assert loop.times == [0, 1.7, 2.7]

    def test_misuseSaysWhatToDo(self) -> None:
        """Started twice, stopped or reset while it rests, or given a negative interval, a loop refuses."""
        loop = Loop()
        with pytest.raises(AssertionError, match="does not run"):
            loop.call.stop()
        with pytest.raises(AssertionError, match="does not run"):
            loop.call.reset()
        with pytest.raises(ValueError, match="-1"):
            loop.call.start(-1)
        loop.call.start(1)
        with pytest.raises(AssertionError, match="stop"):
            loop.call.start(1)

    def test_deferredAttributeIsDeprecated(self) -> None:
        """The older way to get at the Deferred works, and warns."""
        loop = Loop()
        deferred = loop.call.start(1)
        with pytest.warns(DeprecationWarning, match="start"):
            assert loop.call.deferred is deferred

    def test_cancelledResultDoesNotBreakTheLoop(self) -> None:
        """Whoever cancels the Deferred hears so; the loop goes on, and can still be stopped."""
        loop = Loop()
        deferred = loop.call.start(1)
        deferred.cancel()
        assert results(deferred)[0].check(CancelledError)
        loop.clock.advance(1)
        assert loop.times == [0, 1]
        loop.call.stop()

    def test_reprNamesFunctionAndInterval(self) -> None:
        """A loop says what it calls and how often."""
        assert repr(LoopingCall(len, 1)) == "LoopingCall<None>(len, *(1,), **{})"

    def test_usesTheReactorUnlessTold(self) -> None:
        """Without another clock a loop goes by the reactor."""
        from ropewalk.internet import reactor

        assert LoopingCall(len).clock is reactor


class TestWithCount:
    def counted(self, interval: float, steps: list[float], now: bool = True) -> list[tuple[int, float]]:
        clock, counts = Clock(), list[tuple[int, float]]()
        call = LoopingCall.withCount(lambda count: counts.append((count, round(clock.seconds(), 6))))
        call.clock = clock
        call.start(interval, now=now)
        clock.pump(steps)
        return counts

    def test_tellsOneWhenNothingWasSkipped(self) -> None:
        """In the normal case every call counts for one."""
        assert self.counted(1, [1, 1, 1]) == [(1, 0), (1, 1), (1, 2), (1, 3)]

    def test_tellsHowManyBeatsWereSkipped(self) -> None:
        """After a delay the count is that of all beats that passed."""
        assert self.counted(0.5, [1, 3, 0.5, 2.7]) == [(1, 0), (2, 1), (6, 4), (1, 4.5), (5, 7.2)]

    def test_countsFromTheFirstBeatWhenStartedLater(self) -> None:
        """With ``now=False`` the start itself is no beat."""
        assert self.counted(1, [1, 1, 3, 0.5, 0.5, 2.7], now=False) == [(1, 1), (1, 2), (3, 5), (1, 6), (2, 8.7)]

    def test_everyCountAddsUp(self) -> None:
        """However the time passes, the counts add up to the beats that passed."""
        steps = [0.1] * 50 + [0.73, 5.1, 0.07, 0.3, 0.3, 0.3]
        assert sum(count for count, _ in self.counted(0.1, steps)) == int(sum(steps) / 0.1 + 1e-6) + 1

    def test_zeroIntervalCountsOne(self) -> None:
        """Without an interval there are no beats to skip."""
        counts: list[int] = []

        def work(count: int) -> None:
            counts.append(count)
            if len(counts) == 3:
                call.stop()

        call = LoopingCall.withCount(work)
        call.clock = clock = Clock()
        call.start(0)
        clock.advance(5)
        assert counts == [1, 1, 1]

    def test_resetDoesNotCountTwice(self) -> None:
        """After `reset` the next call counts one beat."""
        clock, counts = Clock(), list[int]()
        call = LoopingCall.withCount(counts.append)
        call.clock = clock
        call.start(1)
        clock.pump([1, 0.3])
        call.reset()
        clock.advance(1)
        assert counts == [1, 1, 1]


class TestDeferLater:
    def test_givesTheResult(self) -> None:
        """After the delay the function is called, and its result is that of the Deferred (F101)."""
        clock = Clock()
        done = results(deferLater(clock, 2, lambda a, b: a + b, 1, b=2))
        clock.advance(1.9)
        assert done == []
        clock.advance(0.1)
        assert done == [3]

    def test_givesTheException(self) -> None:
        """What the function raises is the Deferred's failure (F101)."""
        clock = Clock()
        done = results(deferLater(clock, 1, lambda: 1 / 0))
        clock.advance(1)
        assert done[0].check(ZeroDivisionError)

    def test_waitsForADeferredResult(self) -> None:
        """A Deferred that the function returns is waited for (F101)."""
        clock = Clock()
        done = results(deferLater(clock, 1, lambda: succeed("there")))
        clock.advance(1)
        assert done == ["there"]

    def test_withoutAFunctionItOnlyWaits(self) -> None:
        """The function may be left out; the result is then `None`."""
        clock = Clock()
        done = results(deferLater(clock, 1))
        clock.advance(1)
        assert done == [None]

    def test_cancellingTakesTheCallBack(self) -> None:
        """Cancelled, the function is never called and the clock is clean."""
        clock, called = Clock(), list[object]()
        deferred = deferLater(clock, 1, called.append, 1)
        deferred.cancel()
        assert results(deferred)[0].check(CancelledError)
        assert clock.getDelayedCalls() == []
        clock.advance(2)
        assert called == []

    def test_canBeAwaited(self) -> None:
        """Coroutines sleep with it."""
        clock, steps = Clock(), list[float]()

        async def sleeper() -> None:
            for _ in range(2):
                await deferLater(clock, 1)
                steps.append(clock.seconds())

        done: Deferred[None] = Deferred.fromCoroutine(sleeper())
        clock.pump([1, 1])
        assert steps == [1, 2]
        assert not isinstance(results(done)[0], Failure)
