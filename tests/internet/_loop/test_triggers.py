"""System events, without a reactor."""

from __future__ import annotations

import pytest

from ropewalk.internet._loop.triggers import Triggers
from ropewalk.internet.defer import Deferred
from support.recording import logged


@pytest.fixture
def triggers() -> Triggers:
    return Triggers()


def test_orderWithinAPhase(triggers: Triggers) -> None:
    seen: list[int] = []
    for number in range(5):
        triggers.add("during", "event", seen.append, (number,), {})
    triggers.fire("event")
    assert seen == [0, 1, 2, 3, 4]


def test_waitsForAllDeferreds(triggers: Triggers) -> None:
    """The event goes on when the last Deferred has fired, whichever that is, failed or not."""
    seen: list[str] = []
    first: Deferred[None] = Deferred()
    second: Deferred[None] = Deferred()
    for deferred in (first, second):
        triggers.add("before", "event", lambda deferred=deferred: deferred, (), {})
    triggers.add("during", "event", seen.append, ("during",), {})
    triggers.fire("event")
    second.errback(ZeroDivisionError())
    second.addErrback(lambda _: None)
    assert seen == []
    first.callback(None)
    assert seen == ["during"]


def test_triggerThatRaises(triggers: Triggers) -> None:
    """What a trigger raises is logged; the others are called."""
    seen: list[str] = []
    for phase in ("before", "during", "after"):
        triggers.add(phase, "event", lambda: 1 / 0, (), {})
        triggers.add(phase, "event", seen.append, (phase,), {})
    with logged(ZeroDivisionError):
        triggers.fire("event")
    assert seen == ["before", "during", "after"]


def test_reactorsOwnPartIsFirst(triggers: Triggers) -> None:
    seen: list[str] = []
    triggers.add("before", "event", seen.append, ("before",), {})
    triggers.add("during", "event", seen.append, ("during",), {})
    triggers.fire("event", lambda: seen.append("own"))
    assert seen == ["before", "own", "during"]


def test_addedMeanwhile(triggers: Triggers) -> None:
    """A trigger added for a phase that isn't over is called in the same event."""
    seen: list[str] = []

    def more() -> None:
        triggers.add("before", "event", seen.append, ("before",), {})
        triggers.add("after", "event", seen.append, ("after",), {})

    triggers.add("before", "event", more, (), {})
    triggers.fire("event")
    assert seen == ["before", "after"]


def test_removed(triggers: Triggers) -> None:
    seen: list[int] = []
    trigger = triggers.add("during", "event", seen.append, (1,), {})
    triggers.remove(trigger)
    triggers.fire("event")
    assert seen == []
    with pytest.raises(ValueError, match="called or removed already"):
        triggers.remove(trigger)


def test_removedMeanwhile(triggers: Triggers) -> None:
    """A trigger may remove itself, which changes nothing, and those that come later, which does."""
    seen: list[str] = []
    ids = []

    def first() -> None:
        seen.append("first")
        for trigger in ids:
            triggers.remove(trigger)

    ids.append(triggers.add("before", "event", first, (), {}))
    ids.append(triggers.add("before", "event", seen.append, ("second",), {}))
    ids.append(triggers.add("after", "event", seen.append, ("third",), {}))
    triggers.fire("event")
    assert seen == ["first"]


@pytest.mark.parametrize("wrong", [None, 3, ("event", None), ("too", "many", "things")])
def test_notATrigger(triggers: Triggers, wrong: object) -> None:
    with pytest.raises(TypeError, match="what addSystemEventTrigger returned"):
        triggers.remove(wrong)  # type: ignore[arg-type]  # the point of the test


def test_badUse(triggers: Triggers) -> None:
    with pytest.raises(KeyError, match="one of before, during, after, not 'while'"):
        triggers.add("while", "event", int, (), {})
    with pytest.raises(AssertionError, match="must be callable, not None"):
        triggers.add("before", "event", None, (), {})  # type: ignore[arg-type]  # the point of the test


def test_firedInsideItself(triggers: Triggers) -> None:
    """An event that is going on doesn't begin again."""
    count = 0

    def again() -> None:
        nonlocal count
        count += 1
        triggers.fire("event")

    triggers.add("during", "event", again, (), {})
    triggers.fire("event")
    assert count == 1
