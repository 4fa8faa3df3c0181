"""Modules reloaded in a running program."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ropewalk.python import rebuild
from support.recording import logLines

OLD = """
class Plain:
    def say(self): return "old"
class Derived(Plain):
    pass
class Slots:
    __slots__ = ("a",)
    def say(self): return "old"
class Gone:
    pass
def say(): return "old"
state = ["old"]
"""
NEW = OLD.replace('"old"', '"new"').replace("class Gone:\n    pass", "")


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A module of the old code, and one that imported from it."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "tobuild.py").write_text(OLD)
    (tmp_path / "holder.py").write_text("from tobuild import Plain, say\nclass Outside(Plain): pass\n")
    module = importlib.import_module("tobuild")
    module.change = changer(tmp_path / "tobuild.py")  # type: ignore[attr-defined]  # a module takes what it is given
    module.holder = importlib.import_module("holder")  # type: ignore[attr-defined]
    yield module
    del sys.modules["tobuild"], sys.modules["holder"]


def changer(path: Path) -> Callable[[str], None]:
    def change(source: str) -> None:
        path.write_text(source)
        later = time.time() + 10  # compiled code is told by its time, in seconds
        os.utime(path, (later, later))

    return change


def test_everythingIsNew(module: Any) -> None:
    """Modules hold the new classes and functions, instances are of the new classes, subclasses derive from them."""
    things = [module.Plain(), module.Derived(), module.Slots(), module.holder.Outside()]
    module.change(NEW)
    assert rebuild.rebuild(module, doLog=0) is module
    assert [thing.say() for thing in things] == ["new"] * 4
    assert module.holder.Plain is module.Plain
    assert module.holder.say() == "new"
    assert isinstance(things[3], module.Plain)
    assert module.state == ["new"]


def test_whatTheLogSays(module: Any) -> None:
    """The log tells what was done, and which objects could not be brought up to date."""
    slots = module.Slots()
    module.change(NEW.replace('("a",)', '("a", "b")'))
    with logLines() as said:
        rebuild.rebuild(module)
    assert said[0] == "Rebuilt tobuild: 4 classes and functions are new."
    assert len(said) == 2
    assert said[1].startswith("an instance of the old Slots cannot become one of the new: ")
    assert slots.say() == "old"
    with pytest.raises(rebuild.RebuildError):
        rebuild.updateInstance(slots)


@pytest.mark.parametrize("source", ["syntax error here", "say = None\nraise ValueError('no')"])
def test_brokenCode(module: Any, source: str) -> None:
    """When the new code fails, the module is as it was."""
    module.change(source)
    with pytest.raises((SyntaxError, ValueError)):
        rebuild.rebuild(module)
    assert module.say() == "old"
    assert module.Plain().say() == "old"


def test_notImported() -> None:
    """Only what was imported can be rebuilt."""
    with pytest.raises(ImportError, match="nope"):
        rebuild.rebuild(ModuleType("nope"))


def test_latest(module: Any) -> None:
    """The latest version of a class or function is found by its name; what is gone stays what it is."""
    plain, gone, say = module.Plain, module.Gone, module.say
    module.change(NEW)
    rebuild.rebuild(module, doLog=0)
    assert rebuild.latestClass(plain) is module.Plain is not plain
    assert rebuild.latestFunction(say) is module.say is not say
    assert rebuild.latestClass(gone) is gone
    late = plain()
    rebuild.updateInstance(late)
    assert type(late) is module.Plain


def test_sensitive(module: Any) -> None:
    """Who holds functions and methods elsewhere is told that there are newer ones, and gets them."""

    class Holder(rebuild.Sensitive):
        held = (module.Plain, module.say, module.Plain().say, 5)

    holder = Holder()
    holder.rebuildUpToDate()
    assert not holder.needRebuildUpdate()
    module.change(NEW)
    rebuild.rebuild(module, doLog=0)
    assert holder.needRebuildUpdate()
    plain, say, method, number = (holder.latestVersionOf(thing) for thing in holder.held)
    assert (plain, say(), method(), number) == (module.Plain, "new", "new", 5)
    holder.rebuildUpToDate()
    assert not holder.needRebuildUpdate()


def test_theReactorIsLeftAlone(tmp_path: Path) -> None:
    """A reactor that was imported and not used yet is not chosen by rebuilding something else."""
    (tmp_path / "tobuild.py").write_text(OLD)
    program = """
import sys
from ropewalk.internet import reactor
from ropewalk.python.rebuild import rebuild
import tobuild
rebuild(tobuild, doLog=0)
print(any(name.endswith("pollreactor") for name in sys.modules))
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True, env=environment
    )
    assert done.stdout == "False\n"
