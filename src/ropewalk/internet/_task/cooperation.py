"""Long work done in slices, so that everything else goes on between them.

A task is an iterator: each ``next`` is one piece of its work. A `Cooperator` does one piece of each task in turn until
its slice of time is used up, then lets the reactor turn before the next slice. A piece that yields a Deferred takes its
task out of the round until the Deferred fires.
"""

from __future__ import annotations

from collections import OrderedDict
from itertools import islice
from time import monotonic
from types import GenericAlias

from ...python.failure import Failure
from .._defer.deferred import outcome
from ..defer import Deferred, fail, succeed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Generic, TypeVar

    from ..interfaces import IDelayedCall

    T = TypeVar("T")

    class Base(Generic[T]): ...

else:

    class Base:
        __slots__ = ()
        __class_getitem__ = classmethod(GenericAlias)


# Seconds in a slice: short enough that nobody notices that the reactor was away.
SLICE = 0.01


class SchedulerError(Exception):
    """A `Cooperator`, or one of its tasks, can't do what was asked for."""


class SchedulerStopped(SchedulerError):
    """The cooperator was stopped: no task of it goes on."""


class TaskFinished(SchedulerError):
    """The task has ended: it can't be paused or stopped any more."""


class TaskDone(TaskFinished):
    """The task's iterator came to its end."""


class TaskStopped(TaskFinished):
    """Somebody called the task's `CooperativeTask.stop`."""


class TaskFailed(TaskFinished):
    """The task's iterator raised, or a Deferred that it yielded failed."""


class NotPaused(SchedulerError):
    """The task isn't paused, or was resumed as often as it was paused."""


class _Timer:
    """Whether a slice of time, which begins when this is made, is used up."""

    def __init__(self) -> None:
        self.end = monotonic() + SLICE

    def __call__(self) -> bool:
        return monotonic() >= self.end


def _inTheNextTurn(work: Callable[[], object]) -> IDelayedCall:
    from .. import reactor

    call: IDelayedCall = reactor.callLater(0, work)
    return call


class CooperativeTask(Base["T"]):
    """The handle of a task: pause it, stop it, learn when it is done. `Cooperator.cooperate` makes them.

    Args:
        iterator: the work, a piece a ``next``.
        cooperator: who does it.
    """

    def __init__(self, iterator: Iterator[T], cooperator: Cooperator) -> None:
        self._iterator = iterator
        self._cooperator = cooperator
        self._waiting: list[Deferred[Iterator[T]]] = []
        self._pauses = 0
        # Once the task has ended: what `stop` and `pause` raise from then on, and what `whenDone` gives.
        self._finish: SchedulerError | None = None
        self._result: Iterator[T] | Failure | None = None
        cooperator._add(self)

    def whenDone(self) -> Deferred[Iterator[T]]:
        """Return a new Deferred of the iterator, fired at its end.

        It fails with what the iterator raised, with the failure of a Deferred it yielded, with `TaskStopped`, or with
        `SchedulerStopped`. Cancelling it stops nothing.
        """
        if isinstance(self._result, Failure):
            return fail(self._result)
        if self._result is not None:
            return succeed(self._result)
        deferred: Deferred[Iterator[T]] = Deferred()
        self._waiting.append(deferred)
        return deferred

    def pause(self) -> None:
        """Do no more of this task until it was resumed as often as it was paused.

        Raises:
            TaskFinished: it has ended; `TaskDone`, `TaskStopped` or `TaskFailed` tells how.
        """
        self._mustGoOn()
        self._pauses += 1
        if self._pauses == 1:
            self._cooperator._remove(self)

    def resume(self) -> None:
        """Take one `pause` back.

        Raises:
            NotPaused: there is none to take back.
        """
        if self._pauses == 0:
            raise NotPaused("the task is not paused: resume() takes one pause() back")
        self._pauses -= 1
        if self._pauses == 0 and self._finish is None:
            self._cooperator._add(self)

    def stop(self) -> None:
        """End the task where it is.

        Raises:
            TaskFinished: it has ended; `TaskDone`, `TaskStopped` or `TaskFailed` tells how.
        """
        self._mustGoOn()
        stopped = TaskStopped("the task was stopped")
        self._end(stopped, Failure(stopped))

    def _mustGoOn(self) -> None:
        if self._finish is not None:
            # A new one each time: raising the kept one would pile up tracebacks in it.
            raise type(self._finish)(*self._finish.args)

    def _end(self, finish: SchedulerError, result: Iterator[T] | Failure) -> None:
        if self._finish is not None:
            # A piece stopped its own task, or a task was stopped while it waited: it has told its end, and what came
            # after that matters to nobody.
            return
        self._finish = finish
        self._result = result
        if self._pauses == 0:
            self._cooperator._remove(self)
        waiting, self._waiting = self._waiting, []
        for deferred in waiting:
            deferred.callback(result)

    def _work(self) -> None:
        """Do one piece."""
        pieces: list[Any] = []
        # Whatever it raises belongs to those who wait for the task; the other tasks go on. `outcome` calls it, lest the
        # task, its failure and this frame be tied into a cycle.
        broken = outcome(pieces.extend, (islice(self._iterator, 1),), {})
        if broken is not None:
            self._failed(broken)
        elif not pieces:
            self._end(TaskDone("the task came to its end"), self._iterator)
        elif isinstance(pieces[0], Deferred) and self._finish is None:
            self.pause()
            pieces[0].addCallbacks(self._awaited, self._failed)

    def _awaited(self, _result: object) -> None:
        self.resume()

    def _failed(self, reason: Failure) -> None:
        self._end(TaskFailed("the task failed"), reason)


