"""The server's side of a data connection: a file or a listing on its way, in one direction.

Both directions are bounded. What is sent is asked for piece by piece, as the client takes it. What comes before
anybody wants it is one piece, and then the transport reads no further; so a client may connect, send and close before
it says STOR, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from zope.interface import implementer

from ropewalk.internet.defer import CancelledError, Deferred
from ropewalk.internet.error import ConnectionDone
from ropewalk.internet.interfaces import IConsumer, IHandshakeListener
from ropewalk.internet.protocol import ClientFactory, Protocol
from ropewalk.python.failure import Failure

from .._wire import ftpreplies as replies
from .._wire.ftpaddresses import BadAddress, plainHost
from .._wire.ftpcommands import asBytes
from .._wire.ftplisting import listLine
from .errors import PortConnectionError, TransferError
from .kernel import KernelSender, canBypass

if TYPE_CHECKING:
    from ropewalk.internet.interfaces import IAddress, IConnector, IDelayedCall

    from .dataconnections import DataConnections

__all__ = ["DTP", "DTPFactory"]


@implementer(IConsumer, IHandshakeListener)
class DTP(Protocol):
    """A data connection.

    Attributes:
        isConnected: whether it is there now.
        moved: how many bytes went either way, or were handed to the transport.
        pi: the session that it belongs to.
    """

    isConnected = False
    moved = 0
    factory: DTPFactory
    transport: Any
    pi: DataConnections

    def __init__(self) -> None:
        self._cons: Any = None
        self._early: list[bytes] = []  # what came before there was a consumer
        self._reason: Failure | None = None  # why it is over
        self._lost: Deferred[None] = Deferred()  # fires when it is
        self._received: Deferred[None] | None = None
        self._isSecure = False
        self._sender: KernelSender | None = None

    # Being connected.

    def connectionMade(self) -> None:
        """Begin TLS, if that was agreed on, and tell the session."""
        self.isConnected = True
        context = self.pi.dataContext
        if context is not None:
            # Whoever opened the connection: the server of FTP is the server of TLS (RFC 4217 §7).
            self._isSecure = True
            self.transport.startTLS(context, not self.factory.isActive)
        else:
            self.factory.made()

    def handshakeCompleted(self) -> None:
        """Tell the session: before that nothing can be sent, not even that there is nothing."""
        self.factory.made()

    def connectionLost(self, reason: Failure) -> None:
        """End the transfer: well when all was sent, or the client closed in good order."""
        self.isConnected = False
        self._reason = reason
        sender, self._sender = self._sender, None
        if sender is not None:
            sender.connectionLost(reason)
        self.factory.lost(reason)
        self._finishReceiving()
        self._lost.callback(None)

    def finished(self) -> Deferred[Any]:
        """Close once all has left; return a Deferred that fires when it has, or fails with `TransferError`."""
        if self._reason is None:
            self.transport.loseConnection()
        return self._lost.addCallback(lambda _: self._check())

    def abort(self) -> None:
        """Close at once."""
        if self.isConnected:
            self.transport.abortConnection()

    def _check(self) -> None:
        """Raise an error unless the connection ended in good order."""
        if self._reason is not None and not self._reason.check(ConnectionDone):
            raise TransferError(replies.CNX_CLOSED_TXFR_ABORTED, self._reason.value)

    # Sending: it is a consumer.

    def write(self, data: bytes) -> None:
        """Send a piece."""
        self.moved += len(data)
        self.transport.write(data)

    def sendLine(self, line: str | bytes) -> None:
        """Send a line: its end is added."""
        self.write((asBytes(line) if isinstance(line, str) else line) + b"\r\n")

    def sendListResponse(self, name: str, response: Sequence[Any]) -> None:
        """Send a line of a listing.

        Args:
            response: what a shell tells for the seven keys, in the order of `LIST_KEYS`.
        """
        self.sendLine(formatLine(name, response, self.pi.now()))

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let a producer feed the connection."""
        self.transport.registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        """Let go of it."""
        self.transport.unregisterProducer()

    def sendFile(self, file: Any) -> Deferred[Any] | None:
        """Let the kernel send a file, from where it stands.

        Returns:
            A Deferred that fires when it has; `None` where the kernel can't.
        """
        if self._isSecure or not canBypass(self.pi.theReactor(), self.transport):
            return None
        self._sender = KernelSender(self.pi.theReactor(), self, file)
        return self._sender.start()

    # Receiving: it is a producer.

    def registerConsumer(self, cons: Any) -> Deferred[None]:
        """Pass on what comes.

        Args:
            cons: gets it; we are its push producer.

        Returns:
            A Deferred that fires when the client has closed in good order. It fails with `TransferError`, or with what
            the consumer raised.
        """
        self._cons = cons
        received: Deferred[None] = Deferred(lambda _: self.abort())
        self._received = received
        cons.registerProducer(self, True)
        early, self._early = self._early, []
        for data in early:
            self._pass(data)
        if self._reason is not None:
            self._finishReceiving()
        elif self._cons is not None:
            self.transport.resumeProducing()
        return received

    def dataReceived(self, bytes: bytes) -> None:
        """Pass on a piece; keep it and read no further while nobody wants it."""
        if self._cons is not None:
            self._pass(bytes)
        else:
            self._early.append(bytes)
            self.transport.pauseProducing()

    def _pass(self, data: bytes) -> None:
        if self._cons is None:
            return
        self.moved += len(data)
        try:
            self._cons.write(data)
        except Exception:
            # A full disk, mostly: whoever stores hears of it, and the client, at once.
            self._giveUp(Failure())

    def _giveUp(self, failure: Failure) -> None:
        received, self._received = self._received, None
        with suppress(Exception):  # what went wrong first is what is told
            self._letGo()
        if received is not None:
            received.errback(failure)
        self.abort()

    def _finishReceiving(self) -> None:
        received, self._received = self._received, None
        if received is None:
            return
        try:
            self._letGo()
            self._check()
        except Exception:
            received.errback(Failure())
        else:
            received.callback(None)

    def _letGo(self) -> None:
        cons, self._cons = self._cons, None
        if cons is not None:
            cons.unregisterProducer()

    def pauseProducing(self) -> None:
        """Read no further; called by the consumer."""
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Read on."""
        self.transport.resumeProducing()

    def stopProducing(self) -> None:
        """Close; the consumer wants no more."""
        self.abort()


# What a line of LIST tells, in the order of `listLine`'s arguments.
LIST_KEYS = ("size", "directory", "permissions", "hardlinks", "modified", "owner", "group")


def formatLine(name: str, told: Sequence[Any], now: float) -> str:
    """Write a line of LIST from what a shell tells for `LIST_KEYS`."""
    size, directory, permissions, hardlinks, modified, owner, group = told
    return listLine(name, size, directory, modeOf(permissions), hardlinks, modified, owner, group, now)


def modeOf(permissions: Any) -> int:
    """Return permissions as a number: it may be one, or a `Permissions`."""
    if isinstance(permissions, int):
        return permissions & 0o777
    mode = 0
    for who in (permissions.user, permissions.group, permissions.other):
        mode = mode << 3 | who.read << 2 | who.write << 1 | who.execute
    return mode


class DTPFactory(ClientFactory[DTP]):
    """Makes one data connection, whoever opens it, and in time.

    Args:
        pi: the session.
        peerHost: the address that it may come from.
        reactor: keeps the time.

    Attributes:
        peerCheck: whether a connection from elsewhere is refused. It is: who guesses the port would get the file.
        isActive: whether we open it.
        deferred: fires when it is made; fails with `PortConnectionError`.
    """

    noisy = False
    protocol = DTP
    peerCheck = True
    isActive = False

    def __init__(self, pi: DataConnections, peerHost: str | None = None, reactor: Any = None) -> None:
        self.pi = pi
        self.peerHost = peerHost
        self.deferred: Deferred[None] = Deferred(self._cancelled)
        self.delayedCall: IDelayedCall | None = None
        self._reactor = pi.theReactor() if reactor is None else reactor
        self._isWaited = True
        self._isBuilt = False

    def buildProtocol(self, addr: Any) -> DTP | None:
        """Make the protocol: once, and for the right peer."""
        if not self._isWaited or self._isBuilt or (self.peerCheck and not self._isPeer(addr)):
            return None
        self._isBuilt = True
        protocol = self.protocol()
        protocol.factory = self
        protocol.pi = self.pi
        self.pi.dtpInstance = protocol
        return protocol

    def _isPeer(self, addr: IAddress) -> bool:
        if self.peerHost is None:
            return True
        try:
            return plainHost(getattr(addr, "host", "")) == plainHost(self.peerHost)
        except BadAddress:
            return False

    def made(self) -> None:
        """Hear from the protocol that it is connected, and encrypted if it shall be."""
        self.cancelTimeout()
        if self._isWaited:
            self._isWaited = False
            self.deferred.callback(None)

    def lost(self, reason: Failure) -> None:
        """Hear from the protocol that it is no longer connected."""
        self._fail(PortConnectionError(f"the data connection broke before it was ready: {reason.value}"))

    def stopFactory(self) -> None:
        """Wait no more."""
        self.cancelTimeout()

    def setTimeout(self, seconds: float) -> None:
        """Wait that long for the connection."""
        self.cancelTimeout()
        self.delayedCall = self._reactor.callLater(seconds, self.timeoutFactory)

    def cancelTimeout(self) -> None:
        """Wait for as long as it takes."""
        call, self.delayedCall = self.delayedCall, None
        if call is not None and call.active():
            call.cancel()

    def timeoutFactory(self) -> None:
        """Give up: nobody has connected in time."""
        self._fail(PortConnectionError("the data connection was not made in time"))

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """Give up: the client does not listen."""
        self._fail(PortConnectionError(f"the data connection was not made: {reason.value}"))

    def _cancelled(self, _deferred: Deferred[None]) -> None:
        self._fail(CancelledError())

    def _fail(self, problem: Exception) -> None:
        self.cancelTimeout()
        if self._isWaited:
            self._isWaited = False
            self.deferred.errback(problem)
