# ruff: noqa: F811 # ``overload`` is typing's for checkers only: typing isn't imported on the start-up path.
"""Deferreds for results that are there, or come from calling something."""

from __future__ import annotations

from types import CoroutineType

from ...python.failure import Failure
from .deferred import Deferred, outcome, succeed
from .errors import TimeoutError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any, ParamSpec, TypeVar, overload

    T = TypeVar("T")
    P = ParamSpec("P")
else:

    def overload(function):
        return function


def fail(result: Failure | BaseException | None = None) -> Deferred[Any]:
    """Return a Deferred that has failed: with this Failure or exception, or with the exception being handled."""
    deferred: Deferred[Any] = Deferred()
    deferred.errback(result)
    return deferred


@overload
def maybeDeferred(f: Callable[P, Deferred[T]], *args: P.args, **kwargs: P.kwargs) -> Deferred[T]: ...
@overload
def maybeDeferred(f: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> Deferred[T]: ...
@overload
def maybeDeferred(f: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Deferred[T]: ...
def maybeDeferred(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Deferred[Any]:
    """Call a function that may or may not be asynchronous; return a Deferred for its result in any case.

    A Deferred that it returns is returned as it is, a coroutine is run, a value, a Failure or an exception makes a
    Deferred that has fired.
    """
    result = outcome(f, args, kwargs)
    if isinstance(result, Deferred):
        return result
    if isinstance(result, CoroutineType):
        return Deferred.fromCoroutine(result)
    if isinstance(result, Failure):
        return fail(result)
    return succeed(result)


def execute(callable: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Deferred[T]:
    """Call a function; return a Deferred that has fired with what it returned or raised."""
    result = outcome(callable, args, kwargs)
    return fail(result) if isinstance(result, Failure) else succeed(result)


def logError(err: Failure) -> Failure:
    """Log a failure and pass it on: an errback for looking at errors on their way."""
    from ...logger import Logger

    Logger("ropewalk.internet.defer").failure("", err)
    return err


def timeout(deferred: Deferred[Any]) -> None:
    """Fail a Deferred with `TimeoutError`. `Deferred.addTimeout` does more."""
    deferred.errback(Failure(TimeoutError("Callback timed out")))
