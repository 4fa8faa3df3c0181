"""The delayed calls of a reactor: near ones in a heap, far ones in buckets.

A reactor counts time by the monotonic clock, so that setting the machine's clock neither fires nor starves a
call. What users see (`DelayedCall.getTime`) is told in the terms of `reactor.seconds`, which is the wall clock.

**Far** calls, due in more than `FAR` seconds, are nearly all timeouts, and nearly all of those are cancelled. They wait
in sets, one for each second of the clock, unordered: to make and to cancel one is to add to and discard from a set.
When a set's second comes, what is left of it goes to the heap.

**Near** calls are in a heap of tuples ``(deadline, sequence, call)``: tuples compare in C, and the sequence keeps calls
of the same deadline in the order in which they were made. A set waits in the same heap, under its second. An entry is
*live* while its sequence is still the call's own. Cancelling leaves the entry of a near call where it is; dead entries
are swept out when they are the majority.

Postponing costs nothing: it sets the call's deadline, and the entry finds out when it comes up. Hastening makes a new
entry.
"""

from __future__ import annotations

from contextvars import copy_context
from heapq import heapify, heappop, heappush
from time import monotonic
from time import time as wallClock

from .._defer.unhandled import stackNow
from .delayed import DelayedCall
from .trouble import logTrouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context
    from typing import Any

    Bucket = set["ReactorCall"]

__all__ = ["ReactorCall", "Timers"]

NOTHING: dict[str, object] = {}

# Delays above this, in seconds, go to a bucket. Above one, so that a call's bucket is never one whose second has come.
FAR = 2.0
# And delays above this (thirty years, infinity) don't: their seconds are not worth a set.
ENDLESS = 1e9

# Fewer dead entries than this are not worth a sweep.
SWEEP = 64


class ReactorCall(DelayedCall):
    """A delayed call of a reactor. It enters itself into the reactor's `Timers`, and moves itself about there."""

    # Kept on the class, so that making a call need not store them.
    called = cancelled = 0
    delayed_time = 0.0
    context: Context | None = None
    seconds = staticmethod(wallClock)
    # The set that it waits in, while it is far.
    bucket: Bucket | None = None

    def __init__(
        self, timers: Timers, delay: float, func: Callable[..., object], args: tuple[object, ...], kw: dict[str, object]
    ) -> None:
        # No call of another method here: this is what every timeout of every connection costs.
        self.timers = timers
        self.func = func
        self.args = args
        self.kw = kw
        # When the call is due, and the time under which it waits: never later than that.
        self.deadline = self.scheduled = deadline = monotonic() + delay
        timers.sequence = self.sequence = sequence = timers.sequence + 1
        # A copy costs about as much as asking; an empty one is not worth entering.
        if context := copy_context():
            self.context = context
        if self.debug:
            self.creator = stackNow()
        if FAR < delay < ENDLESS:
            second = int(deadline)
            self.bucket = bucket = timers.far.get(second) or timers.open(second)
            bucket.add(self)
        else:
            heappush(timers.heap, (deadline, sequence, self))
            if timers.armed is not None and timers.heap[0][1] == sequence:
                timers.armed()

    def cancel(self) -> None:
        if self.called or self.cancelled:
            self._mustBeActive()
        self.cancelled = 1
        self.func = self.args = self.kw = None
        bucket = self.bucket
        if bucket is not None:
            self.bucket = None
            bucket.discard(self)
        else:
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

    def take(self) -> tuple[Any, Any, Any, Context | None]:
        """Return what is to be called, and let go of it: it often holds on to this object, and that is a cycle."""
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


