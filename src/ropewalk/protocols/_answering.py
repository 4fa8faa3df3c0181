"""What servers that answer have in common: they read no further from a peer that doesn't take its answers."""

from __future__ import annotations

from typing import Any

__all__ = ["Answering"]


class Answering:
    """For protocols of questions and answers; to be mixed in before `TimeoutMixin`, if that is, too.

    A peer that asks and never reads would have its answers kept here otherwise, as many as it likes to ask for.
    Protocols call `_waitToBeHeard` when they have answered.
    """

    transport: Any

    # The peer doesn't take its answers, and isn't read.
    _isUnheard = False

    def _waitToBeHeard(self) -> None:
        """Read no further while too many answers wait to be taken."""
        # Transports of tests need not know what every stream does.
        drain = getattr(self.transport, "drain", None)
        if drain is None or self._isUnheard:
            return
        waiter = drain()
        self._isUnheard = not waiter.called
        if self._isUnheard:
            self._readNoFurther()
        waiter.addCallbacks(self._heard, lambda _: None)

    def _heard(self, _result: object) -> None:
        if self._isUnheard:
            self._isUnheard = False
            self._readOn()

    def _readNoFurther(self) -> None:
        """Override if the transport is not all that has to be paused."""
        self.transport.pauseProducing()

    def _readOn(self) -> None:
        """Override likewise; there may be other reasons not to read."""
        self.transport.resumeProducing()

    def timeoutConnection(self) -> None:
        """Close, as the time is over. A peer that takes nothing would never let that come to an end: it is cut."""
        if self._isUnheard:
            self.transport.abortConnection()
        else:
            self.transport.loseConnection()
