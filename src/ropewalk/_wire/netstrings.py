"""Netstrings: the length in decimal digits, a colon, that many bytes, a comma.

Spec: D. J. Bernstein, "Netstrings", 1997.
"""

from __future__ import annotations

from .buffer import Buffer
from .events import NEED_DATA, NeedData, RemoteProtocolError, TooLong

__all__ = ["MalformedNetstring", "NetstringReader", "netstring"]


class MalformedNetstring(RemoteProtocolError):
    """The peer's bytes are no netstring."""


class NetstringReader(Buffer):
    """Cut a byte stream into netstrings.

    Args:
        limit: longest string accepted, in bytes, without its length and comma. May be changed at any time.
    """

    __slots__ = ("_announced", "_limit", "_longest")

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit
        self._announced = -1  # the length of the string whose bytes come now; -1 while its length does

    @property
    def limit(self) -> int:
        return self._limit

    @limit.setter
    def limit(self, limit: int) -> None:
        self._limit = limit
        self._longest = len(str(limit)) + 1  # of a length with its colon; one digit more is over the limit

    def next(self) -> bytes | NeedData:
        """Return the next string, or `NEED_DATA` until one is complete with its comma.

        Raises:
            TooLong: the length is over the limit; known as soon as its digits are.
            MalformedNetstring: the length is no number, has a needless 0 in front or no colon behind it; or
                something else than a comma stands behind the string. As soon as it can be known.
        """
        if self._announced < 0 and not self._readLength():
            self.settle()
            return NEED_DATA
        if self._size <= self._announced:
            self.settle()
            return NEED_DATA
        body = self.take(self._announced + 1)
        assert body is not NEED_DATA
        if body[-1:] != b",":
            raise MalformedNetstring(f"a netstring ends with a comma, not with {body[-1:]!r}")
        self._announced = -1
        return body[:-1]

    def _readLength(self) -> bool:
        """Read the length and its colon; whether they are there."""
        head = self.peek(self._longest)
        digits, colon, _ = head.partition(b":")
        # `isdigit` of bytes knows the ten ASCII digits only.
        if (digits or colon) and not digits.isdigit():
            raise MalformedNetstring(f"a netstring begins with its length and a colon, not with {head!r}")
        if digits[:1] == b"0" and len(digits) > 1:
            raise MalformedNetstring(f"the length of a netstring has no 0 in front: {head!r}")
        if not digits:
            return False
        size = int(digits)
        if size > self._limit:
            raise TooLong("netstring", size, self._limit)
        if not colon:
            return False
        self.take(len(digits) + 1)
        self._announced = size
        return True


def netstring(body: bytes) -> bytes:
    """Write a netstring."""
    return b"%d:%b," % (len(body), body)
