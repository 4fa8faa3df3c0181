"""The two contracts a user may implement: what receives events, and what judges them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zope.interface import Interface

from . import _declared

if TYPE_CHECKING:
    from ._events import LogEvent
    from ._names import Constant

__all__ = ["ILogFilterPredicate", "ILogObserver"]


class ILogObserver(Interface):
    """Something to be called with every event.

    Any callable of one argument serves; declaring the interface only says so. It is called synchronously, in
    whichever thread the event is emitted, perhaps in several at once, and must not block for long.
    """

    __module__ = "ropewalk.logger"

    def __call__(event: LogEvent) -> None:
        """Take an event: a dict that others see too, and that one therefore doesn't change."""


class ILogFilterPredicate(Interface):
    """A judge of events, for `FilteringLogObserver`."""

    __module__ = "ropewalk.logger"

    def __call__(event: LogEvent) -> Constant:
        """Return one of the constants of `PredicateResult`."""


_declared.carryOut()
