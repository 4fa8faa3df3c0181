"""A client's factory that connects again."""

from __future__ import annotations

from ..error import NotConnectingError
from .factories import ClientFactory, P

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ropewalk.python.failure import Failure

    from ..interfaces import IConnector, IDelayedCall, IReactorTime


class ReconnectingClientFactory(ClientFactory[P]):
    """A client's factory that connects again, each time waiting longer, after failures and losses alike.

    A subclass that overrides `clientConnectionFailed` or `clientConnectionLost` calls these; one whose connection
    has turned out well, in `buildProtocol` say, calls `resetDelay`.

    Attributes:
        initialDelay: seconds to wait before the first retry.
        maxDelay: seconds that the wait never grows beyond.
        factor: what each wait is multiplied with to get the next one.
        jitter: how far a wait strays by chance, as a share of it (a standard deviation), so that the clients of a
            server that went down don't all return in the same moment; `None` or 0 for not at all.
        delay: seconds that the next retry waits, but for the jitter.
        retries: how many retries there were since `resetDelay`.
        maxRetries: after how many to give up; `None` for never.
        continueTrying: false once `stopTrying` was called.
        connector: the latest connector; `None` before there was one, and after `stopTrying`.
        clock: waits are measured by it, an `IReactorTime`; `None` for the reactor.
    """

    initialDelay: float = 1.0
    maxDelay: float = 3600
    # Euler's number: steep enough to spare a server in trouble, with a first few retries that come soon.
    factor: float = 2.718281828459045
    jitter: float | None = 0.119626565582

    delay: float = initialDelay
    retries: int = 0
    maxRetries: int | None = None
    continueTrying: bool | int = 1

    connector: IConnector | None = None
    clock: IReactorTime | None = None

    _waiting: tuple[IDelayedCall, ...] = ()  # the retries to come: one for each connector that uses this factory

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """Retry, later."""
        if self.continueTrying:
            self.connector = connector
            self.retry()

    def clientConnectionLost(self, connector: IConnector, unused_reason: Failure) -> None:
        """Retry, later."""
        if self.continueTrying:
            self.connector = connector
            self.retry()

    def retry(self, connector: IConnector | None = None) -> None:
        """Connect again after the wait that is due now, unless that was forbidden or is once too often.

        Args:
            connector: what connects; the latest one when not given.

        Raises:
            ValueError: there was none yet.
        """
        connector = connector or self.connector
        if not self.continueTrying:
            self._tell(f"Abandoning {connector or self} on explicit request")
            return
        if connector is None:
            raise ValueError("no connector to retry: none was given, and none has failed yet")
        self.retries += 1
        if self.maxRetries is not None and self.retries > self.maxRetries:
            self._tell(f"Abandoning {connector} after {self.retries} retries.")
            return

        delay = self.delay
        if self.jitter:
            from random import normalvariate

            delay = max(0.0, normalvariate(delay, delay * self.jitter))
        self._tell(f"{connector} will retry in {int(delay)} seconds")
        self.delay = min(delay * self.factor, self.maxDelay)

        self._waiting = (*self._waiting, self._time().callLater(delay, self._again, connector))

    def _again(self, connector: IConnector) -> None:
        self._waiting = tuple([call for call in self._waiting if call.active()])
        connector.connect()

    def stopTrying(self) -> None:
        """Give up for good: waits, and an attempt that goes on, are ended; a connection that is there stays."""
        waiting, self._waiting = self._waiting, ()
        for call in waiting:
            call.cancel()
        self.continueTrying = 0
        if self.connector is not None:
            try:
                self.connector.stopConnecting()
            except NotConnectingError:
                pass
            # It knows us: the two are not to wait for the garbage collector.
            self.connector = None

    def resetDelay(self) -> None:
        """Begin the series of waits anew; call it when a connection has turned out well."""
        self.delay = self.initialDelay
        self.retries = 0
        self.continueTrying = 1

    def _tell(self, sentence: str) -> None:
        if self.noisy:
            from ropewalk.python import log

            log.msg(sentence)

    def _time(self) -> Any:  # an `IReactorTime`, which the reactor is at run time only
        if self.clock is not None:
            return self.clock
        from .. import reactor

        return reactor

    def __getstate__(self) -> dict[str, Any]:
        """Leave out of pickles what belongs to this process and this series of attempts."""
        state = self.__dict__.copy()
        for name in ("connector", "retries", "delay", "continueTrying", "clock", "_waiting"):
            state.pop(name, None)
        return state
