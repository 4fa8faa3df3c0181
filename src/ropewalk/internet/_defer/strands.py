"""Coroutines and generators, driven by Deferreds.

A `Strand` is one coroutine or generator that is being run. It is resumed with the result of what it awaits; everything
it awaits next that has a result already is answered on the spot, in the same loop, within one `Context.run`. So a loop
over a million fired Deferreds takes neither stack nor callbacks.

When the strand ends, its Deferred has a result. `resume` then returns that Deferred, and the loop that resumed the
strand (`deferred.run`) goes on with it: a long row of coroutines, each awaiting the next, unwinds without recursion.
"""

from __future__ import annotations

from _contextvars import copy_context
from functools import update_wrapper
from sys import modules, version_info
from types import GeneratorType

from ...python.failure import Failure
from . import bridge
from .deferred import RESUME, Deferred, outcome, run, succeed
from .errors import NotACoroutineError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator
    from contextvars import Context
    from types import TracebackType
    from typing import Any, NoReturn, ParamSpec, TypeVar

    T = TypeVar("T")
    P = ParamSpec("P")

_AWAIT = Deferred._wait.__code__


class Strand:
    """A coroutine or generator that waits for something, or is about to be resumed.

    Attributes:
        generator: the coroutine or generator; None when it has ended.
        deferred: what will have its result.
        context: the context it runs in, its own.
        awaited: the Deferred whose result it waits for; None while it runs.
        standIn: what asyncio sees as the current task while it runs; None until asyncio might look.
    """

    __slots__ = ("__weakref__", "awaited", "context", "deferred", "generator", "standIn")

    def __init__(self, generator: Any, context: Context) -> None:
        self.generator = generator
        self.context = context
        self.deferred: Deferred[Any] = Deferred()
        self.deferred._canceller = self
        self.awaited: Deferred[Any] | None = None
        self.standIn: bridge.StandIn | None = None

    def resume(self, result: Any, failed: bool) -> Deferred[Any] | None:
        """Go on with the result of what was awaited.

        Returns:
            The strand's Deferred if it has a result now and steps to run; ``paused`` counts that run already.
        """
        self.awaited = None
        if self.standIn is None and "asyncio" in modules and (loop := bridge.runningLoop()) is not None:
            self.standIn = bridge.StandIn(loop, self)
        if self.standIn is not None:
            bridge.runAsTask(self.standIn, self, advance, result, failed)
        else:
            self.context.run(advance, self.generator, self.context, self, result, failed)
        if self.generator is not None:
            return None
        try:
            return self._following()
        finally:
            # Since Python 3.12 the frame of what has ended leads to this one, which must not lead to its failure.
            self = result = None  # type: ignore[assignment]

    def _following(self) -> Deferred[Any] | None:
        deferred = self.deferred
        if deferred.paused == 0:
            if deferred._callbacks:
                deferred.paused = 1
                return deferred
            if isinstance(deferred.result, Failure):
                deferred._guard()
        return None

    def end(self, result: Any) -> Deferred[Any]:
        """Give the Deferred its result; `resume` sees to its steps."""
        self.generator = self.standIn = None
        deferred = self.deferred
        deferred.called = True
        deferred.result = result
        deferred._canceller = None
        return deferred


