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
    from typing import Any, TypeVar

    C = TypeVar("C", bound=type)

DOOR = "ropewalk.internet.interfaces"

# Declarations that wait for the interfaces: what to do, with whom, and the names. Emptied by `carryOut`, for good.
_waiting: list[tuple[Callable[..., None], Any, tuple[str, ...]]] = []


def implementer(*names: str) -> Callable[[C], C]:
    """Declare that a class implements the interfaces of these names, now if they are loaded, else when they are."""

    def declare(cls: C) -> C:
        _nowOrLater(_declare, cls, names)
        return cls

    return declare


def adapter(factory: Callable[[Any], Any], source: str, target: str) -> None:
    """Register what adapts the interface of one name to that of another, now if they are loaded, else when they are."""
    _nowOrLater(_register, factory, (source, target))


def carryOut() -> None:
    """Carry out every declaration made so far; `ropewalk.internet.interfaces` calls it as its last line."""
    while _waiting:
        act, subject, names = _waiting.pop(0)
        act(subject, names)


def _nowOrLater(act: Callable[..., None], subject: Any, names: tuple[str, ...]) -> None:
    door = sys.modules.get(DOOR)
    if door is not None and hasattr(door, "__all__"):
        act(subject, names)
    else:
        _waiting.append((act, subject, names))


def _declare(cls: type, names: tuple[str, ...]) -> None:
    from zope.interface import classImplements

    door = sys.modules[DOOR]
    classImplements(cls, *(getattr(door, name) for name in names))  # type: ignore[misc]  # a class it is


def _register(factory: Callable[[Any], Any], names: tuple[str, ...]) -> None:
    from ropewalk.python.components import registerAdapter

    door = sys.modules[DOOR]
    registerAdapter(factory, *(getattr(door, name) for name in names))


def __getattr__(name: str) -> str:
    """Any interface's name stands for itself until the interfaces are there."""
    if name.startswith("I") and name[1:2].isupper():
        return name
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
