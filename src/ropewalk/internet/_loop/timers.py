"""Delayed calls: the public `DelayedCall`, and the heap in which a reactor keeps its own.

A reactor counts time by the monotonic clock, so that setting the machine's clock neither fires nor starves a
call. What users see (`DelayedCall.getTime`) is told in the terms of `reactor.seconds`, which is the wall clock.

The heap holds tuples ``(deadline, sequence, call)``: tuples compare in C, and the sequence keeps calls of the same
deadline in the order in which they were made. An entry is *live* while its sequence is still the call's own.
Cancelling and postponing leave the entry where it is (a postponed call is put back when its old entry comes up);
hastening makes a new entry and lets the old one go stale. Dead entries are swept out when they are the majority.
"""

from __future__ import annotations

from contextvars import copy_context
from heapq import heapify, heappop, heappush
from time import monotonic
from time import time as wallClock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

    from zope.interface import implementer

    from ..interfaces import IDelayedCall
else:
    from .._interfaces.later import IDelayedCall, implementer


from .._defer.unhandled import stackNow
from .trouble import logTrouble

__all__ = ["DelayedCall", "ReactorCall", "Timers"]

NOTHING: dict[str, object] = {}

# Fewer dead entries than this are not worth a sweep.
SWEEP = 64


@implementer(IDelayedCall)
class DelayedCall:
    """A call that some clock will make later.

    Reactors and `task.Clock` make these; programs get them from ``callLater`` and may cancel or move them.

    Args:
        time: when the call is due, in the terms of ``seconds``.
        func: what to call, with ``args`` and ``kw``.
        cancel: called with this object when it is cancelled.
        reset: called with this object when its time moved to an earlier moment.
        seconds: the clock that ``reset`` counts from.

    Attributes:
        called: true once the call was made.
        cancelled: true once it was cancelled.
        creator: the stack of its creation, as lines of text, when `debug` was on; else ``None``.
        debug: set it on the class to make each call remember the stack of its creation. Slow; for debugging.
    """

    debug = False
    creator: list[str] | None = None

    def __init__(
        self,
        time: float,
        func: Callable[..., object],
        args: tuple[object, ...],
        kw: dict[str, object],
        cancel: Callable[[DelayedCall], object],
        reset: Callable[[DelayedCall], object],
        seconds: Callable[[], float] = wallClock,
    ) -> None:
        self.time = time
        self.func: Callable[..., object] | None = func
        self.args: tuple[object, ...] | None = args
        self.kw: dict[str, object] | None = kw
        self.canceller = cancel
        self.resetter = reset
        self.seconds = seconds
        self.cancelled = self.called = 0
        self.delayed_time = 0.0
        if self.debug:
            self.creator = stackNow()

    def getTime(self) -> float:
        """Return when the call is due, in the terms of the clock's ``seconds``."""
        return self.time + self.delayed_time

    def active(self) -> bool:
        """Return whether the call is still to come: neither made nor cancelled."""
        return not (self.cancelled or self.called)

    def cancel(self) -> None:
        """Do not make the call.

        Raises:
            AlreadyCancelled: it was cancelled before.
            AlreadyCalled: it was made already.
        """
        self._mustBeActive()
        self.canceller(self)
        self.cancelled = 1
        # What the call would have used may be large, and a cancelled call may stay in its queue for a while.
        self.func = self.args = self.kw = None

    def reset(self, secondsFromNow: float) -> None:
        """Make the call ``secondsFromNow`` from now instead.

        Raises:
            AlreadyCancelled: it was cancelled.
            AlreadyCalled: it was made already.
        """
        self._mustBeActive()
        moment = self.seconds() + secondsFromNow
        if moment < self.time:
            self.delayed_time = 0.0
            self.time = moment
            self.resetter(self)
        else:
            self.delayed_time = moment - self.time

    def delay(self, secondsLater: float) -> None:
        """Make the call ``secondsLater`` later than planned; sooner when it is negative.

        Raises:
            AlreadyCancelled: it was cancelled.
            AlreadyCalled: it was made already.
        """
        self._mustBeActive()
        self.delayed_time += secondsLater
        if self.delayed_time < 0.0:
            self.activate_delay()
            self.resetter(self)

    def activate_delay(self) -> None:
        """Make what `delay` and `reset` postponed part of `time`; the clock that keeps the call does this."""
        self.time += self.delayed_time
        self.delayed_time = 0.0

    def __lt__(self, other: DelayedCall) -> bool:
        return self.time < other.time

    def __repr__(self) -> str:
        wait = self.getTime() - self.seconds()
        told = f"<DelayedCall {id(self):#x} [{wait}s] called={self.called:d} cancelled={self.cancelled:d}"
        if self.func is not None:
            arguments = [repr(each) for each in self.args or ()]
            arguments += [f"{name}={value!r}" for name, value in (self.kw or {}).items()]
            told += f" {nameOf(self.func)}({', '.join(arguments)})"
        if self.creator is not None:
            told += "\n\ntraceback at creation:\n\n" + "".join(self.creator)
        return told + ">"

    def _mustBeActive(self) -> None:
        if self.cancelled:
            from ..error import AlreadyCancelled

            raise AlreadyCancelled()
        if self.called:
            from ..error import AlreadyCalled

            raise AlreadyCalled()


