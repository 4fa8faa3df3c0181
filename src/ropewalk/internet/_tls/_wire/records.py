"""Where the records of TLS end in a stream of bytes (RFC 8446 §5.1).

Spec: a record is a type, a version of two bytes, a length of two bytes, and as many bytes.
"""

from __future__ import annotations

__all__ = ["HEADER", "MOST", "Records"]

HEADER = 5
"""Bytes before the fragment."""

MOST = 16384
"""The most plaintext that one record carries, in bytes."""


class Records:
    """Follows a stream from record to record, without keeping any of it.

    Attributes:
        whole: no record has begun that is not complete.
    """

    __slots__ = ("_head", "_missing")

    def __init__(self) -> None:
        # The beginning of a header that was cut; bytes that the present record lacks.
        self._head = b""
        self._missing = 0

    @property
    def whole(self) -> bool:
        return not self._missing and not self._head

    def feed(self, data: bytes | memoryview) -> int:
        """Follow the stream.

        Returns:
            How many records these bytes have completed.
        """
        if self._missing >= len(data):
            self._missing -= len(data)
            return int(bool(data) and not self._missing)
        at, complete = self._missing, int(self._missing > 0)
        if self._head:
            data, self._head = self._head + bytes(data), b""
        size = len(data)
        while at + HEADER <= size:
            at += HEADER + int.from_bytes(data[at + 3 : at + HEADER], "big")
            complete += at <= size
        if at >= size:
            self._missing = at - size
        else:
            self._missing = 0
            self._head = bytes(data[at:])
        return complete
