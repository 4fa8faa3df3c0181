"""SOCKS 4 and 4a: the one request that a client sends, and the replies to it.

Spec: Y.-D. Lee, "SOCKS: A protocol for TCP proxy across firewalls", and his "SOCKS 4A" extension.
"""

from __future__ import annotations

from dataclasses import dataclass

from ropewalk._wire.events import NEED_DATA, NeedData, RemoteProtocolError, TooLong

__all__ = [
    "BIND",
    "CONNECT",
    "GRANTED",
    "LIMIT",
    "REFUSED",
    "Request",
    "RequestReader",
    "dotted",
    "hostName",
    "numeric",
    "packed",
    "reply",
]

CONNECT, BIND = 1, 2
GRANTED, REFUSED = 90, 91

# Longest user and longest host name accepted, in bytes. The specification has no limit; a host name has this one.
LIMIT = 255


@dataclass(frozen=True, slots=True)
class Request:
    """What a client wants.

    Attributes:
        command: `CONNECT` or `BIND`.
        address: where to, as a dotted quad; without meaning when there is a name.
        name: where to by name, which is ours to resolve (4a); empty for by address.
        user: who the client says it is. Nothing vouches for that.
    """

    command: int
    address: str
    port: int
    user: bytes
    name: str = ""


class RequestReader:
    """Read the request at the beginning of a connection."""

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Take bytes from the client."""
        self._buffer += data

    def next(self) -> Request | NeedData:
        """Return the request, or `NEED_DATA` until it is there.

        Raises:
            RemoteProtocolError: this is no SOCKS 4.
            TooLong: the user or the host name is over `LIMIT`.
        """
        buffer = self._buffer
        if buffer and buffer[0] != 4:
            raise RemoteProtocolError(f"the version is {buffer[0]}, not 4")
        if len(buffer) > 1 and buffer[1] not in (CONNECT, BIND):
            raise RemoteProtocolError(f"there is no command {buffer[1]}")
        if len(buffer) < 8:
            return NEED_DATA
        end = self._string("user", 8)
        if end is NEED_DATA:
            return NEED_DATA
        user, name = bytes(buffer[8:end]), ""
        # 0.0.0.x, x not 0, is the address of nothing: "the client cannot resolve the name".
        if buffer[4:7] == b"\0\0\0" and buffer[7]:
            start = end + 1
            end = self._string("host name", start)
            if end is NEED_DATA:
                return NEED_DATA
            name = hostName(bytes(buffer[start:end]))
        request = Request(buffer[1], dotted(buffer[4:8]), int.from_bytes(buffer[2:4], "big"), user, name)
        del buffer[: end + 1]
        return request

    def rest(self) -> bytes:
        """Take out what came behind the request: it is for whom the client is connected to."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest

    def _string(self, what: str, start: int) -> int | NeedData:
        """Return where the string that begins there ends."""
        end = self._buffer.find(0, start)
        size = (len(self._buffer) if end < 0 else end) - start
        if size > LIMIT:
            raise TooLong(what, size, LIMIT)
        return NEED_DATA if end < 0 else end


def reply(code: int, version: int, port: int, address: str) -> bytes:
    """Return a reply. ``version`` is 0, the version of replies."""
    return bytes((version, code)) + port.to_bytes(2, "big") + packed(address)


def dotted(address: bytes | bytearray) -> str:
    """Return four bytes as a dotted quad."""
    return ".".join(map(str, address))


def packed(address: str) -> bytes:
    """Return a dotted quad as four bytes; 0.0.0.0, "ask somebody else", for what is none: an IPv6 address say."""
    return bytes(map(int, address.split("."))) if numeric(address) else b"\0\0\0\0"


def numeric(address: str) -> bool:
    """Tell whether this is a dotted quad."""
    parts = address.split(".")
    return len(parts) == 4 and all(
        part.isascii() and part.isdigit() and len(part) <= 3 and int(part) < 256 for part in parts
    )


def hostName(name: bytes) -> str:
    """Return a name that may be looked up and logged.

    Raises:
        RemoteProtocolError: it is empty, or not made of visible ASCII.
    """
    if not name or not all(32 < byte < 127 for byte in name):
        raise RemoteProtocolError(f"{name[:80]!r} is no host name")
    return name.decode("ascii")
