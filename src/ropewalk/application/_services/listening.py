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
            them costs an object for each, and a call for each chunk of their bytes.

    Attributes:
        endpoint, factory, drainSeconds: as given.
        clock: measures ``drainSeconds``; `None` for the reactor.
    """

    volatile = ["_waitingForPort", "_refusal", "_connections", "_stop"]
    clock: IReactorTime | None = None

    # Whether a start raises what listening fails with at once. Otherwise it is logged: with most endpoints it isn't
    # known before the start has returned.
    _raiseSynchronously = False

    # From the start to the stop. Its result is `None` when listening has failed.
    _waitingForPort: Deferred[IListeningPort | None] | None = None
    # Why it has failed.
    _refusal: Failure | None = None
    _connections: Connections | None = None
    # While a stop is under way.
    _stop: _Stop | None = None

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
            self._refusal = failure
            if starting:
                raised.append(failure)
            elif self._waitingForPort is not None or not failure.check(CancelledError):
                # Otherwise it was stopped before it listened.
                _log.failure("cannot listen at {endpoint!r}", failure, endpoint=self.endpoint)

        self._refusal = None
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

    def whenListening(self) -> Deferred[IListeningPort]:
        """Tell the port, which knows its number, once it listens.

        Returns:
            A new Deferred of it. It fails with what listening failed with, and with `CancelledError` when the service
            is stopped before.

        Raises:
            RuntimeError: it isn't started.
        """
        if self._waitingForPort is None:
            raise RuntimeError(f"{self!r} does not listen: start it first")
        told: Deferred[IListeningPort] = Deferred()

        def tell(port: Any) -> Any:
            if told.called:
                return port
            if self._refusal is None:
                told.callback(port)
            else:
                told.errback(self._refusal)
            return port

        self._waitingForPort.addBoth(tell)
        return told

    def stopService(self) -> Deferred[None]:
        """Accept no more, and see the connections to their end if ``drainSeconds`` says so.

        Returns:
            A Deferred that fires when that is done; wait for it before you start this again. Cancelling it cuts the
            connections, and it fires at once.
        """
        super().stopService()
        port, self._waitingForPort = self._waitingForPort, None
        if port is not None:
            stop = self._stop = _Stop(self._connections)
            self._connections = None
            port.cancel()
            port.addCallback(self._close, stop).addBoth(self._stopped, stop)
            return stop.wait()
        return succeed(None) if self._stop is None else self._stop.wait()

    def _close(self, port: Any, stop: _Stop) -> Deferred[Any] | None:
        if port is None:
            return None
        if stop.connections is None or self.drainSeconds is None:
            return maybeDeferred(port.stopListening)
        return stop.connections.close(port, self.drainSeconds, self._time())

    def _stopped(self, result: Any, stop: _Stop) -> None:
        if self._stop is stop:
            self._stop = None
        stop.over(result)

    def _time(self) -> IReactorTime:
        if self.clock is not None:
            return self.clock
        from ropewalk.internet import reactor

        return reactor


class _Stop:
    """A stop under way.

    Attributes:
        connections: what is to be drained, if anything.
    """

    def __init__(self, connections: Connections | None) -> None:
        self.connections = connections
        self._waiting: list[Deferred[None]] = []
        self._result: list[Any] = []

    def wait(self) -> Deferred[None]:
        """Return a new Deferred that fires when it is over. Cancelling it cuts the connections."""
        waiting: Deferred[None] = Deferred(self._hurry)
        if self._result:
            waiting.callback(self._result[0])
        else:
            self._waiting.append(waiting)
        return waiting

    def over(self, result: Any) -> None:
        """Tell everybody who waits; ``result`` is a failure if the port could not be closed."""
        self._result.append(result)
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one.callback(result)

    def _hurry(self, impatient: Deferred[None]) -> None:
        self._waiting.remove(impatient)
        if self.connections is not None:
            self.connections.cut()
        impatient.callback(None)
