"""Levels: ordered, named, one of a kind."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from ropewalk.logger import InvalidLogLevelError, LogLevel, PredicateResult


def test_levelsAreOrderedFromDebugToCritical() -> None:
    """LG6: there are five levels, each above the one before it."""
    names = [level.name for level in LogLevel.iterconstants()]
    assert names == ["debug", "info", "warn", "error", "critical"]
    assert sorted(LogLevel.iterconstants(), reverse=True)[0] is LogLevel.critical
    assert LogLevel.debug < LogLevel.info <= LogLevel.info
    assert LogLevel.error > LogLevel.warn >= LogLevel.warn


def test_aLevelIsFoundByItsName() -> None:
    """A level's name, as in a configuration file, leads to the level."""
    assert LogLevel.levelWithName("warn") is LogLevel.warn
    assert LogLevel.lookupByName("warn") is LogLevel.warn


@pytest.mark.parametrize("name", ["", "WARN", "iterconstants", None])
def test_aNameThatIsNoLevelIsRefused(name: Any) -> None:
    """What is no level raises an error that carries it."""
    with pytest.raises(InvalidLogLevelError) as caught:
        LogLevel.levelWithName(name)
    assert caught.value.level == name
    with pytest.raises(ValueError):
        LogLevel.lookupByName(name)


def test_aLevelShowsItsContainer() -> None:
    """The repr says what a constant belongs to."""
    assert repr(LogLevel.info) == "<LogLevel=info>"
    assert repr(PredicateResult.maybe) == "<PredicateResult=maybe>"


def test_copiesOfALevelAreTheLevel() -> None:
    """Comparing levels with ``is`` works after copying and pickling too."""
    assert copy.deepcopy(LogLevel.info) is LogLevel.info
    assert pickle.loads(pickle.dumps(LogLevel.info)) is LogLevel.info


def test_levelsCompareWithLevelsOnly() -> None:
    """A level is neither above nor below what is no level."""
    with pytest.raises(TypeError):
        LogLevel.info < 3  # noqa: B015
    with pytest.raises(TypeError):
        LogLevel.info < PredicateResult.no  # noqa: B015


def test_containersAreNotInstantiated() -> None:
    """Calling the container is a mistake, and says so."""
    with pytest.raises(TypeError, match="LogLevel may not be instantiated"):
        LogLevel()
