"""Multicast groups, for a UDP port of either IP version (RFC 1112; RFC 3493 §5.2)."""

from __future__ import annotations

import socket
from struct import pack, unpack

from ..error import MulticastJoinError
from .numeric import isIPAddress, isIPv6Address

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..defer import Deferred

__all__ = ["MulticastMixin"]


class MulticastMixin:
    """The methods of `IMulticastTransport`, over a port's ``socket``, ``reactor`` and ``addressFamily``.

    An IPv4 interface is named by one of its addresses; an IPv6 interface by its number, or its name (``"eth0"``).
    """

    if TYPE_CHECKING:
        socket: Any
        reactor: Any
        addressFamily: int

    # Groups.

    def joinGroup(self, addr: str, interface: str = "") -> Deferred[None]:
        """Receive what is sent to a group.

        Args:
            addr: the group's address, or a name of it.
            interface: the interface to hear on; empty lets the system choose.

        Returns:
            A Deferred that fires when that is done, or fails with a `MulticastJoinError`.
        """
        return self._onceResolved(addr, lambda found: self._membership(found, interface, joining=True))

    def leaveGroup(self, addr: str, interface: str = "") -> Deferred[None]:
        """Stop receiving what is sent to a group; arguments and result as for `joinGroup`."""
        return self._onceResolved(addr, lambda found: self._membership(found, interface, joining=False))

    def _onceResolved(self, host: str, then: Any) -> Deferred[Any]:
        """Call a function with the numeric form of an address, now or once the reactor's resolver has found it."""
        from ..defer import maybeDeferred

        if isIPAddress(host) or isIPv6Address(host):
            return maybeDeferred(then, host)
        resolved: Deferred[Any] = self.reactor.resolve(host)
        return resolved.addCallback(then)

    def _membership(self, group: str, interface: str, *, joining: bool) -> None:
        try:
            if self.addressFamily == socket.AF_INET6:
                bare, _, zone = group.partition("%")
                wish = socket.inet_pton(socket.AF_INET6, bare) + pack("@I", interfaceIndex(interface or zone))
                level, option = socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP if joining else socket.IPV6_LEAVE_GROUP
            else:
                wish = socket.inet_aton(group) + socket.inet_aton(interface or "0.0.0.0")
                level, option = socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP if joining else socket.IP_DROP_MEMBERSHIP
            self.socket.setsockopt(level, option, wish)
        except OSError as problem:
            raise MulticastJoinError(group, interface, *problem.args) from problem

    # What is sent to groups.

    def getOutgoingInterface(self) -> str | int:
        """Return the interface that datagrams to groups leave by: an IPv4 address, or the number for IPv6."""
        if self.addressFamily == socket.AF_INET6:
            return int(self.socket.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF))
        return socket.inet_ntoa(self.socket.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, 4))

    def setOutgoingInterface(self, addr: str | int) -> Deferred[int]:
        """Choose the interface that datagrams to groups leave by.

        Returns:
            A Deferred that fires with 1, or fails with `OSError` when there is no such interface.
        """
        if self.addressFamily == socket.AF_INET6 or not isinstance(addr, str):
            from ..defer import maybeDeferred

            return maybeDeferred(self._setInterface, addr)
        return self._onceResolved(addr, self._setInterface)

    def _setInterface(self, chosen: str | int) -> int:
        if self.addressFamily == socket.AF_INET6:
            wish = pack("@I", interfaceIndex(chosen))
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, wish)
        else:
            wish = socket.inet_aton(str(chosen))
            self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, wish)
        return 1

    def getLoopbackMode(self) -> bool:
        """Whether we receive our own datagrams to groups that we are in."""
        return bool(self._getByte("MULTICAST_LOOP", "MULTICAST_LOOP"))

    def setLoopbackMode(self, mode: bool) -> None:
        """Choose whether we receive our own datagrams to groups that we are in. So it is to begin with."""
        self._setByte("MULTICAST_LOOP", "MULTICAST_LOOP", int(bool(mode)))

    def getTTL(self) -> int:
        """Return how many hops a datagram to a group lives."""
        return self._getByte("MULTICAST_TTL", "MULTICAST_HOPS")

    def setTTL(self, ttl: int) -> None:
        """Choose how many hops a datagram to a group lives, 0 to 255; 1, this network only, to begin with.

        Raises:
            ValueError: it is out of that range.
        """
        if not 0 <= ttl <= 255:
            raise ValueError(f"a datagram lives 0 to 255 hops, not {ttl!r}")
        self._setByte("MULTICAST_TTL", "MULTICAST_HOPS", ttl)

    # The options have one name for each version, and IPv4's are a byte where IPv6's are an int.

    def _getByte(self, fourth: str, sixth: str) -> int:
        if self.addressFamily == socket.AF_INET6:
            return int(self.socket.getsockopt(socket.IPPROTO_IPV6, getattr(socket, f"IPV6_{sixth}")))
        value: int = unpack("B", self.socket.getsockopt(socket.IPPROTO_IP, getattr(socket, f"IP_{fourth}"), 1))[0]
        return value

    def _setByte(self, fourth: str, sixth: str, value: int) -> None:
        if self.addressFamily == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, getattr(socket, f"IPV6_{sixth}"), value)
        else:
            self.socket.setsockopt(socket.IPPROTO_IP, getattr(socket, f"IP_{fourth}"), pack("B", value))


def interfaceIndex(interface: str | int) -> int:
    """Return the number of a network interface.

    Args:
        interface: the number itself, also as text; a name; empty for "let the system choose", which is 0.

    Raises:
        OSError: there is none of that name.
    """
    if isinstance(interface, int) or not interface:
        return int(interface or 0)
    return int(interface) if interface.isdigit() else socket.if_nametoindex(interface)
