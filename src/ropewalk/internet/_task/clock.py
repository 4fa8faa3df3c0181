"""A clock moved by hand, so that tests of timed things never wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from zope.interface import implementer

    from ..base import DelayedCall
    from ..interfaces import IReactorTime
else:
    from .._interfaces.later import IReactorTime, implementer


@implementer(IReactorTime)
class Clock:
    """The time half of a reactor, standing still until `advance` is called.

    Hand it to whatever takes a ``clock`` or a ``reactor`` to tell the time by, then move it to both sides of a deadline.
    It begins at 0.0 seconds.
    """

    rightNow = 0.0

    def __init__(self) -> None:
        #: What is still to come, the earliest first; equal times keep the order in which they were asked for.
        self.calls: list[DelayedCall] = []

    def seconds(self) -> float:
        """Return what the clock shows."""
        return self.rightNow

    def callLater(self, delay: float, callable: Callable[..., object], *args: Any, **kw: Any) -> DelayedCall:
        """Have a function called once `advance` has moved the clock by ``delay`` seconds or more.

        A delay of zero waits for the next `advance`, even of zero seconds.
        """
        from ..base import DelayedCall

        call = DelayedCall(
            self.rightNow + delay, callable, args, kw, self.calls.remove, lambda moved: self._sort(), self.seconds
        )
        self.calls.append(call)
        self._sort()
        return call

    def getDelayedCalls(self) -> list[DelayedCall]:
        """Return the calls still to come, the earliest first. The list is the clock's own: look, don't change it."""
        return self.calls

    def advance(self, amount: float) -> None:
        """Move the clock, then make every call that is due, in order of time.

        The clock jumps: every call made here sees the new time, as after a reactor that was busy elsewhere. What such a
        call schedules for a time not after the new one is made as well before `advance` returns.

        Raises:
            Exception: whatever a call raises. The clock has moved, the failed call is spent, and the rest that is due
                waits for the next `advance`.
        """
        self.rightNow += amount
        # A call that was put off (`DelayedCall.delay`) may not have said so: sort before each look at the front.
        self._sort()
        while self.calls and self.calls[0].getTime() <= self.rightNow:
            call = self.calls.pop(0)
            call.called = 1
            call.func(*call.args, **call.kw)
            self._sort()

    def pump(self, timings: Iterable[float]) -> None:
        """Call `advance` with each number of seconds in turn."""
        for amount in timings:
            self.advance(amount)

    def _sort(self) -> None:
        self.calls.sort(key=lambda call: call.getTime())
