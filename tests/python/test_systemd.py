"""What systemd passes is found, once, by the process it is meant for."""

from __future__ import annotations

import os

import pytest

from ropewalk.python.systemd import ListenFDs


def passed(**changes: str) -> dict[str, str]:
    return {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "2", "LISTEN_FDNAMES": "web:admin", "OTHER": "1", **changes}


def test_descriptorsAndNames() -> None:
    """They begin with 3, have names, and the variables are gone afterwards."""
    environ = passed()
    found = ListenFDs.fromEnvironment(environ)
    assert found.inheritedDescriptors() == [3, 4]
    assert found.inheritedNamedDescriptors() == {"web": 3, "admin": 4}
    assert environ == {"OTHER": "1"}
    assert ListenFDs.fromEnvironment(environ).inheritedDescriptors() == []


def test_anotherStart() -> None:
    """The first number can be given."""
    assert ListenFDs.fromEnvironment(passed(), start=10).inheritedDescriptors() == [10, 11]


def test_namesThatDoNotFit() -> None:
    """Without as many names as descriptors there are no names; of the same name the last one counts."""
    found = ListenFDs.fromEnvironment(passed(LISTEN_FDNAMES="web"))
    assert (found.inheritedDescriptors(), found.inheritedNamedDescriptors()) == ([3, 4], {})
    assert ListenFDs.fromEnvironment(passed(LISTEN_FDNAMES="a:a")).inheritedNamedDescriptors() == {"a": 4}


@pytest.mark.parametrize(
    "changes", [{"LISTEN_PID": "1"}, {"LISTEN_PID": "x"}, {"LISTEN_FDS": "x"}, {"LISTEN_FDS": "-1"}]
)
def test_whatIsNotForUs(changes: dict[str, str]) -> None:
    """Another process's, or nonsense, is left alone."""
    environ = passed(**changes)
    assert ListenFDs.fromEnvironment(environ).inheritedDescriptors() == []
    assert environ == passed(**changes)


def test_equality() -> None:
    """Two are equal when they hold the same."""
    assert ListenFDs([3], ["a"]) == ListenFDs([3], ["a"]) != ListenFDs([3])
    assert repr(ListenFDs([3], ["a"])) == "ListenFDs([3], ('a',))"
