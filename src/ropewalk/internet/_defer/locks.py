# ruff: noqa: F811 # ``overload`` is typing's for checkers only: typing isn't imported on the start-up path.
"""Taking turns: a lock, a semaphore and a queue for Deferreds."""

from __future__ import annotations

from types import GenericAlias

from .deferred import Deferred
from .errors import QueueOverflow, QueueUnderflow
from .results import maybeDeferred

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType
    from typing import Any, Generic, Literal, ParamSpec, Self, TypeVar, overload

    T = TypeVar("T")
    P = ParamSpec("P")

    class Holding(Generic[T]):
        """`DeferredQueue`'s base as type checkers see it."""

else:

    class Holding:
        __class_getitem__ = classmethod(GenericAlias)

    def overload(function):
        return function


class _Turns:
    """What has room for a number of users at a time and lets the others wait, in order.

    Room is handed on in a loop, not from within `release`: when each user lets go at once, as many as there are get
    their turn on a flat stack.

    Attributes:
        waiting: the Deferreds of those who wait, the next one first.
    """

    waiting: list[Deferred[Any]]
    _handingOn = False

    def __init__(self) -> None:
        self.waiting = []

    def _hasRoom(self) -> bool:
        raise NotImplementedError

    def _take(self) -> None:
        raise NotImplementedError

    def _giveBack(self) -> None:
        raise NotImplementedError

    def acquire(self) -> Deferred[Self]:
        """Return a Deferred that fires, with this object, when it is the caller's turn.

        Cancelling it before that gives up the place in the queue.
        """
        turn: Deferred[Self] = Deferred(self._leave)
        if self._hasRoom() and not self.waiting:
            self._take()
            turn.callback(self)
        else:
            self.waiting.append(turn)
        return turn

    def release(self) -> None:
        """Let go, so that the next who waits has its turn.

        Raises:
            AssertionError: nobody has it.
        """
        self._giveBack()
        if self._handingOn:
            return
        self._handingOn = True
        try:
            while self.waiting and self._hasRoom():
                self._take()
                self.waiting.pop(0).callback(self)
        finally:
            self._handingOn = False

    def _leave(self, turn: Deferred[Any]) -> None:
        self.waiting.remove(turn)

    @overload
    def run(self, f: Callable[P, Deferred[T]], /, *args: P.args, **kwargs: P.kwargs) -> Deferred[T]: ...
    @overload
    def run(self, f: Callable[P, Coroutine[Any, Any, T]], /, *args: P.args, **kwargs: P.kwargs) -> Deferred[T]: ...
    @overload
    def run(self, f: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Deferred[T]: ...
    def run(self, f: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Deferred[Any]:
        """Call a function when it is its turn, and let go when its result, perhaps a Deferred, is there.

        Returns:
            A Deferred for the function's result.
        """

        def hasTurn(_: object) -> Deferred[Any]:
            return maybeDeferred(f, *args, **kwargs).addBoth(letGo)

        def letGo(result: Any) -> Any:
            self.release()
            return result

        return self.acquire().addCallback(hasTurn)

    async def __aenter__(self) -> Self:
        """Wait for one's turn: ``async with lock:``."""
        return await self.acquire()

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> Literal[False]:
        """Let go."""
        self.release()
        return False


class DeferredLock(_Turns):
    """A lock: one holder at a time, the others wait in order.

    Attributes:
        locked: whether somebody holds it. Not to be assigned.
    """

    locked = False

    def _hasRoom(self) -> bool:
        return not self.locked

    def _take(self) -> None:
        self.locked = True

    def _giveBack(self) -> None:
        if not self.locked:
            raise AssertionError("tried to release a lock that nobody holds")
        self.locked = False


class DeferredSemaphore(_Turns):
    """A semaphore: up to a number of holders at a time, the others wait in order.

    Args:
        tokens: how many may hold it at the same time.

    Raises:
        ValueError: ``tokens`` is less than one.

    Attributes:
        limit: how many may hold it.
        tokens: how many more may hold it now.
    """

    def __init__(self, tokens: int) -> None:
        super().__init__()
        if tokens < 1:
            raise ValueError(f"DeferredSemaphore requires tokens >= 1, not {tokens!r}")
        self.tokens = self.limit = tokens

    def _hasRoom(self) -> bool:
        return self.tokens > 0

    def _take(self) -> None:
        self.tokens -= 1

    def _giveBack(self) -> None:
        if self.tokens >= self.limit:
            raise AssertionError(f"tried to release a semaphore more often than it was acquired (limit {self.limit})")
        self.tokens += 1


class DeferredQueue(Holding["T"]):
    """A queue whose readers wait when it is empty.

    Args:
        size: how many objects it holds at most; None for any number.
        backlog: how many readers may wait at most; None for any number.

    Attributes:
        waiting: the Deferreds of readers.
        pending: the objects that nobody has asked for yet.
    """

    def __init__(self, size: int | None = None, backlog: int | None = None) -> None:
        self.waiting: list[Deferred[T]] = []
        self.pending: list[T] = []
        self.size = size
        self.backlog = backlog

    def put(self, obj: T) -> None:
        """Give an object to the reader that waits longest, or keep it for the next.

        Raises:
            QueueOverflow: nobody waits, and the queue is full.
        """
        if self.waiting:
            self.waiting.pop(0).callback(obj)
        elif self.size is None or len(self.pending) < self.size:
            self.pending.append(obj)
        else:
            raise QueueOverflow(f"the queue is full: it holds {len(self.pending)} objects, {self.size} at most")

    def get(self) -> Deferred[T]:
        """Return a Deferred for the next object. Cancelling it before it fired loses no object.

        Raises:
            QueueUnderflow: the queue is empty, and as many readers wait as may.
        """
        reader: Deferred[T] = Deferred(self._leave)
        if self.pending:
            reader.callback(self.pending.pop(0))
        elif self.backlog is None or len(self.waiting) < self.backlog:
            self.waiting.append(reader)
        else:
            raise QueueUnderflow(f"the queue is empty, and {len(self.waiting)} readers wait, {self.backlog} at most")
        return reader

    def _leave(self, reader: Deferred[T]) -> None:
        self.waiting.remove(reader)