class Cooperator:
    """Does the pieces of many tasks in turn, a slice of time every turn of the reactor.

    Args:
        terminationPredicateFactory: called at the start of each slice; what it returns is called after each piece and
            says, by a true value, that the slice is over. A slice lasts 10 ms when this isn't given.
        scheduler: called with a function to call it soon, ``reactor.callLater(0, ...)`` for one; returns something with
            ``cancel``.
        started: begin at once, rather than at `start`.
    """

    def __init__(
        self,
        terminationPredicateFactory: Callable[[], Callable[[], bool]] = _Timer,
        scheduler: Callable[[Callable[[], None]], IDelayedCall] = _inTheNextTurn,
        started: bool = True,
    ) -> None:
        # Those whose turn it may be, the next one first. A task that is paused or ended isn't here.
        self._tasks: OrderedDict[CooperativeTask[Any], None] = OrderedDict()
        self._newSlice = terminationPredicateFactory
        self._scheduler = scheduler
        self._call: IDelayedCall | None = None
        self._started = started
        self._stopped = False

    def coiterate(
        self, iterator: Iterator[T], doneDeferred: Deferred[Iterator[T]] | None = None
    ) -> Deferred[Iterator[T]]:
        """Add a task, as `cooperate` does.

        Returns:
            A Deferred of the iterator, fired at its end; ``doneDeferred`` itself when one is given.
        """
        done = CooperativeTask(iterator, self).whenDone()
        if doneDeferred is None:
            return done
        done.chainDeferred(doneDeferred)
        return doneDeferred

    def cooperate(self, iterator: Iterator[T]) -> CooperativeTask[T]:
        """Add a task; its first piece comes with the next slice.

        Once this cooperator was stopped, the task is one that has ended with `SchedulerStopped`.
        """
        return CooperativeTask(iterator, self)

    @property
    def running(self) -> bool:
        """Whether tasks are worked on: it was started, and not stopped since."""
        return self._started and not self._stopped

    def start(self) -> None:
        """Begin, or begin again after `stop`."""
        self._stopped = False
        self._started = True
        self._schedule()

    def stop(self) -> None:
        """Give every task up: each ends with `SchedulerStopped`. Tasks added from now on end so at once."""
        self._stopped = True
        for task in list(self._tasks):
            self._giveUp(task)
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def _giveUp(self, task: CooperativeTask[Any]) -> None:
        stopped = SchedulerStopped("the cooperator of this task was stopped")
        task._end(stopped, Failure(stopped))

    def _add(self, task: CooperativeTask[Any]) -> None:
        """A task begins, or goes on after a pause."""
        self._tasks[task] = None
        if self._stopped:
            self._giveUp(task)
        else:
            self._schedule()

    def _remove(self, task: CooperativeTask[Any]) -> None:
        """A task ends, or pauses."""
        del self._tasks[task]
        if not self._tasks and self._call is not None:
            self._call.cancel()
            self._call = None

    def _schedule(self) -> None:
        if self._started and self._call is None and self._tasks:
            self._call = self._scheduler(self._slice)

    def _slice(self) -> None:
        """Work until the time is up or nobody is left; come back if somebody is."""
        self._call = None
        isOver = self._newSlice()
        while self._tasks:
            task = next(iter(self._tasks))
            # To the back first: the piece may take its task out of the round.
            self._tasks.move_to_end(task)
            task._work()
            if isOver():
                break
        self._schedule()


_everybodys: Cooperator | None = None


def _shared() -> Cooperator:
    global _everybodys
    if _everybodys is None:
        _everybodys = Cooperator()
    return _everybodys


def coiterate(iterator: Iterator[T]) -> Deferred[Iterator[T]]:
    """Do the work of an iterator in slices, together with everybody else's who calls this.

    Returns:
        A Deferred of the iterator, fired at its end, or of the failure that ended it.
    """
    return _shared().coiterate(iterator)


def cooperate(iterator: Iterator[T]) -> CooperativeTask[T]:
    """Do the work of an iterator in slices, together with everybody else's who calls this.

    Returns:
        The handle by which the task can be paused, stopped and waited for.
    """
    return _shared().cooperate(iterator)
