"""Deferreds for results that are there, or come from calling something."""

from __future__ import annotations

from inspect import iscoroutine

from ...python.failure import Failure
from .deferred import Deferred

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ParamSpec, TypeVar

    T = TypeVar("T")
    P = ParamSpec("P")


def succeed(result: T) -> Deferred[T]:
    """Return a Deferred that has fired with this result."""
    deferred: Deferred[T] = Deferred()
    deferred.called = True
    deferred.result = result
    return deferred


def fail(result: Failure | BaseException | None = None) -> Deferred[Any]:
    """Return a Deferred that has failed: with this Failure or exception, or with the exception being handled."""
    deferred: Deferred[Any] = Deferred()
    deferred.errback(result)
    return deferred


def maybeDeferred(f, *args, **kwargs):
    try:
        result = f(*args, **kwargs)
    except BaseException as error:
        error.__traceback__ = error.__traceback__.tb_next
        return fail(Failure(error))
    if isinstance(result, Deferred):
        return result
    if iscoroutine(result):
        return Deferred.fromCoroutine(result)
    if isinstance(result, Failure):
        return fail(result)
    return succeed(result)
