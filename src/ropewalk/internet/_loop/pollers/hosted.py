"""The contract on top of an asyncio event loop that belongs to somebody else: uvloop, or a program's own.

The loop watches, keeps time and decides what a turn is. What is written in one callback leaves with the next round
of the loop, together with what other callbacks wrote meanwhile.

A program may run several loops, one after the other (each ``asyncio.run`` makes one). When the loop is found closed,
everything moves to the one that runs in this thread now: descriptors, timers, and who waits for the end of the turn.
A poller that was made for one particular loop stays on it.

The loop runs what it is given in the context of whoever gave it. Here that is always an empty one, as if the turn were
ours: a port that a task opened does not serve its connections in that task's context.
"""

from __future__ import annotations

from contextvars import Context
from time import monotonic

from ..timers import Timers
from ..trouble import logTrouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, TimerHandle
    from collections.abc import Callable

    from .contract import Corked, Watcher

__all__ = ["HostedPoller"]


class HostedPoller:
    """Watch descriptors through ``loop.add_reader`` and ``loop.add_writer``.

    Args:
        loop: the loop.
        moved: called with the new loop after everything moved to it; ``None`` keeps the poller on this loop.
    """

    def __init__(self, loop: AbstractEventLoop, moved: Callable[[AbstractEventLoop], object] | None = None) -> None:
        self.loop = loop
        self.readers: dict[int, Watcher] = {}
        self.writers: dict[int, Watcher] = {}
        self.dirty: list[Corked] = []
        self.timers = Timers()
        self.timers.armed = self._arm
        self._moved = moved
        # The loop's timer for our earliest deadline, and that deadline.
        self._alarm: TimerHandle | None = None
        self._alarmAt = 0.0

    def cork(self, transport: Corked) -> None:
        """Flush the transport in the next round of the loop."""
        if not self.dirty and (loop := self.host()) is not None:
            loop.call_soon(self._flush, context=Context())
        self.dirty.append(transport)

    def watchRead(self, fd: int, doRead: Watcher) -> None:
        """Call ``doRead`` whenever the descriptor is readable."""
        if (loop := self.host()) is not None:
            Context().run(loop.add_reader, fd, doRead)
        self.readers[fd] = doRead

    def watchWrite(self, fd: int, doWrite: Watcher) -> None:
        """Call ``doWrite`` whenever the descriptor is writable."""
        if (loop := self.host()) is not None:
            Context().run(loop.add_writer, fd, doWrite)
        self.writers[fd] = doWrite

    def ignoreRead(self, fd: int) -> None:
        """Stop `watchRead`."""
        if self.readers.pop(fd, None) is not None:
            self._take(self.loop.remove_reader, fd)

    def ignoreWrite(self, fd: int) -> None:
        """Stop `watchWrite`."""
        if self.writers.pop(fd, None) is not None:
            self._take(self.loop.remove_writer, fd)

    def forget(self, fd: int) -> None:
        """Stop both."""
        self.ignoreRead(fd)
        self.ignoreWrite(fd)

    def _take(self, remove: Callable[[int], object], fd: int) -> None:
        if not self.loop.is_closed():
            try:
                remove(fd)
            except OSError:
                pass  # closed before it was forgotten: the kernel dropped it by itself

    def close(self) -> None:
        """Let go of the loop; it is not ours to close."""
        for fd in [*self.readers, *self.writers]:
            self.forget(fd)
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def select(self, timeout: float) -> None:
        """Do a turn of our own inside a callback of the loop, which cannot be entered twice.

        What is asyncio's waits until the callback has returned.
        """
        from .poll import PollPoller

        inner = PollPoller()
        inner.timers = self.timers
        # The same tables: what one handler takes off, the turn must not call.
        inner.readers, inner.writers = self.readers, self.writers
        for fd in {*self.readers, *self.writers}:
            inner._enter(fd, inner._flags(fd))
        self._flush()
        inner.select(timeout)
        self._flush()

    def _flush(self) -> None:
        batch = self.dirty[:]
        self.dirty.clear()
        for transport in batch:
            try:
                transport.flush()
            except BaseException:
                logTrouble(f"while flushing {transport!r}")

    def _arm(self) -> None:
        """Have the loop wake us for our earliest deadline."""
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
        self.timers.run(monotonic())
        if self.timers.heap:
            self._arm()

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
        old, self.loop = self.loop, loop
        for fds, remove, add in (
            (self.readers, old.remove_reader, loop.add_reader),
            (self.writers, old.remove_writer, loop.add_writer),
        ):
            for fd, watcher in list(fds.items()):
                if not old.is_closed():
                    remove(fd)
                try:
                    Context().run(add, fd, watcher)
                except (OSError, ValueError):
                    del fds[fd]  # closed together with the old loop
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self.dirty:
            loop.call_soon(self._flush, context=Context())
        if self._moved is not None:
            self._moved(loop)
        if self.timers.heap:
            self._arm()


def runningLoop() -> AbstractEventLoop | None:
    """Return the asyncio loop that runs in this thread, if one does."""
    from asyncio import get_running_loop

    try:
        return get_running_loop()
    except RuntimeError:
        return None
