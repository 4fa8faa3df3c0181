"""The client's side of a data connection, whoever opens it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zope.interface import implementer

from ropewalk.internet.defer import Deferred
from ropewalk.internet.error import ConnectionDone
from ropewalk.internet.interfaces import IHandshakeListener
from ropewalk.internet.protocol import ClientFactory, Protocol, ServerFactory
from ropewalk.python.failure import Failure

from .._wire.ftpaddresses import BadAddress, plainHost
from .errors import UnexpectedData
from .interfaces import IFinishableConsumer

__all__ = ["FTPDataPortFactory", "PassiveFactory", "ProtocolWrapper", "SenderProtocol"]


class _Data(Protocol):
    """Begins TLS, if that was agreed on, and remembers how it ended.

    Attributes:
        security: what makes TLS, and whether we opened the connection; `None` in the clear.
        reason: why the connection is lost.
    """

    transport: Any = None
    security: tuple[Any, bool] | None = None
    reason: Failure | None = None

    def _secure(self, transport: Any) -> None:
        if self.security is not None:
            # The client of FTP is the client of TLS, whoever opened the connection (RFC 4217 §7).
            transport.startTLS(*self.security)

    def check(self) -> None:
        """Raise what broke the connection."""
        if self.reason is not None and not self.reason.check(ConnectionDone):
            self.reason.raiseException()


class ProtocolWrapper(_Data):
    """Stands before the protocol that gets a file.

    Args:
        original: gets it.
        deferred: fires when the connection is lost.
    """

    def __init__(self, original: Any, deferred: Deferred[Any]) -> None:
        self.original = original
        self.deferred = deferred

    def makeConnection(self, transport: Any) -> None:
        """Connect the protocol."""
        self.transport = transport
        self.connected = 1
        self._secure(transport)
        self.original.makeConnection(transport)

    def dataReceived(self, data: bytes) -> None:
        """Pass on a piece."""
        self.original.dataReceived(data)

    def connectionLost(self, reason: Failure) -> None:
        """Pass that on, and tell that it is over."""
        self.reason = reason
        try:
            self.original.connectionLost(reason)
        finally:
            self.deferred.callback(None)


@implementer(IFinishableConsumer, IHandshakeListener)
class SenderProtocol(_Data):
    """Sends a file: write to it, or register a producer, then call `finish`.

    Attributes:
        connectedDeferred: fires with this object once one may write.
        deferred: fires when the connection is lost.
    """

    def __init__(self) -> None:
        self.connectedDeferred: Deferred[SenderProtocol] = Deferred()
        self.deferred: Deferred[Any] = Deferred()

    def makeConnection(self, transport: Any) -> None:
        """Tell that one may write."""
        self.transport = transport
        self.connected = 1
        self._secure(transport)
        if self.security is None:
            self.handshakeCompleted()

    def handshakeCompleted(self) -> None:
        """Tell that one may write: before that not even the end could be sent."""
        if not self.connectedDeferred.called:
            self.connectedDeferred.callback(self)

    def dataReceived(self, data: bytes) -> None:
        """Refuse: nothing was to come."""
        raise UnexpectedData(f"the server sent {len(data)} bytes where it was to receive")

    def connectionLost(self, reason: Failure) -> None:
        """Tell that it is over."""
        self.reason = reason
        if reason.check(ConnectionDone):
            self.deferred.callback("connection done")
        else:
            self.deferred.callback(None)

    def write(self, data: bytes) -> None:
        """Send a piece."""
        self.transport.write(data)

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let a producer feed the connection."""
        self.transport.registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        """Let go of it."""
        self.transport.unregisterProducer()

    def finish(self) -> None:
        """Close: that is how the server learns that this was all."""
        self.transport.loseConnection()


class PassiveFactory(ClientFactory[Any]):
    """Connects a protocol that is there already, once.

    Args:
        protocol: it.
        failed: is told why there is no connection.
    """

    noisy = False

    def __init__(self, protocol: Any, failed: Callable[[Failure], None]) -> None:
        self.protoInstance = protocol
        self._failed = failed

    def buildProtocol(self, addr: Any) -> Any:
        """Return the protocol."""
        return self.protoInstance

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        """Tell why."""
        self._failed(reason)


class FTPDataPortFactory(ServerFactory[Any]):
    """Lets the server connect a protocol that is there already, once.

    Attributes:
        protocol: it.
        port: what listens; it stops when somebody has connected.
        peerHost: who may connect; `None` for anybody.
    """

    noisy = False
    protocol: Any
    port: Any = None
    peerHost: str | None = None

    def buildProtocol(self, addr: Any) -> Any:
        """Return the protocol, to the right peer."""
        try:
            if self.peerHost is not None and plainHost(addr.host) != plainHost(self.peerHost):
                return None
        except BadAddress:
            return None
        if self.port is not None:
            self.port.stopListening()
            self.port = None
        protocol, self.protocol = self.protocol, None
        if protocol is not None:
            protocol.factory = self
        return protocol
