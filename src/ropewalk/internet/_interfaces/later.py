"""Declare interfaces without importing them.

Importing ``zope.interface`` and building the interfaces takes longer than importing the rest of the engine,
and a server that adapts nothing never asks for one. So classes on the start-up path declare what they
implement *by name*, and `ropewalk.internet.interfaces` carries the declarations out when it is first
imported: nobody can ask ``ITransport.providedBy(x)`` without having imported ``ITransport``.

A module on the start-up path writes::

    TYPE_CHECKING = False
    if TYPE_CHECKING:
        from zope.interface import implementer
        from ..interfaces import ITransport
    else:
        from .._interfaces.later import ITransport, implementer

    @implementer(ITransport)
    class Stream: ...

At run time ``ITransport`` is then the string of that name; type checkers see the real interface. Modules
off the start-up path import ``zope.interface`` and the interfaces as everybody does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

# Not `typing.TYPE_CHECKING`: importing ``typing`` is part of what the start-up path avoids.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    C = TypeVar("C", bound=type)

DOOR = "ropewalk.internet.interfaces"

# Classes that wait for the interfaces, with the names they implement. Emptied by `carryOut`; never used after.
_waiting: list[tuple[type, tuple[str, ...]]] = []


def implementer(*names: str) -> Callable[[C], C]:
    """Declare that a class implements the interfaces of these names, now if they are loaded, else when they are."""

    def declare(cls: C) -> C:
        door = sys.modules.get(DOOR)
        if door is not None and hasattr(door, "__all__"):
            _declare(cls, names)
        else:
            _waiting.append((cls, names))
        return cls

    return declare


def carryOut() -> None:
    """Carry out every declaration made so far; `ropewalk.internet.interfaces` calls it as its last line."""
    while _waiting:
        _declare(*_waiting.pop(0))


def _declare(cls: type, names: tuple[str, ...]) -> None:
    from zope.interface import classImplements

    door = sys.modules[DOOR]
    classImplements(cls, *(getattr(door, name) for name in names))


def __getattr__(name: str) -> str:
    """Any interface's name stands for itself until the interfaces are there."""
    if name.startswith("I") and name[1:2].isupper():
        return name
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
