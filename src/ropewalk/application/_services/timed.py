"""Services that do something again and again, or in slices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from ropewalk.internet.defer import Deferred
from ropewalk.internet.interfaces import IReactorTime
from ropewalk.internet.task import Cooperator, LoopingCall
from ropewalk.logger import Logger
from ropewalk.python.failure import Failure

from .tree import Service

T = TypeVar("T")

_log = Logger("ropewalk.application.internet")


class TimerService(Service):
    """Calls a function at a regular beat, beginning at the start. See `ropewalk.internet.task.LoopingCall`.

    A function that fails is logged, and isn't called again until the service is started again.

    Args:
        step: seconds between two calls.
        callable: the function; it may return a Deferred or a coroutine, which the next call waits for.
        args, kwargs: its arguments.

    Attributes:
        clock: tells the time; `None` for the reactor.
    """

    volatile = ["_loop", "_loopFinished"]
    clock: IReactorTime | None = None
    _loop: LoopingCall | None = None
    _loopFinished: Deferred[None] | None = None

    def __init__(self, step: float, callable: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        self.step = step
        self.call = (callable, args, kwargs)
        self.clock = None

    def startService(self) -> None:
        """Call the function, and begin the beat; nothing changes while it goes on."""
        super().startService()
        if self._loop is not None and self._loop.running:
            return
        callable, args, kwargs = self.call
        self._loop = loop = LoopingCall(callable, *args, **kwargs)
        if self.clock is not None:
            loop.clock = self.clock
        self._loopFinished = loop.start(self.step, now=True).addCallbacks(_forget, self._failed)

    def _failed(self, failure: Failure) -> None:
        _log.failure("{call} failed; the timer doesn't call it again", failure, call=self.call[0])

    def stopService(self) -> Deferred[None] | None:
        """Make no further call.

        Returns:
            A Deferred that fires when the call under way, if there is one, has its result; `None` for a service that
            was never started.
        """
        if self._loop is not None and self._loop.running:
            self._loop.stop()
        super().stopService()
        if self._loopFinished is None:
            return None
        # A new one each time: what a caller adds, or cancels, is theirs.
        stopped: Deferred[None] = Deferred()
        self._loopFinished.addCallback(_pass, stopped)
        return stopped


def _forget(_loop: object) -> None:
    """No result: the loop has none."""


def _pass(result: None, to: Deferred[None]) -> None:
    to.callback(result)


class CooperatorService(Service):
    """Does the pieces of many tasks in turn while it runs. See `ropewalk.internet.task.Cooperator`.

    Attributes:
        coop: the cooperator.
    """

    def __init__(self) -> None:
        self.coop = Cooperator(started=False)

    def coiterate(self, iterator: Iterator[T]) -> Deferred[Iterator[T]]:
        """Take a task in; it is worked at while the service runs.

        Returns:
            A Deferred of the iterator, fired at its end; it fails with `SchedulerStopped` when the service stops first.
        """
        return self.coop.coiterate(iterator)

    def startService(self) -> None:
        """Begin to work."""
        super().startService()
        self.coop.start()

    def stopService(self) -> None:
        """End the work, for good: each task fails with `SchedulerStopped`."""
        super().stopService()
        self.coop.stop()
