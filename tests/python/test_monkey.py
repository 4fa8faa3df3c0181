"""Attributes are replaced for a while."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.python.monkey import MonkeyPatcher


class Thing:
    a = 1
    b = 2


def test_patchedAndRestored() -> None:
    """All attributes change together, and come back, also when patched twice."""
    thing: Any = Thing()
    patcher = MonkeyPatcher((thing, "a", 10))
    patcher.addPatch(thing, "b", 20)
    patcher.patch()
    patcher.patch()
    assert (thing.a, thing.b) == (10, 20)
    patcher.restore()
    patcher.restore()
    assert (thing.a, thing.b) == (1, 2)


def test_theSameAttributeTwice() -> None:
    """The later patch holds, and the first value comes back."""
    thing: Any = Thing()
    with MonkeyPatcher((thing, "a", 10), (thing, "a", 11)):
        assert thing.a == 11
    assert thing.a == 1


def test_aroundACall() -> None:
    """`runWithPatches` gives the result, and restores whatever happens."""
    thing: Any = Thing()
    patcher = MonkeyPatcher((thing, "a", 10))
    assert patcher.runWithPatches(lambda add: thing.a + add, 5) == 15
    with pytest.raises(ZeroDivisionError):
        patcher.runWithPatches(lambda: thing.a // 0)
    assert thing.a == 1


def test_aMissingAttributeChangesNothing() -> None:
    """If one cannot be replaced none is."""
    thing: Any = Thing()
    patcher = MonkeyPatcher((thing, "a", 10), (thing, "nothing", 1))
    with pytest.raises(AttributeError):
        patcher.patch()
    assert thing.a == 1
