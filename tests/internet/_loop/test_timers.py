"""The reactor's delayed calls, without a reactor: time is a number that the test passes in."""

from __future__ import annotations

import gc
import weakref
from time import monotonic

from hypothesis import given
from hypothesis import strategies as st

from ropewalk.internet._loop.timers import FAR, SWEEP, Timers

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "cancel", "reset", "delay"]), st.floats(0, 100), st.integers(0, 50), st.floats(-50, 50)
    ),
    max_size=60,
)


def test_callsAreMadeInOrderOfTime() -> None:
    timers = Timers()
    seen: list[float] = []
    for delay in (5.0, 1.0, 30.0, 0.0, 2.5):
        timers.add(delay, seen.append, (delay,))
    timers.run(monotonic() + 100)
    assert seen == [0.0, 1.0, 2.5, 5.0, 30.0]


def test_equalDeadlinesKeepTheirOrder() -> None:
    timers = Timers()
    seen: list[int] = []
    deadline = monotonic() + 20
    for number in range(20):
        call = timers.add(1, seen.append, (number,))
        call.delay(deadline - call.deadline)
    timers.run(monotonic() + 100)
    assert seen == list(range(20))


def test_postponedCallGoesBehindThoseThatAreDueBefore() -> None:
    """A call that was put off keeps to its new time even when all are late."""
    timers = Timers()
    seen: list[str] = []
    put = timers.add(0.1, seen.append, ("put off",))
    timers.add(0.2, seen.append, ("as planned",))
    put.reset(0.3)
    timers.run(monotonic() + 1)
    assert seen == ["as planned", "put off"]


def test_onlyWhatIsDueIsCalled() -> None:
    """Near and far calls come on time, and not before."""
    timers = Timers()
    seen: list[str] = []
    near = timers.add(FAR / 2, seen.append, ("near",))
    far = timers.add(FAR * 5, seen.append, ("far",))
    timers.run(near.deadline - 0.001)
    assert seen == []
    timers.run(near.deadline)
    assert seen == ["near"]
    timers.run(far.deadline - 0.001)
    assert seen == ["near"]
    timers.run(far.deadline)
    assert seen == ["near", "far"]


@given(STEPS)
def test_anyHistory(steps: list[tuple[str, float, int, float]]) -> None:
    """Whatever was added, cancelled and moved: each call still active is made once, in order of its deadline."""
    timers = Timers()
    seen = []
    calls = []
    for what, delay, which, difference in steps:
        if what == "add":
            call = timers.add(delay, lambda: None)
            call.func = lambda call=call: seen.append(call)
            calls.append(call)
        elif calls:
            call = calls[which % len(calls)]
            if not call.active():
                continue
            if what == "cancel":
                call.cancel()
            elif what == "reset":
                call.reset(delay)
            else:
                call.delay(difference)
    active = [call for call in calls if call.active()]
    assert set(timers.pending()) == set(active)
    deadlines = {call: call.deadline for call in active}
    now = monotonic()
    if active:
        timeout = timers.timeout()
        assert timeout is not None
        assert abs(timeout - max(0.0, min(deadlines.values()) - now)) < 0.5
    else:
        assert timers.timeout() is None
    for moment in range(0, 10_000, 7):
        timers.run(now + moment)
        assert all(call.called == (deadlines[call] <= now + moment) for call in active)
        if len(seen) == len(active):
            break
    assert sorted(seen, key=deadlines.__getitem__) == seen or len(set(deadlines.values())) < len(seen)
    assert set(seen) == set(active)
    assert timers.pending() == []


def test_cancelledCallsAreSweptOut() -> None:
    """Near calls that were cancelled don't pile up."""
    timers = Timers()
    for _ in range(100 * SWEEP):
        timers.add(1, int).cancel()
    assert len(timers.heap) <= 2 * SWEEP


def test_cancelledFarCallsLeaveNothing() -> None:
    timers = Timers()
    for _ in range(1000):
        timers.add(60, int).cancel()
    assert sum(map(len, timers.far.values())) == 0
    assert len(timers.heap) <= 2


def test_cancelLetsGoOfTheArguments() -> None:
    """What a cancelled call would have used is freed at once."""

    class Large:
        pass

    timers = Timers()
    large = Large()
    watch = weakref.ref(large)
    call = timers.add(60, print, (large,))
    del large
    call.cancel()
    assert watch() is None


def test_calledCallIsNoCycle() -> None:
    """An object that keeps the call that called it goes away without the garbage collector."""

    class Protocol:
        def __init__(self, timers: Timers) -> None:
            self.call = timers.add(0, self.timedOut)

        def timedOut(self) -> None:
            pass

    timers = Timers()
    gc.disable()
    try:
        protocol = Protocol(timers)
        watch = weakref.ref(protocol)
        del protocol
        timers.run(monotonic() + 1)
        assert watch() is None
    finally:
        gc.enable()


def test_infiniteDelay() -> None:
    """A call may be planned for never, and cancelled."""
    timers = Timers()
    call = timers.add(float("inf"), int)
    assert timers.timeout() == float("inf")
    call.cancel()
    assert timers.timeout() is None


def test_loopIsToldOfEarlierDeadlines() -> None:
    """A loop that isn't ours is told when it must wake earlier than it was told before, and only then."""
    timers = Timers()
    told: list[float] = []
    timers.armed = lambda: told.append(timers.heap[0][0])
    first = timers.add(1.0, int)
    timers.add(1.5, int)
    timers.add(30, int)
    assert told == [first.deadline]
    first.reset(0.5)
    assert told[1:] == [first.deadline]
