"""Names lead to objects, prefixes to methods, and searches to paths."""

from __future__ import annotations

import os.path
import sys
import weakref
from collections import deque
from pathlib import Path
from typing import Any

import pytest

from ropewalk.python import reflect


class Base:
    table = {"a": 1, "b": 1}
    row = [1]

    def do_jump(self) -> str:
        return "jump"

    def do_run(self) -> str:
        return "run"

    def other(self) -> None: ...


class Derived(Base):
    table = {"b": 2}
    row = [2]

    def do_run(self) -> str:
        return "run faster"

    def do_swim(self) -> str:
        return "swim"


NAMED: list[tuple[str, object]] = [
    ("os", os),
    ("os.path", os.path),
    ("os.path.join", os.path.join),
    ("ropewalk.python.reflect", reflect),
    ("ropewalk.python.reflect.QueueMethod.__call__", reflect.QueueMethod.__call__),
]


@pytest.mark.parametrize(("name", "value"), NAMED, ids=[name for name, _ in NAMED])
def test_aDottedNameFindsItsObject(name: str, value: object) -> None:
    """Packages, modules, classes and methods are found at any depth."""
    assert reflect.namedAny(name) is value


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", reflect.InvalidName),
        (".os", reflect.InvalidName),
        ("os..path", reflect.InvalidName),
        ("nosuchmodule", reflect.ModuleNotFound),
        ("nosuchmodule.x.y", reflect.ObjectNotFound),
        ("os.nosuch", AttributeError),
        ("os.path.nosuch.deeper", AttributeError),
    ],
)
def test_aNameOfNothingSaysWhatIsWrong(name: str, error: type[Exception]) -> None:
    """Each way in which a name can be nobody's has its own exception."""
    with pytest.raises(error):
        reflect.namedAny(name)