class Timers:
    """The delayed calls of one reactor.

    Attributes:
        heap: near calls, and the sets of far ones. Always this list object. Its first entry may be dead.
        far: second of the monotonic clock -> the calls that are due in it.
        sequence: of the call made last.
        armed: ``None``, or a function to call when the heap's first time became earlier (a loop that is not ours
            must be told when to wake).
    """

    def __init__(self) -> None:
        self.heap: list[tuple[float, int, ReactorCall | Bucket]] = []
        self.far: dict[int, Bucket] = {}
        self.sequence = 0
        self.armed: Callable[[], object] | None = None
        self._dead = 0

    def add(
        self, delay: float, func: Callable[..., object], args: tuple[object, ...] = (), kw: dict[str, object] = NOTHING
    ) -> ReactorCall:
        """Call ``func`` in ``delay`` seconds."""
        return ReactorCall(self, delay, func, args, kw)

    def run(self, now: float) -> None:
        """Make the calls that are due. Those they make, however soon, wait for the next time."""
        heap = self.heap
        mark = (now, self.sequence + 1)
        while heap and heap[0] < mark:
            time, sequence, call = heappop(heap)
            if isinstance(call, set):
                self._unpack(int(time), call)
                continue
            if call.cancelled or call.sequence != sequence:
                self._dead -= 1
                continue
            if call.deadline > call.scheduled:
                self._place(call)  # postponed: others may go first, even if it is due by now
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
            time, sequence, call = heap[0]
            if isinstance(call, set):
                heappop(heap)
                self._unpack(int(time), call)
            elif call.cancelled or call.sequence != sequence:
                heappop(heap)
                self._dead -= 1
            elif call.deadline > call.scheduled:
                heappop(heap)
                self._place(call)
            else:
                return max(0.0, call.deadline - monotonic())
        return None

    def pending(self) -> list[DelayedCall]:
        """Return the calls still to come, in no order."""
        calls: list[DelayedCall] = []
        for _, sequence, call in self.heap:
            if isinstance(call, set):
                calls.extend(call)
            elif call.sequence == sequence and not call.cancelled:
                calls.append(call)
        return calls

    def open(self, second: int) -> Bucket:
        """Return the set for a second, entered in the heap."""
        bucket = self.far.get(second)
        if bucket is None:
            self.sequence += 1
            bucket = self.far[second] = set()
            heappush(self.heap, (float(second), self.sequence, bucket))
            if self.armed is not None and self.heap[0][2] is bucket:
                self.armed()
        return bucket

    def hasten(self, call: ReactorCall) -> None:
        """A call's deadline moved before the time under which it waits: make a new entry."""
        if call.bucket is not None:
            call.bucket.discard(call)
            call.bucket = None
        else:
            self.bury()
        self._place(call)

    def bury(self) -> None:
        """Count an entry that just died, or is about to; sweep when they are too many."""
        self._dead += 1
        if self._dead > SWEEP and self._dead * 2 > len(self.heap):
            # In place: others hold the list.
            self.heap[:] = [entry for entry in self.heap if isLive(entry)]
            heapify(self.heap)
            self._dead = 0

    def _unpack(self, second: int, bucket: Bucket) -> None:
        """A set's second has come: its calls go to the heap, those that were postponed to a later set."""
        del self.far[second]
        for call in bucket:
            call.bucket = None
            if int(call.deadline) == second:
                call.scheduled = call.deadline
                heappush(self.heap, (call.deadline, call.sequence, call))
            else:
                self._place(call)

    def _place(self, call: ReactorCall) -> None:
        """Enter a call under its deadline, as if it had been made now."""
        deadline = call.scheduled = call.deadline
        self.sequence = call.sequence = sequence = self.sequence + 1
        if FAR < deadline - monotonic() < ENDLESS:
            call.bucket = self.open(int(deadline))
            call.bucket.add(call)
        else:
            heappush(self.heap, (deadline, sequence, call))
            if self.armed is not None and self.heap[0][1] == sequence:
                self.armed()


def isLive(entry: tuple[float, int, ReactorCall | Bucket]) -> bool:
    """Return whether a heap's entry still stands for a call to come."""
    _, sequence, call = entry
    return isinstance(call, set) or (call.sequence == sequence and not call.cancelled)
