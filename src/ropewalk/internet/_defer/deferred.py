# ruff: noqa: F811 # ``overload`` is typing's for checkers only: typing isn't imported on the start-up path.
"""`Deferred`: a result that isn't there yet, and what is to be done with it.

A Deferred holds a list of steps. Each is a tuple ``(callback, errback, extras)``; None stands for "pass on what you
got", and ``extras`` is None unless the functions need more than the result. When the Deferred fires, `run` takes the
steps in order, giving each the outcome of the one before.

Two steps are no functions. ``CHAIN`` hands the result to another Deferred, whose callback returned this one. ``RESUME``
hands it to a coroutine or generator that waits for this one (a `Strand`). Both may make another Deferred ready to run.
`run` doesn't call itself for it: it puts what it was doing on a list and goes on there. So however long a chain is,
the stack stays flat, and the order is that of a recursion: whoever waits is served before the steps added later.

Invariants:

- ``paused`` counts the reasons not to run steps: each `pause`, waiting for another Deferred (which is then the
  ``result``), and running them already. "Ready" is ``called and not paused``: `result` is there for the taking, and no
  steps are left.
- Nothing that ended refers to what it ended with in a circle: the frame of this file is cut off every traceback that
  is caught here (it would lead back to the Deferred), an errback that raises what it was given passes on the same
  Failure (its frame refers to it), and a Failure that somebody took is taken out of the Deferred it came from.
- A result that is a Failure when the steps are over is guarded by a `DebugInfo`, see `unhandled`.
"""

from __future__ import annotations

from _contextvars import copy_context
from collections.abc import Coroutine
from enum import Enum
from sys import modules
from types import CoroutineType, GeneratorType, GenericAlias

from ...python.failure import Failure, Outcome
from .errors import AlreadyCalledError, CancelledError, NotACoroutineError
from .unhandled import DebugInfo, stackNow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future
    from collections.abc import Awaitable, Callable, Generator, Mapping
    from contextvars import Context
    from typing import Any, Concatenate, Final, Literal, ParamSpec, TypeAlias, TypeVar, overload

    from ..interfaces import IReactorTime

    T = TypeVar("T")
    U = TypeVar("U")
    V = TypeVar("V")
    P = ParamSpec("P")

    # What a function may return for the Deferred to go on with a ``U``.
    Returns: TypeAlias = "U | Deferred[U] | Failure"

    # Arguments and keywords for the callback, then for the errback.
    Arguments: TypeAlias = "tuple[tuple[Any, ...], Mapping[str, Any], tuple[Any, ...], Mapping[str, Any]]"
    # Callback, errback, and what they need: None, a context (or None) with `Arguments`, or who waits.
    Step: TypeAlias = "tuple[Any, Any, Any]"

    class Eventual(Outcome, Awaitable[T]):
        """`Deferred`'s base as type checkers see it."""

else:

    class Eventual(Outcome):
        __slots__ = ()
        __class_getitem__ = classmethod(GenericAlias)

    def overload(function):
        return function


class Mark(Enum):
    """Values that stand where a function would."""

    CHAIN = "give the result to the Deferred that waits for it"
    RESUME = "give the result to the strand that waits for it"
    LATE = "was cancelled without a canceller: the result may still come, once, and is ignored"
    PENDING = "what a canceller of ours returns when the Deferred will fire, soon, with the outcome of the cancellation"


CHAIN: Final = Mark.CHAIN
RESUME: Final = Mark.RESUME
LATE: Final = Mark.LATE
PENDING: Final = Mark.PENDING

# In debug mode stacks are recorded; `setDebugging` is the switch.
_debugging = False


