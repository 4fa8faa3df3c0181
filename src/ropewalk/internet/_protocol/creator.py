"""Connecting without a factory of one's own."""

from __future__ import annotations

from .factories import ClientFactory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ropewalk.python.failure import Failure

    from ..defer import Deferred
    from ..interfaces import IAddress, IConnector, IDelayedCall, IReactorTime
else:
    Any = None  # a subscript of the base below, and nothing more


class ClientCreator:
    """Connects, and gives the protocol by a Deferred: for clients that need no factory.

    `ropewalk.internet.endpoints.connectProtocol` does the same on any endpoint.

    Args:
        reactor: what connects.
        protocolClass: called with the arguments that follow, once for each connection.
    """

    def __init__(self, reactor: Any, protocolClass: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self.reactor = reactor
        self.protocolClass = protocolClass
        self.args = args
        self.kwargs = kwargs

    def connectTCP(
        self, host: str, port: int, timeout: float = 30, bindAddress: tuple[str, int] | None = None
    ) -> Deferred[Any]:
        """Connect to a TCP port, see `IReactorTCP.connectTCP`.

        Returns:
            A Deferred of the protocol, connected, or of the reason why not. Cancelling it drops the attempt.
        """
        return self._connect(self.reactor.connectTCP, host, port, timeout=timeout, bindAddress=bindAddress)

    def connectUNIX(self, address: str | bytes, timeout: float = 30, checkPID: bool = False) -> Deferred[Any]:
        """Connect to a UNIX socket, see `IReactorUNIX.connectUNIX`; the result is that of `connectTCP`."""
        return self._connect(self.reactor.connectUNIX, address, timeout=timeout, checkPID=checkPID)

    def connectSSL(
        self,
        host: str,
        port: int,
        contextFactory: Any,
        timeout: float = 30,
        bindAddress: tuple[str, int] | None = None,
    ) -> Deferred[Any]:
        """Connect to a TCP port with TLS, see `IReactorSSL.connectSSL`; the result is that of `connectTCP`."""
        return self._connect(
            self.reactor.connectSSL,
            host,
            port,
            contextFactory=contextFactory,
            timeout=timeout,
            bindAddress=bindAddress,
        )

    def _connect(self, method: Callable[..., IConnector], *args: Any, **kwargs: Any) -> Deferred[Any]:
        from ..defer import Deferred

        def giveUp(deferred: Deferred[Any]) -> None:
            factory.forget()
            connector.disconnect()

        result: Deferred[Any] = Deferred(giveUp)
        factory = _Once(self.reactor, self.protocolClass(*self.args, **self.kwargs), result)
        connector = method(*args, factory=factory, **kwargs)
        return result


class _Once(ClientFactory[Any]):
    """Hands out one protocol that exists already, and tells a Deferred.

    The Deferred fires a turn later than the protocol is made: the protocol has heard ``connectionMade`` by then.
    """

    noisy = False

    def __init__(self, reactor: IReactorTime, instance: Any, deferred: Deferred[Any]) -> None:
        self.reactor = reactor
        self.instance = instance
        self.deferred: Deferred[Any] | None = deferred
        self._firing: IDelayedCall | None = None

    def __repr__(self) -> str:
        return f"<ClientCreator factory: {self.instance!r}>"

    def buildProtocol(self, addr: IAddress | None) -> Any:
        if self.deferred is not None:
            self._fireSoon(self.deferred.callback, self.instance)
        return self.instance

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        if self.deferred is not None:
            self._fireSoon(self.deferred.errback, reason)

    def forget(self) -> None:
        """Tell the Deferred nothing any more."""
        self.deferred = None
        if self._firing is not None:
            self._firing.cancel()
            self._firing = None

    def _fireSoon(self, fire: Callable[[Any], None], result: object) -> None:
        def go() -> None:
            self.deferred = self._firing = None
            fire(result)

        self._firing = self.reactor.callLater(0, go)
