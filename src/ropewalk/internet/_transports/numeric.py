"""Numeric addresses: is a text one, of which family, and which of our address classes says it.

Nothing here asks a name service, so nothing here blocks.
"""

from __future__ import annotations

import os
import socket

from ..address import IPv4Address, IPv6Address, UNIXAddress
from ..error import InvalidAddressError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    from .._interfaces.binding import Binding

    StreamAddress = IPv4Address | IPv6Address | UNIXAddress


def isIPAddress(addr: str | bytes, family: int = socket.AF_INET) -> bool:
    """Tell whether a text is a numeric IP address; a name is not, and is not looked up.

    Args:
        addr: what to look at; anything but text and ASCII bytes is no address.
        family: ``AF_INET`` for dotted decimals, ``AF_INET6`` for the colon form, which may name a zone after ``%``.

    Raises:
        ValueError: the family is neither.
    """
    if isinstance(addr, bytes):
        try:
            addr = addr.decode("ascii")
        except UnicodeDecodeError:
            return False
    if family == socket.AF_INET6:
        # A zone is `inet_pton`'s stumbling block and `getaddrinfo`'s business (RFC 4007 §11).
        addr = addr.partition("%")[0]
    elif family != socket.AF_INET:
        raise ValueError(f"IP addresses are of the family AF_INET or AF_INET6, not {family!r}")
    try:
        socket.inet_pton(family, addr)
    except (OSError, ValueError, TypeError):
        return False
    return True


def isIPv6Address(addr: str | bytes) -> bool:
    """Tell whether a text is a numeric IPv6 address; see `isIPAddress`."""
    return isIPAddress(addr, socket.AF_INET6)


def requireIP(host: str, what: str) -> None:
    """Refuse a name where only a numeric address will do.

    Raises:
        InvalidAddressError: ``host`` is no IP address; ``what`` says what needed one.
    """
    if not (isIPAddress(host) or isIPv6Address(host)):
        raise InvalidAddressError(host, f"{what} takes an IP address, not a name: resolve it first (reactor.resolve)")


def sixth(host: str, port: int) -> tuple[str, int, int, int]:
    """Return what the socket module wants for an IPv6 address, with the zone turned into its number.

    Raises:
        OSError: the zone is unknown here.
    """
    found = socket.getaddrinfo(host, port, socket.AF_INET6, 0, 0, socket.AI_NUMERICHOST | socket.AI_NUMERICSERV)
    address: tuple[str, int, int, int] = found[0][4]  # type: ignore[assignment]  # typeshed joins all families
    return address


def addressOf(family: int, name: Any, type: Literal["TCP", "UDP"] = "TCP") -> StreamAddress:
    """Say as an address object what the socket module returned for a socket of that family."""
    if family == socket.AF_INET:
        return IPv4Address(type, name[0], name[1])
    if family == socket.AF_INET6:
        return IPv6Address(type, *name)
    return UNIXAddress(name or None)


def named(address: StreamAddress) -> str:
    """Write an address for people, as error messages do: ``127.0.0.1:80``, ``[::1]:80``, ``'/run/x.sock'``."""
    if isinstance(address, UNIXAddress):
        return "an unnamed UNIX socket" if address.name is None else repr(os.fsdecode(address.name))
    return f"[{address.host}]:{address.port}" if isinstance(address, IPv6Address) else f"{address.host}:{address.port}"


def makeBinding(interface: str = "", port: int = 0, reuseAddress: bool = False, reusePort: bool = False) -> Binding:
    """Say which local address a socket is to take, and whether it shares it.

    Hand the result over as the ``port`` of ``listenTCP`` or the ``bindAddress`` of ``connectTCP``.

    Args:
        interface: a local IP address; empty for any.
        port: the local port; 0 lets the system choose.
        reuseAddress: set ``SO_REUSEADDR``, also on a client's socket. Listening ports have it anyway.
        reusePort: set ``SO_REUSEPORT``: several sockets, in one process or many, listen at one address and the
            system shares the connections out among them.
    """
    from .._interfaces.binding import Binding

    return Binding(interface, port, reuseAddress, reusePort)


def bindingOf(given: Any, what: str) -> Binding:
    """Take a local address in any of the forms that callers have: a binding, ``(host, port)``, nothing.

    Raises:
        TypeError: it is something else.
    """
    from .._interfaces.binding import Binding

    if given is None:
        return Binding()
    if isinstance(given, Binding):
        return given
    if isinstance(given, tuple) and len(given) == 2:
        return Binding(given[0], given[1])
    raise TypeError(f"{what} is a pair (host, port) or what makeBinding returns, not {given!r}")
