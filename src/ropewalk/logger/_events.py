"""What travels through this package: events, and those who are called with them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FunctionType
    from typing import Any, TypeAlias

    # ``Any``: an event carries whatever its emitter put in.
    LogEvent: TypeAlias = dict[str, Any]
    Observer: TypeAlias = Callable[[LogEvent], object]
else:
    LogEvent = dict
    FunctionType = type(lambda: None)  # `types` is one more module to import.

__all__ = ["LogEvent", "direct"]


def direct(observer: Observer) -> Observer:
    """Return what to call in place of an observer: the same, but an object's ``__call__`` is looked up only once.

    Python takes twice as long to call an object as to call its bound method, and every event is such a call.
    """
    call = getattr(type(observer), "__call__", None)  # noqa: B004  # what it is matters here, not whether
    if type(call) is FunctionType:
        bound: Observer = call.__get__(observer)
        return bound
    return observer
