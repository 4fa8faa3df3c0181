"""What of an object is pickled, and how old pickles become objects of today.

A class whose instances are kept in files for years derives from `Versioned`, counts its `persistenceVersion` up
whenever its attributes change, and has a method ``upgradeToVersionN`` for each step. After unpickling, `doUpgrade`
takes every object to its class's version; `requireUpgrade` takes one.

Importing this module lets ``pickle`` and ``copy`` take modules, by their names.
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Iterator
from io import StringIO
from types import MethodType, ModuleType
from typing import Any

from ropewalk.logger import Logger
from ropewalk.python.reflect import namedModule, qual

__all__ = [
    "Ephemeral",
    "Versioned",
    "doUpgrade",
    "oldModules",
    "pickleMethod",
    "pickleModule",
    "pickleStringI",
    "pickleStringO",
    "requireUpgrade",
    "unpickleMethod",
    "unpickleModule",
    "unpickleStringI",
    "unpickleStringO",
    "upgraded",
    "versionedsToUpgrade",
]

_log = Logger()

# Modules that have another name today: what an old pickle calls them, and what they are called now.
oldModules: dict[str, str] = {}

# Objects that were unpickled and not brought up to date yet, and those that were since `doUpgrade` began; by their ids.
versionedsToUpgrade: dict[int, Versioned] = {}
upgraded: dict[int, Versioned] = {}

# What is added to a class's full name to make the key under which its version is pickled.
VERSION = ".persistenceVersion"


class Ephemeral:
    """A base for what can't be kept: a connection, a window. In a pickle, or a copy, it is an empty `Ephemeral`."""

    def __reduce__(self) -> tuple[Any, ...]:
        _log.warn("{ephemeral!r} isn't pickled: an empty Ephemeral takes its place", ephemeral=self)
        return Ephemeral, ()

    def __getstate__(self) -> None:
        """Give nothing away."""


class Versioned:
    """A base for objects that are kept for longer than their classes stay as they are.

    Attributes:
        persistenceVersion: the version of a class's attributes; counted up when they change. Each class of a family has
            its own.
        persistenceForgets: names of attributes that aren't pickled, for each class its own.
    """

    persistenceVersion: int = 0
    persistenceForgets: tuple[str, ...] | list[str] = ()

    def __getstate__(self, dict: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the attributes, without what is to be forgotten and with the version of each class."""
        state = (self.__dict__ if dict is None else dict).copy()
        for cls in _family(type(self)):
            for name in cls.__dict__.get("persistenceForgets", ()):
                state.pop(name, None)
            if "persistenceVersion" in cls.__dict__:
                state[qual(cls) + VERSION] = cls.persistenceVersion
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the attributes as they were pickled; the upgrade comes later, when the objects around are there."""
        versionedsToUpgrade[id(self)] = self
        self.__dict__ = state

    def versionUpgrade(self) -> None:
        """Bring the attributes up to date, for each class from the eldest on. `doUpgrade` calls it.

        Raises:
            AssertionError: it was pickled by a later version of a class than the present one.
        """
        # Before `Versioned` wrote each class's name, there was one number, of the object's own class and its parents.
        single = self.__dict__.pop(VERSION[1:], 0)
        kept = {cls: self.__dict__.pop(qual(cls) + VERSION, single) for cls in _versioned(type(self))}
        for cls, version in kept.items():
            if version > cls.persistenceVersion:
                raise AssertionError(
                    f"{qual(cls)} is of version {cls.persistenceVersion} and can't read what version {version} pickled"
                )
            for step in range(version + 1, cls.persistenceVersion + 1):
                upgrade: Callable[[Any], None] | None = getattr(cls, f"upgradeToVersion{step}", None)
                if upgrade is None:
                    _log.warn("{cls} has no upgradeToVersion{step}; it is left out", cls=qual(cls), step=step)
                else:
                    upgrade(self)


def _family(cls: type) -> Iterator[type[Versioned]]:
    """A class's `Versioned` ancestors, the eldest first."""
    for base in reversed(cls.__mro__):
        if issubclass(base, Versioned) and base is not Versioned:
            yield base


def _versioned(cls: type) -> list[type[Versioned]]:
    return [base for base in _family(cls) if "persistenceVersion" in base.__dict__]


def requireUpgrade(obj: Any) -> Any:
    """Bring an object up to date now, rather than when its turn comes in `doUpgrade`, and return it.

    An upgrade method that uses another object says so first: that one may be of an old version still.
    """
    if id(obj) in versionedsToUpgrade and id(obj) not in upgraded:
        # Before it begins: two objects may require each other.
        upgraded[id(obj)] = obj
        obj.versionUpgrade()
    return obj


def doUpgrade() -> None:
    """Bring every object up to date that was unpickled since this was called last.

    Raises:
        AssertionError: one was pickled by a later version of its class.
    """
    try:
        # An upgrade may unpickle more.
        while waiting := [obj for key, obj in versionedsToUpgrade.items() if key not in upgraded]:
            for obj in waiting:
                requireUpgrade(obj)
    finally:
        versionedsToUpgrade.clear()
        upgraded.clear()


# What pickles are told to call, by name. These names stay even where ``pickle`` knows better by itself today: old
# pickles call them.


def pickleMethod(method: MethodType) -> tuple[Any, ...]:
    """Reduce a bound method to its name, its object and its class."""
    return unpickleMethod, (method.__name__, method.__self__, method.__self__.__class__)


def unpickleMethod(im_name: str, im_self: Any, im_class: type) -> Any:
    """Find a method again: of the object's class if that has it, otherwise of the one it was pickled with.

    Raises:
        AttributeError: neither has it.
    """
    if im_self is None:
        return getattr(im_class, im_name)
    method = getattr(im_self, im_name, None)
    if method is None:
        # The object has become one of another class, or its class has lost the method.
        method = MethodType(getattr(im_class, im_name), im_self)
    return method


def pickleModule(module: ModuleType) -> tuple[Any, ...]:
    """Reduce a module to its name."""
    return unpickleModule, (module.__name__,)


def unpickleModule(name: str) -> ModuleType:
    """Import a module by the name it had, or the one that `oldModules` says it has now."""
    return namedModule(oldModules.get(name, name))


def pickleStringO(stringo: StringIO) -> tuple[Any, ...]:
    """Reduce a text file in memory to its text and its place."""
    return unpickleStringO, (stringo.getvalue(), stringo.tell())


def pickleStringI(stringi: StringIO) -> tuple[Any, ...]:
    """Do the same as `pickleStringO`: what could only be read was a type of its own once."""
    return unpickleStringI, (stringi.getvalue(), stringi.tell())


def unpickleStringO(val: str, sek: int) -> StringIO:
    """Make a text file in memory, at a place in it."""
    file = StringIO()
    file.write(val)
    file.seek(sek)
    return file


unpickleStringI = unpickleStringO

copyreg.pickle(ModuleType, pickleModule)
