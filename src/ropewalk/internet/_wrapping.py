"""Standing between a transport and a protocol: the wrapper that lets everything pass, and the factory that wraps.

`ropewalk.protocols.policies` offers both to programs, and builds on them; so does TLS.
"""

from __future__ import annotations

from .protocol import ClientFactory, Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TypeVar

    from ropewalk.python.failure import Failure

    from .interfaces import IAddress, IConnector

    # What a wrapping factory wraps connections in.
    WP = TypeVar("WP", bound="ProtocolWrapper")
else:
    WP = Any = None  # subscripts of the base below, and nothing more

__all__ = ["ProtocolWrapper", "WrappingFactory"]


def _wrappedLogPrefix(wrapper: object, wrapped: object) -> str:
    """Name what is wrapped first: that is what a reader of the log looks for."""
    prefix = getattr(wrapped, "logPrefix", None)
    return f"{wrapped.__class__.__name__ if prefix is None else prefix()} ({wrapper.__class__.__name__})"


class _ProvidedByBoth:
    """Lets a wrapper provide what its transport provides, worked out when somebody asks."""

    def __get__(self, wrapper: ProtocolWrapper | None, cls: type) -> Any:
        from zope.interface import implementedBy, providedBy
        from zope.interface.declarations import Provides

        if wrapper is None or wrapper.transport is None:
            return implementedBy(cls)  # type: ignore[no-untyped-call]  # the stubs' gap
        return Provides(cls, providedBy(wrapper.transport))


class ProtocolWrapper(Protocol):
    """Stands between a transport and a protocol, and lets everything pass. Derive to let less pass, or to watch.

    Whatever else the transport offers is offered here, too.

    Attributes:
        wrappedProtocol: the protocol within; `None` once the connection is lost.
        disconnecting: 1 once `loseConnection` was called.
    """

    disconnecting: int = 0
    factory: Any

    def __init__(self, factory: WrappingFactory[Any], wrappedProtocol: Any) -> None:
        self.wrappedProtocol = wrappedProtocol
        self.factory = factory

    __providedBy__ = _ProvidedByBoth()

    def logPrefix(self) -> str:
        """Return the wrapped protocol's own prefix, then this class's name."""
        return _wrappedLogPrefix(self, self.wrappedProtocol)

    # To the transport: a protocol.

    def makeConnection(self, transport: Any) -> None:
        """Take the transport, then be one to the wrapped protocol."""
        super().makeConnection(transport)
        self.factory.registerProtocol(self)
        self.wrappedProtocol.makeConnection(self)

    def dataReceived(self, data: bytes) -> None:
        """Pass data on to the wrapped protocol."""
        self.wrappedProtocol.dataReceived(data)

    def connectionLost(self, reason: Failure) -> None:
        """Tell the wrapped protocol, and let go of it: the two know each other."""
        self.factory.unregisterProtocol(self)
        wrapped, self.wrappedProtocol = self.wrappedProtocol, None
        wrapped.connectionLost(reason)

    # To the wrapped protocol: a transport.

    def write(self, data: bytes) -> None:
        """Pass data on to the transport."""
        self.transport.write(data)

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Pass data on to the transport."""
        self.transport.writeSequence(data)

    def loseConnection(self) -> None:
        """Close the transport."""
        self.disconnecting = 1
        self.transport.loseConnection()

    def getPeer(self) -> IAddress:
        """Return the transport's peer."""
        return self.transport.getPeer()

    def getHost(self) -> IAddress:
        """Return the transport's own address."""
        return self.transport.getHost()

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Register a producer with the transport."""
        self.transport.registerProducer(producer, streaming)  # type: ignore[attr-defined]  # every stream has it

    def unregisterProducer(self) -> None:
        """Unregister the transport's producer."""
        self.transport.unregisterProducer()  # type: ignore[attr-defined]  # every stream has it

    def stopConsuming(self) -> None:
        """Tell the transport to consume no more."""
        self.transport.stopConsuming()  # type: ignore[attr-defined]  # and if it hasn't, that is the caller's error

    def __getattr__(self, name: str) -> Any:
        """Offer what the transport offers besides."""
        if name.startswith("__"):
            # `copy` and `pickle` ask half-made objects for these.
            raise AttributeError(name)
        return getattr(self.transport, name)


class WrappingFactory(ClientFactory[WP]):
    """Wraps each protocol of another factory. Listens and connects in its place.

    Attributes:
        protocol: the wrapper's class; called with this factory and the wrapped protocol.
        wrappedFactory: the other factory.
        protocols: the wrappers whose connections are open, as keys.
    """

    protocol: Any = ProtocolWrapper  # called with arguments, unlike that of other factories

    def __init__(self, wrappedFactory: Any) -> None:
        self.wrappedFactory = wrappedFactory
        self.protocols: dict[WP, int] = {}

    def logPrefix(self) -> str:
        """Return the wrapped factory's own prefix, then this class's name."""
        return _wrappedLogPrefix(self, self.wrappedFactory)

    def doStart(self) -> None:
        """Start the wrapped factory along with this one."""
        self.wrappedFactory.doStart()
        super().doStart()

    def doStop(self) -> None:
        """Stop the wrapped factory along with this one."""
        self.wrappedFactory.doStop()
        super().doStop()

    def startedConnecting(self, connector: IConnector) -> None:
        """Tell the wrapped factory."""
        self.wrappedFactory.startedConnecting(connector)

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """Tell the wrapped factory."""
        self.wrappedFactory.clientConnectionFailed(connector, reason)

    def clientConnectionLost(self, connector: IConnector, reason: Failure) -> None:
        """Tell the wrapped factory."""
        self.wrappedFactory.clientConnectionLost(connector, reason)

    def buildProtocol(self, addr: Any) -> WP | None:
        """Have the wrapped factory make its protocol, and wrap it. What that refuses is refused."""
        wrapped = self.wrappedFactory.buildProtocol(addr)
        return None if wrapped is None else self._wrap(wrapped)

    def _wrap(self, wrapped: Any) -> WP:
        wrapper: WP = self.protocol(self, wrapped)
        return wrapper

    def registerProtocol(self, p: WP) -> None:
        """Hear from a wrapper that it is connected."""
        self.protocols[p] = 1

    def unregisterProtocol(self, p: WP) -> None:
        """Hear from a wrapper that it is no longer."""
        del self.protocols[p]
