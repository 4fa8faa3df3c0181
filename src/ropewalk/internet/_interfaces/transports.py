"""What a protocol writes to: connections, datagram sockets, child processes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from zope.interface import Attribute, Interface

if TYPE_CHECKING:
    from ropewalk.internet.address import IPv4Address, IPv6Address, UNIXAddress
    from ropewalk.internet.defer import Deferred

    from .addresses import IAddress

__name__ = "ropewalk.internet.interfaces"


class ITransport(Interface):
    """A stream of bytes to a peer.

    Nothing here blocks, and nothing fails because the connection is gone: that is what ``connectionLost`` tells.
    """

    def write(data: bytes) -> None:
        """Send bytes. They are queued now and leave, in order, as the peer takes them.

        Bytes written after ``loseConnection`` or ``loseWriteConnection``, or once the connection is gone, are dropped.

        Raises:
            TypeError: ``data`` is text; encode it first.
        """

    def writeSequence(data: Iterable[bytes]) -> None:
        """Send several pieces as one, cheaper than joining them."""

    def loseConnection() -> None:
        """Close in good order: send what is queued, wait for a registered producer to be done, then close.

        No data arrives from here on. May be called again.
        """

    def getPeer() -> IAddress:
        """Return the address of the other end."""

    def getHost() -> IAddress:
        """Return the address of this end."""


class ITCPTransport(ITransport):
    """A TCP connection."""

    def loseWriteConnection() -> None:
        """Send what is queued, then tell the peer that no more comes (a FIN). Reading goes on.

        A protocol that is an `IHalfCloseableProtocol` hears ``writeConnectionLost`` when that is done.
        """

    def abortConnection() -> None:
        """Close now (a RST where there is one): what is queued is dropped and a producer isn't waited for.

        ``connectionLost`` comes with a `ropewalk.internet.error.ConnectionAborted`.
        """

    def getTcpNoDelay() -> bool:
        """Whether small writes leave at once, ``TCP_NODELAY``."""

    def setTcpNoDelay(enabled: bool) -> None:
        """Choose whether small writes leave at once (true) or wait a little to be joined with later ones."""

    def getTcpKeepAlive() -> bool:
        """Whether the system probes an idle connection, ``SO_KEEPALIVE``."""

    def setTcpKeepAlive(enabled: bool) -> None:
        """Choose whether the system probes an idle connection, and drops it when nobody answers."""

    def getHost() -> IPv4Address | IPv6Address:
        """Return the address of this end."""

    def getPeer() -> IPv4Address | IPv6Address:
        """Return the address of the other end."""


class IUNIXTransport(ITransport):
    """A connection through a UNIX socket."""

    def sendFileDescriptor(descriptor: int) -> None:
        """Send a copy of an open descriptor to the peer.

        It travels with a byte of data: write at least one byte for each descriptor. Leave it open here until it
        has left; when ``connectionLost`` comes it certainly has, or never will.

        Spec: unix(7), ``SCM_RIGHTS``.
        """


class IUDPTransport(Interface):
    """A UDP socket."""

    def write(packet: bytes, addr: tuple[str, int] | None = None) -> None:
        """Send one datagram.

        Args:
            packet: the whole datagram.
            addr: the receiver's IP address (not a name) and port; none on a connected socket.

        Raises:
            ropewalk.internet.error.MessageLengthError: the datagram is too long to be sent.
            ropewalk.internet.error.InvalidAddressError: ``addr`` holds a name or an address of the other IP version.
        """

    def connect(host: str, port: int) -> None:
        """Talk to one peer only from now on: others are not heard, and ``write`` needs no address.

        Raises:
            ropewalk.internet.error.InvalidAddressError: ``host`` is not an IP address.
            RuntimeError: it was connected already.
        """

    def getHost() -> IPv4Address | IPv6Address:
        """Return the address of this end."""

    def stopListening() -> Deferred[None] | None:
        """Close the socket.

        Returns:
            A Deferred that fires when the port is free again, or `None` when it is already.
        """

    def setBroadcastAllowed(enabled: bool) -> None:
        """Choose whether datagrams may be sent to a broadcast address. Not allowed to begin with."""

    def getBroadcastAllowed() -> bool:
        """Whether datagrams may be sent to a broadcast address."""


class IMulticastTransport(IUDPTransport):
    """A UDP socket that can join multicast groups."""

    def getOutgoingInterface() -> str | int:
        """Return the interface that multicast datagrams leave by: an IPv4 address, or an index for IPv6."""

    def setOutgoingInterface(addr: str | int) -> Deferred[int]:
        """Choose the interface that multicast datagrams leave by.

        Returns:
            A Deferred that fires with 1, or fails with `OSError` when there is no such interface.
        """

    def getLoopbackMode() -> bool:
        """Whether we receive our own datagrams to groups that we are in."""

    def setLoopbackMode(mode: bool) -> None:
        """Choose whether we receive our own datagrams to groups that we are in. So it is to begin with."""

    def getTTL() -> int:
        """Return how many hops a multicast datagram lives."""

    def setTTL(ttl: int) -> None:
        """Choose how many hops a multicast datagram lives, 0 to 255; 1, this network only, to begin with."""

    def joinGroup(addr: str, interface: str = "") -> Deferred[None]:
        """Receive what is sent to a group.

        Args:
            addr: the group's address, or a name of it.
            interface: the address of the interface to hear on; empty lets the system choose.

        Returns:
            A Deferred that fires when it is done, or fails with `ropewalk.internet.error.MulticastJoinError`.
        """

    def leaveGroup(addr: str, interface: str = "") -> Deferred[None]:
        """Stop receiving what is sent to a group; arguments and result as for `joinGroup`."""


class IUNIXDatagramTransport(Interface):
    """A UNIX datagram socket with a name."""

    def write(packet: bytes, addr: str | bytes) -> None:
        """Send one datagram to the socket at a path."""

    def getHost() -> UNIXAddress:
        """Return the address of this end."""


class IUNIXDatagramConnectedTransport(Interface):
    """A UNIX datagram socket that talks to one peer."""

    def write(packet: bytes) -> None:
        """Send one datagram."""

    def getHost() -> UNIXAddress:
        """Return the address of this end."""

    def getPeer() -> UNIXAddress:
        """Return the address of the other end."""


class IProcessTransport(ITransport):
    """A running child process. ``write`` and ``writeSequence`` go to its standard input."""

    pid: int | None = Attribute("The process id as the system counts; None once the process was reaped.")

    def closeStdin() -> None:
        """Close the child's standard input when what is queued for it has been written."""

    def closeStdout() -> None:
        """Close our end of the child's standard output: what it writes there from now on fails."""

    def closeStderr() -> None:
        """Close our end of the child's standard error."""

    def closeChildFD(descriptor: int) -> None:
        """Close our end of a pipe; the number is the child's. Bytes queued for it are written first."""

    def writeToChild(childFD: int, data: bytes) -> None:
        """Queue bytes for one of the child's descriptors.

        Raises:
            KeyError: there is no such pipe, or it is closed.
        """

    def loseConnection() -> None:
        """Close all three standard pipes. The child is not ended by it, unless it takes the hint."""

    def signalProcess(signalID: Literal["HUP", "KILL", "INT", "TERM", "STOP"] | str | int) -> None:
        """Send the child a signal.

        Args:
            signalID: a name without ``SIG`` (``"HUP"``, ``"KILL"``, ``"INT"``, ``"TERM"``, ``"STOP"`` work
                everywhere), or a number.

        Raises:
            ropewalk.internet.error.ProcessExitedAlready: the child has been reaped.
        """


class IListeningPort(Interface):
    """A port that accepts connections, or receives datagrams."""

    def startListening() -> None:
        """Open the port. `IReactorTCP.listenTCP` and its kin have done so already.

        Raises:
            ropewalk.internet.error.CannotListenError: it could not be opened.
        """

    def stopListening() -> Deferred[None] | None:
        """Close the port; connections accepted before live on.

        Returns:
            A Deferred that fires when the port is free again, or `None` when it is already.
        """

    def getHost() -> IAddress:
        """Return the address that the port listens at; ask it for the number after listening on port 0."""


class IConnector(Interface):
    """An attempt to connect, and the connection that comes of it."""

    def stopConnecting() -> None:
        """Give up the attempt: the factory hears ``clientConnectionFailed`` with a `ropewalk.internet.error.UserError`.

        Raises:
            ropewalk.internet.error.NotConnectingError: it isn't connecting.
        """

    def disconnect() -> None:
        """Drop the connection, or the attempt, whichever there is."""

    def connect() -> None:
        """Start again from scratch, with the same factory: it makes a new protocol.

        Raises:
            RuntimeError: it connects, or is connected.
        """

    def getDestination() -> IAddress | Any:
        """Return the address that it connects to; a host's name is in it as it was given."""
