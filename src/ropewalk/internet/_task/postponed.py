"""A call made later, whose result can be waited for."""

from __future__ import annotations

from ..defer import Deferred

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ParamSpec, TypeVar, overload

    from ..interfaces import IReactorTime

    P = ParamSpec("P")
    T = TypeVar("T")
else:

    def overload(signature: object) -> None:
        """Overloads are for type checkers alone."""


# The linter knows `typing.overload` only, and importing ``typing`` here would make programs start more slowly.
@overload
def deferLater(clock: IReactorTime, delay: float) -> Deferred[None]: ...
@overload
def deferLater(  # noqa: F811
    clock: IReactorTime, delay: float, callable: Callable[P, Deferred[T]], *args: P.args, **kw: P.kwargs
) -> Deferred[T]: ...
@overload
def deferLater(  # noqa: F811
    clock: IReactorTime, delay: float, callable: Callable[P, T], *args: P.args, **kw: P.kwargs
) -> Deferred[T]: ...
def deferLater(  # noqa: F811
    clock: IReactorTime, delay: float, callable: Callable[..., object] | None = None, *args: object, **kw: object
) -> Deferred[Any]:
    """Wait, then call a function.

    Args:
        clock: the reactor, or another that tells the time.
        delay: seconds.
        callable: the function, called with the arguments that follow; without one this only waits.

    Returns:
        A Deferred of the function's result or failure. Cancelling it takes the call back.
    """
    deferred: Deferred[Any] = Deferred(lambda _: call.cancel())
    if callable is not None:
        deferred.addCallback(lambda _: callable(*args, **kw))
    call = clock.callLater(delay, deferred.callback, None)
    return deferred
