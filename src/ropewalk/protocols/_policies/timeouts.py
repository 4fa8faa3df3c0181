"""Connections on which nothing happens for a while: closed by a wrapper, or by the protocol itself."""

from __future__ import annotations

from ropewalk.internet._wrapping import ProtocolWrapper, WrappingFactory

from .later import callLater

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from ropewalk.internet.interfaces import IDelayedCall, ITransport
    from ropewalk.python.failure import Failure


class TimeoutProtocol(ProtocolWrapper):
    """Closes a connection on which nothing is read or written for a while.

    Attributes:
        timeoutPeriod: for how many seconds; `None` for ever.
        timeoutCall: the call that is going to close it.
    """

    factory: Any

    def __init__(self, factory: TimeoutFactory, wrappedProtocol: Any, timeoutPeriod: float | None) -> None:
        super().__init__(factory, wrappedProtocol)
        self.timeoutCall: IDelayedCall | None = None
        self.timeoutPeriod: float | None = None
        self.setTimeout(timeoutPeriod)

    def setTimeout(self, timeoutPeriod: float | None = None) -> None:
        """Close after so many seconds, counted from now; `None` for never."""
        self.cancelTimeout()
        self.timeoutPeriod = timeoutPeriod
        if timeoutPeriod is not None:
            self.timeoutCall = self.factory.callLater(timeoutPeriod, self.timeoutFunc)

    def cancelTimeout(self) -> None:
        """Don't close, until `setTimeout`."""
        self.timeoutPeriod = None
        if self.timeoutCall is not None:
            self.timeoutCall.cancel()
            self.timeoutCall = None

    def resetTimeout(self) -> None:
        """Begin to count anew: something has happened."""
        if self.timeoutCall is not None:
            assert self.timeoutPeriod is not None
            self.timeoutCall.reset(self.timeoutPeriod)

    def write(self, data: bytes) -> None:
        """Pass on; counts as activity."""
        self.resetTimeout()
        super().write(data)

    def writeSequence(self, seq: Iterable[bytes]) -> None:
        """Pass on; counts as activity."""
        self.resetTimeout()
        super().writeSequence(seq)

    def dataReceived(self, data: bytes) -> None:
        """Pass on; counts as activity."""
        self.resetTimeout()
        super().dataReceived(data)

    def connectionLost(self, reason: Failure) -> None:
        """Count no longer, and tell the wrapped protocol."""
        self.cancelTimeout()
        super().connectionLost(reason)

    def timeoutFunc(self) -> None:
        """Close: the time is over. What was written goes out first, however slowly the peer takes it."""
        self.timeoutCall = None
        # A wrapper that was built and never connected has nothing to close.
        if self.transport is not None:
            self.loseConnection()


class TimeoutFactory(WrappingFactory[TimeoutProtocol]):
    """Closes connections on which nothing is read or written for a while.

    Args:
        wrappedFactory: the factory whose connections are watched.
        timeoutPeriod: for how many seconds.
    """

    protocol = TimeoutProtocol

    def __init__(self, wrappedFactory: Any, timeoutPeriod: float | None = 30 * 60) -> None:
        super().__init__(wrappedFactory)
        self.timeoutPeriod = timeoutPeriod

    def _wrap(self, wrapped: Any) -> TimeoutProtocol:
        return self.protocol(self, wrapped, timeoutPeriod=self.timeoutPeriod)

    def buildProtocol(self, addr: Any) -> TimeoutProtocol | None:
        """Wrap the wrapped factory's protocol; the count begins now."""
        return super().buildProtocol(addr)

    def callLater(self, period: float, func: Callable[[], object]) -> IDelayedCall:
        """Call later; tests override it with a clock's."""
        return callLater(period, func)


class TimeoutMixin:
    """Gives a protocol a timeout: set it, reset it when something happens, and be told when it is over.

    Attributes:
        timeOut: the seconds in force; `None` for none.
    """

    if TYPE_CHECKING:
        transport: ITransport

    timeOut: float | None = None
    _timeoutCall: IDelayedCall | None = None

    def callLater(self, period: float, func: Callable[[], object]) -> IDelayedCall:
        """Call later; tests replace it with a clock's, on the class or on one protocol."""
        return callLater(period, func)

    def resetTimeout(self) -> None:
        """Begin to count anew: something has happened. Does nothing while no timeout is set, or it is over."""
        if self._timeoutCall is not None and self.timeOut is not None:
            self._timeoutCall.reset(self.timeOut)

    def setTimeout(self, period: float | None) -> float | None:
        """Call `timeoutConnection` after so many seconds, counted from now.

        Args:
            period: seconds; `None` for never.

        Returns:
            What was in force until now.
        """
        before = self.timeOut
        self.timeOut = period
        if self._timeoutCall is not None:
            if period is not None:
                self._timeoutCall.reset(period)
            else:
                self._timeoutCall.cancel()
                self._timeoutCall = None
        elif period is not None:
            self._timeoutCall = self.callLater(period, self._timedOut)
        return before

    def _timedOut(self) -> None:
        self._timeoutCall = None
        self.timeoutConnection()

    def timeoutConnection(self) -> None:
        """Override to do something else than close the connection when the time is over."""
        self.transport.loseConnection()
