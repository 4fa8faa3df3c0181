"""The public `DelayedCall`: a call that some clock will make later."""

from __future__ import annotations

from time import time as wallClock

from .._defer.unhandled import stackNow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from zope.interface import implementer

    from ..interfaces import IDelayedCall
else:
    from .._interfaces.later import IDelayedCall, implementer

__all__ = ["DelayedCall"]


@implementer(IDelayedCall)
class DelayedCall:
    """A call that some clock will make later.

    Reactors and `task.Clock` make these; programs get them from ``callLater`` and may cancel or move them.

    Args:
        time: when the call is due, in the terms of ``seconds``.
        func: what to call, with ``args`` and ``kw``.
        cancel: called with this object when it is cancelled.
        reset: called with this object when its time moved to an earlier moment.
        seconds: the clock that ``reset`` counts from.

    Attributes:
        called: true once the call was made.
        cancelled: true once it was cancelled.
        creator: the stack of its creation, as lines of text, when `debug` was on; else ``None``.
        debug: set it on the class to make each call remember the stack of its creation. Slow; for debugging.
    """

    debug = False
    creator: list[str] | None = None

    def __init__(
        self,
        time: float,
        func: Callable[..., object],
        args: tuple[object, ...],
        kw: dict[str, object],
        cancel: Callable[[DelayedCall], object],
        reset: Callable[[DelayedCall], object],
        seconds: Callable[[], float] = wallClock,
    ) -> None:
        self.time = time
        self.func: Callable[..., object] | None = func
        self.args: tuple[object, ...] | None = args
        self.kw: dict[str, object] | None = kw
        self.canceller = cancel
        self.resetter = reset
        self.seconds = seconds
        self.cancelled = self.called = 0
        self.delayed_time = 0.0
        if self.debug:
            self.creator = stackNow()

    def getTime(self) -> float:
        """Return when the call is due, in the terms of the clock's ``seconds``."""
        return self.time + self.delayed_time

    def active(self) -> bool:
        """Return whether the call is still to come: neither made nor cancelled."""
        return not (self.cancelled or self.called)

    def cancel(self) -> None:
        """Do not make the call.

        Raises:
            AlreadyCancelled: it was cancelled before.
            AlreadyCalled: it was made already.
        """
        self._mustBeActive()
        self.canceller(self)
        self.cancelled = 1
        # What the call would have used may be large, and a cancelled call may stay in its queue for a while.
        self.func = self.args = self.kw = None

    def reset(self, secondsFromNow: float) -> None:
        """Make the call ``secondsFromNow`` from now instead.

        Raises:
            AlreadyCancelled: it was cancelled.
            AlreadyCalled: it was made already.
        """
        self._mustBeActive()
        moment = self.seconds() + secondsFromNow
        if moment < self.time:
            self.delayed_time = 0.0
            self.time = moment
            self.resetter(self)
        else:
            self.delayed_time = moment - self.time

    def delay(self, secondsLater: float) -> None:
        """Make the call ``secondsLater`` later than planned; sooner when it is negative.

        Raises:
            AlreadyCancelled: it was cancelled.
            AlreadyCalled: it was made already.
        """
        self._mustBeActive()
        self.delayed_time += secondsLater
        if self.delayed_time < 0.0:
            self.activate_delay()
            self.resetter(self)

    def activate_delay(self) -> None:
        """Make what `delay` and `reset` postponed part of `time`; the clock that keeps the call does this."""
        self.time += self.delayed_time
        self.delayed_time = 0.0

    def __lt__(self, other: DelayedCall) -> bool:
        return self.time < other.time

    def __repr__(self) -> str:
        wait = self.getTime() - self.seconds()
        told = f"<DelayedCall {id(self):#x} [{wait}s] called={self.called:d} cancelled={self.cancelled:d}"
        if self.func is not None:
            arguments = [repr(each) for each in self.args or ()]
            arguments += [f"{name}={value!r}" for name, value in (self.kw or {}).items()]
            told += f" {nameOf(self.func)}({', '.join(arguments)})"
        if self.creator is not None:
            told += "\n\ntraceback at creation:\n\n" + "".join(self.creator)
        return told + ">"

    def _mustBeActive(self) -> None:
        if self.cancelled:
            from ..error import AlreadyCancelled

            raise AlreadyCancelled()
        if self.called:
            from ..error import AlreadyCalled

            raise AlreadyCalled()


def nameOf(func: Callable[..., object]) -> str:
    """Return what to call a function in a sentence."""
    name: str = getattr(func, "__qualname__", None) or repr(func)
    return name
