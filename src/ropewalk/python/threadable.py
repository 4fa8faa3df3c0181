"""Which thread is the reactor's, and methods that only one thread at a time may be in."""

from __future__ import annotations

import functools
from _thread import RLock, get_ident
from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "DummyLock",
    "XLock",
    "getThreadID",
    "init",
    "ioThread",
    "isInIOThread",
    "registerAsIOThread",
    "synchronize",
    "threaded",
    "unpickle_lock",
]

# The number of the thread the reactor runs in; `None` until one has run.
ioThread: int | None = None

# Python has threads, always; programs look here all the same.
threaded = True


def getThreadID() -> int:
    """Return the number of the thread this is called in."""
    return get_ident()


def isInIOThread() -> bool:
    """Whether this is the thread the reactor runs in; false before it has run."""
    return ioThread == get_ident()


def registerAsIOThread() -> None:
    """Note that the reactor runs in the thread this is called in. The reactor does so when it starts."""
    global ioThread
    ioThread = get_ident()


def init(with_threads: bool | int = 1) -> None:
    """Nothing is left to be set up: kept for programs that ask for threads before they use them."""


class XLock(RLock):  # type: ignore[misc]  # the stubs call it final; the interpreters let it be derived from
    """A lock that the thread that holds it may take again, and that comes back from a pickle as a new one."""

    def __reduce__(self) -> tuple[Callable[[], XLock], tuple[()]]:
        return unpickle_lock, ()


def unpickle_lock() -> XLock:
    """Return a new lock in place of one that was pickled."""
    return XLock()


class DummyLock:
    """Stands where a lock was in pickles of programs without threads; comes back as a real one."""

    def __reduce__(self) -> tuple[Callable[[], XLock], tuple[()]]:
        return unpickle_lock, ()


def synchronize(*klasses: type) -> None:
    """Let only one thread at a time into an object's methods that its class lists in ``synchronized``.

    Each object has one lock, made at the first call, which all those methods share and may take again.
    """
    for klass in klasses:
        names: list[str] = getattr(klass, "synchronized", [])
        for name in names:
            setattr(klass, name, _locked(getattr(klass, name)))


# Held while an object's own lock is made, so that two first calls share one.
_making = XLock()


def _locked(method: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a method so that it holds its object's lock."""

    @functools.wraps(method)
    def locked(self: Any, *args: Any, **kw: Any) -> Any:
        try:
            lock = self._threadable_lock
        except AttributeError:
            with _making:
                lock = self.__dict__.setdefault("_threadable_lock", XLock())
        with lock:
            return method(self, *args, **kw)

    return locked
