"""Work that takes long on purpose is done in threads, and never much of it at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..internet.defer import Deferred, DeferredSemaphore
from ..internet.threads import deferToThread

__all__ = ["Apart", "InThread"]

T = TypeVar("T")

# Calls a function in a thread, like `deferToThread`.
InThread = Callable[..., Deferred[Any]]

# Whoever guesses passwords gets no more threads than these, and no more memory than their work takes.
AT_ONCE = 4


class Apart:
    """Calls functions in threads of the reactor's pool, a few at a time; the others wait.

    Args:
        inThread: does it.
    """

    def __init__(self, inThread: InThread = deferToThread) -> None:
        self._inThread = inThread
        self._turns = DeferredSemaphore(AT_ONCE)

    def __call__(self, function: Callable[..., T], *args: object) -> Deferred[T]:
        """Call a function; return a Deferred of what it returned or raised."""
        return self._turns.run(lambda: self._inThread(function, *args))
