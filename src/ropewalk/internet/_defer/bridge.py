"""Deferreds and asyncio, in one process, on one loop.

asyncio is never imported from here: whoever has a future, or runs an asyncio loop, has imported it. Three things are
joined:

- A strand (`strands`) may await asyncio's futures and tasks. They are known by ``_asyncio_future_blocking``, the mark
  by which asyncio itself knows them, so uvloop's and others' are recognised, too.
- A Deferred may be awaited by an asyncio task. A pending Deferred, when awaited, yields itself to a strand and an
  asyncio future to a task; `future` finds out which of the two is running.
- Libraries written for asyncio ask for the task they run in: ``asyncio.timeout`` and ``TaskGroup`` to cancel it,
  others to keep their books. While a strand runs under an asyncio loop, it has a `StandIn`, which answers
  ``current_task()``. It has what a library may ask of the task it runs in. It is no ``asyncio.Task``: it ends with its
  strand, and it is the strand's Deferred that one waits for.
"""

from __future__ import annotations

import sys
from types import CoroutineType

from ...python.failure import Failure
from .deferred import PENDING, Deferred
from .errors import CancelledError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future
    from collections.abc import Callable
    from contextvars import Context
    from typing import Any, Literal, TypeVar

    from .deferred import Mark
    from .strands import Strand

    T = TypeVar("T")


# Deferreds and futures, one made of the other.


def asFuture(deferred: Deferred[T], loop: AbstractEventLoop) -> Future[T]:
    """See `Deferred.asFuture`."""
    future: Future[T] = loop.create_future()

    def succeeded(result: T) -> None:
        if not future.done():
            future.set_result(result)

    def failed(failure: Failure) -> None:
        if not future.done():
            future.set_exception(failure.value.with_traceback(failure.tb))

    def done(future: Future[T]) -> None:
        if future.cancelled():
            deferred.cancel()

    future.add_done_callback(done)
    deferred.addCallbacks(succeeded, failed)
    return future


def fromFuture(future: Future[T]) -> Deferred[T]:
    """See `Deferred.fromFuture`."""

    def cancel(_: Deferred[T]) -> Literal[Mark.PENDING]:
        future.cancel()
        return PENDING  # The future will tell how that went, in the loop's next turn.

    def done(future: Future[T]) -> None:
        deferred.callback(_outcome(future))

    deferred: Deferred[T] = Deferred(cancel)
    future.add_done_callback(done)
    return deferred


def _outcome(future: Future[Any]) -> Any:
    try:
        return future.result()
    except BaseException as error:
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
        return Failure(error)


# Who awaits.


def future(deferred: Deferred[T]) -> Future[T] | None:
    """Return a future for the Deferred if it is an asyncio task that awaits it now, None if it is a strand."""
    for task in [*_currentTasks.values()]:  # A copy: other threads have loops, too.
        if type(task) is not StandIn:
            break
    else:
        if _currentTasks is not _UNKNOWN:
            return None  # No task runs, in no thread: that was quick, while asking for the loop is a system call.
    loop = runningLoop()
    if loop is None:
        return None
    task = _currentTask(loop)
    if task is None or type(task) is StandIn:
        return None
    return asFuture(deferred, loop)


# asyncio's functions, once it has been seen to be there; see `_meetAsyncio`.
_getRunningLoop: Callable[[], AbstractEventLoop | None] | None = None
_currentTask: Callable[[AbstractEventLoop], Any]
# The task that runs in each loop, of all threads; asyncio's own book, where it keeps one.
_UNKNOWN: dict[AbstractEventLoop, Any] = {}
_currentTasks = _UNKNOWN
_swapTask: Callable[[AbstractEventLoop, Any], Any]


def runningLoop() -> AbstractEventLoop | None:
    """Return the asyncio loop that runs in this thread, if any."""
    if _getRunningLoop is None and not _meetAsyncio():
        return None
    return _getRunningLoop()  # type: ignore[misc] # we have met


def _meetAsyncio() -> bool:
    global _currentTask, _currentTasks, _getRunningLoop, _swapTask
    tasks: Any = sys.modules.get("asyncio.tasks")
    if not hasattr(tasks, "current_task"):
        return False  # It is being imported just now.
    if sys.version_info >= (3, 12):
        _swapTask = tasks._swap_current_task
    else:
        _currentTasks = tasks._current_tasks
        _swapTask = _swapInBook
    _currentTask = tasks.current_task
    _getRunningLoop = tasks.events._get_running_loop
    return True


def _swapInBook(loop: AbstractEventLoop, task: Any) -> Any:
    """Make a task the current one of a loop, and return the one that was: what Python 3.12 has a function for."""
    previous = _currentTasks.get(loop)
    if task is None:
        del _currentTasks[loop]
    else:
        _currentTasks[loop] = task
    return previous


# What a strand awaits.


