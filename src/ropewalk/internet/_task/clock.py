"""A clock moved by hand, so that tests of timed things never wait."""

from __future__ import annotations

from contextvars import copy_context

from .._loop.timers import DelayedCall

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
    """A delayed call that is made in the context in which it was asked for, as a reactor's is."""

    context: Context | None = None


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
        call = ClockCall(self.rightNow + delay, callable, args, kw, self.calls.remove, self._resort, self.seconds)
        if context := copy_context():
            call.context = context
        self.calls.append(call)
        self._resort()
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
        while call := self._nextDue():
            self.calls.remove(call)
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

    def _nextDue(self) -> DelayedCall | None:
        # A call that was put off doesn't tell us so: the list may be out of order behind and at its front.
        self._resort()
        if self.calls and self.calls[0].getTime() <= self.rightNow:
            return self.calls[0]
        return None

    def _resort(self, _moved: DelayedCall | None = None) -> None:
        self.calls.sort(key=DelayedCall.getTime)
