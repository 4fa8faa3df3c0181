"""Threads: into them, and back from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zope.interface import Interface

if TYPE_CHECKING:
    from ropewalk.python.threadpool import ThreadPool

__name__ = "ropewalk.internet.interfaces"


class IReactorFromThreads(Interface):
    """The one thing about a reactor that other threads may use."""

    def callFromThread(callable: Callable[..., Any], *args: object, **kwargs: object) -> None:
        """Call something in the reactor's thread, as soon as it gets to it. Returns at once.

        May be called from any thread, the reactor's own included, and from signal handlers. Calls are made in
        order. An exception in one is logged.
        """


class IReactorInThreads(Interface):
    """A reactor that has threads for work that blocks."""

    def callInThread(callable: Callable[..., Any], *args: object, **kwargs: object) -> None:
        """Call something in a thread of the reactor's pool. Its result is dropped, its exception logged.

        `ropewalk.internet.threads.deferToThread` brings the result back.
        """


class IReactorThreads(IReactorFromThreads, IReactorInThreads):
    """A reactor with a pool of threads."""

    def getThreadPool() -> ThreadPool:
        """Return the pool that `callInThread` uses; it starts and stops with the reactor."""

    def suggestThreadPoolSize(size: int) -> None:
        """Choose the largest number of threads in the pool; 10 to begin with."""
