"""The PROXY protocol: a header before all else, by which a proxy tells whose connection it passes on.

Spec: HAProxy, "The PROXY protocol", versions 1 and 2.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass

from ropewalk._wire.events import NEED_DATA, LocalProtocolError, NeedData, RemoteProtocolError, TooLong

__all__ = ["Address", "Header", "Reader", "version1", "version2"]

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"

# §2.1: the longest line of version 1, its end included.
MAX_LINE = 107
# Version 2 could announce 64 KiB; addresses and what proxies add to them take a few hundred bytes.
MAX_REST = 4096

# Version 2's families and transports that we know: the family, and the size of an address in it.
KINDS = {0x11: (socket.AF_INET, 4), 0x21: (socket.AF_INET6, 16), 0x31: (socket.AF_UNIX, 108)}


@dataclass(frozen=True, slots=True)
class Address:
    """One end of a connection.

    Attributes:
        host: the address; of a UNIX socket its path.
        port: 0 for a UNIX socket.
    """

    family: int
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Header:
    """Whose connection this is; `None` twice when it is the proxy's own, or nothing that we know."""

    source: Address | None = None
    destination: Address | None = None


class Reader:
    """Read the header of either version."""

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Take bytes from the proxy."""
        self._buffer += data

    def next(self) -> Header | NeedData:
        """Return the header, once, or `NEED_DATA`.

        Raises:
            RemoteProtocolError: there is none, or it is wrong: who speaks is not the proxy.
            TooLong: it is over the limit.
        """
        buffer = self._buffer
        if buffer.startswith(b"PROXY "):
            return self._line()
        if buffer.startswith(SIGNATURE):
            return self._binary()
        if b"PROXY ".startswith(buffer) or SIGNATURE.startswith(buffer):
            return NEED_DATA
        raise RemoteProtocolError(f"{bytes(buffer[:20])!r} is no beginning of a PROXY header")

    def rest(self) -> bytes:
        """Take out what came behind the header."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest

    def _line(self) -> Header | NeedData:
        end = self._buffer.find(b"\r\n", 0, MAX_LINE)
        if end < 0:
            if len(self._buffer) >= MAX_LINE:
                raise TooLong("PROXY header", len(self._buffer), MAX_LINE)
            return NEED_DATA
        words = bytes(self._buffer[:end]).split(b" ")
        del self._buffer[: end + 2]
        if words[1] == b"UNKNOWN":
            return Header()  # "the receiver must ignore anything" that follows
        family = {b"TCP4": socket.AF_INET, b"TCP6": socket.AF_INET6}.get(words[1])
        if family is None or len(words) != 6:
            raise RemoteProtocolError(f"{b' '.join(words)!r} is no PROXY header")
        return Header(_address(family, words[2], words[4]), _address(family, words[3], words[5]))

    def _binary(self) -> Header | NeedData:
        buffer = self._buffer
        if len(buffer) < 16:
            return NEED_DATA
        command, kind, size = buffer[12], buffer[13], int.from_bytes(buffer[14:16], "big")
        if command not in (0x20, 0x21):
            raise RemoteProtocolError(f"version and command {command:#x} of a PROXY header are unknown")
        if size > MAX_REST:
            raise TooLong("PROXY header", size, MAX_REST)
        if len(buffer) < 16 + size:
            return NEED_DATA
        body = bytes(buffer[16 : 16 + size])
        del buffer[: 16 + size]
        # "LOCAL": the proxy's own connection, a health check say. Datagrams, and families to come, tell us nothing.
        if command == 0x20 or kind not in KINDS:
            return Header()
        family, width = KINDS[kind]
        ports = 0 if family == socket.AF_UNIX else 4
        if size < 2 * width + ports:
            raise RemoteProtocolError(f"a PROXY header of {size} bytes is too short for its addresses")
        source, target = body[:width], body[width : 2 * width]
        if family == socket.AF_UNIX:
            return Header(_path(source), _path(target))
        here, there = body[2 * width : 2 * width + 2], body[2 * width + 2 : 2 * width + 4]
        return Header(
            Address(family, socket.inet_ntop(family, source), int.from_bytes(here, "big")),
            Address(family, socket.inet_ntop(family, target), int.from_bytes(there, "big")),
        )


def _address(family: int, host: bytes, port: bytes) -> Address:
    try:
        text = socket.inet_ntop(family, socket.inet_pton(family, host.decode("ascii")))
    except (OSError, UnicodeDecodeError, ValueError):
        raise RemoteProtocolError(f"{host!r} is no address") from None
    if not port.isdigit() or len(port) > 5 or int(port) > 65535:
        raise RemoteProtocolError(f"{port!r} is no port")
    return Address(family, text, int(port))


def _path(padded: bytes) -> Address:
    return Address(socket.AF_UNIX, padded.rstrip(b"\0").decode("utf-8", "surrogateescape"), 0)


# What a proxy sends.


def version1(header: Header) -> bytes:
    """Return a header as a line.

    Raises:
        LocalProtocolError: the two ends are not of one family, TCP over IPv4 or IPv6.
    """
    source, target = header.source, header.destination
    if source is None or target is None:
        return b"PROXY UNKNOWN\r\n"
    name = {socket.AF_INET: "TCP4", socket.AF_INET6: "TCP6"}.get(socket.AddressFamily(source.family))
    if name is None or target.family != source.family:
        raise LocalProtocolError(f"version 1 can't tell of a connection from {source} to {target}")
    return f"PROXY {name} {source.host} {target.host} {source.port} {target.port}\r\n".encode("ascii")


def version2(header: Header) -> bytes:
    """Return a header in the binary form.

    Raises:
        LocalProtocolError: the two ends are not of one family, or a path is too long.
    """
    source, target = header.source, header.destination
    if source is None or target is None:
        return SIGNATURE + b"\x20\0\0\0"
    kind = {socket.AF_INET: 0x11, socket.AF_INET6: 0x21, socket.AF_UNIX: 0x31}[socket.AddressFamily(source.family)]
    if target.family != source.family:
        raise LocalProtocolError(f"a header can't tell of a connection from {source} to {target}")
    body = b"".join([_packed(source), _packed(target)])
    if source.family != socket.AF_UNIX:
        body += source.port.to_bytes(2, "big") + target.port.to_bytes(2, "big")
    return SIGNATURE + bytes((0x21, kind)) + len(body).to_bytes(2, "big") + body


def _packed(address: Address) -> bytes:
    if address.family != socket.AF_UNIX:
        return socket.inet_pton(address.family, address.host)
    path = address.host.encode("utf-8", "surrogateescape")
    if len(path) > 108:
        raise LocalProtocolError(f"a path of {len(path)} bytes is over the limit of 108")
    return path.ljust(108, b"\0")
