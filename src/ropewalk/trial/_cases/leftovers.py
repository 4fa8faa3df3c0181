"""What a test leaves behind in the reactor: delayed calls, ports, connections. They would disturb the tests after it.

What was there before the test is not the test's: class and module fixtures may keep a port open.
"""

from __future__ import annotations

import sys
from typing import Any

from ropewalk.internet.error import AlreadyCalled, AlreadyCancelled
from ropewalk.python.failure import Failure

from ..util import DirtyReactorAggregateError

__all__ = ["Leftovers", "usedReactor"]

# Turns in which what is being closed may end: one to send and close, one for the other side to learn of it, and the
# same again for what that calls.
TURNS = 4


class Leftovers:
    """Compares the reactor before and after a test."""

    def __init__(self) -> None:
        reactor = usedReactor()
        self._before = {id(one): one for one in _all(reactor)} if reactor is not None else {}

    def clear(self) -> Failure | None:
        """End what the test has left behind; return a Failure that names it, or `None` if there was nothing."""
        reactor = usedReactor()
        if reactor is None or not self._new(reactor):
            return None
        for _ in range(TURNS):
            reactor.iterate(0)
            if not self._new(reactor):
                return None
        calls = [call for call in reactor.getDelayedCalls() if id(call) not in self._before]
        # As texts: what a call or port has to tell is gone once it is ended.
        callTexts = [str(call) for call in calls]
        for call in calls:
            try:
                call.cancel()
            except (AlreadyCalled, AlreadyCancelled):
                pass  # Another one's cancelling has brought it about.
        selectables = _selectables(reactor)
        texts = [repr(one) for key, one in selectables.items() if key not in self._before]
        for key, one in selectables.items():
            if key not in self._before:
                _close(reactor, one)
        if not callTexts and not texts:
            return None
        return Failure(DirtyReactorAggregateError(callTexts, texts))

    def _new(self, reactor: Any) -> bool:
        return any(id(one) not in self._before for one in _all(reactor))


def usedReactor() -> Any:
    """The reactor, or `None` when nobody has used it yet."""
    reactor = sys.modules.get("ropewalk.internet.reactor")
    return None if reactor is None or type(reactor).__name__ == "Unchosen" else reactor


def _all(reactor: Any) -> list[Any]:
    return [*reactor.getDelayedCalls(), *_selectables(reactor).values()]


def _selectables(reactor: Any) -> dict[int, Any]:
    if not hasattr(reactor, "getReaders"):
        return {}
    return {id(one): one for one in [*reactor.getReaders(), *reactor.getWriters()]}


def _close(reactor: Any, selectable: Any) -> None:
    """Take a port, connection or other descriptor off the reactor."""
    from ropewalk.internet import main

    reactor.removeReader(selectable)
    reactor.removeWriter(selectable)
    try:
        selectable.connectionLost(Failure(main.CONNECTION_LOST))
    except Exception:
        # It is the test's; that it cannot be closed is no more than what is reported of it anyway.
        from ropewalk.python import log

        log.msg(f"{selectable!r} could not be closed:\n{Failure().getTraceback()}")