class Deferred(Eventual["T"]):
    """A result that will be there later, and the functions that are to be called with it.

    A function that starts something and can't wait for its end returns a Deferred. Who called it adds callbacks, or
    awaits it; who does the work calls `callback` with the result, or `errback` with what went wrong, once.

    Callbacks are called in the order they were added, each with what the one before returned. Raising, or returning a
    `Failure`, leads to the next *errback*; returning anything else leads to the next callback. Returning a Deferred
    makes the next wait for that one's result. A callback that is added when the result is there is called at once.

    A Deferred knows no event loop and no threads: it is fired, and calls, in whichever thread uses it.

    Args:
        canceller: called with the Deferred when it is cancelled before it fired. It stops the work, and may fire the
            Deferred; otherwise the Deferred fails with `CancelledError` when the canceller returns.

    Attributes:
        called: whether `callback` or `errback` was called.
        paused: how many reasons there are not to call callbacks now: each `pause`, waiting for another Deferred, and
            calling them already.
        result: what the last callback returned so far; there when ``called``. The Deferred waited for, while
            waiting.
        debug: whether stacks are recorded; see `setDebugging`.
    """

    __slots__ = ("__dict__", "__weakref__", "_callbacks", "_canceller", "_debugInfo", "called", "paused", "result")

    debug = False

    called: bool
    paused: int
    # Unset until the Deferred fires. Not just a T: a Failure, or the Deferred that is waited for.
    result: Any
    # The steps that remain; None once they have been taken. While they run, those that have run are still in front.
    _callbacks: list[Step] | None
    # Called on cancelling; for the Deferred of a strand, the strand.
    _canceller: Callable[[Deferred[Any]], object] | Strand | Literal[Mark.LATE] | None
    _debugInfo: DebugInfo | None

    def __init__(self, canceller: Callable[[Deferred[Any]], object] | None = None) -> None:
        self.called = False
        self.paused = 0
        self._canceller = canceller
        self._callbacks = []
        self._debugInfo = None
        if _debugging:
            self._debugInfo = DebugInfo()
            self._debugInfo.creator = stackNow()

    # Adding steps.

    @overload
    def addCallbacks(
        self,
        callback: Callable[..., Deferred[U]],
        errback: Callable[..., Deferred[V]],
        callbackArgs: tuple[Any, ...] = (),
        callbackKeywords: Mapping[str, Any] = ...,
        errbackArgs: tuple[Any, ...] = (),
        errbackKeywords: Mapping[str, Any] = ...,
    ) -> Deferred[U | V]: ...
    @overload
    def addCallbacks(
        self,
        callback: Callable[..., Deferred[U]],
        errback: Callable[..., Returns[V]],
        callbackArgs: tuple[Any, ...] = (),
        callbackKeywords: Mapping[str, Any] = ...,
        errbackArgs: tuple[Any, ...] = (),
        errbackKeywords: Mapping[str, Any] = ...,
    ) -> Deferred[U | V]: ...
    @overload
    def addCallbacks(
        self,
        callback: Callable[..., Returns[U]],
        errback: Callable[..., Returns[V]],
        callbackArgs: tuple[Any, ...] = (),
        callbackKeywords: Mapping[str, Any] = ...,
        errbackArgs: tuple[Any, ...] = (),
        errbackKeywords: Mapping[str, Any] = ...,
    ) -> Deferred[U | V]: ...
    @overload
    def addCallbacks(
        self,
        callback: Callable[..., Deferred[U]],
        errback: None = None,
        callbackArgs: tuple[Any, ...] = (),
        callbackKeywords: Mapping[str, Any] = ...,
        errbackArgs: tuple[Any, ...] = (),
        errbackKeywords: Mapping[str, Any] = ...,
    ) -> Deferred[U]: ...
    @overload
    def addCallbacks(
        self,
        callback: Callable[..., Returns[U]],
        errback: None = None,
        callbackArgs: tuple[Any, ...] = (),
        callbackKeywords: Mapping[str, Any] = ...,
        errbackArgs: tuple[Any, ...] = (),
        errbackKeywords: Mapping[str, Any] = ...,
    ) -> Deferred[U]: ...
    @overload
    def addCallbacks(
        self,
        callback: None,
        errback: Callable[..., Returns[V]],
        callbackArgs: tuple[Any, ...] = (),
        callbackKeywords: Mapping[str, Any] = ...,
        errbackArgs: tuple[Any, ...] = (),
        errbackKeywords: Mapping[str, Any] = ...,
    ) -> Deferred[T | V]: ...
    def addCallbacks(
        self,
        callback: Callable[..., Any] | None,
        errback: Callable[..., Any] | None = None,
        callbackArgs: tuple[Any, ...] = (),
        callbackKeywords: Mapping[str, Any] = {},
        errbackArgs: tuple[Any, ...] = (),
        errbackKeywords: Mapping[str, Any] = {},
    ) -> Deferred[Any]:
        """Add a callback for success and an errback for failure, side by side: one of the two is called.

        What the callback raises is not seen by this errback, but by the next one. Each is called with the result (the
        errback with a `Failure`), then with its own further arguments, in a copy of the `contextvars` context of the
        caller of this method.

        Args:
            callback: called on success; None lets the result pass.
            errback: called on failure; None lets the Failure pass.

        Returns:
            This same Deferred.
        """
        return self._add(callback, errback, (callbackArgs, callbackKeywords, errbackArgs, errbackKeywords))

    @overload
    def addCallback(
        self, callback: Callable[Concatenate[T, P], Deferred[U]], *args: P.args, **kwargs: P.kwargs
    ) -> Deferred[U]: ...
    @overload
    def addCallback(
        self, callback: Callable[Concatenate[T, P], Returns[U]], *args: P.args, **kwargs: P.kwargs
    ) -> Deferred[U]: ...
    def addCallback(self, callback: Callable[..., Any] | None, *args: Any, **kwargs: Any) -> Deferred[Any]:
        """Add a function to be called with the result, and these arguments, on success. See `addCallbacks`."""
        if self.called or args or kwargs or callback is None or copy_context():
            return self._add(_function(callback), None, (args, kwargs, (), {}))
        self._callbacks.append((callback, None, None))  # type: ignore[union-attr] # a list until the Deferred has fired
        return self

    @overload
    def addErrback(
        self, errback: Callable[Concatenate[Failure, P], Deferred[U]], *args: P.args, **kwargs: P.kwargs
    ) -> Deferred[T | U]: ...
    @overload
    def addErrback(
        self, errback: Callable[Concatenate[Failure, P], Returns[U]], *args: P.args, **kwargs: P.kwargs
    ) -> Deferred[T | U]: ...
    def addErrback(self, errback: Callable[..., Any] | None, *args: Any, **kwargs: Any) -> Deferred[Any]:
        """Add a function to be called with a `Failure`, and these arguments, on failure. See `addCallbacks`."""
        if self.called or args or kwargs or errback is None or copy_context():
            return self._add(None, _function(errback), ((), {}, args, kwargs))
        self._callbacks.append((None, errback, None))  # type: ignore[union-attr] # a list until the Deferred has fired
        return self

    @overload
    def addBoth(
        self, callback: Callable[Concatenate[T | Failure, P], Deferred[U]], *args: P.args, **kwargs: P.kwargs
    ) -> Deferred[U]: ...
    @overload
    def addBoth(
        self, callback: Callable[Concatenate[T | Failure, P], Returns[U]], *args: P.args, **kwargs: P.kwargs
    ) -> Deferred[U]: ...
    def addBoth(self, callback: Callable[..., Any] | None, *args: Any, **kwargs: Any) -> Deferred[Any]:
        """Add a function to be called in either case, with the result or a `Failure`. See `addCallbacks`."""
        return self._add(_function(callback), callback, (args, kwargs, args, kwargs))

    def _add(self, callback: Any, errback: Any, arguments: Arguments) -> Deferred[Any]:
        """Add a step, whatever it needs, in whatever state. The shorter ways above are for the usual case."""
        plain = not any(arguments)
        if self.called and not self.paused:
            self._callbacks = [(callback, errback, None if plain else (None, *arguments))]
            self.paused = 1
            run(self)
        elif context := copy_context():
            self._addStep((callback, errback, (context, *arguments)))
        else:
            # An empty context is as good as the one that will be there: nothing is kept for it.
            self._addStep((callback, errback, None if plain else (None, *arguments)))
        return self

    def chainDeferred(self, d: Deferred[T]) -> Deferred[None]:
        """Fire another Deferred with the result that this one has here. Steps added later don't affect the other."""
        return self.addCallbacks(d.callback, d.errback)

    @property
    def callbacks(self) -> list[tuple[tuple[Any, Any, Any], tuple[Any, Any, Any]]]:
        """The steps that remain, each as two triples (function, arguments, keywords): for success, for failure."""
        told = []
        for callback, errback, extras in self._callbacks or ():
            if type(extras) is tuple:
                _, *arguments = extras
            else:
                arguments = [() if extras is None else (extras,), {}] * 2
            args, kwargs, errbackArgs, errbackKwargs = arguments
            told.append(((callback or passthru, args, kwargs), (errback or passthru, errbackArgs, errbackKwargs)))
        return told

    # Firing.

    def callback(self, result: T | Failure) -> None:
        """Fire with a result: call the callbacks, now. A `Failure` leads to the errbacks instead.

        Raises:
            AlreadyCalledError: it was fired before. (A Deferred that was cancelled and has no canceller forgives
                this once.)
        """
        if self.called:
            self._refuse()
            return
        self.called = True
        self.result = result
        self._canceller = None
        if _debugging:
            self._noteInvoker()
        if self.paused:
            return
        if self._callbacks:
            self.paused = 1
            # What `run` does, without a call.
            try:
                send = _runners.pop()
            except IndexError:
                send = _started(_runner())
            send(self)
            _runners.append(send)
        elif result is not None and isinstance(result, Failure):
            self._guard()

    def errback(self, fail: Failure | BaseException | None = None) -> None:
        """Fire with a failure: call the errbacks, now.

        Args:
            fail: a `Failure`, or an exception to make one of; without it, the exception that is being handled.

        Raises:
            AlreadyCalledError: as for `callback`.
            NoCurrentExceptionError: ``fail`` is not given and no exception is being handled.
        """
        if not isinstance(fail, Failure):
            fail = Failure(fail)
        self.callback(fail)

    def _noteInvoker(self) -> None:
        self._debugInfo = self._debugInfo or DebugInfo()
        self._debugInfo.invoker = stackNow()

    def _refuse(self) -> None:
        if getattr(self, "_canceller", None) is LATE:
            self._canceller = None
            return
        raise AlreadyCalledError(
            "this Deferred has fired already; callback() and errback() work once"
            + (f"\n{self._debugInfo.describe()}" if self._debugInfo else "")
        )

    def pause(self) -> None:
        """Stop calling callbacks, until `unpause` was called as often."""
        self.paused += 1

    def unpause(self) -> None:
        """Take back one `pause`. If that was the last and the Deferred has fired, call what was added since."""
        self.paused -= 1
        if not self.paused and self.called:
            self.paused = 1
            run(self)

    def cancel(self) -> None:
        """Ask that the work be given up. The Deferred fires soon, normally with `CancelledError`.

        Before it has fired, its canceller is called; without one it fails with `CancelledError` and ignores, once, what
        comes later. While it waits for another Deferred, that one is cancelled. Afterwards nothing happens. Never
        raises: what a canceller raises becomes the cause of the `CancelledError`.
        """
        # Find who is behind it: through Deferreds that wait for others, and strands that await them.
        target: Deferred[Any] = self
        seen = {id(self)}
        while True:
            if target.called:
                following = target.result if target.paused else None
            elif isinstance(target._canceller, Strand):
                following = target._canceller.awaited
            else:
                break
            if not isinstance(following, Deferred) or id(following) in seen:
                return  # Nothing is waited for: there is a result, or it is being worked out right now.
            target = following
            seen.add(id(target))
            if getattr(target.cancel, "__func__", None) is not Deferred.cancel:
                target.cancel()  # It has its own way.
                return
        target._giveUp()

    def _giveUp(self) -> None:
        error = CancelledError()
        canceller = self._canceller
        if canceller is None:
            self.called = True
            self.result = Failure(error)
            self._canceller = LATE
            if _debugging:
                self._noteInvoker()
            if not self.paused:
                self.paused = 1
                run(self)
            return
        result = outcome(canceller, (self,), {})  # type: ignore[arg-type] # a Mark is only there when `called`
        if result is PENDING:
            return
        if isinstance(result, Failure):
            error.__cause__ = result.value
        if not self.called:
            self.errback(error)

    @overload
    def addTimeout(self, timeout: float, clock: IReactorTime, onTimeoutCancel: None = None) -> Deferred[T]: ...
    @overload
    def addTimeout(
        self, timeout: float, clock: IReactorTime, onTimeoutCancel: Callable[[T | Failure, float], Returns[U]]
    ) -> Deferred[T | U]: ...
    def addTimeout(
        self, timeout: float, clock: IReactorTime, onTimeoutCancel: Callable[[Any, float], Any] | None = None
    ) -> Deferred[Any]:
        """Cancel this Deferred if it has no result after some time. Only steps added before this call count.

        Args:
            timeout: seconds.
            clock: what keeps the time, for instance the reactor.
            onTimeoutCancel: called with the outcome of the cancellation and ``timeout``, if the time ran out; what it
                returns or raises goes on. Without it a `CancelledError` becomes a `TimeoutError`.

        Returns:
            This same Deferred.
        """
        from .timeouts import limit

        limit(self, timeout, clock, onTimeoutCancel)
        return self

    # Awaiting, and being awaited.

    def __await__(self) -> Generator[Any, Any, T]:
        """Wait for the result: in a coroutine, in a generator (``yield from``), in an asyncio task.

        A Failure is raised as its exception; that counts as handling it.
        """
        if self.called and not self.paused:
            result = self.result
            if result is None:
                return _NOTHING  # type: ignore[no-any-return] # it answers as a generator that returns None would
            if not isinstance(result, Failure):
                return _answer(result)
        return self._wait()

    def _wait(self) -> Generator[Any, Any, T]:
        if self.called and not self.paused:
            failure = self.result
            self._handled()
            # No name may be left for it: the frame of this generator is part of the exception's traceback.
            try:
                raise failure.value.with_traceback(failure.tb)
            finally:
                del failure
        if "asyncio" in modules and (future := bridge.future(self)) is not None:
            result = yield from future
        else:
            result = yield self
        return result

    __iter__ = __await__

    @classmethod
    def fromCoroutine(cls, coro: Coroutine[Any, Any, U] | Generator[Any, Any, U]) -> Deferred[U]:
        """Run a coroutine, now, up to its first wait; return a Deferred for its result.

        The coroutine may await Deferreds, other coroutines, asyncio futures and tasks. Its context variables are its
        own. Cancelling the Deferred cancels what the coroutine awaits.

        Raises:
            NotACoroutineError: ``coro`` is something else, for instance the function itself.
        """
        if not isinstance(coro, CoroutineType) and not isinstance(coro, (GeneratorType, Coroutine)):
            raise NotACoroutineError(f"{coro!r} is not a coroutine")
        return spin(coro)

    @classmethod
    def fromFuture(cls, future: Future[T]) -> Deferred[T]:
        """Return a Deferred that fires with the result of an asyncio future. Cancelling it cancels the future."""
        return bridge.fromFuture(future)

    def asFuture(self, loop: AbstractEventLoop) -> Future[T]:
        """Return an asyncio future for the result; this Deferred's own result is None from then on.

        Cancelling the future cancels this Deferred.
        """
        return bridge.asFuture(self, loop)

    def __repr__(self) -> str:
        """Tell the state: not fired yet, with a result, or waiting for another Deferred."""
        name = f"{self.__class__.__name__} at 0x{id(self):x}"
        if self.called:
            if self.paused and isinstance(self.result, Deferred):
                return f"<{name} waiting on Deferred at 0x{id(self.result):x}>"
            return f"<{name} current result: {self.result!r}>"
        if isinstance(self._canceller, Strand) and isinstance(self._canceller.awaited, Deferred):
            return f"<{name} waiting on Deferred at 0x{id(self._canceller.awaited):x}>"
        return f"<{name}>"

    # For `run`.

    def _addStep(self, step: Step) -> None:
        if self._callbacks is None:
            self._callbacks = [step]
        else:
            self._callbacks.append(step)

    def _guard(self) -> None:
        """Watch over the Failure that is the result: nobody has taken it so far."""
        if self._debugInfo is None:
            self._debugInfo = DebugInfo()
        self._debugInfo.failResult = self.result

    def _handled(self) -> None:
        """The Failure that is the result has been taken: it is not this Deferred's any more."""
        self.result = None
        if self._debugInfo is not None:
            self._debugInfo.failResult = None


