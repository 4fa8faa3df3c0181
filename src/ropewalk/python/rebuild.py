"""Reload modules of a running program, and bring up to date what was made of their old code.

`rebuild` puts the new classes and functions wherever a module held the old ones, derives other modules' subclasses
from the new classes, and gives instances of the old classes the new ones. What it cannot reach are functions that are
held by something else than a module (in a list, as a bound method): their holder derives from `Sensitive` and asks
for the latest version. It is a tool for development: state that old code built stays as it was built.
"""

from __future__ import annotations

import gc
import importlib
import sys
import time
from types import FunctionType, MethodType, ModuleType
from typing import Any, TypeVar

from . import log

__all__ = ["RebuildError", "Sensitive", "lastRebuild", "latestClass", "latestFunction", "rebuild", "updateInstance"]

T = TypeVar("T")
M = TypeVar("M", bound=ModuleType)

lastRebuild = time.time()  # when a module was last rebuilt; at first, when this one was loaded


class RebuildError(Exception):
    """An object cannot be brought up to date."""


class Sensitive:
    """Something that holds classes, functions or methods, and wants to know when there are newer ones.

    Attributes:
        lastRebuild: when what it holds was last brought up to date.
    """

    lastRebuild = lastRebuild

    def needRebuildUpdate(self) -> bool:
        """Whether something was rebuilt since."""
        return self.lastRebuild < lastRebuild

    def rebuildUpToDate(self) -> None:
        """Say that everything held is the latest."""
        self.lastRebuild = time.time()

    def latestVersionOf(self, anObject: Any) -> Any:
        """Return the latest version of a class, function or bound method; of anything else, the same object."""
        if isinstance(anObject, type):
            return latestClass(anObject)
        if isinstance(anObject, FunctionType):
            return latestFunction(anObject)
        if isinstance(anObject, MethodType):
            owner = anObject.__self__
            if not isinstance(owner, type):
                updateInstance(owner)
            return getattr(latestClass(owner) if isinstance(owner, type) else owner, anObject.__name__, anObject)
        return anObject


def latestClass(oldClass: type[T]) -> type[T]:
    """Return the class that stands now where a class was defined; the same one if none does."""
    found = _standing(oldClass)
    return found if isinstance(found, type) else oldClass


def latestFunction(oldFunc: T) -> T:
    """Return the function that stands now where a function was defined; the same one if none does."""
    found = _standing(oldFunc)
    return found if isinstance(found, FunctionType) else oldFunc  # type: ignore[return-value]  # one for another


def _standing(defined: Any) -> Any:
    """What has the qualified name of a class or function now, or `None`."""
    found: Any = sys.modules.get(defined.__module__)
    for name in defined.__qualname__.split("."):
        found = getattr(found, name, None)
    return found


def updateInstance(self: object) -> None:
    """Make an object an instance of the latest version of its class.

    Raises:
        RebuildError: the two don't lay out their instances alike (other ``__slots__``, another built-in base).
    """
    new = latestClass(type(self))
    if new is type(self):
        return
    try:
        self.__class__ = new
    except TypeError as problem:
        raise RebuildError(
            f"an instance of the old {new.__qualname__} cannot become one of the new: {problem}"
        ) from None


def rebuild(module: M, doLog: bool | int = 1) -> M:
    """Reload a module, and bring what was made of its old code up to date.

    Args:
        doLog: say in the log what is done, and which objects could not be brought up to date.

    Returns:
        The module, the same object.

    Raises:
        Exception: what the new code raises. The module is then as it was before.
    """
    global lastRebuild
    before = dict(vars(module))
    try:
        importlib.reload(module)
    except BaseException:
        vars(module).clear()
        vars(module).update(before)
        raise
    lastRebuild = time.time()
    replaced = _replaced(module, before)
    _putInPlace(replaced)
    problems = [*_derive(replaced), *_becomeNew(replaced)]
    if doLog:
        log.msg(f"Rebuilt {module.__name__}: {len(replaced)} classes and functions are new.")
        for problem in problems:
            log.msg(problem)
    return module


def _replaced(module: ModuleType, before: dict[str, Any]) -> dict[int, tuple[Any, Any]]:
    """Pairs of old and new of the module's own classes and functions, by the `id` of the old."""
    pairs = {}
    for old in before.values():
        if isinstance(old, (type, FunctionType)) and old.__module__ == module.__name__:
            new = _standing(old)
            if new is not old and isinstance(new, type) == isinstance(old, type) and callable(new):
                pairs[id(old)] = (old, new)
    return pairs


def _putInPlace(replaced: dict[int, tuple[Any, Any]]) -> None:
    """Have every module hold the new where it held the old."""
    for holder in list(sys.modules.values()):
        # Of their type itself: to ask the reactor for an attribute would choose it.
        if not issubclass(type(holder), ModuleType):
            continue
        for name, value in list(vars(holder).items()):
            if id(value) in replaced:
                setattr(holder, name, replaced[id(value)][1])


def _derive(replaced: dict[int, tuple[Any, Any]]) -> list[str]:
    """Derive classes that the module did not define from its new classes; return what could not be done."""
    problems = []
    for old, _ in list(replaced.values()):
        if not isinstance(old, type):
            continue
        children: list[type] = type.__subclasses__(old)
        for child in children:
            if id(child) in replaced:
                continue  # old as well
            bases = tuple(replaced[id(base)][1] if id(base) in replaced else base for base in child.__bases__)
            try:
                child.__bases__ = bases
            except TypeError as problem:
                problems.append(f"{child.__qualname__} still derives from the old {old.__qualname__}: {problem}")
    return problems


def _becomeNew(replaced: dict[int, tuple[Any, Any]]) -> list[str]:
    """Give instances of the old classes the new ones; return what could not be done, once for each class."""
    problems = {}
    for thing in gc.get_objects():
        if id(type(thing)) in replaced:
            try:
                updateInstance(thing)
            except RebuildError as problem:
                problems[type(thing)] = str(problem)
    return list(problems.values())
