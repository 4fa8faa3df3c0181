"""Protocols that say, state by state, how many bytes they want next."""

from __future__ import annotations

from ropewalk._wire.buffer import Buffer
from ropewalk._wire.events import NEED_DATA
from ropewalk.internet.protocol import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    # Who takes the next bytes, and how many of them it takes. Each returns the state that follows; `None` to stay.
    State = tuple[Callable[[bytes], "State | None"], int]

__all__ = ["StatefulProtocol"]


class StatefulProtocol(Protocol):
    """A protocol in which each state is a method together with the number of bytes that it wants.

    Override `getInitialState`. A state's method takes exactly those bytes and returns the next state, ``(method,
    number)``, or `None` to be called again with as many.
    """

    _state: State
    _waiting: Buffer
    _busy: bool = False  # inside `dataReceived`; a call from inside a call only adds data

    def makeConnection(self, transport: Any) -> None:
        """Take the transport, and enter the first state."""
        super().makeConnection(transport)
        self._waiting = Buffer()
        self._state = self.getInitialState()

    def getInitialState(self) -> State:
        """Override to return the first state."""
        raise NotImplementedError(f"{type(self).__name__} has to override getInitialState")

    def dataReceived(self, data: bytes) -> None:
        """Give the states their bytes, as long as there are enough."""
        self._waiting.feed(data)
        if self._busy:
            return
        self._busy = True
        try:
            while True:
                take, count = self._state
                piece = self._waiting.take(count)
                if piece is NEED_DATA:
                    self._waiting.settle()
                    return
                following = take(piece)
                if following is not None:
                    self._state = following
                elif count == 0:
                    # A state that wants nothing and stays would be called for ever.
                    return
        finally:
            self._busy = False