def run(current: Deferred[Any]) -> None:
    """Take the steps of a Deferred. It has fired, and ``paused`` counts this run already."""
    try:
        send = _runners.pop()
    except IndexError:  # All of them are at work.
        send = _started(_runner())
    send(current)
    _runners.append(send)


def _runner() -> Generator[None, Deferred[Any], None]:
    """Take the steps of each Deferred that is sent.

    A generator that never ends. The frame of a function remembers its caller's for as long as a traceback holds it, and
    so would every failure hold everything above the place where its Deferred was fired, that Deferred for a start. The
    frame of a generator forgets its caller when it yields. (Few variables: each is cleared at the end, so that this
    frame leads to nothing, either.)
    """
    current = yield
    while True:
        # Others go first; then it is their turn again, the last one's first. None as long as there are none.
        interrupted: list[Deferred[Any]] | None = None
        while True:
            following: Any = None
            if current.paused == 1:
                result = current.result
                failed = result is not None and isinstance(result, Failure)
                if failed and current._debugInfo is not None:
                    current._debugInfo.failResult = None
                steps = iter(current._callbacks or ())  # Sees what is appended while it is used.

                for callback, errback, extras in steps:
                    step = errback if failed else callback
                    if step is None:
                        continue
                    try:
                        if extras is None:
                            result = step(result)
                        elif step is CHAIN:
                            extras.result, result, failed = result, None, False
                            if extras.paused == 1:  # Its reason to be paused turns from waiting into running.
                                following = extras
                                break
                            extras.paused -= 1
                            continue
                        elif step is RESUME:
                            following = extras.resume(result, failed)
                            if failed:
                                result, failed = None, False
                            if following is not None:
                                break
                            continue
                        else:
                            result = _call(step, result, extras[0], *(extras[3:] if failed else extras[1:3]))
                    except BaseException as error:
                        if failed and (error is result.value or error is result):
                            error.__traceback__ = result.tb
                        else:
                            # Without the frame of this function, and that of `_call`.
                            tb = error.__traceback__.tb_next  # type: ignore[union-attr] # it was raised
                            error.__traceback__ = tb if extras is None or tb is None else tb.tb_next
                            tb = None
                            result, failed = Failure(error), True
                    else:
                        failed = False
                        if result is not None and isinstance(result, Outcome):
                            if isinstance(result, Failure):
                                failed = True
                            else:
                                following = result  # The other kind of outcome, a Deferred.
                                if not following.called or following.paused:
                                    break
                                result, following.result = following.result, None
                                if isinstance(result, Failure):
                                    failed = True
                                    following._handled()
                                following = None
                    if current.paused != 1:  # The step did that.
                        break
                else:
                    current._callbacks = None
                    current.result = result
                    current.paused = 0
                    if failed:
                        current._guard()
                    if not interrupted:
                        break
                    current = interrupted.pop()
                    continue

                current._callbacks = list(steps) or None
                current.result = result

            if following is None:
                # Paused, by its own step or while others went first.
                current.paused -= 1
            elif following is current.result:
                # A step returned a Deferred that has no result yet: it is paused for waiting now, not for running.
                if following is current:
                    _warnOfCircle(current)
                following._addStep((CHAIN, CHAIN, current))
            else:
                # Another one has got a result from this one, and goes first.
                if current._callbacks is None:
                    current.paused -= 1
                else:
                    interrupted = interrupted or []
                    interrupted.append(current)
                current = following
                continue
            if not interrupted:
                break
            current = interrupted.pop()

        following = result = callback = errback = extras = step = None
        current = steps = None  # type: ignore[assignment] # whoever takes this one next brings another
        current = yield


