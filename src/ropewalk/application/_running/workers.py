"""One program, one set of ports, several processes: a service that starts workers and looks after them.

Each worker is the program itself, started again; it knows from `membership` that it is one, and binds its ports with
``SO_REUSEPORT``, so that the system shares out who comes. The supervisor binds nothing and serves nothing:
it starts workers, starts those again that end, and replaces them one by one when it is told to (SIGHUP). It keeps the
sockets of each place for the next worker there (`keeping`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ropewalk.internet.defer import Deferred
from ropewalk.logger import Logger

from .._services.tree import Service
from .children import Child, howItEnded
from .keeping import Shelf
from .line import Report
from .mistakes import Status

if TYPE_CHECKING:
    from ropewalk.internet.interfaces import IDelayedCall
    from ropewalk.python.failure import Failure

__all__ = ["Workers"]

_log = Logger("ropewalk.application.workers")

# A worker that has lived for less was not well, and isn't started again at once: the wait doubles from the one bound
# to the other, in seconds.
THRESHOLD = 5.0
FIRST_WAIT = 0.5
LONGEST_WAIT = 30.0

# What a worker may take to end, beyond what its connections may.
GRACE = 5.0

# Whoever comes to the place of a worker that has ended waits for the next one, if that is started within this time;
# otherwise its sockets are closed, and the system sends everybody to the other workers.
SHORT = 2.0


class _Slot:
    """The place of one worker.

    Attributes:
        name: what its workers are called.
        child: the worker that serves, or will.
        successor: the one that is to replace it, once it is ready.
        wait: seconds before the next start, should the worker not be well.
        restart: that start, when it is to come.
        shelf: the sockets of its workers.
    """

    def __init__(self, number: int) -> None:
        self.name = f"worker {number}"
        self.child: Child | None = None
        self.successor: Child | None = None
        self.wait = FIRST_WAIT
        self.restart: IDelayedCall | None = None
        self.shelf = Shelf()


class Workers(Service):
    """Keeps so many workers running.

    Args:
        command: starts the program; see `children.ownCommand`.
        count: how many there shall be.
        drain: how many seconds their connections may take to end.
        giveUp: called with an exit status when, at the start, a worker ends before it was ready.
        reactor: starts processes and measures time; the global reactor when not given.

    Attributes:
        whenReady: fires when all are ready, the first time.
    """

    def __init__(
        self,
        command: Sequence[str],
        count: int,
        drain: float,
        giveUp: Callable[[int], object],
        reactor: Any = None,
    ) -> None:
        if reactor is None:
            from ropewalk.internet import reactor
        self.whenReady: Deferred[None] = Deferred()
        self._command = command
        self._patience = drain + GRACE
        self._giveUp = giveUp
        self._reactor = reactor
        self._slots = [_Slot(number) for number in range(1, count + 1)]
        # Every process that lives, those that were replaced and still drain too.
        self._alive: set[Child] = set()
        self._anyWasReady = False
        # The places whose workers are still to be replaced, the next one last.
        self._toReplace: list[_Slot] = []
        # Who waits for the end of that; nobody while nothing is replaced.
        self._replaced: list[Deferred[None]] = []
        self._stopped: Deferred[None] | None = None

    def startService(self) -> None:
        """Start the workers."""
        super().startService()
        for slot in self._slots:
            self._fill(slot)

    def stopService(self) -> Deferred[None]:
        """Have the workers end.

        Returns:
            A Deferred that fires when all have ended.
        """
        super().stopService()
        self._replacingIsOver()
        for slot in self._slots:
            if slot.restart is not None:
                slot.restart.cancel()
                slot.restart = None
            slot.shelf.drop()
        self._stopped = Deferred()
        for child in list(self._alive):
            child.terminate(self._patience)
        self._seeWhetherAllEnded()
        return self._stopped

    def replaceAll(self) -> Deferred[None]:
        """Replace the workers one by one: each one ends when its successor is ready, so that somebody always serves.

        Returns:
            A Deferred that fires when the last successor is ready; also when one isn't, and the others stay, or when
            all are to stop. When this is under way already, nothing is begun anew, and it fires at that end.
        """
        over: Deferred[None] = Deferred()
        if not self.running:
            over.callback(None)
        elif self._replaced:
            _log.warn("the workers are being replaced already")
            self._replaced.append(over)
        else:
            _log.info("replacing {count} workers, one by one", count=len(self._slots))
            self._replaced.append(over)
            self._toReplace = self._slots[::-1]
            self._replaceNext()
        return over

    def signal(self, name: str) -> None:
        """Hand a signal on to every worker that is ready."""
        for child in list(self._alive):
            if child.isReady:
                child.signal(name)

    # One worker.

    def _fill(self, slot: _Slot) -> None:
        slot.restart = None
        slot.child = self._begin(slot)

    def _begin(self, slot: _Slot) -> Child | None:
        """Start a process for a place; see to it that it is tried again when that fails."""
        child = Child(
            slot.name,
            self._reactor,
            lambda child, reason: self._hasEnded(slot, child, reason),
            lambda child, report: self._hasReported(slot, child, report),
            slot.shelf,
        )
        try:
            child.start(self._command)
        except OSError as problem:
            _log.error("{name} cannot be started: {problem}", name=slot.name, problem=problem)
            if slot.child is None or slot.child not in self._alive:
                self._refill(slot, 0.0)
            return None
        self._alive.add(child)
        return child

    def _hasReported(self, slot: _Slot, child: Child, report: Report) -> None:
        if not report.get("ready"):
            return
        _log.info("{name} (process {pid}) is ready", name=child.name, pid=child.pid)
        if not self.running:
            return
        self._anyWasReady = True
        if child is slot.successor:
            previous, slot.child, slot.successor = slot.child, child, None
            if previous is not None:
                previous.terminate(self._patience)
            self._replaceNext()
        if not self.whenReady.called and all(slot.child is not None and slot.child.isReady for slot in self._slots):
            self.whenReady.callback(None)

    def _hasEnded(self, slot: _Slot, child: Child, reason: Failure) -> None:
        self._alive.discard(child)
        if not self.running:
            self._seeWhetherAllEnded()
        elif child is slot.successor:
            slot.successor = None
            _log.error(
                "the successor of {name} has ended before it was ready: {how}; the others stay as they are",
                name=child.name,
                how=howItEnded(reason),
            )
            if slot.child is None:
                self._refill(slot, child.age)
            self._replacingIsOver()
        elif child is slot.child:
            self._lost(slot, child, reason)

    def _lost(self, slot: _Slot, child: Child, reason: Failure) -> None:
        """A worker has ended that should serve."""
        status = getattr(reason.value, "exitCode", None)
        # At the start, one that refuses to run will do so again, whatever the others do; one that was killed may not.
        if not self.whenReady.called and not child.isReady and (status is not None or not self._anyWasReady):
            _log.critical(
                "{name} has ended before it was ready: {how}; the program does not start",
                name=child.name,
                how=howItEnded(reason),
            )
            self._giveUp(status or Status.SOFTWARE)
            return
        if slot.successor is not None:
            slot.child = None
            what = "its successor is on the way"
        else:
            wait = self._refill(slot, child.age)
            what = f"starting it again {f'in {wait:g} seconds' if wait else 'now'}"
        _log.warn(
            "{name} (process {pid}) has ended after {age:.1f} seconds: {how}; {what}",
            name=child.name,
            pid=child.pid,
            age=child.age,
            how=howItEnded(reason),
            what=what,
        )

    def _refill(self, slot: _Slot, age: float) -> float:
        """Have a place filled again; return after how many seconds."""
        wait = 0.0
        if age < THRESHOLD:
            wait, slot.wait = slot.wait, min(slot.wait * 2, LONGEST_WAIT)
        else:
            slot.wait = FIRST_WAIT
        if wait > SHORT:
            slot.shelf.drop()
        if slot.restart is None:
            slot.restart = self._reactor.callLater(wait, self._fill, slot)
        return wait

    # All of them.

    def _replaceNext(self) -> None:
        """Start the successor of the next worker that has one to get."""
        while self._toReplace:
            slot = self._toReplace.pop()
            if slot.restart is not None:
                continue  # there is none to be replaced: the next start is of the new program anyway
            slot.successor = self._begin(slot)
            if slot.successor is not None:
                return
        self._replacingIsOver()

    def _replacingIsOver(self) -> None:
        self._toReplace.clear()
        waiting, self._replaced = self._replaced, []
        for over in waiting:
            over.callback(None)

    def _seeWhetherAllEnded(self) -> None:
        if not self._alive and self._stopped is not None and not self._stopped.called:
            self._stopped.callback(None)
