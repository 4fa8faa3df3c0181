"""What a TLS client says first: the protocols that it offers (RFC 8446 §4.1.2, RFC 7301 §3.1).

Only that is read, and nothing is believed: whatever is not shaped as it should be is left for the TLS library to
refuse.
"""

from __future__ import annotations

from ropewalk._wire.events import NEED_DATA, NeedData

__all__ = ["LONGEST", "HelloReader"]

LONGEST = 65536
"""The most bytes of the first message that are looked through. A hello with post-quantum keys has two thousand."""

RECORD_HEADER = 5
MESSAGE_HEADER = 4
HANDSHAKE = 22
CLIENT_HELLO = 1
ALPN = 16


class HelloReader:
    """Reads the names of the protocols out of the first message of a connection."""

    def __init__(self) -> None:
        self._stream = bytearray()
        self._message = bytearray()

    def feed(self, data: bytes) -> None:
        self._stream += data

    def next(self) -> tuple[bytes, ...] | NeedData | None:
        """Return what is offered, best first.

        Returns:
            `None` if the client offers nothing, or what it says is no hello; `NEED_DATA` as long as that is open.
        """
        while len(self._stream) >= RECORD_HEADER:
            if self._stream[0] != HANDSHAKE:
                return None
            end = RECORD_HEADER + int.from_bytes(self._stream[3:RECORD_HEADER], "big")
            if len(self._stream) < end:
                break
            self._message += self._stream[RECORD_HEADER:end]
            del self._stream[:end]
        if len(self._message) + len(self._stream) > LONGEST:
            return None
        if len(self._message) < MESSAGE_HEADER:
            return NEED_DATA
        if self._message[0] != CLIENT_HELLO:
            return None
        end = MESSAGE_HEADER + int.from_bytes(self._message[1:MESSAGE_HEADER], "big")
        if end > LONGEST:
            return None
        if len(self._message) < end:
            return NEED_DATA
        try:
            return _offered(bytes(self._message[MESSAGE_HEADER:end]))
        except _Misshapen:
            return None


class _Misshapen(Exception):
    """A length says more than there is."""


class _Cutter:
    """Cuts vectors off the front, each with its length before it."""

    def __init__(self, data: bytes) -> None:
        self.rest = data

    def take(self, size: int) -> bytes:
        if size > len(self.rest):
            raise _Misshapen
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def vector(self, lengthSize: int) -> bytes:
        return self.take(self.number(lengthSize))


def _offered(hello: bytes) -> tuple[bytes, ...] | None:
    """Find the ALPN extension of a ClientHello, and return its names."""
    fields = _Cutter(hello)
    fields.take(2 + 32)  # legacy_version, random
    fields.vector(1)  # legacy_session_id
    fields.vector(2)  # cipher_suites
    fields.vector(1)  # legacy_compression_methods
    if not fields.rest:
        return None
    extensions = _Cutter(fields.vector(2))
    while extensions.rest:
        kind, content = extensions.number(2), extensions.vector(2)
        if kind == ALPN:
            names = _Cutter(_Cutter(content).vector(2))
            offered = []
            while names.rest:
                offered.append(names.vector(1))
            return tuple(offered)
    return None