def _started(generator: Generator[Any, Any, None]) -> Callable[[Any], Any]:
    """Run a generator to its first ``yield``; return its ``send``."""
    next(generator)
    return generator.send


# The ``send`` of each runner, and of each caller below, that has nothing to do. As many as ever worked at one time: a
# callback that fires another Deferred takes another one.
_runners: list[Callable[[Any], Any]] = []
_callers: list[Callable[[Any], Any]] = []


def _warnOfCircle(deferred: Deferred[Any]) -> None:
    from warnings import warn

    warn(
        f"a callback of {object.__repr__(deferred)} returned that same Deferred, which now waits for itself, forever; "
        "return what it should go on with, or another Deferred",
        DeprecationWarning,
        stacklevel=4,
    )


def _call(step: Callable[..., Any], result: Any, context: Context | None, args: Any, kwargs: Any) -> Any:
    if context is None:
        return step(result, *args, **kwargs)
    return context.run(step, result, *args, **kwargs)


def outcome(f: Callable[..., T], args: Any, kwargs: Any) -> T | Failure:
    """Return what a function returns, or the Failure that it raises; its frame forgets who called it: see `_runner`."""
    try:
        send = _callers.pop()
    except IndexError:
        send = _started(_caller())
    result: T | Failure = send((f, args, kwargs))
    _callers.append(send)
    return result


