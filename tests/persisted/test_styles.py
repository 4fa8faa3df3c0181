"""`ropewalk.persisted.styles`: versions of pickled objects, and what stays out of pickles."""

from __future__ import annotations

import copy
import io
import os
import pickle
from collections.abc import Iterator
from typing import Any

import pytest

from ropewalk.logger import capturedLogs
from ropewalk.persisted import styles

steps: list[str] = []


class Parent(styles.Versioned):
    persistenceVersion = 2
    persistenceForgets = ("cache",)

    def upgradeToVersion1(self) -> None:
        steps.append("parent 1")

    def upgradeToVersion2(self) -> None:
        steps.append("parent 2")


class Child(Parent):
    persistenceVersion = 3
    persistenceForgets = ("window",)
    friend: Any = None

    def upgradeToVersion3(self) -> None:
        steps.append("child 3")
        if self.friend is not None:
            styles.requireUpgrade(self.friend)
        steps.append("child done")


def unpickled(cls: Any, **state: Any) -> Any:
    """An object as it comes out of an old pickle."""
    one = cls.__new__(cls)
    one.__setstate__(state)
    return one


def versionKey(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}.persistenceVersion"


@pytest.fixture(autouse=True)
def nothingIsLeft() -> Iterator[None]:
    steps.clear()
    yield
    styles.versionedsToUpgrade.clear()
    styles.upgraded.clear()


class TestVersioned:
    def test_picklesEachClassesVersion(self) -> None:
        """The state has a version for each class of the family, and not what any of them forgets."""
        one = Child()
        one.__dict__.update(cache=1, window=2, name="x")
        assert one.__getstate__() == {"name": "x", versionKey(Parent): 2, versionKey(Child): 3}

    def test_upgradesFromTheEldestOn(self) -> None:
        """Each class takes the steps that it lacks, parents first; then the versions are gone from the object."""
        one = unpickled(Child, name="x", **{versionKey(Parent): 1, versionKey(Child): 2})
        assert steps == []
        styles.doUpgrade()
        assert steps == ["parent 2", "child 3", "child done"]
        assert one.__dict__ == {"name": "x"}
        styles.doUpgrade()
        assert len(steps) == 3

    def test_aPickleWithoutVersionIsOfVersionZero(self) -> None:
        """Every step is taken; a single number of old counts for the whole family."""
        unpickled(Parent)
        styles.doUpgrade()
        assert steps == ["parent 1", "parent 2"]
        steps.clear()
        unpickled(Parent, persistenceVersion=1)
        styles.doUpgrade()
        assert steps == ["parent 2"]

    def test_throughAPickle(self) -> None:
        """An object of today comes back as it was, without a step."""
        one = Child()
        one.__dict__.update(name="x")
        again = pickle.loads(pickle.dumps(one))
        styles.doUpgrade()
        assert again.__dict__ == {"name": "x"}
        assert steps == []

    def test_requireUpgrade(self) -> None:
        """One that needs another brings that up to date first, even when each needs the other; each goes once."""
        a = unpickled(Child, **{versionKey(Parent): 2, versionKey(Child): 2})
        b = unpickled(Child, **{versionKey(Parent): 2, versionKey(Child): 2})
        a.friend, b.friend = b, a
        styles.doUpgrade()
        assert steps == ["child 3", "child 3", "child done", "child done"]
        assert styles.requireUpgrade(a) is a
        assert len(steps) == 4

    def test_aMissingStepIsLogged(self) -> None:
        """A class without the method for a step says so in the log, and goes on."""

        class Careless(styles.Versioned):
            persistenceVersion = 1

        unpickled(Careless)
        with capturedLogs() as events:
            styles.doUpgrade()
        assert "upgradeToVersion" in events[0]["log_format"]

    def test_theFutureIsRefused(self) -> None:
        """What a later version pickled can't be read, and the error says which."""
        one = unpickled(Parent, **{versionKey(Parent): 7})
        with pytest.raises(AssertionError, match="version 7"):
            styles.requireUpgrade(one)


class TestEphemeral:
    def test_isEmptyInPickles(self) -> None:
        """What can't be kept comes back as an empty Ephemeral; the log says which it was."""

        class Window(styles.Ephemeral):
            def __init__(self) -> None:
                self.handle = 5

        with capturedLogs() as events:
            again = pickle.loads(pickle.dumps([Window()]))
            copied = copy.copy(Window())
        assert type(again[0]) is type(copied) is styles.Ephemeral
        assert again[0].__dict__ == {}
        assert "Window" in repr(events[0]["ephemeral"])


class TestReducers:
    def test_modules(self) -> None:
        """Modules are pickled by their names, and found by new ones (`oldModules`)."""
        assert pickle.loads(pickle.dumps({"m": os.path}))["m"] is os.path
        styles.oldModules["gone.forever"] = "os.path"
        try:
            assert styles.unpickleModule("gone.forever") is os.path
        finally:
            del styles.oldModules["gone.forever"]

    def test_methods(self) -> None:
        """A method is its object's; or that of the class it was pickled with, if the object has none."""
        one: Any = Parent()
        function, arguments = styles.pickleMethod(one.upgradeToVersion1)
        assert function(*arguments) == one.upgradeToVersion1
        stranger = object()
        found = styles.unpickleMethod("upgradeToVersion1", stranger, Parent)
        assert (found.__self__, found.__func__) == (stranger, Parent.upgradeToVersion1)
        assert styles.unpickleMethod("upgradeToVersion1", None, Parent) is Parent.upgradeToVersion1
        with pytest.raises(AttributeError):
            styles.unpickleMethod("none", stranger, Parent)

    @pytest.mark.parametrize("reduce", [styles.pickleStringI, styles.pickleStringO])
    def test_textFiles(self, reduce: Any) -> None:
        """Text files in memory keep their place."""
        file = io.StringIO("some text")
        file.seek(5)
        function, arguments = reduce(file)
        assert function(*arguments).read() == "text"
