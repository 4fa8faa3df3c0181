"""The connections of a server, and how they come to their end when it stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.internet.defer import Deferred, maybeDeferred, succeed
from ropewalk.logger import Logger
from ropewalk.python.failure import Failure

from .watched import Watched, WatchingFactory

if TYPE_CHECKING:
    from ropewalk.internet.interfaces import IDelayedCall, IReactorTime

_log = Logger("ropewalk.application.internet")


class Connections:
    """Knows which connections of a server are open.

    Args:
        factory: makes the server's protocols.

    Attributes:
        factory: to be listened with instead.
    """

    def __init__(self, factory: Any) -> None:
        self.factory = WatchingFactory(factory, self._begun)
        self._served = factory
        self._open: set[Watched] = set()
        # From `drain` until the last connection has ended.
        self._drained: Deferred[None] | None = None
        self._alarm: IDelayedCall | None = None

    def close(self, port: Any, seconds: float, clock: IReactorTime) -> Deferred[Any]:
        """Close the port, having accepted what waits there, and `drain`.

        Args:
            port: what listens, with this factory.
            seconds: how long connections may take to end.
            clock: measures that.

        Returns:
            A Deferred that fires when none is left, with what closing the port came to.
        """
        if hasattr(port, "acceptsLast"):
            port.acceptsLast = True

        def drain(result: Any) -> Deferred[Any]:
            return self.drain(seconds, clock).addCallback(lambda _: result)

        return maybeDeferred(port.stopListening).addBoth(drain)

    def drain(self, seconds: float, clock: IReactorTime) -> Deferred[None]:
        """Take no more connections, let those that are open end, and cut the rest after some time.

        Args:
            seconds: how long they may take.
            clock: measures that.

        Returns:
            A Deferred that fires when none is left.
        """
        self.factory.refusing = True
        # One that was built and never connected has nothing to end.
        self._open = {watched for watched in self._open if watched.transport is not None}
        if not self._open:
            return succeed(None)
        drained = self._drained = Deferred()
        self._alarm = clock.callLater(seconds, self._late, seconds)
        for watched in list(self._open):
            _announce(watched.protocol)
        return drained

    def cut(self) -> None:
        """End every connection now."""
        for watched in list(self._open):
            watched.end("abortConnection")

    def _begun(self, watched: Watched) -> None:
        watched.heard = self._ended
        self._open.add(watched)

    def _ended(self, watched: Watched, reason: Failure) -> None:
        self._open.discard(watched)
        if not self._open:
            self._finish()

    def _late(self, seconds: float) -> None:
        self._alarm = None
        _log.warn(
            "{count} connections of {factory!r} are cut: they have not ended within {seconds:g} seconds",
            count=len(self._open),
            factory=self._served,
            seconds=seconds,
        )
        self.cut()

    def _finish(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        drained, self._drained = self._drained, None
        if drained is not None:
            drained.callback(None)


def _announce(protocol: Any) -> None:
    """Tell a protocol, if it wants to know."""
    started = getattr(protocol, "drainStarted", None)
    if started is None:
        return
    try:
        started()
    except Exception:
        # One connection must not keep the others, or the process, from ending; its own end is the deadline.
        _log.failure("while telling {protocol!r} that its server stops", protocol=protocol)
