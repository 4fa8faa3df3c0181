"""The service that keeps a connection."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, Any

from ropewalk.internet.defer import CancelledError, Deferred, fail, maybeDeferred, succeed
from ropewalk.logger import Logger
from ropewalk.python.failure import Failure

from .._services.tree import Service
from .._services.watched import Watched, WatchingFactory
from .backoff import backoffPolicy
from .states import STEPS, Event, State

if TYPE_CHECKING:
    from ropewalk.internet.interfaces import (
        IDelayedCall,
        IProtocolFactory,
        IReactorTime,
        IStreamClientEndpoint,
    )

_log = Logger("ropewalk.application.internet")


class ClientService(Service):
    """Keeps a connection: makes it at the start, and again whenever it fails or is lost, until it is stopped.

    Args:
        endpoint: where to connect to.
        factory: makes the protocol of each connection.
        retryPolicy: from the number of failures in a row to the seconds until the next attempt; `backoffPolicy()` when
            not given.
        clock: measures them; the reactor when not given.
        prepareConnection: called with each new protocol, before anybody is given it: to log in, say. May return a
            Deferred or a coroutine. If it fails, the connection is closed, and that was a failure like any other.
    """

    _attempt: Deferred[Any] | None = None  # while an endpoint is connecting
    _connection: Watched | None = None  # from when the connection is made until it is lost
    _preparing: Deferred[Any] | None = None  # while it is being prepared
    _retry: IDelayedCall | None = None  # while the next attempt is waited for

    def __init__(
        self,
        endpoint: IStreamClientEndpoint,
        factory: IProtocolFactory,
        retryPolicy: Callable[[int], float] | None = None,
        clock: IReactorTime | None = None,
        prepareConnection: Callable[[Any], object] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._factory = factory
        self._policy = backoffPolicy() if retryPolicy is None else retryPolicy
        self._clock = clock
        self._prepareConnection = prepareConnection
        self._state = State.IDLE
        self._failures = 0  # in a row
        self._failure: Failure | None = None  # the latest of them
        # Who waits for a connection, each with how many failures it takes; who waits for the end.
        self._waiting: dict[Deferred[Any], int | None] = {}
        self._stopping: list[Deferred[None]] = []

    def startService(self) -> None:
        """Begin to connect; nothing changes while that goes on."""
        super().startService()
        self._step(Event.START)

    def stopService(self) -> Deferred[None]:
        """Close the connection, or give up making it.

        Returns:
            A Deferred that fires when that is done. Everybody who still waits for a connection gets a `CancelledError`.
        """
        super().stopService()
        stopped: Deferred[None] = Deferred()
        self._stopping.append(stopped)
        self._step(Event.STOP)
        return stopped

    def whenConnected(self, failAfterFailures: int | None = None) -> Deferred[Any]:
        """Wait for a connection, if there isn't one.

        Args:
            failAfterFailures: after how many failures from now on to give up waiting; `None` for never. The service
                itself never gives up.

        Returns:
            A new Deferred of the protocol. It fails with the latest failure when there were too many, and with
            `CancelledError` when the service is, or gets, stopped. Cancelling it ends the waiting and nothing else.

        Raises:
            ValueError: ``failAfterFailures`` is less than 1.
        """
        if failAfterFailures is not None and failAfterFailures < 1:
            raise ValueError(f"failAfterFailures is None or 1 or more, not {failAfterFailures!r}")
        # A connection that tells its protocol of its end is none any more: whoever asks from there wants the next one.
        if self._state is State.CONNECTED and self._connection is not None and self._connection.lost is None:
            return succeed(self._connection.protocol)
        if self._state is State.STOPPED:
            return fail(CancelledError(f"{self!r} is stopped: there will be no connection unless it is started"))
        waiting: Deferred[Any] = Deferred(lambda cancelled: self._waiting.pop(cancelled, None))
        self._waiting[waiting] = failAfterFailures
        return waiting

    # -- Events: `states` says what each leads to.

    def _step(self, event: Event) -> None:
        self._state, actions = STEPS[self._state, event]
        for action in actions:
            getattr(self, action)()

    def _attempted(self, result: Any, attempt: Deferred[Any], built: list[Watched]) -> None:
        """Hear what has become of an attempt."""
        if attempt is not self._attempt:
            return
        self._attempt = None
        if not isinstance(result, Failure):
            # An endpoint that wraps protocols gives the wrapper; the one inside is ours.
            watched = result if isinstance(result, Watched) else next(reversed(built), None)
            if watched is None:
                result = Failure(TypeError(f"{self._endpoint!r} connected without the factory it was given"))
            elif watched.lost is not None:
                result = watched.lost
            else:
                self._connection = watched
                self._step(Event.MADE)
                return
        self._failure = result
        self._step(Event.FAILED)

    def _prepared(self, result: Any, preparing: Deferred[Any]) -> None:
        """Hear what has become of a preparation."""
        if preparing is not self._preparing:
            return
        self._preparing = None
        if isinstance(result, Failure):
            self._failure = result
            self._step(Event.UNFIT)
        else:
            self._step(Event.READY)

    def _lost(self, watched: Watched, reason: Failure) -> None:
        """Hear that the connection has ended."""
        self._connection = None
        self._failure = reason
        self._step(Event.LOST)

    def _due(self) -> None:
        self._retry = None
        self._step(Event.DUE)

    # -- Actions: what `states` names.

    def _connect(self) -> None:
        built: list[Watched] = []
        factory: Any = WatchingFactory(self._factory, built.append)
        # Whatever it raises is what came of the attempt.
        attempt = self._attempt = maybeDeferred(self._endpoint.connect, factory)

        def over(result: Any) -> None:
            # Endpoints can be slow to learn that an attempt was cancelled: nothing of it may live on.
            factory.refusing = True
            self._attempted(result, attempt, built)

        attempt.addBoth(over)

    def _cancelAttempt(self) -> None:
        assert self._attempt is not None
        self._attempt.cancel()

    def _adopt(self) -> None:
        """From now on we want to hear of its end."""
        assert self._connection is not None
        self._connection.heard = self._lost

    def _prepare(self) -> None:
        assert self._connection is not None
        if self._prepareConnection is None:
            self._step(Event.READY)
            return
        preparing = maybeDeferred(self._prepareConnection, self._connection.protocol)
        if self._state is State.PREPARING:
            self._preparing = preparing
            preparing.addBoth(self._prepared, preparing)
        else:
            # It has ended the connection, or stopped us, before it returned.
            preparing.addErrback(_ignored).cancel()

    def _cancelPreparation(self) -> None:
        preparing, self._preparing = self._preparing, None
        if preparing is not None:
            preparing.cancel()

    # What came before these two may have called somebody who closed the connection, and it has ended already.

    def _leave(self) -> None:
        if self._connection is not None:
            self._connection.end("loseConnection")

    def _drop(self) -> None:
        # At once: what it may still have to write is for nobody.
        if self._connection is not None:
            self._connection.end("abortConnection")

    def _retryLater(self) -> None:
        self._failures += 1
        try:
            delay = _seconds(self._policy(self._failures))
        except Exception:
            # The program's mistake must not be the end of its connection.
            _log.failure("the retry policy {policy!r} failed; waiting a minute instead", policy=self._policy)
            delay = 60.0
        _log.info(
            "attempt {attempt} to connect {endpoint!r} begins in {delay:.2f} seconds: {reason}",
            attempt=self._failures,
            endpoint=self._endpoint,
            delay=delay,
            reason=self._failure and self._failure.getErrorMessage(),
        )
        self._retry = self._time().callLater(delay, self._due)

    def _cancelRetry(self) -> None:
        assert self._retry is not None
        self._retry.cancel()
        self._retry = None

    def _tellConnected(self) -> None:
        assert self._connection is not None
        self._failures = 0
        # Kept here: somebody who is told may close the connection.
        protocol = self._connection.protocol
        waiting, self._waiting = self._waiting, {}
        for deferred in waiting:
            deferred.callback(protocol)

    def _tellFailure(self) -> None:
        """Tell those who have waited for as many failures as they wanted to."""
        failure = self._failure
        assert failure is not None
        over = []
        for deferred, failures in self._waiting.items():
            if failures == 1:
                over.append(deferred)
            elif failures is not None:
                self._waiting[deferred] = failures - 1
        for deferred in over:
            # It may have been cancelled by one that was told before.
            if self._waiting.pop(deferred, 0) == 1:
                deferred.errback(failure)

    def _disappoint(self) -> None:
        """Tell everybody who waits that there will be no connection."""
        self._failures = 0
        waiting, self._waiting = self._waiting, {}
        for deferred in waiting:
            deferred.errback(CancelledError(f"{self!r} was stopped"))

    def _tellStopped(self) -> None:
        stopping, self._stopping = self._stopping, []
        for deferred in stopping:
            deferred.callback(None)

    def _time(self) -> IReactorTime:
        if self._clock is None:
            from ropewalk.internet import reactor

            self._clock = reactor
        return self._clock


def _seconds(delay: Any) -> float:
    """What a retry policy has returned, if it can be waited for."""
    if isinstance(delay, (int, float)) and 0 <= delay < inf:
        return delay
    raise ValueError(f"a retry policy returns seconds, not {delay!r}")


def _ignored(failure: Failure) -> None:
    """Nobody waits for it any more."""
