"""A reactor as the guest of a main loop that it knows nothing of, but how to be called from there.

The host's loop (Cocoa's, wx's, a game's) cannot watch descriptors for us, or we don't know how to ask it. What every
such loop has is a way for another thread to have a function called in it. So three work together::

    host's thread     visit: do all there is to do now -> how long nothing will be
                        |  ask                               ^ call
    lookout's thread    wait that long, or until something is ready; then have the host call for the next visit

The lookout waits for one descriptor, that of our poller's table, and touches nothing else. What the host's own
callbacks want from us between visits (a delayed call, bytes to send) rings the reactor's bell, whose descriptor is in
that table.

A visit is asyncio's loop over our poller, run until it has nothing more to do. Then asyncio asks its selector to wait,
and `GuestPoller` raises `AtRest` instead, which leaves the loop as it is.
"""

from __future__ import annotations

import select as system
from time import monotonic

from .._defer.unhandled import dropped
from .drivers import NativeDriver, refuseRunningLoop
from .pollers.nestable import NestablePoller
from .trouble import logTrouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from selectors import SelectorKey

    from .pollers.contract import Corked

    # The host's way to have a function called in its loop, from any thread.
    Waker = Callable[[Callable[[], None]], object]

__all__ = ["GuestDriver", "GuestPoller", "Lookout"]

# How long a visit may last, in seconds, before the host's own events have their turn.
LONGEST_VISIT = 0.02

# Stands for the end of a visit in which nothing is served.
BEGINNING = 0.0


class AtRest(BaseException):
    """Nothing more to do now. Not an `Exception`: nobody but the driver is to catch it."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class GuestPoller(NestablePoller):
    """A poller that can give its waits away.

    Attributes:
        until: while a visit lasts, when it must end; else ``None``.
        knock: what to call when somebody wants something from us while nobody visits; ``None`` when we wait by
            ourselves.
    """

    def __init__(self) -> None:
        super().__init__()
        self.until: float | None = None
        self.knock: Callable[[], object] | None = None
        self.cork = self._corkOutside
        self.timers.armed = self._knock

    def select(self, timeout: float | None = None) -> Sequence[tuple[SelectorKey, int]]:
        """Do a turn; in a visit without a wait, or none at all when there is nothing to do."""
        if self.until is None:
            return super().select(timeout)
        if self.until == BEGINNING:
            return []
        if timeout != 0.0:
            seconds = self._rest()
            if seconds != 0.0:
                raise AtRest(seconds if timeout is None or (seconds is not None and seconds < timeout) else timeout)
        if monotonic() > self.until:
            raise AtRest(0.0)
        return super().select(0.0)

    def nested(self, delay: float) -> None:
        """Do a turn inside one of a visit."""
        until, self.until = self.until, None
        try:
            self.select(delay)
        finally:
            self.until = until

    def _rest(self) -> float | None:
        """Return for how long nothing is to be done, as far as is known: ``None`` for until something is ready."""
        if self.dirty or dropped or self._wait(0.0, 1):
            return 0.0
        return self.timers.timeout()

    def _corkOutside(self, transport: Corked) -> None:
        self.dirty.append(transport)
        self._knock()

    def _knock(self) -> None:
        if self.until is None and self.knock is not None:
            self.knock()


class GuestDriver(NativeDriver):
    """Turns the poller by itself, as every driver does, or a visit at a time."""

    _poller: GuestPoller

    @property
    def visiting(self) -> bool:
        """Whether a visit lasts."""
        return self._poller.until is not None

    def begin(self, begin: Callable[[], object]) -> None:
        """Call something inside the loop, and do nothing else."""
        refuseRunningLoop()
        loop = self._adopt()
        loop.call_soon(begin)
        loop.call_soon(loop.stop)
        self._poller.until = BEGINNING
        try:
            loop.run_forever()
        finally:
            self._poller.until = None

    def visit(self) -> float | None:
        """Do all there is to do now, within reason.

        Returns:
            How many seconds nothing will be to do, ``None`` for until something is ready.
        """
        refuseRunningLoop()
        loop = self._adopt()
        self._poller.until = monotonic() + LONGEST_VISIT
        try:
            loop.run_forever()
        except AtRest as rest:
            return rest.seconds
        finally:
            self._poller.until = None
        return 0.0

    def turn(self, delay: float) -> None:
        """Do one turn; see `NativeDriver.turn`."""
        if self.visiting:
            self._poller.nested(delay)
            return
        super().turn(delay)
        if self._poller.knock is not None:
            # The lookout still waits for what was to be waited for before, and this turn has answered the bell.
            self._poller.knock()


class Lookout:
    """The thread that waits for us.

    Args:
        fd: what to wait for.
        call: what to call, in the lookout's thread, when it is ready or the time is over.
    """

    def __init__(self, fd: int, call: Callable[[], object]) -> None:
        from queue import SimpleQueue
        from threading import Thread

        self._fd = fd
        self._call = call
        # What is asked of it: to wait so many seconds (``None``: however long it takes), or to go home.
        self._asked: SimpleQueue[float | bool | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="ropewalk lookout", daemon=True)
        self._thread.start()

    def ask(self, seconds: float | None) -> None:
        """Wait once."""
        self._asked.put(seconds)

    def dismiss(self) -> None:
        """Ask for no more. If it is waiting, it goes home after that."""
        self._asked.put(False)

    def _work(self) -> None:
        while (seconds := self._asked.get()) is not False:
            try:
                if seconds != 0.0:
                    self._waitFor(seconds)
                self._call()
            except Exception:
                # The host's loop may be gone. Then nobody will ask again, and this thread ends with the process.
                logTrouble("while having the host of this reactor call for it")

    def _waitFor(self, seconds: float | None) -> None:
        if not hasattr(system, "poll"):
            system.select([self._fd], [], [], seconds)
            return
        poller = system.poll()
        poller.register(self._fd, system.POLLIN)
        # Up, to whole milliseconds: too early would be for nothing.
        poller.poll(None if seconds is None else seconds * 1000 + 1)
