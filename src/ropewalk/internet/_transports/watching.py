"""Where a transport registers with the loop: the reactor's poller, or a stand-in over `IReactorFDSet`.

Our reactors offer ``_poller`` (the contract is `_loop/pollers/contract.py`). A reactor written elsewhere, or a
fake in a test, offers ``addReader`` and its kin only; transports then work through those, one call slower.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    class Corkable(Protocol):
        """A transport that wants `flush` called before the loop waits again."""

        def flush(self) -> None: ...

    class Watcher(Protocol):
        """The part of the poller's contract that transports use."""

        # `cork` is a plain attribute, `list.append` itself in our own pollers.
        @property
        def cork(self) -> Callable[[Any], object]: ...
        def watchRead(self, fd: int, doRead: Callable[[], Any]) -> None: ...
        def watchWrite(self, fd: int, doWrite: Callable[[], Any]) -> None: ...
        def ignoreRead(self, fd: int) -> None: ...
        def ignoreWrite(self, fd: int) -> None: ...
        def forget(self, fd: int) -> None: ...


def watcherOf(reactor: Any) -> Watcher:
    """Return where transports of this reactor register."""
    poller: Watcher | None = getattr(reactor, "_poller", None)
    return Bridge(reactor) if poller is None else poller


class Bridge:
    """The poller's contract over a reactor's ``addReader``, ``addWriter``, ``removeReader`` and ``removeWriter``."""

    __slots__ = ("_reactor", "_readers", "_writers")

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        # What is registered, so that it can be taken back by number.
        self._readers: dict[int, Any] = {}
        self._writers: dict[int, Any] = {}

    def cork(self, transport: Any) -> None:
        """Flush in a moment: the `doWrite` of a stream sends what is corked."""
        self.watchWrite(transport.fileno(), transport.doWrite)

    def watchRead(self, fd: int, doRead: Callable[[], Any]) -> None:
        self._readers[fd] = reader = doRead.__self__  # type: ignore[attr-defined]  # always a bound method
        self._reactor.addReader(reader)

    def watchWrite(self, fd: int, doWrite: Callable[[], Any]) -> None:
        self._writers[fd] = writer = doWrite.__self__  # type: ignore[attr-defined]  # always a bound method
        self._reactor.addWriter(writer)

    def ignoreRead(self, fd: int) -> None:
        reader = self._readers.pop(fd, None)
        if reader is not None:
            self._reactor.removeReader(reader)

    def ignoreWrite(self, fd: int) -> None:
        writer = self._writers.pop(fd, None)
        if writer is not None:
            self._reactor.removeWriter(writer)

    def forget(self, fd: int) -> None:
        self.ignoreRead(fd)
        self.ignoreWrite(fd)
