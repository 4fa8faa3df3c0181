"""`task.Clock`: time moved by hand."""

from __future__ import annotations

import gc
from contextvars import ContextVar

import pytest
from zope.interface.verify import verifyObject

from ropewalk.internet import task
from ropewalk.internet.error import AlreadyCalled, AlreadyCancelled
from ropewalk.internet.interfaces import IDelayedCall, IReactorTime


def test_isAClock() -> None:
    """A clock stands wherever the time half of a reactor is asked for."""
    clock = task.Clock()
    assert verifyObject(IReactorTime, clock)
    assert verifyObject(IDelayedCall, clock.callLater(1, len))


def test_beginsAtZeroAndMoves() -> None:
    """Time is what `advance` made of it."""
    clock = task.Clock()
    assert clock.seconds() == 0.0
    clock.advance(2.5)
    clock.advance(0.5)
    assert clock.seconds() == clock.rightNow == 3.0


def test_callIsMadeAtItsTimeAndNotBefore() -> None:
    """A call waits for its moment, to both sides of it (F103, TR17, F17)."""
    clock, made = task.Clock(), list[tuple[object, ...]]()
    clock.callLater(1.0, lambda *args, **kw: made.append((args, kw)), 1, two=2)
    clock.advance(0.9)
    assert made == []
    clock.advance(0.1)
    assert made == [((1,), {"two": 2})]


def test_callsAreMadeInOrderOfTime() -> None:
    """Earlier calls come first, equal ones in the order in which they were asked for (F103)."""
    clock, made = task.Clock(), list[str]()
    for delay, name in ((2, "late"), (1, "a"), (1, "b"), (0, "now"), (1, "c")):
        clock.callLater(delay, made.append, name)
    clock.advance(5)
    assert made == ["now", "a", "b", "c", "late"]


def test_callsMadeWhileAdvancingRunWhenDue() -> None:
    """What a call schedules for now runs before `advance` returns; what it schedules for later doesn't (F103)."""
    clock, made = task.Clock(), list[str]()

    def first() -> None:
        clock.callLater(0, made.append, "at once")
        clock.callLater(0.5, made.append, "later")

    clock.callLater(1, first)
    clock.callLater(2, made.append, "second")
    clock.advance(2)
    assert made == ["second", "at once"]
    clock.advance(0.5)
    assert made == ["second", "at once", "later"]


def test_everyCallSeesTheNewTime() -> None:
    """The clock jumps: calls that were due in between see where it arrived."""
    clock, seen = task.Clock(), list[float]()
    clock.callLater(1, lambda: seen.append(clock.seconds()))
    clock.callLater(2, lambda: seen.append(clock.seconds()))
    clock.advance(3)
    assert seen == [3.0, 3.0]


def test_pumpAdvancesStepByStep() -> None:
    """`pump` is `advance` once for each number."""
    clock, seen = task.Clock(), list[float]()
    clock.callLater(1, lambda: seen.append(clock.seconds()))
    clock.pump([0.5, 0.5, 3])
    assert seen == [1.0]
    assert clock.seconds() == 4.0


def test_exceptionLeavesTheRestForTheNextTime() -> None:
    """A call that raises is spent; what is due after it waits for the next `advance`."""
    clock, made = task.Clock(), list[str]()
    clock.callLater(1, lambda: 1 / 0)
    clock.callLater(1, made.append, "rest")
    with pytest.raises(ZeroDivisionError):
        clock.advance(1)
    assert made == []
    clock.advance(0)
    assert made == ["rest"]


def test_callsCanBeCancelledAndMoved() -> None:
    """The whole `DelayedCall` interface works on a clock (F009)."""
    clock, made = task.Clock(), list[str]()
    gone = clock.callLater(1, made.append, "gone")
    later = clock.callLater(1, made.append, "later")
    sooner = clock.callLater(9, made.append, "sooner")
    gone.cancel()
    later.delay(2)
    sooner.reset(2)
    assert (later.getTime(), sooner.getTime()) == (3.0, 2.0)
    assert not gone.active()
    clock.advance(2)
    assert made == ["sooner"]
    clock.advance(1)
    assert made == ["sooner", "later"]
    with pytest.raises(AlreadyCancelled):
        gone.cancel()
    with pytest.raises(AlreadyCalled):
        later.reset(1)


def test_callPutOffBehindAnotherComesAfterIt() -> None:
    """A postponed call takes its new place among those that are due together."""
    clock, made = task.Clock(), list[str]()
    clock.callLater(1, made.append, "postponed").delay(4)
    clock.callLater(2, made.append, "other")
    clock.advance(10)
    assert made == ["other", "postponed"]


def test_callMayCancelAnotherThatIsDue() -> None:
    """A call that is due at the same moment can still be taken back by an earlier one."""
    clock, made = task.Clock(), list[str]()
    clock.callLater(1, lambda: victim.cancel())
    victim = clock.callLater(1, made.append, "never")
    clock.advance(1)
    assert made == []


def test_delayedCallsAreListedEarliestFirst() -> None:
    """`getDelayedCalls` lists what is to come."""
    clock = task.Clock()
    late, soon = clock.callLater(2, len), clock.callLater(1, len)
    assert clock.getDelayedCalls() == clock.calls == [soon, late]
    soon.cancel()
    assert clock.getDelayedCalls() == [late]


def test_callRunsInTheContextOfWhoeverAskedForIt() -> None:
    """Context variables follow a delayed call."""
    variable: ContextVar[str] = ContextVar("variable", default="nobody")
    clock, seen = task.Clock(), list[str]()
    token = variable.set("somebody")
    clock.callLater(1, lambda: seen.append(variable.get()))
    variable.reset(token)
    clock.callLater(1, lambda: seen.append(variable.get()))
    clock.advance(1)
    assert seen == ["somebody", "nobody"]


def test_madeCallHoldsOnToNothing() -> None:
    """Whoever keeps a call that was made doesn't keep what it called: no cycle is left."""
    gc.collect()
    gc.disable()
    try:
        clock = task.Clock()

        class Holder:
            def __init__(self) -> None:
                self.call = clock.callLater(1, self.due)

            def due(self) -> None: ...

        Holder()
        clock.advance(1)
        assert not [found for found in gc.get_objects() if type(found) is Holder]
    finally:
        gc.enable()


def test_manyCallsAreNoBurden() -> None:
    """Ten thousand calls are scheduled, moved and made in no time that grows with their square."""
    clock, made = task.Clock(), list[int]()
    calls = [clock.callLater(10_000 - number, made.append, number) for number in range(10_000)]
    for call in calls[::100]:
        call.reset(0)
    clock.advance(10_000)
    assert made[:100] == list(range(0, 10_000, 100))
    assert len(made) == 10_000
