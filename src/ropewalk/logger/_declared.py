"""Say which interface a class implements without importing ``zope.interface`` for it.

Importing ``zope.interface`` takes longer than importing this whole package. Nobody can ask
``ILogObserver.providedBy(x)`` without having imported `ILogObserver`, so classes declare what they implement by
name, and `._interfaces` carries the declarations out when it is first imported.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    C = TypeVar("C", bound=type)

HOME = __name__.rpartition(".")[0] + "._interfaces"

# Classes that wait for the interfaces. Emptied by `carryOut`, never used after.
_waiting: list[tuple[type, str]] = []


def implementer(name: str) -> Callable[[C], C]:
    """Declare that a class implements the interface of that name: now if interfaces are loaded, else when they are."""

    def declare(cls: C) -> C:
        _waiting.append((cls, name))
        if HOME in sys.modules:
            carryOut()
        return cls

    return declare


def carryOut() -> None:
    """Carry out every declaration made so far."""
    from zope.interface import classImplements

    home = sys.modules[HOME]
    while _waiting:
        cls, name = _waiting.pop(0)
        classImplements(cls, getattr(home, name))  # type: ignore[misc]  # the plug-in wants to see which class


ILogObserver = "ILogObserver"
ILogFilterPredicate = "ILogFilterPredicate"