def awaitable(generator: object, awaited: object) -> Deferred[Any] | None:
    """Return a Deferred for what a coroutine or generator awaits; None for a value that is no matter of waiting."""
    if isinstance(awaited, CoroutineType):
        return Deferred.fromCoroutine(awaited)
    if getattr(awaited, "_asyncio_future_blocking", None) is not None:
        awaited._asyncio_future_blocking = False  # type: ignore[attr-defined] # by the protocol, that we took note
        return fromFuture(awaited)  # type: ignore[arg-type] # likewise: it is a future
    if awaited is None and isinstance(generator, CoroutineType) and (loop := runningLoop()):
        # A bare ``yield``, as of ``asyncio.sleep(0)``: let the others have a turn.
        turn: Deferred[None] = Deferred(lambda _: handle.cancel())
        handle = loop.call_soon(turn.callback, None)
        return turn
    return None


# What a strand is, for asyncio.


def runAsTask(standIn: StandIn, strand: Strand, advance: Callable[..., object], value: Any, failed: bool) -> None:
    """Run a strand, as `Strand.resume` does, with its stand-in as the loop's current task."""
    if standIn.asked:
        # Whatever was awaited, and however that ended: as a task, the strand is resumed by asyncio's own error.
        standIn.asked = False
        value, failed = Failure(standIn.error()), True
    loop = standIn.loop
    previous = _swapTask(loop, standIn)
    try:
        strand.context.run(advance, strand.generator, strand.context, strand, value, failed)
    finally:
        _swapTask(loop, previous)
        # As in `Strand.resume`.
        standIn = strand = value = None  # type: ignore[assignment]


class StandIn:
    """What ``asyncio.current_task()`` returns in a strand: of a task's methods, those that make sense from within.

    Attributes:
        asked: whether cancellation was asked for, through asyncio, and has not arrived yet.
        loop: the loop under which the strand runs.
    """

    __slots__ = ("__dict__", "__weakref__", "_coro", "_message", "_name", "_requests", "_strand", "asked", "loop")

    # Libraries look at these to see whether a task has yet to notice that it is cancelled.
    _must_cancel = False
    _fut_waiter = None

    def __init__(self, loop: AbstractEventLoop, strand: Strand) -> None:
        self.asked = False
        self.loop = loop
        self._strand = strand
        self._coro = strand.generator
        self._name: str | None = None
        self._requests = 0
        self._message: object = None

    def __repr__(self) -> str:
        return f"<{self.get_name()} ({'done' if self.done() else 'running'})>"

    def cancel(self, msg: object = None) -> bool:
        """Raise ``asyncio.CancelledError`` in the strand, where it waits or will wait next, and cancel what it awaits.

        Not before the loop's next turn: who cancels a task doesn't expect it to run meanwhile.
        """
        if self.done():
            return False
        self._requests += 1
        self._message = msg
        if not self.asked:
            self.asked = True
            self.loop.call_soon(self._deliver)
        return True

    def _deliver(self) -> None:
        if self.asked and self._strand.awaited is not None:
            self._strand.awaited.cancel()

    def cancelling(self) -> int:
        """How many requests for cancellation were made and not taken back."""
        return self._requests

    def uncancel(self) -> int:
        """Take back a request for cancellation; return how many remain."""
        self._requests = max(0, self._requests - 1)
        return self._requests

    def error(self) -> BaseException:
        """Return asyncio's ``CancelledError``, with the message that was given."""
        kind = sys.modules["asyncio.exceptions"].CancelledError
        error: BaseException = kind() if self._message is None else kind(self._message)
        return error

    def done(self) -> bool:
        """Whether the strand has ended."""
        return self._strand.generator is None

    def cancelled(self) -> bool:
        """Never: a strand that was cancelled ends with a failure as any other."""
        return False

    def get_loop(self) -> AbstractEventLoop:
        """The loop that runs."""
        return self.loop

    def get_coro(self) -> Any:
        """The coroutine or generator."""
        return self._coro

    def get_context(self) -> Context:
        """The context that the coroutine runs in."""
        return self._strand.context

    def get_name(self) -> str:
        """A name for people: that of the coroutine, unless another was set."""
        return self._name or f"Strand of {getattr(self._coro, '__qualname__', self._coro)}"

    def set_name(self, value: object) -> None:
        """Change the name."""
        self._name = str(value)

    def add_done_callback(self, fn: Callable[[Any], object], *, context: Context | None = None) -> None:
        """Call a function with this object when the strand has ended, in the loop's next turn."""

        def ended(result: T) -> T:
            self.loop.call_soon(fn, self, context=context)
            return result

        self._strand.deferred.addBoth(ended)


def translated(error: BaseException) -> BaseException:
    """Return `CancelledError` for asyncio's, any other exception as it is."""
    exceptions = sys.modules.get("asyncio.exceptions")
    if exceptions is None or not isinstance(error, exceptions.CancelledError):
        return error
    ours = CancelledError(*error.args)
    ours.__cause__ = error
    ours.__traceback__ = error.__traceback__
    return ours
