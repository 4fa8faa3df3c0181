"""Values that a call carries to everything it calls, without handing them down as arguments.

``call({key: value}, f)`` runs ``f``; wherever it leads to, ``get(key)`` answers ``value``. What is carried
lives in a `contextvars.ContextVar`: it follows coroutines, callbacks and calls into the thread pool.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")

# What `get` answers outside every `call`. Filled through `setDefault`.
defaultContextDict: dict[Any, Any] = {}

setDefault = defaultContextDict.__setitem__


class ContextTracker:
    """Keeps the contexts of the calls that are under way."""

    def __init__(self) -> None:
        # The innermost context is last. A tuple, because every thread, task and callback has its own view of it.
        self._carried: ContextVar[tuple[dict[Any, Any], ...]] = ContextVar("contexts", default=(defaultContextDict,))

    @property
    def contexts(self) -> list[dict[Any, Any]]:
        """The dictionaries in force here, the innermost last."""
        return list(self._carried.get())

    def callWithContext(self, newContext: dict[Any, Any], func: Callable[P, R], *args: P.args, **kw: P.kwargs) -> R:
        """Call a function with the values of a dictionary in force, on top of those that are, and return its result."""
        carried = self._carried
        token = carried.set((*carried.get(), newContext))
        try:
            return func(*args, **kw)
        finally:
            carried.reset(token)

    def getContext(self, key: Any, default: Any = None) -> Any:
        """Return the value in force for a key, or ``default``."""
        for context in reversed(self._carried.get()):
            if key in context:
                return context[key]
        return default


class ThreadedContextTracker:
    """A context tracker whose contexts are each thread's own."""

    def __init__(self) -> None:
        self._tracker = ContextTracker()

    def currentContext(self) -> ContextTracker:
        """Return the tracker that answers for the thread this is called in."""
        return self._tracker

    def callWithContext(self, ctx: dict[Any, Any], func: Callable[P, R], *args: P.args, **kw: P.kwargs) -> R:
        """Call a function with the values of a dictionary in force."""
        return self._tracker.callWithContext(ctx, func, *args, **kw)

    def getContext(self, key: Any, default: Any = None) -> Any:
        """Return the value in force for a key, or ``default``."""
        return self._tracker.getContext(key, default)


theContextTracker = ThreadedContextTracker()
call = theContextTracker.callWithContext
get = theContextTracker.getContext


def installContextTracker(ctr: ThreadedContextTracker) -> None:
    """Make another tracker the one that `call` and `get` of this module ask."""
    global theContextTracker, call, get
    theContextTracker = ctr
    call = ctr.callWithContext
    get = ctr.getContext
