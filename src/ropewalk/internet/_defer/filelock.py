"""A lock between processes that can be waited for."""

from __future__ import annotations

from ...python.lockfile import FilesystemLock
from .deferred import Deferred
from .errors import AlreadyTryingToLockError, TimeoutError
from .results import fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..interfaces import IDelayedCall, IReactorTime


class DeferredFilesystemLock(FilesystemLock):
    """A `FilesystemLock` that is tried again, once a second, until it is ours.

    Args:
        name: the path of the lock.
        scheduler: what keeps the time; the reactor unless given.
    """

    _interval = 1
    # The wait that is on, and its two delayed calls; None between waits.
    _waiter: Deferred[None] | None = None
    _retry: IDelayedCall | None = None
    _alarm: IDelayedCall | None = None

    def __init__(self, name: str | bytes, scheduler: IReactorTime | None = None) -> None:
        super().__init__(name)
        if scheduler is None:
            from .. import reactor

            self._scheduler: IReactorTime = reactor
        else:
            self._scheduler = scheduler

    def deferUntilLocked(self, timeout: float | None = None) -> Deferred[None]:
        """Return a Deferred that fires, with None, when the lock is ours. Cancelling it ends the attempts.

        It fails with `TimeoutError` after ``timeout`` seconds, and with `AlreadyTryingToLockError` if an earlier
        call still waits.
        """
        if self._waiter is not None:
            return fail(AlreadyTryingToLockError(f"an earlier call still waits for the lock {self.name!r}"))
        waiter: Deferred[None] = Deferred(self._stopTrying)
        self._waiter = waiter
        self._try()
        if timeout is not None and self._waiter is not None:
            self._alarm = self._scheduler.callLater(timeout, self._giveUp, timeout)
        return waiter

    def _try(self) -> None:
        self._retry = None
        waiter = self._waiter
        assert waiter is not None  # `_stopTrying` has cancelled this call otherwise.
        try:
            locked = self.lock()
        except OSError as problem:
            self._stopTrying()
            waiter.errback(problem)
            return
        if locked:
            self._stopTrying()
            waiter.callback(None)
        else:
            self._retry = self._scheduler.callLater(self._interval, self._try)

    def _giveUp(self, timeout: float) -> None:
        waiter = self._waiter
        assert waiter is not None  # As above.
        # One last look: the clock may have jumped over several attempts.
        if self.lock():
            self._stopTrying()
            waiter.callback(None)
            return
        self._stopTrying()
        waiter.errback(TimeoutError(f"could not lock {self.name!r} within {timeout:g} seconds"))

    def _stopTrying(self, waiter: Deferred[None] | None = None) -> None:
        self._waiter = None
        for call in (self._retry, self._alarm):
            if call is not None and call.active():
                call.cancel()
        self._retry = self._alarm = None
