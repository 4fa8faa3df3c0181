"""The contract of an observer of the older logging interface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zope.interface import Interface

if TYPE_CHECKING:
    from ..logger._events import LogEvent

__all__ = ["ILogObserver"]


class ILogObserver(Interface):
    """Something to be called with every event. An application's component of this interface is where it logs."""

    __module__ = "ropewalk.python.log"

    def __call__(eventDict: LogEvent) -> None:
        """Take an event, a dict that has at least ``message`` and ``isError``; see `ropewalk.python.log`."""
