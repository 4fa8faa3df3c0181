"""What a user writes: protocols, which turn bytes into events, and the factories that make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zope.interface import Interface

if TYPE_CHECKING:
    from ropewalk.python.failure import Failure

    from .addresses import IAddress
    from .transports import IProcessTransport, ITransport

__name__ = "ropewalk.internet.interfaces"


class IProtocol(Interface):
    """One end of one connection. A new one is made for each connection and never used again."""

    def dataReceived(data: bytes) -> None:
        """Take bytes from the peer, in the order sent.

        How they are cut says nothing about how the peer wrote them: a message may come in many pieces and one
        piece may hold many messages. An exception that leaves this method is logged and drops the connection.
        """

    def connectionLost(reason: Failure) -> None:
        """Hear that the connection is over, whoever ended it. Called exactly once, and nothing after it.

        Args:
            reason: its ``value`` is a `ropewalk.internet.error.ConnectionDone` after an orderly close, and a
                `ropewalk.internet.error.ConnectionLost` or its kin otherwise.
        """

    def makeConnection(transport: ITransport) -> None:
        """Take the transport, as ``self.transport``, and call `connectionMade`."""

    def connectionMade() -> None:
        """Hear that the connection is there and may be written to. Called exactly once, before any data."""


class IProcessProtocol(Interface):
    """What a child process is connected to."""

    def makeConnection(process: IProcessTransport) -> None:
        """Take the process, which runs now."""

    def childDataReceived(childFD: int, data: bytes) -> None:
        """Take bytes that the child wrote to one of its descriptors; the number is the child's."""

    def childConnectionLost(childFD: int) -> None:
        """Hear that the pipe at one of the child's descriptors was closed, by either side."""

    def processExited(reason: Failure) -> None:
        """Hear that the child has ended. Output of it may still be on the way.

        Args:
            reason: its ``value`` is a `ropewalk.internet.error.ProcessDone` or
                `ropewalk.internet.error.ProcessTerminated`, with ``exitCode`` and ``signal``.
        """

    def processEnded(reason: Failure) -> None:
        """Hear that the child has ended and all its pipes are closed. Always the last call; ``reason`` as above."""


class IHalfCloseableProtocol(Interface):
    """A protocol that lives on when one direction of its connection has ended.

    Without it, the end of the peer's bytes ends the connection.
    """

    def readConnectionLost() -> None:
        """Hear that the peer has sent its last byte. Writing still works; close with ``loseConnection``."""

    def writeConnectionLost() -> None:
        """Hear that we can write no more, after ``loseWriteConnection`` or because the peer reads no more."""


class IHandshakeListener(Interface):
    """A protocol that wants to know when TLS is in place."""

    def handshakeCompleted() -> None:
        """Hear that the TLS handshake is done: the peer's certificate and the negotiated protocol are known.

        Called after ``connectionMade``, before any data. Bytes written earlier wait for it.
        """


class IFileDescriptorReceiver(Interface):
    """A protocol on a UNIX socket that takes file descriptors."""

    def fileDescriptorReceived(descriptor: int) -> None:
        """Take a descriptor that the peer sent; it is yours to close. Called before the bytes sent along with it."""


class IProtocolFactory(Interface):
    """Makes a protocol for each connection, and lasts as long as they come."""

    def buildProtocol(addr: IAddress) -> IProtocol | None:
        """Make the protocol for a new connection.

        Args:
            addr: the peer's address.

        Returns:
            The protocol, or `None` to close the connection at once.
        """

    def doStart() -> None:
        """Hear that one more port listens, or one more connector connects, with this factory."""

    def doStop() -> None:
        """Hear that one of those has stopped. As often as ``doStart``."""


class IServiceCollection(Interface):
    """An object that holds services by name. (The one that applications use is in ``application.service``.)"""

    def getServiceNamed(serviceName: str) -> Any:
        """Return the service of that name; `KeyError` when there is none."""

    def addService(service: Any) -> None:
        """Add a service."""

    def removeService(service: Any) -> None:
        """Remove a service that was added."""
