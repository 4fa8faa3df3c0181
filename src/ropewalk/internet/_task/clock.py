"""A clock moved by hand, so that tests of timed things never wait."""

from __future__ import annotations

from bisect import insort
from contextvars import copy_context

from ..base import DelayedCall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextvars import Context
    from typing import Any

    from zope.interface import implementer

    from ..interfaces import IReactorTime
else:
    from .._interfaces.later import IReactorTime, implementer


class ClockCall(DelayedCall):
    """A delayed call that takes its new place among its clock's as soon as it is moved.

    Attributes:
        context: what it is made in, as a reactor's is: a copy of the context in which it was asked for. `None` for
            an empty one.
    """

    context: Context | None = None

    def delay(self, secondsLater: float) -> None:
        super().delay(secondsLater)
        self._takePlace()

    def reset(self, secondsFromNow: float) -> None:
        super().reset(secondsFromNow)
        self._takePlace()

    def _takePlace(self) -> None:
        self.activate_delay()
        self.resetter(self)


@implementer(IReactorTime)
class Clock:
    """The time half of a reactor, standing still until `advance` is called.

    Hand it to whatever takes a ``clock`` or a ``reactor`` to tell the time by, then move it to both sides of a
    deadline. It begins at 0.0 seconds.

    Attributes:
        calls: what is still to come, the earliest first; equal times keep the order in which they were asked for.
    """

    rightNow = 0.0

    def __init__(self) -> None:
        self.calls: list[DelayedCall] = []

    def seconds(self) -> float:
        """Return what the clock shows."""
        return self.rightNow

    def callLater(self, delay: float, callable: Callable[..., object], *args: Any, **kw: Any) -> DelayedCall:
        """Have a function called once `advance` has moved the clock by ``delay`` seconds or more.

        A delay of zero waits for the next `advance`, even of zero seconds.
        """
        call = ClockCall(self.rightNow + delay, callable, args, kw, self.calls.remove, self._moved, self.seconds)
        if context := copy_context():
            call.context = context
        insort(self.calls, call, key=DelayedCall.getTime)
        return call

    def getDelayedCalls(self) -> list[DelayedCall]:
        """Return the calls still to come, the earliest first. The list is the clock's own: look, don't change it."""
        return self.calls

    def advance(self, amount: float) -> None:
        """Move the clock, then make every call that is due, in order of time.

        The clock jumps: every call made here sees the new time, as after a reactor that was busy elsewhere. What such a
        call schedules for a time not after the new one is made as well before `advance` returns; a call that schedules
        itself again without any delay keeps `advance` for ever.

        Raises:
            Exception: whatever a call raises. The clock has moved, the failed call is spent, and the rest that is due
                waits for the next `advance`.
        """
        self.rightNow += amount
        while self.calls and self.calls[0].getTime() <= self.rightNow:
            call = self.calls.pop(0)
            call.called = 1
            func, args, kw = call.func, call.args, call.kw
            # Only a call that was cancelled or made has lost them.
            assert func is not None
            assert args is not None
            assert kw is not None
            context = getattr(call, "context", None)
            # What was called often holds on to the call: let go, or that is a cycle.
            call.func = call.args = call.kw = None
            if context is not None:
                context.run(func, *args, **kw)
            else:
                func(*args, **kw)

    def pump(self, timings: Iterable[float]) -> None:
        """Call `advance` with each number of seconds in turn."""
        for amount in timings:
            self.advance(amount)

    def _moved(self, call: DelayedCall) -> None:
        self.calls.remove(call)
        insort(self.calls, call, key=DelayedCall.getTime)
