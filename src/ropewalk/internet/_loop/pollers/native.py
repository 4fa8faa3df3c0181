"""The turn that our own pollers share. A child supplies one mechanism of the operating system to wait with.

See `contract` for what it offers to transports. To asyncio it is a selector (`foreign`): `select` dispatches what is
ours and returns the events of what is asyncio's.

Nothing in the project runs more often than the inner loop of `NativePoller.select`. Each line there is paid for by
every event of every connection.
"""

from __future__ import annotations

from time import monotonic

from ..._defer.unhandled import dropped, reportAll
from ..timers import Timers
from ..trouble import logTrouble
from .contract import FAULT, GONE, READ, WRITE
from .foreign import EVENT_READ, EVENT_WRITE, ForeignSide

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from selectors import SelectorKey

    from .contract import Corked, Watcher

__all__ = ["NativePoller"]

# The systems' waits count milliseconds in an int; nothing is lost by waking once a day.
LONGEST = 86400.0

# How many events one turn takes; the kernel keeps the others for the next.
MOST = 1024


class NativePoller(ForeignSide):
    """Wait, dispatch, keep time.

    Attributes:
        readers: descriptor -> what to call when it is readable.
        writers: descriptor -> what to call when it is writable.
        dirty: transports with unsent bytes. Always this list object: `cork` is its ``append``.
        timers: the delayed calls.
        endTurn: ``None``, or what to call at the end of each turn.
    """

    def __init__(self) -> None:
        super().__init__()
        self.readers: dict[int, Watcher] = {}
        self.writers: dict[int, Watcher] = {}
        self.dirty: list[Corked] = []
        self.cork: Callable[[Corked], object] = self.dirty.append
        self.timers = Timers()
        self.endTurn: Callable[[], object] | None = None

    # The mechanism. Children define these four, and `close`.

    def _wait(self, timeout: float | None, most: int) -> list[tuple[int, int]]:
        """Wait at most ``timeout`` seconds (``None``: for ever); return pairs of descriptor and flags.

        Return no more than ``most`` if the mechanism keeps the others.
        """
        raise NotImplementedError

    def _enter(self, fd: int, flags: int) -> object:
        """Watch a descriptor that is not watched yet."""
        raise NotImplementedError

    def _alter(self, fd: int, flags: int) -> object:
        """Watch a descriptor for something else."""
        raise NotImplementedError

    def _leave(self, fd: int) -> object:
        """Stop watching a descriptor."""
        raise NotImplementedError

    def close(self) -> None:
        """Give the system its resources back. The poller is unusable afterwards."""
        raise NotImplementedError

    def select(self, timeout: float | None = None) -> Sequence[tuple[SelectorKey, int]]:
        """Do one turn, waiting no longer than ``timeout`` seconds (``None``: until something happens)."""
        # What asyncio's callbacks left after our last turn. Attending to it may call a program's code, and that may
        # give asyncio something to do: then it must not be kept waiting.
        if self.dirty or dropped:
            self._flush()
            reportAll()
            timeout = 0.0

        # Wait no longer than the next deadline. This is the turn's one look at the clock.
        heap = self.timers.heap
        due = now = 1.0
        if heap:
            now = monotonic()
            due = heap[0][0] - now
            if due <= 0.0:
                timeout = 0.0
            elif timeout is None or due < timeout:
                timeout = due if due < LONGEST else LONGEST
        events = self._wait(timeout, MOST)

        # Dispatch. Most events are of a connection of ours that can be read, and nothing else.
        ready: list[tuple[SelectorKey, int]] = []
        reader = self.readers.get
        for fd, flags in events:
            if flags == READ:
                doRead = reader(fd)
                if doRead is not None:
                    try:
                        doRead()
                    except BaseException:
                        self._failed(fd, doRead)
                    continue
            self._dispatch(fd, flags, ready)

        # Timers that were due before the wait, or that the wait ended for.
        if due <= 0.0:
            self.timers.run(now)
        elif not events and heap:
            self.timers.run(monotonic())

        if self.dirty:
            self._flush()
        if dropped:
            reportAll()
        if self.endTurn is not None:
            self.endTurn()
        return ready

    def _dispatch(self, fd: int, flags: int, ready: list[tuple[SelectorKey, int]]) -> None:
        """Handle an event that is not simply "ours, readable"."""
        if flags & GONE:
            self._gone(fd)
            return
        # A hang-up does not say which direction died. Wake both: each learns the truth, and its errno, from its
        # own read or write.
        if flags & (READ | FAULT):
            doRead = self.readers.get(fd)
            if doRead is not None:
                try:
                    doRead()
                except BaseException:
                    self._failed(fd, doRead)
        if flags & (WRITE | FAULT):
            doWrite = self.writers.get(fd)
            if doWrite is not None:
                try:
                    doWrite()
                except BaseException:
                    self._failed(fd, doWrite)
        key = self.foreign.get(fd)
        if key is not None:
            events = (EVENT_READ if flags & (READ | FAULT) else 0) | (EVENT_WRITE if flags & (WRITE | FAULT) else 0)
            if events & key.events:
                ready.append((key, events & key.events))

    def _flush(self) -> None:
        """Send what the turn wrote.

        What flushing makes others write stays for the next turn: a producer that writes whenever it may would
        otherwise never let the loop go on.
        """
        batch = self.dirty[:]
        self.dirty.clear()
        for transport in batch:
            try:
                transport.flush()
            except BaseException:
                logTrouble(f"while flushing {transport!r}")

    def _failed(self, fd: int, watcher: Watcher) -> None:
        """Drop a watcher that raised. Transports catch what protocols raise, so this is a bug in one."""
        self.forget(fd)
        logTrouble(f"while calling {watcher!r} for descriptor {fd}, which is not watched any more")
        lost = getattr(getattr(watcher, "__self__", None), "connectionLost", None)
        if lost is not None:
            from ropewalk.python.failure import Failure

            try:
                lost(Failure())
            except BaseException:
                logTrouble(f"while telling {lost!r}")

    def _gone(self, fd: int) -> None:
        """Somebody closed a descriptor without forgetting it. Tell those who watched it."""
        watchers = [watcher for watcher in (self.readers.pop(fd, None), self.writers.pop(fd, None)) if watcher]
        self.foreign.pop(fd, None)
        self.foreignFlags.pop(fd, None)
        self._leave(fd)
        told: set[int] = set()
        for watcher in watchers:
            who = getattr(watcher, "__self__", None)
            lost = getattr(who, "connectionLost", None)
            if lost is None or id(who) in told:
                continue
            told.add(id(who))
            from ropewalk.python.failure import Failure

            from ...error import ConnectionFdescWentAway

            try:
                lost(Failure(ConnectionFdescWentAway(f"descriptor {fd} was closed while it was watched")))
            except BaseException:
                logTrouble(f"while telling {who!r} that its descriptor is gone")

    # Interest.

    def watchRead(self, fd: int, doRead: Watcher) -> None:
        """Call ``doRead`` whenever the descriptor is readable."""
        readers = self.readers
        if fd not in readers:
            if fd in self.writers or fd in self.foreign:
                self._alter(fd, self._flags(fd) | READ)
            else:
                self._enter(fd, READ)
        readers[fd] = doRead

    def watchWrite(self, fd: int, doWrite: Watcher) -> None:
        """Call ``doWrite`` whenever the descriptor is writable."""
        writers = self.writers
        if fd not in writers:
            if fd in self.readers or fd in self.foreign:
                self._alter(fd, self._flags(fd) | WRITE)
            else:
                self._enter(fd, WRITE)
        writers[fd] = doWrite

    def ignoreRead(self, fd: int) -> None:
        """Stop `watchRead`."""
        if fd in self.readers:
            old = self._flags(fd)
            del self.readers[fd]
            self._wish(fd, old)

    def ignoreWrite(self, fd: int) -> None:
        """Stop `watchWrite`."""
        if fd in self.writers:
            old = self._flags(fd)
            del self.writers[fd]
            self._wish(fd, old)

    def forget(self, fd: int) -> None:
        """Stop both."""
        if fd in self.readers:
            if fd not in self.writers and fd not in self.foreign:
                del self.readers[fd]
                self._leave(fd)
                return
            self.ignoreRead(fd)
        self.ignoreWrite(fd)

    def _flags(self, fd: int) -> int:
        """Return what everybody together wants of a descriptor."""
        return (READ if fd in self.readers else 0) | (WRITE if fd in self.writers else 0) | self.foreignFlags.get(fd, 0)

    def _wish(self, fd: int, old: int) -> None:
        flags = self._flags(fd)
        if flags == old:
            return
        if not flags:
            self._leave(fd)
        elif old:
            self._alter(fd, flags)
        else:
            self._enter(fd, flags)
