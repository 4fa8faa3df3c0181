"""Where events come from: `Logger`."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.logger import (
    FilteringLogObserver,
    Logger,
    LogLevel,
    LogLevelFilterPredicate,
    LogPublisher,
    formatEvent,
    globalLogPublisher,
)
from ropewalk.python.failure import Failure, NoCurrentExceptionError

Events = list[dict[str, Any]]


@pytest.fixture
def events() -> Events:
    return []


class Working:
    """Has a logger as class attribute."""

    log = Logger()
    named = Logger(namespace="given")

    def __init__(self, value: int) -> None:
        self.value = value

    def work(self) -> None:
        self.log.info("Object with value {log_source.value!r} doing {something}.", something="a task")


def test_anEventIsADictWithTheSystemsKeys(events: Events) -> None:
    """LG1, LG7, LG9, LG14: what is given to an emitter and what the system knows are keys of one dict."""
    log = Logger(namespace="here", observer=events.append)
    log.info("{uri} is there", uri="/index")
    (event,) = events
    assert event["uri"] == "/index"
    assert event["log_logger"] is log
    assert event["log_level"] is LogLevel.info
    assert event["log_namespace"] == "here"
    assert event["log_source"] is None
    assert event["log_format"] == "{uri} is there"
    assert isinstance(event["log_time"], float)


@pytest.mark.parametrize("name", ["debug", "info", "warn", "error", "critical"])
def test_eachLevelHasAnEmitter(events: Events, name: str) -> None:
    """LG2: the emitters differ in the level only, and the format is optional."""
    getattr(Logger(observer=events.append), name)(key=1)
    Logger(observer=events.append).emit(LogLevel.levelWithName(name), "text")
    assert [event["log_level"].name for event in events] == [name, name]
    assert [event["log_format"] for event in events] == [None, "text"]


def test_aLoggerIsNamedForItsModule() -> None:
    """LG5: without a namespace it is the module that makes the logger."""
    assert Logger().namespace == __name__
    assert repr(Logger(namespace="mine")) == "<Logger 'mine'>"


def test_codeWithoutAModuleHasAnUnknownNamespace() -> None:
    """Code that runs outside any module can log too."""
    scope: dict[str, Any] = {"Logger": Logger}
    exec("namespace = Logger().namespace", scope)
    assert scope["namespace"] in ("<unknown>", "builtins")


def test_theLoggerOfAClassKnowsItsInstance() -> None:
    """LG3, LG5: reached through an instance, the instance is the source and the class names the namespace."""
    worker = Working(7)
    assert worker.log.source is worker
    assert Working.log.source is Working
    assert worker.log.namespace == f"{__name__}.Working"


def test_aNamespaceThatIsGivenIsKeptInAClass() -> None:
    """The documents say that a namespace may be given; a class does not take it away."""
    assert Working(1).named.namespace == "given"


def test_aFieldMayLookAtTheSource(events: Events) -> None:
    """B12: the documents' program that logs its source's attribute."""
    globalLogPublisher.addObserver(events.append)
    try:
        Working(7).work()
    finally:
        globalLogPublisher.removeObserver(events.append)
    assert formatEvent(events[-1]) == "Object with value 7 doing a task."


def test_failureCarriesTheCurrentException(events: Events) -> None:
    """LG4, F099, B13: `Logger.failure` logs the exception being handled, as critical."""
    log = Logger(observer=events.append)
    try:
        raise ZeroDivisionError("math is hard")
    except ZeroDivisionError as problem:
        log.failure("{what} is hard!", what="Math")
        expected = problem
    (event,) = events
    assert event["log_failure"].value is expected
    assert event["log_level"] is LogLevel.critical
    assert formatEvent(event) == "Math is hard!"


def test_failureTakesAFailureAndALevel(events: Events) -> None:
    """F099: the failure and the level can be given."""
    failure = Failure(ValueError("x"))
    Logger(observer=events.append).failure("bad", failure, LogLevel.warn)
    assert events[0]["log_failure"] is failure
    assert events[0]["log_level"] is LogLevel.warn


def test_failureWithoutAnExceptionIsAMistake(events: Events) -> None:
    """There must be something that failed."""
    with pytest.raises(NoCurrentExceptionError):
        Logger(observer=events.append).failure("nothing happened")


def test_failuresHandledLogsAndSwallows(events: Events) -> None:
    """An exception under `failuresHandled` is logged; the operation says that it failed."""
    log = Logger(observer=events.append)
    with log.failuresHandled("while {doing}", doing="it") as operation:
        assert not operation.failed
        assert not operation.succeeded
        raise ValueError("x")
    assert operation.failed
    assert not operation.succeeded
    assert events[0]["log_failure"] is operation.failure
    assert formatEvent(events[0]) == "while it"


def test_failuresHandledSaysThatAllWentWell(events: Events) -> None:
    """Without an exception nothing is logged."""
    with Logger(observer=events.append).failuresHandled("while") as operation:
        pass
    assert operation.succeeded
    assert not operation.failed
    assert operation.failure is None
    assert events == []


def test_aFailureHandlerIsUsedManyTimes(events: Events) -> None:
    """`failureHandler` is made once for a hot path."""
    handler = Logger(observer=events.append).failureHandler("static", LogLevel.error)
    for _ in range(2):
        with handler:
            raise ValueError("x")
    with handler:
        pass
    assert [event["log_level"] for event in events] == [LogLevel.error] * 2
    assert events[0]["log_failure"].check(ValueError)


@pytest.mark.parametrize("level", ["info", None, 20, []])
def test_aWrongLevelIsReportedNotRaised(events: Events, level: Any) -> None:
    """Logging must not break the program; the event says what is wrong."""
    Logger(observer=events.append).emit(level, "text")
    (event,) = events
    assert event["log_level"] is LogLevel.critical
    assert event["invalidLevel"] == level
    assert repr(level) in formatEvent(event)


def test_anEventCanBeTraced(events: Events) -> None:
    """With a list as ``log_trace`` an event notes who handed it to whom."""
    publisher = LogPublisher(events.append)
    log = Logger(observer=publisher)
    log.info("x", log_trace=[])
    assert events[0]["log_trace"] == [(log, publisher), (publisher, events.append)]


def test_anObserverCanBeReplaced(events: Events) -> None:
    """Assigning ``observer`` and ``namespace`` takes effect at once."""
    log = Logger(namespace="a", observer=LogPublisher())
    log.info("unseen")
    log.observer = events.append
    log.namespace = "b"
    log.info("seen")
    assert [event["log_namespace"] for event in events] == ["b"]


def test_aSubclassKeepsWhatItAdds(events: Events) -> None:
    """A subclass may add attributes and override `emit`; every emitter goes through it."""

    class Marking(Logger):
        mark = "?"

        def emit(self, level: Any, format: str | None = None, **kwargs: Any) -> None:
            super().emit(level, format, mark=self.mark, **kwargs)

    class User:
        log = Marking(observer=events.append)
        log.mark = "!"

    User().log.info("a")
    User().log.debug("b")
    User().log.warn("c")
    assert [event["mark"] for event in events] == ["!", "!", "!"]
    assert type(User().log) is Marking


class Spied(Logger):
    """A logger that counts the events it makes: each asks for the source."""

    made = 0

    @property
    def source(self) -> object:
        self.made += 1
        return None

    @source.setter
    def source(self, value: object) -> None:
        """Nobody."""


def test_whatIsFilteredIsNotEvenMade(events: Events) -> None:
    """An event below the level of every observer is not made, until a level changes."""
    levels = LogLevelFilterPredicate()
    log = Spied(namespace="a.b", observer=LogPublisher(FilteringLogObserver(events.append, [levels])))
    for _ in range(2):
        log.debug("1")
    log.info("2")
    levels.setLogLevelForNamespace("a", LogLevel.debug)
    log.debug("3")
    levels.setLogLevelForNamespace("a", LogLevel.error)
    for _ in range(2):
        log.info("4")
        log.warn("4")
    levels.clearLogLevels()
    log.debug("5")
    assert [event["log_format"] for event in events] == ["2", "3"]
    assert log.made == 2


def test_observersThatDoMoreThanForwardHearEverything(events: Events) -> None:
    """A subclass that overrides `__call__` may count, or keep, what it doesn't forward."""

    class Keeping(LogPublisher):
        def __call__(self, event: dict[str, Any]) -> None:
            events.append(event)

    class KeepingFilter(FilteringLogObserver):
        def __call__(self, event: dict[str, Any]) -> None:
            events.append(event)

    Logger(observer=Keeping()).debug("a")
    Logger(observer=KeepingFilter(print, [LogLevelFilterPredicate()])).debug("b")
    assert [event["log_format"] for event in events] == ["a", "b"]


def test_anObserverThatComesLaterIsHeard(events: Events) -> None:
    """Nobody listens, then somebody does: the same logger notices, however deep the publishers are nested."""
    inner = LogPublisher()
    log = Logger(observer=LogPublisher(inner))
    log.info("before")
    inner.addObserver(events.append)
    log.info("after")
    inner.removeObserver(events.append)
    log.info("gone")
    assert [event["log_format"] for event in events] == ["after"]


def test_aNegativeObserverHearsWhatIsFiltered(events: Events) -> None:
    """A filter with somewhere else to send events to needs them all."""
    filtering = FilteringLogObserver(print, [LogLevelFilterPredicate()], events.append)
    Logger(namespace="a", observer=filtering).debug("low")
    assert len(events) == 1


def test_aPredicateOfOnesOwnHearsEverything(events: Events) -> None:
    """Only level filters are known to reject without being asked."""
    from ropewalk.logger import PredicateResult

    filtering = FilteringLogObserver(events.append, [lambda event: PredicateResult.yes, LogLevelFilterPredicate()])
    Logger(namespace="a", observer=filtering).debug("low")
    assert len(events) == 1
