"""Time: what can be scheduled, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from zope.interface import Interface

__name__ = "ropewalk.internet.interfaces"


class IDelayedCall(Interface):
    """A call that is to be made later. `IReactorTime.callLater` returns one."""

    def getTime() -> float:
        """Return when the call is due, by the clock of `IReactorTime.seconds`."""

    def cancel() -> None:
        """Take the call back.

        Raises:
            ropewalk.internet.error.AlreadyCalled: it was made.
            ropewalk.internet.error.AlreadyCancelled: it was taken back before.
        """

    def delay(secondsLater: float) -> None:
        """Make the call this much later than it was to be; a negative number makes it earlier. Raises as `cancel`."""

    def reset(secondsFromNow: float) -> None:
        """Make the call this much later than now. Raises as `cancel`."""

    def active() -> bool:
        """Whether the call is still to come."""


class IReactorTime(Interface):
    """A clock that calls."""

    def seconds() -> float:
        """Return the time in seconds. Only differences mean something: the clock never goes backwards."""

    def callLater(delay: float, callable: Callable[..., Any], *args: object, **kwargs: object) -> IDelayedCall:
        """Call something once, ``delay`` seconds from now or a little later.

        Calls of the same moment are made in the order in which they were scheduled. An exception in one is logged.

        Returns:
            The call to come; keep it to take it back.

        Raises:
            AssertionError: ``delay`` is negative, or ``callable`` isn't callable.
        """

    def getDelayedCalls() -> Sequence[IDelayedCall]:
        """Return the calls that are still to come, in no particular order."""
