"""UDP, to one peer, to many, to groups. A program meets it through `IReactorUDP` and `IReactorMulticast`."""

from __future__ import annotations

import socket

from ropewalk._doors import publish

from ._transports.adopting import adopted
from ._transports.datagram import DatagramPort
from ._transports.multicast import MulticastMixin
from ._transports.numbered import NumberedPort
from ._transports.numeric import addressOf, isIPAddress, isIPv6Address, requireIP
from .error import InvalidAddressError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Self

    from zope.interface import implementer

    from .interfaces import IMulticastTransport, IUDPTransport
else:
    from ._interfaces.later import IMulticastTransport, IUDPTransport, implementer

__all__ = ["MulticastMixin", "MulticastPort", "Port"]

# Where "everybody here" is written in place of an address.
BROADCAST = "<broadcast>"

# How many checked hosts a port remembers: checking one takes longer than sending a small datagram.
MOST_KNOWN = 4096


@implementer(IUDPTransport)
class Port(NumberedPort, DatagramPort):
    """A UDP socket.

    Args:
        port: the local port's number; 0 for any that is free.
        proto: told of each datagram.
        interface: the local IP address; its kind chooses between IPv4 and IPv6. Empty for all IPv4 ones.
        maxPacketSize: the longest datagram that is received whole, in bytes.
        reactor: who watches.

    Raises:
        InvalidAddressError: ``interface`` is a name.
    """

    _type = "UDP"
    _connectedAddr: tuple[str, int] | None = None

    def __init__(
        self, port: int, proto: Any, interface: str = "", maxPacketSize: int = 8192, reactor: Any = None
    ) -> None:
        super().__init__(proto, maxPacketSize, reactor)
        self.port = port
        self.interface = interface
        if interface:
            requireIP(interface, "the interface of a UDP port")
            if isIPv6Address(interface):
                self.addressFamily = socket.AF_INET6
        self._known: set[str] = set()

    @classmethod
    def _fromListeningDescriptor(
        cls, reactor: Any, fd: int, addressFamily: int, protocol: Any, maxPacketSize: int
    ) -> Self:
        """Receive on a copy of a socket that is bound; see `IReactorSocket.adoptDatagramPort`."""
        skt = adopted(fd, addressFamily, socket.SOCK_DGRAM)
        name = skt.getsockname()
        self = cls(name[1], protocol, name[0], maxPacketSize, reactor)
        self.addressFamily = addressFamily
        self._preexistingSocket = skt
        return self

    def _bindSocket(self) -> Any:
        return self._boundSocket()

    # Sending.

    def write(self, datagram: bytes, addr: tuple[str, int] | None = None) -> int:  # type: ignore[override]
        """Send one datagram, now. One that the kernel has no room for is dropped.

        Args:
            datagram: all of it.
            addr: the receiver's IP address and port; none on a connected socket.

        Returns:
            How many bytes were sent.

        Raises:
            TypeError: it is text; or there is no address, and the socket is not connected.
            MessageLengthError: it is too long to be sent.
            InvalidAddressError: the address is a name, or of the other IP version.
            ValueError: the socket is connected, with somebody else.
        """
        if self._connectedAddr is None and addr is not None:
            if addr[0] not in self._known:
                self._check(addr[0])
            try:
                sent: int = self.socket.sendto(datagram, addr)
                return sent
            except OSError as problem:
                return self._sendFailed(problem, len(datagram))
            except AttributeError:
                raise RuntimeError(f"{self!r} cannot send: it is closed") from None
        if addr is None and self._connectedAddr is None:
            raise TypeError("write needs the receiver's address as second argument, unless connect was called before")
        if addr is not None and tuple(addr[:2]) != self._connectedAddr:
            raise ValueError(f"{self!r} is connected with {self._connectedAddr} and cannot send to {addr!r}")
        return self._send(datagram, None)

    def _check(self, host: str) -> None:
        """Refuse what would be looked up, blocking, or cannot be reached from this kind of socket."""
        isFourth = host == BROADCAST or isIPAddress(host)
        if not isFourth and not isIPv6Address(host):
            raise InvalidAddressError(host, "write() only accepts IP addresses, not hostnames")
        if isFourth and self.addressFamily == socket.AF_INET6:
            raise InvalidAddressError(host, "IPv6 port write() called with IPv4 or broadcast address")
        if not isFourth and self.addressFamily == socket.AF_INET:
            raise InvalidAddressError(host, "IPv4 port write() called with IPv6 address")
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known.add(host)

    def writeSequence(self, seq: Iterable[bytes], addr: tuple[str, int] | None) -> None:  # type: ignore[override]
        """Send several pieces as one datagram; see `write`."""
        self.write(b"".join(seq), addr)

    def connect(self, host: str, port: int) -> None:
        """Talk to one peer only from now on.

        Raises:
            RuntimeError: it does so already.
            InvalidAddressError: ``host`` is a name.
        """
        if self._connectedAddr is not None:
            raise RuntimeError("already connected, reconnecting is not currently supported")
        if not isIPAddress(host) and not isIPv6Address(host):
            raise InvalidAddressError(host, "not an IPv4 or IPv6 address.")
        self._connectedAddr = (host, port)
        self.socket.connect((host, port))

    def _isConnected(self) -> bool:
        return self._connectedAddr is not None

    def setBroadcastAllowed(self, enabled: bool) -> None:
        """Choose whether datagrams may be sent to a broadcast address."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, bool(enabled))

    def getBroadcastAllowed(self) -> bool:
        """Whether datagrams may be sent to a broadcast address."""
        return bool(self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST))

    # What it is.

    def getHost(self) -> Any:
        """Return the address of this end."""
        return addressOf(self.addressFamily, self.socket.getsockname(), "UDP")

    def __repr__(self) -> str:
        place = "not connected" if self._realPortNumber is None else f"on {self._realPortNumber}"
        return f"<{type(self.protocol)!s} {place}>"


@implementer(IMulticastTransport)
class MulticastPort(MulticastMixin, Port):  # type: ignore[override]  # `write` tells how much, the interface nothing
    """A UDP socket that can join groups.

    Args:
        listenMultiple: let others listen on the same port, if they say the same.
    """

    def __init__(
        self,
        port: int,
        proto: Any,
        interface: str = "",
        maxPacketSize: int = 8192,
        reactor: Any = None,
        listenMultiple: bool = False,
    ) -> None:
        super().__init__(port, proto, interface, maxPacketSize, reactor)
        self.listenMultiple = listenMultiple

    def createInternetSocket(self) -> Any:
        """Make the socket; override to set options before it is bound."""
        skt = super().createInternetSocket()
        if self.listenMultiple:
            skt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if hasattr(socket, "SO_REUSEPORT"):
                skt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        return skt


publish(__name__)
