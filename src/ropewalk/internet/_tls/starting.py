"""Beginning TLS in the middle of a connection.

The program goes on with the transport that it has, so that must become another: its class is exchanged for a child of
`Secured`, in which what a program calls goes to TLS. TLS in turn writes to `Below`, which calls the methods of the
class that the transport had. Nothing else changes: bytes that were written before are in the transport's buffer, in
front of the first that TLS writes, and leave in clear.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from types import MethodType
from typing import TYPE_CHECKING, Any

from .factory import TLSMemoryBIOFactory

if TYPE_CHECKING:
    from zope.interface import implementer

    from ropewalk.python.failure import Failure

    from ..defer import Deferred
    from ..interfaces import INegotiated, ISSLTransport
    from .layer import TLSMemoryBIOProtocol
else:
    from .._interfaces.later import INegotiated, ISSLTransport, implementer

__all__ = ["Secured", "startTLS"]

# What TLS asks of a transport, and a program no longer reaches.
COVERED = (
    "abortConnection",
    "drain",
    "flush",
    "loseConnection",
    "loseWriteConnection",
    "pauseProducing",
    "registerProducer",
    "resumeProducing",
    "unregisterProducer",
    "write",
    "writeSequence",
)


def startTLS(transport: Any, contextFactory: Any, isClient: bool) -> None:
    """Put TLS between a connected transport and its protocol.

    Args:
        transport: a stream transport of ours, or one that speaks TLS: then it is TLS within TLS.
        contextFactory: how, as for `TLSMemoryBIOFactory`.
        isClient: whether we are the client in the handshake.
    """
    factory = TLSMemoryBIOFactory(contextFactory, isClient, None)
    if not transport.connected:
        return  # too late, and harmless, like every call on a connection that is gone
    layer = factory.protocol(factory, transport.protocol, False)
    producer, streaming = transport.producer, transport.streamingProducer
    if producer is not None:
        transport.unregisterProducer()

    cls: type = type(transport)
    below = Below(transport)
    transport.protocol = layer
    transport.__class__ = _secured(cls)
    transport._tls = layer
    layer.makeConnection(below)

    if producer is not None:
        transport.registerProducer(producer, streaming)


class Below:
    """A transport as it was before it spoke TLS."""

    def __init__(self, transport: Any) -> None:
        cls = type(transport)
        self._transport = transport
        for name in COVERED:
            method = getattr(cls, name, None)
            if method is not None:
                setattr(self, name, MethodType(method, transport))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._transport, name)


class Secured:
    """What is different of a transport on which TLS was started.

    It has no ``__slots__``, not even empty ones: with those, the interpreter takes its children for something else than
    the classes that they are mixed into, and refuses the exchange.
    """

    TLS = True

    # In the instance's dictionary, from here on.
    _tls: TLSMemoryBIOProtocol
    disconnecting: Any

    @property
    def protocol(self) -> Any:
        """TLS itself, as the transport sees it; `None` once the connection is lost. Assign another to be wrapped."""
        return super().protocol  # type: ignore[misc]  # of the transport that this is mixed into

    @protocol.setter
    def protocol(self, protocol: Any) -> None:
        if protocol is None:
            super(Secured, type(self)).protocol.__set__(self, None)  # type: ignore[misc]  # the transport's own end
        else:
            self._tls.wrappedProtocol = protocol

    def write(self, data: bytes) -> None:
        self._tls.write(data)

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        self._tls.writeSequence(iovec)

    def loseConnection(self) -> None:
        self._tls.loseConnection()
        self.disconnecting = self._tls.disconnecting

    def loseWriteConnection(self) -> None:
        self._tls.loseWriteConnection()

    def abortConnection(self) -> None:
        self._tls.abortConnection()

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        self._tls.registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        self._tls.unregisterProducer()

    def stopConsuming(self) -> None:
        self._tls.stopConsuming()

    def pauseProducing(self) -> None:
        self._tls.pauseProducing()

    def resumeProducing(self) -> None:
        self._tls.resumeProducing()

    def stopProducing(self) -> None:
        self.loseConnection()

    def drain(self) -> Deferred[None]:
        return self._tls.drain()

    def startTLS(self, ctx: Any, normal: bool = True) -> None:
        self._tls.startTLS(ctx, normal)

    def connectionLost(self, reason: Failure) -> None:
        super().connectionLost(reason)  # type: ignore[misc]  # of the transport that this is mixed into
        # It refers to us, by way of `Below`.
        self._tls.transport = None

    def failVerification(self, reason: Failure) -> None:
        self._tls.failVerification(reason)

    @property
    def negotiatedProtocol(self) -> bytes | None:
        return self._tls.negotiatedProtocol

    def getHandle(self) -> Any:
        return self._tls.getHandle()

    def getPeerCertificate(self) -> Any:
        return self._tls.getPeerCertificate()


@cache
def _secured(cls: type) -> type:
    """Return the class of those of its transports that speak TLS."""
    kind = type(f"TLS{cls.__name__}", (Secured, cls), {"__doc__": cls.__doc__})
    implementer(ISSLTransport, INegotiated)(kind)
    return kind
