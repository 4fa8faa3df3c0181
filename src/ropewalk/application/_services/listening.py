"""The service that listens at an endpoint, and lets its connections end in good order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.internet.defer import CancelledError, Deferred, maybeDeferred, succeed
from ropewalk.logger import Logger
from ropewalk.python.failure import Failure

from .draining import Connections
from .tree import Service

if TYPE_CHECKING:
    from ropewalk.internet.interfaces import IListeningPort, IProtocolFactory, IReactorTime, IStreamServerEndpoint

_log = Logger("ropewalk.application.internet")


class StreamServerEndpointService(Service):
    """Listens at an endpoint from the start to the stop.

    With ``drainSeconds`` it stops gracefully: it accepts no more, calls the method ``drainStarted`` of each protocol
    that has one, waits until the connections have ended, and cuts those that are left after that time. Otherwise it
    closes the port, and connections live on until the reactor stops.

    Args:
        endpoint: where to listen.
        factory: makes the protocols.
        drainSeconds: how long connections may take to end when the service stops; `None` to leave them alone. Counting
            them costs an object for each; their bytes cost what they did.

    Attributes:
        endpoint, factory, drainSeconds: as given.
        clock: measures ``drainSeconds``; `None` for the reactor.
    """

    volatile = ["_waitingForPort", "_connections"]
    clock: IReactorTime | None = None

    # Whether a start raises what listening fails with at once. Otherwise it is logged: with most endpoints it isn't
    # known before the start has returned.
    _raiseSynchronously = False

    # From the start to the stop. Its result is `None` when listening has failed.
    _waitingForPort: Deferred[IListeningPort | None] | None = None
    _connections: Connections | None = None

    def __init__(
        self, endpoint: IStreamServerEndpoint, factory: IProtocolFactory, drainSeconds: float | None = None
    ) -> None:
        self.endpoint = endpoint
        self.factory = factory
        self.drainSeconds = drainSeconds

    def privilegedStartService(self) -> None:
        """Listen, while the process may still bind any port; nothing changes if it does already.

        Raises:
            Exception: what ``endpoint.listen`` itself raises; and what it fails with at once, if `strports.service`
                made this.
        """
        super().privilegedStartService()
        if self._waitingForPort is not None:
            return
        factory: Any = self.factory
        if self.drainSeconds is not None:
            self._connections = Connections(factory)
            factory = self._connections.factory
        starting = self._raiseSynchronously
        raised: list[Failure] = []

        def refused(failure: Failure) -> None:
            if starting:
                raised.append(failure)
            elif self._waitingForPort is not None or not failure.check(CancelledError):
                # Otherwise it was stopped before it listened.
                _log.failure("cannot listen at {endpoint!r}", failure, endpoint=self.endpoint)

        port: Deferred[Any] = self.endpoint.listen(factory)
        port.addErrback(refused)
        starting = False
        if raised:
            raised[0].raiseException()
        self._waitingForPort = port

    def startService(self) -> None:
        """Listen, unless that was done already; see `privilegedStartService`."""
        super().startService()
        self.privilegedStartService()

    def stopService(self) -> Deferred[None]:
        """Accept no more, and see the connections to their end if ``drainSeconds`` says so.

        Returns:
            A Deferred that fires when that is done; wait for it before you start this again. Cancelling it cuts the
            connections.
        """
        super().stopService()
        port, self._waitingForPort = self._waitingForPort, None
        if port is None:
            return succeed(None)
        port.cancel()
        return port.addCallback(self._close)

    def _close(self, port: Any) -> Deferred[Any] | None:
        connections, self._connections = self._connections, None
        if port is None:
            return None
        closed: Deferred[Any] = maybeDeferred(port.stopListening)
        if connections is None or self.drainSeconds is None:
            return closed
        drained = connections.drain(self.drainSeconds, self._time())
        return drained.addCallback(lambda _: closed)

    def _time(self) -> IReactorTime:
        if self.clock is not None:
            return self.clock
        from ropewalk.internet import reactor

        return reactor