def advance(generator: Any, context: Context, strand: Strand | None, value: Any, failed: bool) -> Deferred[Any]:
    """Run a coroutine or generator until there is something to wait for, or to its end. Called in its context.

    Args:
        strand: None when it hasn't waited for anything yet; there is no strand for one that never does.
        value: what it is resumed with, a Failure if ``failed``.

    Returns:
        The Deferred that has, or will have, its result.
    """
    while True:
        try:
            if failed:
                awaited = generator.throw(value.value.with_traceback(value.tb))
            else:
                awaited = generator.send(value)
        except StopIteration as stop:
            value = stop.value
            break
        except Returned as returned:
            value = returned.value
            break
        except BaseException as error:
            error.__traceback__ = _withoutAwait(error.__traceback__)
            try:
                return _failed(strand, Failure(bridge.translated(error)))
            finally:
                # As in `resume`.
                generator = context = strand = value = awaited = None  # type: ignore[assignment]
        if not isinstance(awaited, Deferred):
            value = awaited
            awaited = bridge.awaitable(generator, awaited)
            if awaited is None:
                failed = isinstance(value, Failure)
                continue
        if awaited.called and not awaited.paused:
            value = awaited.result
            if failed := value is not None and isinstance(value, Failure):
                awaited._handled()
        else:
            if strand is None:
                strand = Strand(generator, context)
            strand.awaited = awaited
            awaited._addStep((RESUME, RESUME, strand))
            return strand.deferred
    if strand is not None:
        return strand.end(value)
    return _failed(None, value) if isinstance(value, Failure) else succeed(value)


def _failed(strand: Strand | None, failure: Failure) -> Deferred[Any]:
    if strand is not None:
        return strand.end(failure)
    deferred = succeed(failure)
    deferred._guard()
    return deferred


def spin(generator: Any) -> Deferred[Any]:
    """Run a coroutine or generator, now, up to its first wait; return a Deferred for its result."""
    context = copy_context()
    if "asyncio" in modules and bridge.runningLoop() is not None:
        strand = Strand(generator, context)
        following = _apart(strand.resume, None, False)
        if following is not None:  # It was given steps while it ran.
            run(following)
        return strand.deferred
    return _apart(context.run, advance, generator, context, None, None, False)


if version_info >= (3, 12):

    def _apart(function: Callable[..., T], *args: Any) -> T:
        # What a coroutine or generator raises remembers who resumed it last.
        return outcome(function, args, {})  # type: ignore[return-value] # neither of the two raises

else:

    def _apart(function: Callable[..., T], *args: Any) -> T:
        return function(*args)


def _withoutAwait(tb: TracebackType | None) -> TracebackType | None:
    """A traceback without its first frame, which is the driver's, and without that of `Deferred._wait`."""
    first = link = tb.tb_next if tb else None
    while link is not None and link.tb_next is not None:
        if link.tb_next.tb_frame.f_code is _AWAIT:
            link.tb_next = link.tb_next.tb_next
            break
        link = link.tb_next
    return first


def ensureDeferred(coro: Coroutine[Any, Any, T] | Generator[Any, Any, T] | Deferred[T]) -> Deferred[T]:
    """Return a Deferred as it is, and run a coroutine as `Deferred.fromCoroutine` does.

    Raises:
        NotACoroutineError: ``coro`` is neither.
    """
    if isinstance(coro, Deferred):
        return coro
    try:
        return Deferred.fromCoroutine(coro)
    except NotACoroutineError:
        raise NotACoroutineError(f"{coro!r} is not a coroutine or a Deferred") from None


def inlineCallbacks(f: Callable[P, Generator[Any, Any, T]]) -> Callable[P, Deferred[T]]:
    """Turn a generator function into one that returns a Deferred.

    The function yields what it waits for, a Deferred, a coroutine or an asyncio future, and gets the result, or the
    exception raised, at the ``yield``; anything else that is yielded comes right back. What it returns is the
    result of the Deferred. Context variables are its own; cancelling the Deferred cancels what is awaited.

    Raises:
        TypeError: when called, if the function doesn't produce a generator.
    """

    def unwound(*args: P.args, **kwargs: P.kwargs) -> Deferred[T]:
        generator = f(*args, **kwargs)
        if not isinstance(generator, GeneratorType):
            raise TypeError(f"inlineCallbacks requires {f!r} to produce a generator; instead got {generator!r}")
        return spin(generator)

    return update_wrapper(unwound, f)


class Returned(BaseException):
    """Carries the argument of `returnValue` out of a generator."""

    def __init__(self, value: object) -> None:
        super().__init__(value)
        self.value = value


def returnValue(val: object) -> NoReturn:
    """End the generator of `inlineCallbacks` with a result: what ``return val`` does, for older programs."""
    raise Returned(val)
