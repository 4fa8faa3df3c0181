"""Cancelling Deferreds, and limiting the time they may take."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.internet.defer import AlreadyCalledError, CancelledError, Deferred, TimeoutError, fail, succeed
from ropewalk.internet.task import Clock
from ropewalk.python.failure import Failure


def reason(deferred: Deferred[Any]) -> Any:
    """Take the failure of a Deferred: the exception; None when there is none."""
    seen: list[Failure] = []
    deferred.addErrback(seen.append)
    return seen[0].value if seen else None


class TestCancel:
    """`Deferred.cancel`."""

    def test_withoutCanceller(self) -> None:
        """An unfired Deferred without a canceller fails with `CancelledError` at once (F078)."""
        deferred: Deferred[None] = Deferred()
        assert deferred.cancel() is None  # type: ignore[func-returns-value]
        assert isinstance(reason(deferred), CancelledError)

    @pytest.mark.parametrize("late", ["callback", "errback"])
    def test_oneLateResultIsIgnored(self, late: str) -> None:
        """After that, exactly one late `callback` or `errback` is ignored; the second raises (F079)."""
        deferred: Deferred[Any] = Deferred()
        deferred.cancel()
        assert isinstance(reason(deferred), CancelledError)
        getattr(deferred, late)(ValueError("late"))
        assert deferred.result is None
        with pytest.raises(AlreadyCalledError):
            deferred.callback(1)

    def test_lateResultWithinTheErrback(self) -> None:
        """The late result may come while the errback for the cancellation runs (F079)."""
        deferred: Deferred[Any] = Deferred()
        deferred.addErrback(lambda _: deferred.callback("late"))
        deferred.cancel()
        assert deferred.result is None

    def test_lateResultWithACanceller(self) -> None:
        """A Deferred with a canceller forgives no late result: its canceller was to stop the work (F079)."""
        deferred: Deferred[int] = Deferred(lambda _: None)
        deferred.cancel()
        reason(deferred)
        with pytest.raises(AlreadyCalledError):
            deferred.callback(1)

    def test_afterFiring(self) -> None:
        """Cancelling a fired Deferred changes nothing, nor does cancelling again (F077, F080)."""
        called: list[object] = []
        deferred: Deferred[int] = Deferred(called.append)
        deferred.callback(1)
        deferred.cancel()
        deferred.cancel()
        assert (deferred.result, called) == (1, [])

    def test_cancellerGetsTheDeferred(self) -> None:
        """The canceller is called with the Deferred, once; then it fails with `CancelledError` (F081)."""
        called: list[object] = []
        deferred: Deferred[int] = Deferred(called.append)
        deferred.cancel()
        deferred.cancel()
        assert called == [deferred]
        assert isinstance(reason(deferred), CancelledError)

    def test_cancellerMayFire(self) -> None:
        """A canceller may fire the Deferred itself, with a result or with an error of its own (F081, F083)."""
        deferred: Deferred[str] = Deferred(lambda d: d.callback("partial"))
        deferred.cancel()
        assert deferred.result == "partial"
        failing: Deferred[str] = Deferred(lambda d: d.errback(ValueError("mine")))
        failing.cancel()
        assert isinstance(reason(failing), ValueError)

    def test_neverRaises(self) -> None:
        """What a canceller raises doesn't leave `cancel`: it is the cause of the `CancelledError` (F077)."""
        problem = ValueError("canceller")

        def bad(_: object) -> None:
            raise problem

        deferred: Deferred[str] = Deferred(bad)
        deferred.cancel()
        error = reason(deferred)
        assert isinstance(error, CancelledError)
        assert error.__cause__ is problem

    def test_goesToTheOneThatIsWaitedFor(self) -> None:
        """Cancelling a Deferred that waits for another cancels that one; the outcome comes back (F082)."""
        called: list[object] = []
        inner: Deferred[str] = Deferred(called.append)
        outer = succeed(None).addCallback(lambda _: inner)
        outer.cancel()
        assert called == [inner]
        assert isinstance(reason(outer), CancelledError)
        assert inner.result is None

    def test_innerMayRecover(self) -> None:
        """The Deferred that is waited for decides what the outer gets (F082)."""
        inner: Deferred[str] = Deferred(lambda d: d.callback("so be it"))
        outer = succeed(None).addCallback(lambda _: inner)
        outer.cancel()
        assert outer.result == "so be it"

    def test_waitingInACircle(self) -> None:
        """Cancelling Deferreds that wait for each other ends, and changes nothing."""
        first: Deferred[Any] = Deferred()
        second: Deferred[Any] = Deferred()
        first.addCallback(lambda _: second)
        second.addCallback(lambda _: first)
        first.callback(None)
        second.callback(None)
        first.cancel()
        assert first.paused

    def test_cancelledByItsOwnCallback(self) -> None:
        """A callback that cancels its Deferred changes nothing: there is a result."""
        deferred: Deferred[int] = Deferred()

        def cancel(number: int) -> int:
            deferred.cancel()
            return number

        deferred.addCallback(cancel)
        deferred.callback(1)
        assert deferred.result == 1


