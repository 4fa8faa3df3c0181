"""Work in other threads, and ways back from there into the reactor's."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from typing import Any, ParamSpec, TypeVar

    from ropewalk.python.failure import Failure
    from ropewalk.python.threadpool import ThreadPool

    from .defer import Deferred

    P = ParamSpec("P")
    R = TypeVar("R")

__all__ = ["blockingCallFromThread", "callMultipleInThread", "deferToThread", "deferToThreadPool"]


def deferToThread(f: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Deferred[R]:
    """Call a function in a thread of the reactor's pool.

    Returns:
        A Deferred that fires in the reactor's thread with what the function returned, or fails with what it
        raised. Cancelling it does not stop the thread: it only keeps the answer from arriving.
    """
    from ropewalk.internet import reactor

    return deferToThreadPool(reactor, reactor.getThreadPool(), f, *args, **kwargs)


def deferToThreadPool(
    reactor: Any, threadpool: ThreadPool, f: Callable[P, R], *args: P.args, **kwargs: P.kwargs
) -> Deferred[R]:
    """Call a function in a thread of some pool.

    Args:
        reactor: in whose thread the Deferred fires: its `callFromThread`.
        threadpool: a pool that somebody starts; until then the call waits.

    Returns:
        As for `deferToThread`.
    """
    from .defer import Deferred

    deferred: Deferred[R] = Deferred()

    def arrived(worked: bool, result: Any) -> None:
        if worked:
            reactor.callFromThread(deferred.callback, result)
        else:
            reactor.callFromThread(deferred.errback, result)

    threadpool.callInThreadWithCallback(arrived, f, *args, **kwargs)
    return deferred


def callMultipleInThread(
    tupleList: Iterable[tuple[Callable[..., Any], Sequence[Any], Mapping[str, Any]]],
) -> None:
    """Call several functions one after the other in one thread of the reactor's pool.

    Args:
        tupleList: functions, each with its arguments and keyword arguments.
    """
    from ropewalk.internet import reactor

    def callAll() -> None:
        for func, args, kwargs in tupleList:
            func(*args, **kwargs)

    reactor.callInThread(callAll)


def blockingCallFromThread(
    reactor: Any, f: Callable[P, Deferred[R] | Awaitable[R] | R], *a: P.args, **kw: P.kwargs
) -> R:
    """Call a function in the reactor's thread and wait here for what comes of it.

    Args:
        reactor: whose thread; it must run, or this waits until it does.
        f: may return a Deferred or a coroutine: then its result is waited for.

    Raises:
        RuntimeError: this *is* the reactor's thread: it would wait for itself.
        BaseException: whatever the function raised, or its Deferred failed with.
    """
    from _queue import SimpleQueue
    from _thread import get_ident

    from ropewalk.python.failure import Failure

    from .defer import maybeDeferred

    if getattr(reactor, "_thread", None) == get_ident():
        raise RuntimeError(
            "blockingCallFromThread was called in the reactor's own thread, which would wait for itself; "
            f"call {f!r} directly, or await its Deferred"
        )
    answer: SimpleQueue[Any] = SimpleQueue()

    def begin() -> None:
        maybeDeferred(f, *a, **kw).addBoth(answer.put)

    reactor.callFromThread(begin)
    result: Failure | R = answer.get()
    if isinstance(result, Failure):
        result.raiseException()
    return result
