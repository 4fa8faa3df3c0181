"""How FTP writes addresses: six numbers (RFC 959), or fields between bars (RFC 2428)."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address

from ropewalk._wire.events import RemoteProtocolError

__all__ = [
    "FAMILIES",
    "BadAddress",
    "decodeExtendedAddress",
    "decodeHostPort",
    "encodeExtendedAddress",
    "encodeHostPort",
    "extendedPort",
    "passiveAddress",
    "plainHost",
]

#: The numbers of address families (RFC 2428 §2), as they are written: IPv4 and IPv6.
FAMILIES = ("1", "2")

# Where the six numbers stand in a 227 reply is up to the server (RFC 1123 §4.1.2.6): look for them.
_SIX = re.compile(r"\d{1,3}(?:\s*,\s*\d{1,3}){5}", re.ASCII)
_BARS = re.compile(r"\(([!-~])\1\1(\d{1,5})\1\)", re.ASCII)


class BadAddress(RemoteProtocolError, ValueError):
    """The peer's text is no address."""


def encodeHostPort(host: str, port: int) -> str:
    """Write an IPv4 address and a port as PORT and the reply to PASV have them: ``"127,0,0,1,31,64"``."""
    return ",".join([*host.split("."), str(port >> 8), str(port & 255)])


def decodeHostPort(line: str) -> tuple[str, int]:
    """Read six numbers.

    Returns:
        The address with dots, and the port.

    Raises:
        BadAddress: these are not six numbers from 0 to 255. It is a ``ValueError``.
    """
    words = [word.strip() for word in line[:64].split(",")]
    if len(words) != 6 or not all(word.isascii() and word.isdigit() and int(word) < 256 for word in words):
        raise BadAddress(f"an address is six numbers from 0 to 255 with commas between them, not {line[:64]!r}")
    *host, high, low = (int(word) for word in words)
    return ".".join(map(str, host)), high * 256 + low


def encodeExtendedAddress(host: str, port: int) -> str:
    """Write an address as EPRT has it: ``"|2|::1|8000|"``."""
    return f"|{FAMILIES[':' in host]}|{host}|{port}|"


def decodeExtendedAddress(address: str) -> tuple[str, str, int]:
    """Read the argument of EPRT, or what stands in the parentheses of a reply to EPSV.

    Returns:
        The number of the family, the host, both empty where they are left out, and the port.

    Raises:
        BadAddress: it is not written that way. It is a ``ValueError``.
    """
    fields = address[:128].split(address[:1]) if address else []
    if len(fields) != 5 or fields[0] or fields[4] or not (fields[3].isascii() and fields[3].isdigit()):
        raise BadAddress(f"an extended address is |FAMILY|HOST|PORT|, not {address[:128]!r}")
    return fields[1], fields[2], int(fields[3])


def passiveAddress(text: str) -> tuple[str, int]:
    """Find the address in a reply to PASV.

    Raises:
        BadAddress: there is none.
    """
    found = _SIX.search(text, 4)
    if found is None:
        raise BadAddress(f"there is no address in {text[:80]!r}")
    return decodeHostPort(found[0])


def extendedPort(text: str) -> int:
    """Find the port in a reply to EPSV.

    Raises:
        BadAddress: there is none.
    """
    found = _BARS.search(text)
    if found is None or not 0 < int(found[2]) < 65536:
        raise BadAddress(f"there is no port in {text[:80]!r}")
    return int(found[2])


def plainHost(host: str) -> str:
    """Return an address in the one form that can be compared: an IPv4 address mapped into IPv6 is the IPv4 address.

    Raises:
        BadAddress: it is no address.
    """
    try:
        address = ip_address(host)
    except ValueError:
        raise BadAddress(f"{host[:80]!r} is no address") from None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(address)