class TestTimeout:
    """`Deferred.addTimeout`."""

    def test_inTime(self) -> None:
        """A Deferred that fires in time is left alone, and so is the clock."""
        clock = Clock()
        deferred: Deferred[str] = Deferred()
        assert deferred.addTimeout(3, clock) is deferred
        clock.advance(2.9)
        deferred.callback("in time")
        assert clock.getDelayedCalls() == []
        clock.advance(1)
        assert deferred.result == "in time"

    def test_tooLate(self) -> None:
        """A Deferred that takes too long is cancelled and fails with `TimeoutError`, at the limit and not before."""
        clock = Clock()
        called: list[object] = []
        deferred: Deferred[str] = Deferred(called.append)
        deferred.addTimeout(3, clock)
        clock.advance(2.9)
        assert not called
        clock.advance(0.1)
        assert called == [deferred]
        error = reason(deferred)
        assert isinstance(error, TimeoutError)
        assert error.args == (3, "Deferred")

    def test_otherErrorsStay(self) -> None:
        """A failure other than `CancelledError` isn't translated."""
        clock = Clock()
        deferred: Deferred[str] = Deferred(lambda d: d.errback(ValueError("mine")))
        deferred.addTimeout(1, clock)
        clock.advance(1)
        assert isinstance(reason(deferred), ValueError)

    def test_resultInSpiteOfTheTimeout(self) -> None:
        """A canceller that gives a result gives the result."""
        clock = Clock()
        deferred: Deferred[str] = Deferred(lambda d: d.callback("partial"))
        deferred.addTimeout(1, clock)
        clock.advance(1)
        assert deferred.result == "partial"

    def test_cancelledByHand(self) -> None:
        """A Deferred that is cancelled before its time is up fails with `CancelledError`."""
        clock = Clock()
        deferred: Deferred[str] = Deferred()
        deferred.addTimeout(1, clock)
        deferred.cancel()
        assert clock.getDelayedCalls() == []
        assert isinstance(reason(deferred), CancelledError)

    def test_translated(self) -> None:
        """``onTimeoutCancel`` gets the outcome and the limit, and decides what goes on."""
        clock = Clock()
        seen: list[Any] = []
        deferred: Deferred[str] = Deferred()

        def translate(outcome: str | Failure, limit: float) -> str:
            seen.append((outcome, limit))
            return "instead"

        deferred.addTimeout(2, clock, translate)
        clock.advance(2)
        assert deferred.result == "instead"
        assert seen[0][0].check(CancelledError)
        assert seen[0][1] == 2

    def test_callbacksAddedLaterDontCount(self) -> None:
        """The limit is on what was there when it was set: a later callback may take its time."""
        clock = Clock()
        deferred: Deferred[None] = Deferred()
        deferred.addTimeout(1, clock)
        later: Deferred[str] = Deferred()
        deferred.addCallback(lambda _: later)
        deferred.callback(None)
        clock.advance(5)
        later.callback("slow")
        assert deferred.result == "slow"

    def test_failedInTime(self) -> None:
        """A failure in time passes, and the clock is left alone."""
        clock = Clock()
        deferred = fail(ValueError("quick")).addTimeout(1, clock)
        assert clock.getDelayedCalls() == []
        assert isinstance(reason(deferred), ValueError)
