"""A graphical toolkit's main loop, inside our waits.

The toolkit and we both want to be the one that waits. Here the toolkit waits for both: a turn of ours, where others
call ``epoll_wait``, lets the toolkit's loop do one round, and the toolkit watches one descriptor for us, that of our
table. After the round the turn goes on as every turn does. So everything else (transports, timers, asyncio on top) is
the code that runs everywhere, and a callback of the toolkit is called inside a running asyncio loop: a button may
``asyncio.create_task``.

Tried and left: asyncio loops that toolkits bring (``gi.events``, ``PySide6.QtAsyncio``). The one is missing from what
distributions ship today, the other cannot watch descriptors. Whoever has one takes `asyncioreactor` over it.

**Dialogs** run a main loop of the toolkit's within a callback of the toolkit's, and our turn doesn't come to its end
until they are closed. The toolkit goes on watching our descriptor meanwhile, and calls `ToolkitPoller._wake`, which
serves what is ours (transports, timers) on the spot. What is asyncio's must wait for the dialog: asyncio cannot be
entered twice.
"""

from __future__ import annotations

from time import monotonic

from .nestable import NestablePoller

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from .contract import Corked

    class Toolkit(Protocol):
        """One toolkit's main loop, a round at a time. All of it is called in the toolkit's thread."""

        def attach(self, fd: int, wake: Callable[[], object], ring: Callable[[], object]) -> None:
            """Learn, once, whom to call in rounds and for which descriptor. It is not watched yet."""

        def watch(self, isOn: bool) -> None:
            """Call ``wake`` in rounds while the descriptor is readable; or stop."""

        def alarm(self, seconds: float) -> None:
            """Call ``ring`` in a round, once, in so many seconds. It replaces the alarm before."""

        def round(self, mayWait: bool) -> None:
            """Serve the toolkit once; if there is nothing to serve, wait until there is, or return."""

        def close(self) -> None:
            """Let go of the toolkit."""


__all__ = ["ToolkitPoller"]

# While a dialog is open: how soon we look for the first time at what is due, in seconds, and how often at asyncio's
# descriptors, which must wait for its end.
PATIENCE = 0.05

NEVER = float("inf")

# So many seconds too early is in time: toolkits count in milliseconds.
EARLY = 0.001


class ToolkitPoller(NestablePoller):
    """A poller that waits by letting a toolkit wait."""

    def __init__(self, toolkit: Toolkit) -> None:
        super().__init__()
        # The mechanism's own wait.
        self._look = self._wait
        self._wait = self._waitInside  # type: ignore[method-assign]  # a bound method, as there
        self.cork = self._corkInside
        self.timers.armed = self._rouse
        # Whether the toolkit was told that we want to be called as soon as it can.
        self._roused = True
        # Whether the next wait is only a look, because the toolkit has the word around us.
        self._glance = False
        self._watching = False
        # How many rounds are going on, one within the other; and whether Ctrl-C came in one.
        self._rounds = 0
        self._interrupted = False
        self._toolkit = toolkit
        # When we want to be called, and when the toolkit will: not later. Setting a toolkit's timer anew for every
        # turn would cost more than now and then a call for nothing.
        self._due = self._alarmAt = NEVER
        toolkit.attach(self.fileno(), self._wake, self._ring)

    def _waitInside(self, timeout: float | None, most: int) -> list[tuple[int, int]]:
        """Let the toolkit do a round that waits no longer than ``timeout``; then see what is ready."""
        if self._glance:
            self._glance = False
            return self._look(0.0, most)
        if not self._watching:
            self._watching = True
            self._toolkit.watch(True)
        self._alarm(timeout or NEVER)
        self._roused = False
        self._rounds += 1
        try:
            self._toolkit.round(timeout != 0.0)
        finally:
            self._rounds -= 1
        # What the rest of this turn calls may open a dialog.
        self._alarm(PATIENCE)
        self._roused = False
        if self._interrupted:
            self._interrupted = False
            raise KeyboardInterrupt
        return self._look(0.0, most)

    def _wake(self) -> None:
        """In a round, the toolkit found something ready, or our time come. It is served here and now.

        For most rounds that would do later, too, but this may be a round of a dialog's.
        """
        self._alarm(PATIENCE)
        self._roused = False
        self._glance = True
        try:
            isAsyncios = bool(self.select(0.0))
        finally:
            self._glance = False
        wait = self.timers.timeout()
        if wait is None:
            wait = NEVER
        if isAsyncios:
            # It stays ready until asyncio has its turn. Nobody is to be woken for it all the time until then.
            self._watching = False
            self._toolkit.watch(False)
            wait = min(wait, PATIENCE)
        self._alarm(0.0 if self.dirty else wait)
        self._roused = False

    def _corkInside(self, transport: Corked) -> None:
        self.dirty.append(transport)
        self._rouse()

    def _rouse(self) -> None:
        """Somebody wants something of us: have the round end, or that of a dialog serve it."""
        if not self._roused:
            self._roused = True
            self._alarm(0.0)

    def _alarm(self, seconds: float) -> None:
        """Be called in a round in so many seconds."""
        self._due = due = monotonic() + seconds
        if due < self._alarmAt:
            self._alarmAt = due
            self._toolkit.alarm(seconds)

    def _ring(self) -> None:
        """The toolkit's timer is over. Is it time?"""
        self._alarmAt = NEVER
        left = self._due - monotonic()
        if left < EARLY:
            self._wake()
        elif left < NEVER:
            self._alarm(left)

    def interrupt(self, number: int, frame: object) -> None:
        """Handle Ctrl-C as Python does, by a `KeyboardInterrupt`; never inside the toolkit, which would eat it."""
        if not self._rounds:
            raise KeyboardInterrupt
        self._interrupted = True

    def close(self) -> None:
        """Let go of the toolkit, and close the table."""
        self._toolkit.close()
        super().close()