class ReactorCall(DelayedCall):
    """A delayed call of a reactor; it moves itself about in the reactor's `Timers`."""

    # Kept on the class, so that making a call need not store them.
    called = cancelled = 0
    delayed_time = 0.0
    context: Context | None = None
    seconds = staticmethod(wallClock)

    def __init__(
        self, timers: Timers, deadline: float, func: Callable[..., object], args: tuple[object, ...], kw: dict[str, object]
    ) -> None:
        self.timers = timers
        self.func = func
        self.args = args
        self.kw = kw
        if self.debug:
            self.creator = stackNow()
        # When the call is due, and the time of its live entry in the heap: never later than that.
        self.deadline = self.scheduled = deadline
        timers.sequence = self.sequence = sequence = timers.sequence + 1
        heappush(timers.heap, (deadline, sequence, self))

    def cancel(self) -> None:
        if self.called or self.cancelled:
            self._mustBeActive()
        self.cancelled = 1
        self.func = self.args = self.kw = self.context = None
        self.timers.bury()

    def reset(self, secondsFromNow: float) -> None:
        if self.called or self.cancelled:
            self._mustBeActive()
        self._move(monotonic() + secondsFromNow)

    def delay(self, secondsLater: float) -> None:
        if self.called or self.cancelled:
            self._mustBeActive()
        self._move(self.deadline + secondsLater)

    def _move(self, deadline: float) -> None:
        self.deadline = deadline
        if deadline < self.scheduled:
            self.timers.hasten(self)
        # Else the entry stays where it is, and `Timers.run` finds out when it comes up.

    def take(self) -> tuple[Callable[..., object], tuple[object, ...], dict[str, object], Context | None]:
        """Return what is to be called, and let go of it: it often holds on to this object, and that is a cycle."""
        assert self.func is not None and self.args is not None and self.kw is not None
        taken = self.func, self.args, self.kw, self.context
        self.func = self.args = self.kw = self.context = None
        return taken

    def getTime(self) -> float:
        return self.deadline - monotonic() + wallClock()

    @property
    def time(self) -> float:  # type: ignore[override]  # there a plain attribute; here the deadline in other words
        """When the call is due; see `getTime`."""
        return self.getTime()

    def activate_delay(self) -> None:
        """Nothing to do: a reactor's calls have one time."""


def nameOf(func: Callable[..., object]) -> str:
    """Return what to call a function in a sentence."""
    name: str = getattr(func, "__qualname__", None) or repr(func)
    return name


class Timers:
    """The delayed calls of one reactor.

    Attributes:
        heap: ``(deadline, sequence, call)``; always this list object. Its first entry may be dead.
        sequence: of the call made last.
        armed: ``None``, or a function to call when the earliest deadline became earlier (a loop that is not
            ours must be told when to wake).
    """

    def __init__(self) -> None:
        self.heap: list[tuple[float, int, ReactorCall]] = []
        self.sequence = 0
        self.armed: Callable[[], object] | None = None
        self._dead = 0

    def add(
        self, delay: float, func: Callable[..., object], args: tuple[object, ...] = (), kw: dict[str, object] = NOTHING
    ) -> ReactorCall:
        """Call ``func`` in ``delay`` seconds."""
        call = ReactorCall(self, monotonic() + delay, func, args, kw)
        # A copy costs about as much as asking; an empty one is not worth entering.
        if context := copy_context():
            call.context = context
        if self.armed is not None and self.heap[0][2] is call:
            self.armed()
        return call

    def run(self, now: float) -> None:
        """Make the calls that are due. Those they make, however soon, wait for the next time."""
        heap = self.heap
        mark = (now, self.sequence + 1)
        while heap and heap[0] < mark:
            _, sequence, call = heappop(heap)
            if call.cancelled or call.sequence != sequence:
                self._dead -= 1
                continue
            if call.deadline > now:
                self._put(call)
                continue
            call.called = 1
            func, args, kw, context = call.take()
            try:
                if context is not None:
                    context.run(func, *args, **kw)
                else:
                    func(*args, **kw)
            except BaseException:
                logTrouble(f"while making a delayed call of {func!r}")

    def timeout(self) -> float | None:
        """Return the seconds until the next call, zero when one is due, ``None`` when there is none."""
        heap = self.heap
        while heap:
            _, sequence, call = heap[0]
            if call.cancelled or call.sequence != sequence:
                self._dead -= 1
                heappop(heap)
            elif call.deadline > call.scheduled:
                heappop(heap)
                self._put(call)
            else:
                return max(0.0, call.deadline - monotonic())
        return None

    def pending(self) -> list[DelayedCall]:
        """Return the calls still to come, in no order."""
        return [call for _, sequence, call in self.heap if call.sequence == sequence and not call.cancelled]

    def hasten(self, call: ReactorCall) -> None:
        """A call's deadline moved before its entry: make a new one."""
        self._put(call)
        self.bury()
        if self.armed is not None and self.heap[0][2] is call:
            self.armed()

    def bury(self) -> None:
        """Count an entry that just died; sweep when they are too many."""
        self._dead += 1
        if self._dead > SWEEP and self._dead * 2 > len(self.heap):
            # In place: others hold the list.
            self.heap[:] = [entry for entry in self.heap if entry[1] == entry[2].sequence and not entry[2].cancelled]
            heapify(self.heap)
            self._dead = 0

    def _put(self, call: ReactorCall) -> None:
        call.scheduled = call.deadline
        self.sequence = call.sequence = sequence = self.sequence + 1
        heappush(self.heap, (call.deadline, sequence, call))
