"""A limit on the time a Deferred may take."""

from __future__ import annotations

from ...python.failure import Failure
from .errors import CancelledError, TimeoutError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..interfaces import IReactorTime
    from .deferred import Deferred


def limit(
    deferred: Deferred[Any],
    timeout: float,
    clock: IReactorTime,
    onTimeoutCancel: Callable[[Any, float], Any] | None,
) -> None:
    """Cancel the Deferred when it takes too long: see `Deferred.addTimeout`."""
    expired = False

    def expire() -> None:
        nonlocal expired
        expired = True
        deferred.cancel()

    def settle(outcome: Any) -> Any:
        if alarm.active():
            alarm.cancel()
        if not expired:
            return outcome
        if onTimeoutCancel is not None:
            return onTimeoutCancel(outcome, timeout)
        if isinstance(outcome, Failure) and outcome.check(CancelledError):
            return Failure(TimeoutError(timeout, "Deferred"))
        return outcome

    alarm = clock.callLater(timeout, expire)
    deferred.addBoth(settle)