def test_aBrokenModuleIsNotAMissingOne(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong inside a module that exists is raised as it is."""
    (tmp_path / "brokenmodule.py").write_text("import isnowheretobefound\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("brokenmodule", "brokenmodule.attribute"):
        with pytest.raises(ModuleNotFoundError, match="isnowheretobefound"):
            reflect.namedAny(name)
    assert reflect.requireModule("brokenmodule", 5) == 5


def test_namedModuleReturnsTheInnermost() -> None:
    """The module itself, not the package that ``import`` would bind."""
    assert reflect.namedModule("os.path") is os.path
    assert reflect.namedObject("os.path.join") is os.path.join
    assert reflect.namedClass("ropewalk.python.reflect.InvalidName") is reflect.InvalidName


def test_requireModuleHasADefault() -> None:
    """A module that is not there is `None`, or what the caller says."""
    assert reflect.requireModule("os.path") is os.path
    assert reflect.requireModule("nosuchmodule") is None
    assert reflect.requireModule("nosuchmodule", "default") == "default"


def test_namesOfObjects() -> None:
    """`qual` is a class's name with its module, `fullyQualifiedName` that of anything that has one."""
    assert reflect.qual(reflect.InvalidName) == "ropewalk.python.reflect.InvalidName"
    assert reflect.fullyQualifiedName(os.path) == os.path.__name__
    assert reflect.fullyQualifiedName(Base.do_run) == f"{__name__}.Base.do_run"
    assert reflect.fullyQualifiedName(Base().do_run) == f"{__name__}.Base.do_run"
    assert reflect.fullyQualifiedName(len) == "len"
    with pytest.raises(AttributeError):
        reflect.fullyQualifiedName("text")


def test_fullFuncNameIsSureOfItself() -> None:
    """A function that its name does not lead back to has no full name."""
    assert reflect.fullFuncName(reflect.namedAny) == "ropewalk.python.reflect.namedAny"

    def qual() -> None: ...

    qual.__module__ = reflect.__name__
    with pytest.raises(LookupError, match="is not what"):
        reflect.fullFuncName(qual)


def test_aFileNameBecomesAModuleName(tmp_path: Path) -> None:
    """The packages are the directories with an ``__init__.py``."""
    folder = tmp_path / "notapackage" / "outer" / "inner"
    folder.mkdir(parents=True)
    for package in (folder, folder.parent):
        (package / "__init__.py").touch()
    assert reflect.filenameToModuleName(str(folder / "module.py")) == "outer.inner.module"
    assert reflect.filenameToModuleName(os.fsencode(folder / "module.py")) == "outer.inner.module"


class Broken:
    def __repr__(self) -> str:
        raise ValueError("no repr today")

    __str__ = __repr__


@pytest.mark.parametrize("function", [reflect.safe_repr, reflect.safe_str])
def test_safeTextDescribesWhatCannotBeShown(function: Any) -> None:
    """An object whose ``repr`` raises is named by its class, with the error."""
    text = function(Broken())
    assert "Broken" in text
    assert "no repr today" in text


def test_safeStrReadsBytes() -> None:
    """UTF-8 is decoded, other bytes are shown."""
    assert reflect.safe_str("é".encode()) == "é"
    assert reflect.safe_str(b"\xff") == r"b'\xff'"


def test_methodsByPrefix() -> None:
    """Inherited methods count, overridden ones once, and come bound."""
    assert sorted(reflect.prefixedMethodNames(Derived, "do_")) == ["jump", "run", "swim"]
    assert sorted(method() for method in reflect.prefixedMethods(Derived(), "do_")) == ["jump", "run faster", "swim"]
    found: dict[str, Any] = {}
    reflect.accumulateMethods(Derived(), found, "do_", Base)
    assert sorted(found) == ["jump", "run"]
    assert found["run"]() == "run faster"


def test_namesOfOneClassOnly() -> None:
    """With a base class given, only methods of classes that derive from it directly."""
    found: dict[str, int] = {}
    reflect.addMethodNamesToDict(Derived, found, "do_", Base)
    assert found == {"run": 1, "swim": 1}


def test_classAttributesAreMerged() -> None:
    """Dictionaries and lists of a class and its bases become one, the class's own last."""
    table: dict[str, int] = {}
    reflect.accumulateClassDict(Derived, "table", table)
    assert table == {"a": 1, "b": 2}
    row: list[int] = []
    reflect.accumulateClassList(Derived, "row", row)
    assert row == [1, 2]


def test_queueMethodNotesCalls() -> None:
    """Calls wait as a name and arguments."""
    calls: list[tuple[str, tuple[Any, ...]]] = []
    reflect.QueueMethod("greet", calls)(1, "two")
    assert calls == [("greet", (1, "two"))]


class Holder:
    def method(self) -> None: ...


def test_pathsReadAsOneWouldWriteThem() -> None:
    """The path to an object is what one would write to get there, through all that holds it."""
    goal: Any = Holder()
    holder: Any = Broken()
    holder.kept = [0, goal]
    cases: list[tuple[Any, str]] = [
        (holder, ".kept[1]"),
        ({"key": (goal,)}, "['key'][0]"),
        ({goal: 1}, "{1}"),
        (deque([goal]), "[0]"),
        ({goal}, f"{{{goal!r}}}"),
        (weakref.ref(goal), "()"),
        (goal.method, ".__self__"),
    ]
    for start, path in cases:
        assert reflect.findInstances(start, Holder) == [path]


def test_objgrepEndsOnCycles() -> None:
    """Objects that hold each other are looked into once."""
    first: list[Any] = []
    second = [first, "goal"]
    first.append(second)
    assert reflect.objgrep(first, "goal") == ["[0][1]"]


def test_objgrepHasADepth() -> None:
    """What is deeper than asked for is not found."""
    nested = [["goal"]]
    assert reflect.objgrep(nested, "goal", maxDepth=1) == []
    assert reflect.objgrep(nested, "goal", maxDepth=2) == ["[0][0]"]


def test_whatCannotBeLookedIntoIsShown(capsys: pytest.CaptureFixture[str]) -> None:
    """With ``showUnknowns`` the objects that end a search are printed."""
    reflect.objgrep([5], "goal", showUnknowns=True)
    assert "<class 'int'> 5 at [0]" in capsys.readouterr().out


def test_modulesAreSearched(monkeypatch: pytest.MonkeyPatch) -> None:
    """An object kept by a module is found as its attribute."""
    goal = object()
    module = sys.modules[__name__]
    monkeypatch.setattr(module, "kept", goal, raising=False)
    assert reflect.objgrep({"m": module}, goal, reflect.isSame, "modules", maxDepth=2) == ["modules['m'].kept"]