def _caller() -> Generator[Any, tuple[Callable[..., Any], Any, Any], None]:
    """Call each function that is sent, and yield the `outcome`."""
    results: list[Any] = [None]
    while True:
        f, args, kwargs = yield results.pop()
        try:
            results.append(f(*args, **kwargs))
        except BaseException as error:
            error.__traceback__ = error.__traceback__.tb_next  # type: ignore[union-attr] # it was raised
            results.append(Failure(error))
        f = args = kwargs = None  # type: ignore[assignment] # this frame leads to nothing


def _function(given: Callable[..., Any] | None) -> Callable[..., Any]:
    if given is None:
        raise TypeError(
            "a callback needs a function, not None; was it called instead of named, as in addCallback(f())?"
        )
    return given


def _answer(result: T) -> Generator[Any, Any, T]:
    """What awaiting a Deferred that has this result comes to."""
    return result
    yield  # type: ignore[unreachable] # it makes this a generator


# The same for None: an exhausted iterator does, and is made once.
_NOTHING: Any = iter(())

_new = Deferred.__new__


def succeed(result: T) -> Deferred[T]:
    """Return a Deferred that has fired with this result."""
    if _debugging:
        deferred: Deferred[T] = Deferred()
        deferred.callback(result)
        return deferred
    # What `__init__` and `callback` come to, without calling them: this is the most frequent way to make one.
    deferred = _new(Deferred)
    deferred.called = True
    deferred.paused = 0
    deferred._callbacks = deferred._debugInfo = None
    deferred.result = result
    return deferred  # `_canceller` is only looked at before a Deferred has fired, and once more in `_refuse`.


def passthru(arg: T) -> T:
    """Return the argument: a callback or errback that changes nothing."""
    return arg


def setDebugging(on: bool) -> None:
    """Record, for every Deferred from now on, where it is created and where it is fired. Slow."""
    global _debugging
    _debugging = Deferred.debug = bool(on)


def getDebugging() -> bool:
    """Tell whether stacks are recorded: see `setDebugging`."""
    return _debugging


# Below the class that they are made of.
from . import bridge  # noqa: E402
from .strands import Strand, spin  # noqa: E402
