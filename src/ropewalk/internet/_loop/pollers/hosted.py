"""The contract on top of an asyncio event loop that belongs to somebody else: uvloop, or a program's own.

The loop watches one descriptor of ours: that of a poller of our own whose table lives in the kernel (epoll's and
kqueue's descriptors are readable when something in the table is ready). When the loop says so, that poller does a turn
without waiting. So connections are served by the same code as everywhere, moving to another loop moves one
descriptor, and the habits of other loops don't matter (uvloop stops watching a descriptor that has an error, before
its owner has read what came ahead of it).

What is written outside of our turns leaves in one that the loop is asked for; our earliest deadline is one timer of
the loop.

A program may run several loops, one after the other (each ``asyncio.run`` makes one). When the loop is found closed,
everything moves to the one that runs in this thread now. A poller that was made for one particular loop stays on it.

The loop runs what it is given in the context of whoever gave it. Here that is always an empty one, as if the turn were
ours: a port that a task opened does not serve its connections in that task's context.
"""

from __future__ import annotations

from contextvars import Context
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, TimerHandle
    from collections.abc import Callable

    from .contract import Corked, Watcher
    from .nestable import NestablePoller

__all__ = ["HostedPoller", "runningLoop"]


class HostedPoller:
    """A poller of our own whose turns a loop calls.

    Args:
        loop: the loop.
        moved: called with the new loop after everything moved to it; ``None`` keeps the poller on this loop.

    Raises:
        NotImplementedError: the loop cannot watch descriptors.
    """

    def __init__(self, loop: AbstractEventLoop, moved: Callable[[AbstractEventLoop], object] | None = None) -> None:
        self.loop = loop
        self._inner = inner = _nestable()
        # The inner poller's own, always.
        self.readers: dict[int, Watcher] = inner.readers
        self.writers: dict[int, Watcher] = inner.writers
        self.dirty = inner.dirty
        self.timers = inner.timers
        self.timers.armed = self._arm
        self._moved = moved
        # Whether the inner poller is doing a turn, at the end of which it flushes; whether the loop was asked for one.
        self._turning = False
        self._asked = False
        # The loop's timer for our earliest deadline, and that deadline.
        self._alarm: TimerHandle | None = None
        self._alarmAt = 0.0
        if not loop.is_closed():
            self._attach()

    def _attach(self) -> None:
        Context().run(self.loop.add_reader, self._inner.fileno(), self._turn)

    def _turn(self) -> None:
        """Serve what is ready, without waiting. The loop calls this."""
        self._asked = False
        self.select(0.0)

    def select(self, timeout: float) -> None:
        """Do a turn, also inside a callback of the loop, which cannot be entered twice.

        What is asyncio's waits until the callback has returned.
        """
        nested, self._turning = self._turning, True
        try:
            self._inner.select(timeout)
        finally:
            self._turning = nested
        if self.dirty:
            self._ask()
        if self.timers.heap:
            self._arm()

    def cork(self, transport: Corked) -> None:
        """Flush the transport at the end of our turn, or in the next round of the loop."""
        self.dirty.append(transport)
        if not self._turning:
            self._ask()

    def _ask(self) -> None:
        """Have the loop call for a turn."""
        if not self._asked and (loop := self.host()) is not None:
            self._asked = True
            loop.call_soon(self._turn, context=Context())

    def watchRead(self, fd: int, doRead: Watcher) -> None:
        """Call ``doRead`` whenever the descriptor is readable."""
        self.host()
        self._inner.watchRead(fd, doRead)

    def watchWrite(self, fd: int, doWrite: Watcher) -> None:
        """Call ``doWrite`` whenever the descriptor is writable."""
        self.host()
        self._inner.watchWrite(fd, doWrite)

    def ignoreRead(self, fd: int) -> None:
        """Stop `watchRead`."""
        self._inner.ignoreRead(fd)

    def ignoreWrite(self, fd: int) -> None:
        """Stop `watchWrite`."""
        self._inner.ignoreWrite(fd)

    def forget(self, fd: int) -> None:
        """Stop both."""
        self._inner.forget(fd)

    def close(self) -> None:
        """Let go of the loop; it is not ours to close."""
        if not self.loop.is_closed():
            self.loop.remove_reader(self._inner.fileno())
        self._inner.close()
        self._quiet()

    def _arm(self) -> None:
        """Have the loop wake us for our earliest deadline."""
        # At the end of our turn the heap's first entry may be another one.
        if self._turning:
            return
        loop = self.host()
        if loop is None:
            return
        deadline = self.timers.heap[0][0]
        if self._alarm is not None:
            if self._alarmAt <= deadline:
                return
            self._alarm.cancel()
        self._alarmAt = deadline
        self._alarm = loop.call_at(loop.time() + deadline - monotonic(), self._ring, context=Context())

    def _ring(self) -> None:
        self._alarm = None
        self._turn()

    def _quiet(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def host(self) -> AbstractEventLoop | None:
        """Return the loop, after moving to the one that runs in this thread if need be.

        ``None`` when the loop is closed and no other runs: what is wished then is remembered, and done when one comes.
        """
        loop = self.loop
        if self._moved is not None:
            running = runningLoop()
            if running is not loop and (loop.is_closed() or (running is not None and not loop.is_running())):
                if running is None:
                    return None
                self.move(running)
        return self.loop

    def move(self, loop: AbstractEventLoop) -> None:
        """Take everything to another loop."""
        if not self.loop.is_closed():
            self.loop.remove_reader(self._inner.fileno())
        self._quiet()
        self._asked = False
        self.loop = loop
        self._attach()
        if self._moved is not None:
            self._moved(loop)
        if self.dirty:
            self._ask()
        if self.timers.heap:
            self._arm()


def _nestable() -> NestablePoller:
    """Return a new poller that has a descriptor of its own."""
    try:
        from .nestable import NestablePoller
    except ImportError as problem:
        raise NotImplementedError(str(problem)) from None
    return NestablePoller()


def runningLoop() -> AbstractEventLoop | None:
    """Return the asyncio loop that runs in this thread, if one does."""
    from asyncio import get_running_loop

    try:
        return get_running_loop()
    except RuntimeError:
        return None
