"""Events that pass, and events that don't."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.logger import (
    FilteringLogObserver,
    ILogFilterPredicate,
    ILogObserver,
    InvalidLogLevelError,
    LogLevel,
    LogLevelFilterPredicate,
    PredicateResult,
)

YES, NO, MAYBE = PredicateResult.yes, PredicateResult.no, PredicateResult.maybe


@pytest.mark.parametrize(
    ("results", "passes"),
    [
        ([], True),
        ([YES], True),
        ([NO], False),
        ([MAYBE], True),
        ([MAYBE, NO], False),
        ([YES, NO], True),
        ([NO, YES], False),
        ([MAYBE, MAYBE], True),
    ],
)
def test_predicatesAreAskedInTurn(results: list[Any], passes: bool) -> None:
    """LG21: the first that says yes or no decides; maybe to the end passes."""
    passed: list[object] = []
    rejected: list[object] = []
    predicates = [lambda event, result=result: result for result in results]
    observer = FilteringLogObserver(passed.append, iter(predicates), rejected.append)
    for _ in range(2):
        observer({"n": 1})
    assert (len(passed), len(rejected)) == ((2, 0) if passes else (0, 2))


def test_withoutANegativeObserverRejectedEventsAreGone() -> None:
    """Rejected is rejected."""
    passed: list[object] = []
    FilteringLogObserver(passed.append, [lambda event: NO])({})
    assert passed == []


def test_aPredicateMustReturnAResult() -> None:
    """True is no answer; the error names the predicate."""
    observer = FilteringLogObserver(print, [bool])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=r"<class 'bool'> gave True"):
        observer({"n": 1})


def test_theTraceShowsWhoWasChosen() -> None:
    """A traced event notes where the filter sent it."""
    passed: list[dict[str, Any]] = []
    observer = FilteringLogObserver(passed.append, [])
    observer({"log_trace": []})
    assert passed[0]["log_trace"] == [(observer, passed.append)]


LEVELS: list[tuple[str | None, Any]] = [
    ("a", LogLevel.error),
    ("a.b", LogLevel.error),
    ("a.b.c", LogLevel.debug),
    ("a.b.c.d", LogLevel.debug),
    ("ab", LogLevel.info),
    ("", LogLevel.info),
    (None, LogLevel.info),
]


@pytest.mark.parametrize(("namespace", "level"), LEVELS)
def test_aNamespaceHasTheLevelOfTheNearestAbove(namespace: str | None, level: Any) -> None:
    """LG21: levels are inherited along the dots."""
    levels = LogLevelFilterPredicate()
    levels.setLogLevelForNamespace("a", LogLevel.error)
    levels.setLogLevelForNamespace("a.b.c", LogLevel.debug)
    for _ in range(2):
        assert levels.logLevelForNamespace(namespace) is level


def test_levelsCanBeSetAgainAndCleared() -> None:
    """What was found for a namespace is forgotten when a level is set."""
    levels = LogLevelFilterPredicate(LogLevel.warn)
    assert levels.logLevelForNamespace("x") is LogLevel.warn
    levels.setLogLevelForNamespace(None, LogLevel.debug)
    assert levels.logLevelForNamespace("x") is LogLevel.debug
    levels.setLogLevelForNamespace("x", LogLevel.critical)
    assert levels.logLevelForNamespace("x.y") is LogLevel.critical
    levels.clearLogLevels()
    assert levels.logLevelForNamespace("x.y") is LogLevel.warn
    with pytest.raises(InvalidLogLevelError):
        levels.setLogLevelForNamespace("x", "info")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("event", "result"),
    [
        ({"log_level": LogLevel.info, "log_namespace": "x"}, MAYBE),
        ({"log_level": LogLevel.debug, "log_namespace": "x"}, NO),
        ({"log_level": LogLevel.critical}, NO),
        ({"log_level": LogLevel.critical, "log_namespace": ""}, NO),
        ({"log_level": None, "log_namespace": "x"}, NO),
        ({"log_namespace": "x"}, NO),
    ],
)
def test_theLevelDecides(event: dict[str, Any], result: Any) -> None:
    """At the level or above, the next predicate may decide; without level or namespace an event is rejected."""
    assert LogLevelFilterPredicate()(event) is result


def test_filtersDeclareTheirInterfaces() -> None:
    """Zope's questions are answered."""
    assert ILogObserver.providedBy(FilteringLogObserver(print, []))
    assert ILogFilterPredicate.providedBy(LogLevelFilterPredicate())
