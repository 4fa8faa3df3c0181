"""The clock of policies that count time."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ropewalk.internet.interfaces import IDelayedCall


def callLater(period: float, func: Callable[[], object]) -> IDelayedCall:
    """Call later by the reactor. Each policy's ``callLater`` is this, for tests to replace."""
    from ropewalk.internet import reactor

    call: IDelayedCall = reactor.callLater(period, func)
    return call
