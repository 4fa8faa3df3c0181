"""A function called again and again."""

from __future__ import annotations

from math import floor

from ..defer import Deferred, maybeDeferred

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...python.failure import Failure
    from ..interfaces import IDelayedCall, IReactorTime

# A call that comes by less than this part of an interval too early is the one of its beat. Clocks and sums of floats
# (0.1 + 0.1 + 0.1) are that inexact; without this the same beat would be called twice.
EARLY = 0.5


class LoopingCall:
    """Call a function at a regular beat.

    The beat is fixed when `start` is called: a call that comes late, or takes long, doesn't move the later ones, and
    beats that pass meanwhile are skipped (`withCount` tells how many). When the function returns a Deferred or a
    coroutine, the next call waits for its result, and goes to the next beat after that. An exception, or a failed
    result, ends the loop.

    Args:
        f: what to call.
        a: its positional arguments.
        kw: its keyword arguments.

    Attributes:
        clock: tells the time and schedules the calls; the reactor, unless something else is assigned before `start`.
        running: between `start` and `stop`, or the failure that ended it.
        interval: seconds between two beats, as given to `start`.
        starttime: the moment the beat is counted from, by ``clock.seconds``.
        call: the delayed call that is to come, if one is.
    """

    call: IDelayedCall | None = None
    running = False
    interval: float | None = None
    starttime: float | None = None
    _deferred: Deferred[LoopingCall] | None = None
    # Beats are numbered from the start, which is number 0. The one that the next call, or the one under way, is for;
    # and the last one that `withCount` has told of.
    _due = 0
    _told = 0

    def __init__(self, f: Callable[..., object], *a: Any, **kw: Any) -> None:
        self.f = f
        self.a = a
        self.kw = kw
        self._clock: IReactorTime | None = None

    @property
    def clock(self) -> IReactorTime:
        """Whose time it is; the reactor is looked up only when nothing else was assigned."""
        if self._clock is None:
            from .. import reactor

            self._clock = reactor
        return self._clock

    @clock.setter
    def clock(self, clock: IReactorTime) -> None:
        self._clock = clock

    @classmethod
    def withCount(cls, countCallable: Callable[[int], object]) -> LoopingCall:
        """Make a loop whose function is told how many beats have passed since it was called last.

        The count is 1 unless beats were skipped: because the reactor was busy, or because the function's Deferred took
        longer than the interval. With an interval of zero it is always 1.
        """

        def counter() -> object:
            count = loop._countBeats()
            # None has passed when the clock was set back: they are told when they come again.
            return countCallable(count) if count > 0 else None

        loop = cls(counter)
        return loop

    @property
    def deferred(self) -> Deferred[LoopingCall] | None:
        """What `start` returned, while the loop runs. Use that instead; this stays for older programs."""
        from warnings import warn

        warn("LoopingCall.deferred is deprecated: keep the Deferred that start() returns", DeprecationWarning, 2)
        return self._deferred

    def start(self, interval: float, now: bool = True) -> Deferred[LoopingCall]:
        """Begin to call the function, every ``interval`` seconds.

        Args:
            interval: seconds; 0 means whenever the reactor has done everything else there was to do.
            now: make the first call before this returns, rather than an interval later.

        Returns:
            A Deferred of this object, fired by `stop`; or of the failure that ended the loop.

        Raises:
            AssertionError: it runs already.
            ValueError: ``interval`` is negative.
        """
        if self.running:
            raise AssertionError(f"{self!r} runs already: stop() it before it is started again")
        if interval < 0:
            raise ValueError(f"the interval must be zero or more seconds, not {interval!r}")
        self.running = True
        # Before anything is called: the function may stop the loop at once, and fire this.
        deferred: Deferred[LoopingCall] = Deferred()
        self._deferred = deferred
        self.starttime = self.clock.seconds()
        self.interval = interval
        self._due = 0
        self._told = -1 if now else 0
        if now:
            self()
        else:
            self._schedule()
        return deferred

    def stop(self) -> None:
        """Make no further call. A result that is being waited for is waited for before `start`'s Deferred fires.

        Raises:
            AssertionError: it doesn't run.
        """
        if not self.running:
            raise AssertionError(f"{self!r} does not run: only a started loop can be stopped")
        self.running = False
        if self.call is not None:
            self.call.cancel()
            self.call = None
            self._end(self, self._deferred)

    def reset(self) -> None:
        """Begin the beat anew: the next call comes an interval from now. Nothing changes while a result is awaited.

        Raises:
            AssertionError: it doesn't run.
        """
        if not self.running:
            raise AssertionError(f"{self!r} does not run: only a started loop can be reset")
        if self.call is not None:
            self.call.cancel()
            self.call = None
            self.starttime = self.clock.seconds()
            self._due = self._told = 0
            self._schedule()

    def __call__(self) -> None:
        """Make the call of a beat; the loop does it by itself. Called by hand, it makes the next one's early."""
        call, self.call = self.call, None
        if call is not None and call.active():
            call.cancel()
        run = self._deferred
        maybeDeferred(self.f, *self.a, **self.kw).addCallbacks(
            self._goOn, self._fail, callbackArgs=(run,), errbackArgs=(run,)
        )

    # A result may come when its run was stopped, and even when another has been started since: `run` is the Deferred of
    # the run that it belongs to, `None` for a call made by hand outside of any.

    def _goOn(self, _result: object, run: Deferred[LoopingCall] | None) -> None:
        if self.running and run is self._deferred:
            self._schedule()
        else:
            self._end(self, run)

    def _fail(self, reason: Failure, run: Deferred[LoopingCall] | None) -> Failure | None:
        if run is None:
            return reason  # nobody else would hear of it
        if run is self._deferred:
            self.running = False
        self._end(reason, run)
        return None

    def _end(self, result: LoopingCall | Failure, run: Deferred[LoopingCall] | None) -> None:
        if run is self._deferred:
            self._deferred = None
        if run is not None:
            run.callback(result)

    def _schedule(self) -> None:
        """Have the next beat called."""
        # Set by `start`.
        assert self.starttime is not None
        assert self.interval is not None
        if self.interval == 0:
            self.call = self.clock.callLater(0, self)
            return
        now = self.clock.seconds()
        self._due = self._reached(now) + 1
        self.call = self.clock.callLater(max(0.0, self.starttime + self._due * self.interval - now), self)

    def _reached(self, moment: float) -> int:
        """Which beat a moment belongs to: the last one before it, or the one that is due and all but there."""
        assert self.starttime is not None
        assert self.interval  # asked only of loops with a beat
        passed = (moment - self.starttime) / self.interval
        beat = floor(passed)
        return self._due if beat < self._due < passed + EARLY else beat

    def _countBeats(self) -> int:
        """How many beats have passed since this was asked last."""
        if not self.interval:
            return 1
        beat = self._reached(self.clock.seconds())
        count = beat - self._told
        if count > 0:
            self._told = beat
        return count

    def __repr__(self) -> str:
        name = getattr(self.f, "__qualname__", None) or repr(self.f)
        return f"LoopingCall<{self.interval!r}>({name}, *{self.a!r}, **{self.kw!r})"
