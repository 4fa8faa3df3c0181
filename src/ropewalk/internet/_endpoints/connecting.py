"""One attempt to connect, as a Deferred: what every client endpoint is made of.

A reactor's ``connectTCP`` takes a factory and tells it what becomes of the attempt. `attempt` gives it a factory of its
own, which asks the program's factory for the protocol and fires the Deferred once that is connected.

To learn when that is, a `_Threshold` stands in for the protocol until ``makeConnection``; then it puts the protocol in
its own place on the transport and is gone, so that received bytes reach the protocol without a detour.
"""

from __future__ import annotations

from ...python.failure import Failure
from ..defer import Deferred, fail, succeed
from ..error import ConnectingCancelledError, NoProtocol
from ..protocol import ClientFactory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..interfaces import IAddress, IConnector, IListeningPort, IProtocol, IProtocolFactory

    Base = ClientFactory[Any]
else:
    Base = ClientFactory


def attempt(protocolFactory: IProtocolFactory, connect: Callable[[ClientFactory[Any]], object]) -> Deferred[IProtocol]:
    """Connect once.

    Args:
        protocolFactory: makes the protocol.
        connect: begins the attempt for the factory it is given, and calls its ``startedConnecting``.

    Returns:
        A Deferred of the protocol, connected; or of what ``connect`` raised, `ConnectError` and its kin, what
        ``buildProtocol`` raised, `NoProtocol`. Cancelling it ends the attempt, with `ConnectingCancelledError`.
    """
    factory = _AttemptFactory(protocolFactory)
    connected: Deferred[IProtocol] = Deferred(factory.cancel)
    factory.waiting = connected
    try:
        connect(factory)
    except BaseException:
        # Whatever it is, it is what became of this attempt, and who made it waits for the Deferred.
        return fail(Failure())
    return connected


def listening(listen: Callable[[], IListeningPort]) -> Deferred[IListeningPort]:
    """Listen, and return a Deferred of the port, or of what ``listen`` raised."""
    try:
        return succeed(listen())
    except BaseException:
        return fail(Failure())


class _AttemptFactory(Base):
    """Asks the program's factory for a protocol, and tells who waits what became of the attempt.

    Attributes:
        waiting: the Deferred to fire; `None` once it is fired, so that it and what it fired with are tied to nothing.
    """

    noisy = False

    def __init__(self, wrapped: Any) -> None:
        self._wrapped = wrapped
        self._connector: IConnector | None = None
        self._address: IAddress | None = None
        self.waiting: Deferred[IProtocol] | None = None

    # The program's factory is the one that starts and stops; it tells the log so by itself.

    def doStart(self) -> None:
        self._wrapped.doStart()

    def doStop(self) -> None:
        self._wrapped.doStop()

    def startedConnecting(self, connector: IConnector) -> None:
        self._connector = connector

    def buildProtocol(self, addr: IAddress | None) -> Any:
        # The attempt is over: nothing of it is left to cancel.
        self._connector = None
        self._address = addr
        try:
            protocol = self._wrapped.buildProtocol(addr)
            if protocol is None:
                raise NoProtocol(f"{self._wrapped!r} made no protocol for {addr!r}")
        except BaseException:
            # Told to whoever connects; to the transport it is as if the factory had declined.
            self.failed(Failure())
            return None
        return _Threshold(protocol, self)

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        self._connector = None
        self.failed(reason)

    def clientConnectionLost(self, connector: IConnector, reason: Failure) -> None:
        """The protocol has heard of it."""

    # Telling who waits; once.

    def succeeded(self, protocol: Any) -> bool:
        """Tell that the protocol is connected; false when nobody waits for it any more."""
        waiting, self.waiting = self.waiting, None
        if waiting is None:
            return False
        waiting.callback(protocol)
        return True

    def failed(self, reason: Failure) -> None:
        """Tell what went wrong."""
        waiting, self.waiting = self.waiting, None
        if waiting is not None:
            waiting.errback(reason)

    def cancel(self, _connected: Deferred[IProtocol]) -> None:
        """Give the attempt up. In the middle of being connected the transport is closed as soon as that is done."""
        connector, self._connector = self._connector, None
        address = self._address if connector is None else connector.getDestination()
        self.failed(Failure(ConnectingCancelledError(address)))
        if connector is not None:
            connector.stopConnecting()


class _Threshold:
    """Stands in for a protocol until it is connected.

    A transport that doesn't offer its protocol as ``protocol`` (fakes in tests, mostly) keeps this one: then it passes
    everything on.
    """

    def __init__(self, protocol: Any, attempt: _AttemptFactory) -> None:
        self._protocol = protocol
        self._attempt = attempt

    def makeConnection(self, transport: Any) -> None:
        """Step aside, connect the protocol, tell who waits."""
        if getattr(transport, "protocol", None) is self:
            transport.protocol = self._protocol
        else:
            self._resemble()
        try:
            self._protocol.makeConnection(transport)
        except BaseException:
            self._attempt.failed(Failure())
            raise
        if not self._attempt.succeeded(self._protocol):
            # Cancelled between the two. The protocol has begun and shall end: both or none.
            transport.loseConnection()

    def _resemble(self) -> None:
        """Provide what the protocol provides: transports ask for some interfaces."""
        from zope.interface import directlyProvides, providedBy

        directlyProvides(self, providedBy(self._protocol))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._protocol, name)

    def __repr__(self) -> str:
        return f"<{self._protocol!r}, connecting>"
