"""Other people's descriptors: objects with ``fileno``, ``doRead``, ``doWrite`` and ``connectionLost``.

Our own transports talk to the poller directly and tell the truth about their end by themselves. What a program hands to
``reactor.addReader`` says it by what ``doRead`` returns or raises; this is where that is understood.
"""

from __future__ import annotations

from .trouble import logTrouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .pollers.contract import Poller, Watcher

__all__ = ["Descriptors"]


class Watched:
    """One such object, and the number it had when it was added: a closed file no longer knows."""

    __slots__ = ("fd", "home", "selectable")

    def __init__(self, home: Descriptors, selectable: Any, fd: int) -> None:
        self.home = home
        self.selectable = selectable
        self.fd = fd

    def __repr__(self) -> str:
        return f"<{self.selectable!r} on descriptor {self.fd}>"

    def doRead(self) -> None:
        try:
            why = self.selectable.doRead()
        except BaseException as problem:
            logTrouble(f"while reading from {self.selectable!r}")
            why = problem
        if why:
            self.home.lose(self, why, reading=True)

    def connectionLost(self, reason: Any) -> None:
        """The poller found that the descriptor is no more, or the reactor stops."""
        self.home.discard(self)
        self.selectable.connectionLost(reason)

    def doWrite(self) -> None:
        try:
            why = self.selectable.doWrite()
        except BaseException as problem:
            logTrouble(f"while writing to {self.selectable!r}")
            why = problem
        if why:
            self.home.lose(self, why, reading=False)


class Descriptors:
    """The readers and writers that programs gave to a reactor."""

    def __init__(self, poller: Poller) -> None:
        self._poller = poller
        # By identity: such objects may compare as they like.
        self._readers: dict[int, Watched] = {}
        self._writers: dict[int, Watched] = {}
        # What to call every turn, for descriptors that nothing can wait for.
        self._restless: dict[Watcher, None] = {}
        self._serving = False

    def addReader(self, reader: Any) -> None:
        """Call ``reader.doRead`` when its descriptor is readable."""
        if id(reader) not in self._readers:
            watched = Watched(self, reader, number(reader))
            self._watch(self._poller.watchRead, watched.fd, watched.doRead)
            self._readers[id(reader)] = watched

    def addWriter(self, writer: Any) -> None:
        """Call ``writer.doWrite`` when its descriptor is writable."""
        if id(writer) not in self._writers:
            watched = Watched(self, writer, number(writer))
            self._watch(self._poller.watchWrite, watched.fd, watched.doWrite)
            self._writers[id(writer)] = watched

    def removeReader(self, reader: Any) -> None:
        """Stop that; harmless when it is not watched."""
        watched = self._readers.pop(id(reader), None)
        if watched is not None:
            self._restless.pop(watched.doRead, None)
            # The number may be another's by now: only what is still ours is taken off.
            if owner(self._poller.readers.get(watched.fd)) is watched:
                self._poller.ignoreRead(watched.fd)
        else:
            # A transport of ours, paused from outside.
            for fd, doRead in list(self._poller.readers.items()):
                if owner(doRead) is reader:
                    self._poller.ignoreRead(fd)

    def removeWriter(self, writer: Any) -> None:
        """Stop that; harmless when it is not watched."""
        watched = self._writers.pop(id(writer), None)
        if watched is not None:
            self._restless.pop(watched.doWrite, None)
            if owner(self._poller.writers.get(watched.fd)) is watched:
                self._poller.ignoreWrite(watched.fd)
        else:
            for fd, doWrite in list(self._poller.writers.items()):
                if owner(doWrite) is writer:
                    self._poller.ignoreWrite(fd)

    def readers(self) -> list[Any]:
        """Return who reads: programs' objects, and our transports."""
        watchers = [*self._poller.readers.values(), *(each for each in self._restless if each.__name__ == "doRead")]
        return [selectable(doRead) for doRead in watchers]

    def writers(self) -> list[Any]:
        """Return who wants to write."""
        watchers = [*self._poller.writers.values(), *(each for each in self._restless if each.__name__ == "doWrite")]
        return [selectable(doWrite) for doWrite in watchers]

    def removeAll(self, keep: object) -> list[Any]:
        """Stop watching everything but ``keep``; return what was watched, each once."""
        found = {id(one): one for one in map(selectable, self._restless)}
        self._restless.clear()
        for fds in (self._poller.readers, self._poller.writers):
            for fd, watcher in list(fds.items()):
                one = selectable(watcher)
                if one is not keep:
                    found[id(one)] = one
                    self._poller.forget(fd)
        self._readers.clear()
        self._writers.clear()
        return list(found.values())

    def discard(self, watched: Watched) -> None:
        """Drop what is known of an object that the poller forgot."""
        for known in (self._readers, self._writers):
            if known.get(id(watched.selectable)) is watched:
                del known[id(watched.selectable)]

    def _watch(self, watch: Callable[[int, Watcher], object], fd: int, watcher: Watcher) -> None:
        """Have a descriptor watched.

        Nothing can wait for a regular file: it is ready, always, and epoll refuses it. It gets its turn every turn.
        """
        try:
            watch(fd, watcher)
        except PermissionError:
            self._restless[watcher] = None
            if not self._serving:
                self._serving = True
                self._poller.timers.add(0.0, self._serveRestless)

    def _serveRestless(self) -> None:
        for watcher in list(self._restless):
            if watcher in self._restless:
                watcher()
        self._serving = bool(self._restless)
        if self._serving:
            self._poller.timers.add(0.0, self._serveRestless)

    def lose(self, watched: Watched, why: Any, reading: bool) -> None:
        """Something is over: tell the object why, and watch it no longer.

        A clean end of what is *read* leaves an object that can be half closed its writing side.
        """
        from ropewalk.python.failure import Failure

        from ..error import ConnectionDone

        which = watched.selectable
        self.removeReader(which)
        if isinstance(why, type) and issubclass(why, BaseException):
            why = why()
        reason = Failure(why)
        try:
            if reading and isinstance(why, ConnectionDone) and isHalfCloseable(which):
                which.readConnectionLost(reason)
                return
            self.removeWriter(which)
            which.connectionLost(reason)
        except BaseException:
            logTrouble(f"while telling {which!r} that it is over")


def number(selectable: Any) -> int:
    """Return an object's descriptor. ``ValueError`` when it is closed already."""
    fd = selectable.fileno()
    if not isinstance(fd, int) or fd < 0:
        raise ValueError(f"{selectable!r} has no open file descriptor (fileno() is {fd!r}); it may be closed already")
    return fd


def owner(watcher: Any) -> object:
    """Return the object whose bound method watches."""
    return getattr(watcher, "__self__", watcher)


def selectable(watcher: Any) -> Any:
    """Return the object that a user would call the reader or writer."""
    one = owner(watcher)
    return one.selectable if isinstance(one, Watched) else one


def isHalfCloseable(which: Any) -> bool:
    """Return whether the object says that its two directions end apart."""
    from ..interfaces import IHalfCloseableDescriptor

    return bool(IHalfCloseableDescriptor.providedBy(which))
