"""One event to many observers, whatever they do."""

from __future__ import annotations

import sys
import threading
from typing import Any

import pytest

from ropewalk.logger import Logger, LogPublisher, eventAsText, formatEvent

Events = list[dict[str, Any]]


def test_everyObserverGetsEveryEvent() -> None:
    """LG10, LG14, LG16, LG18: a publisher forwards at once, and is an observer itself."""
    first: Events = []
    second: Events = []
    inner = LogPublisher(second.append)
    publisher = LogPublisher(first.append, inner)
    publisher({"n": 1})
    assert first == second == [{"n": 1}]
    assert first[0] is second[0]


def test_addingTwiceAndRemovingAStrangerChangeNothing() -> None:
    """An observer is called once per event, and not after it was removed."""
    events: Events = []
    publisher = LogPublisher()
    publisher.addObserver(events.append)
    publisher.addObserver(events.append)
    publisher.removeObserver(print)
    publisher({})
    publisher.removeObserver(events.append)
    publisher({})
    assert len(events) == 1


def test_whatCannotBeCalledIsRefused() -> None:
    """A mistake is told when the observer is added, not when the first event is lost."""
    with pytest.raises(TypeError, match="3 is not callable"):
        LogPublisher().addObserver(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        LogPublisher(3)  # type: ignore[arg-type]


def test_anObserverMayRemoveItself() -> None:
    """Changing the observers in the middle of an event hurts no other observer."""
    seen: list[str] = []
    publisher = LogPublisher()

    def once(event: dict[str, Any]) -> None:
        publisher.removeObserver(once)
        seen.append("once")

    publisher.addObserver(once)
    publisher.addObserver(lambda event: seen.append("always"))
    publisher({})
    publisher({})
    assert seen == ["once", "always", "always"]


def test_aBrokenObserverIsReportedOnceToTheOthers() -> None:
    """The others get every event, and one traceback until the broken one has worked again."""
    events: Events = []
    broken = True

    def sometimes(event: dict[str, Any]) -> None:
        if broken:
            raise OSError("disk full")

    publisher = LogPublisher(sometimes, events.append)
    publisher({"n": 1})
    publisher({"n": 2})
    assert [event.get("n") for event in events] == [1, None, 2]
    assert events[1]["log_failure"].check(OSError)
    assert events[1]["observer"] is sometimes
    assert "disk full" in eventAsText(events[1])

    broken = False
    publisher({"n": 3})
    broken = True
    publisher({"n": 4})
    assert [event.get("n") for event in events] == [1, None, 2, 3, 4, None]


def test_brokenObserversDoNotHideEachOther() -> None:
    """Two observers that raise are reported to the one that works."""
    events: Events = []

    def first(event: dict[str, Any]) -> None:
        raise ValueError("first")

    def second(event: dict[str, Any]) -> None:
        raise ValueError("second")

    LogPublisher(first, second, events.append)({"n": 1})
    assert sorted(str(event["log_failure"].value) for event in events[1:]) == ["first", "second"]


def test_theOnlyObserversTracebackGoesToStandardError(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nobody else to tell, it is told on the real standard error, once."""
    written: list[str] = []

    class Stderr:
        def write(self, text: str) -> None:
            written.append(text)

    monkeypatch.setattr(sys, "__stderr__", Stderr())

    def broken(event: dict[str, Any]) -> None:
        raise ValueError("all alone")

    publisher = LogPublisher(broken)
    publisher({})
    publisher({})
    assert len(written) == 1
    assert "all alone" in written[0]


def test_aStandardErrorThatIsGoneHarmsNobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """With nowhere to tell of a broken observer, whoever logs still hears nothing of it."""

    class Stderr:
        def write(self, text: str) -> None:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "__stderr__", Stderr())

    def broken(event: dict[str, Any]) -> None:
        raise ValueError("all alone")

    LogPublisher(broken)({})


def test_anObserverMayLog() -> None:
    """What an observer emits while observing is delivered after the event, in order."""
    events: Events = []
    publisher = LogPublisher()
    log = Logger(observer=publisher)

    def talkative(event: dict[str, Any]) -> None:
        if event["log_format"] == "first":
            log.info("second")

    publisher.addObserver(talkative)
    publisher.addObserver(events.append)
    log.info("first")
    log.info("third")
    assert [formatEvent(event) for event in events] == ["first", "second", "third"]


def test_anObserverThatLogsForEveryEventEnds() -> None:
    """Re-entrancy is bounded, and said once."""
    events: Events = []
    publisher = LogPublisher()
    log = Logger(observer=publisher)

    def endless(event: dict[str, Any]) -> None:
        if event["log_namespace"] != "ropewalk.logger":
            log.info("again")

    publisher.addObserver(endless)
    publisher.addObserver(events.append)
    log.info("first")
    texts = [formatEvent(event) for event in events]
    assert texts[:2] == ["first", "again"]
    assert len(texts) < 10
    assert "an observer emits an event for each event" in texts[-1]
    log.info("second")
    assert "an observer emits" not in formatEvent(events[-1])
    assert not publisher.isBusy()


def test_baseExceptionsGoThrough() -> None:
    """Ctrl-C in an observer is not swallowed, and the publisher works on."""
    events: Events = []
    publisher = LogPublisher(events.append)

    def interrupted(event: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    publisher.addObserver(interrupted)
    with pytest.raises(KeyboardInterrupt):
        publisher({"n": 1})
    publisher.removeObserver(interrupted)
    publisher({"n": 2})
    assert events == [{"n": 1}, {"n": 2}]


def test_threadsPublishAtTheSameTime() -> None:
    """LG15: an event of another thread does not wait for an observer that is busy here."""
    events: Events = []
    publisher = LogPublisher()

    def observer(event: dict[str, Any]) -> None:
        if event["n"] == 1:
            other = threading.Thread(target=publisher, args=({"n": 2},))
            other.start()
            other.join()
            assert events == [{"n": 2}]
        events.append(event)

    publisher.addObserver(observer)
    publisher({"n": 1})
    assert events == [{"n": 2}, {"n": 1}]
