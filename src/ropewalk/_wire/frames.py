"""Frames: a length, then that many bytes."""

from __future__ import annotations

from struct import Struct

from .buffer import Buffer
from .events import NEED_DATA, LocalProtocolError, NeedData, TooLong

__all__ = ["FrameReader", "frame"]


class FrameReader(Buffer):
    """Cut a byte stream into frames: a length of fixed size, then that many bytes.

    Args:
        prefix: how the length is written: a compiled `struct.Struct` of one unsigned number.
        limit: longest frame accepted, in bytes, without its length. May be changed at any time.
    """

    __slots__ = ("_announced", "_lengths", "_prefixSize", "_unpack", "_written", "limit")

    def __init__(self, prefix: Struct, limit: int) -> None:
        super().__init__()
        self._prefixSize = prefix.size
        self._unpack = prefix.unpack_from
        self._lengths = 1 << 8 * prefix.size  # how many different ones the prefix can say
        self.limit = limit
        self._announced = -1  # the length of the frame whose bytes come now; -1 while its length does
        self._written = b""  # how the peer wrote that length

    def next(self) -> bytes | NeedData:
        """Return the next frame without its length, or `NEED_DATA` until one is complete.

        Raises:
            TooLong: the announced length is over the limit, whether the frame's bytes are there or not. Asking
                again gives the same answer, unless ``limit`` was raised.
        """
        size = self._announced
        if size < 0:
            # The usual cases, nothing at all and a frame that lies within one piece, take the short way.
            waiting = self._size
            if not waiting:
                return NEED_DATA
            start = self._at + self._prefixSize
            if start <= len(self._head):
                size = self._unpack(self._head, self._at)[0]
                end = start + size
                if 0 <= size <= self.limit and end <= len(self._head):
                    body = self._head[start:end]
                    self._at = end
                    self._size = waiting - self._prefixSize - size
                    if not self._size:
                        self._head = b""
                        self._at = 0
                    return body
        if self._announced < 0:
            prefix = self.take(self._prefixSize)
            if prefix is NEED_DATA:
                self.settle()
                return NEED_DATA
            # A format that is signed by mistake must not let a peer announce less than nothing.
            size = self._announced = self._unpack(prefix, 0)[0] % self._lengths
            self._written = prefix
        if size > self.limit:
            raise TooLong("frame", size, self.limit)
        if self._size < size:
            self.settle()
            return NEED_DATA
        self._announced = -1
        return self.take(size)

    def rest(self) -> bytes:
        """Take out all that is not read yet, a length that was read already included."""
        rest = super().rest()
        if self._announced >= 0:
            rest = self._written + rest
            self._announced = -1
        return rest


def frame(prefix: Struct, body: bytes) -> bytes:
    """Write a frame.

    Raises:
        LocalProtocolError: the body is longer than the prefix can say.
    """
    if len(body) >> 8 * prefix.size:
        raise LocalProtocolError(f"{len(body)} bytes are too many for a frame with a length of {8 * prefix.size} bits")
    return prefix.pack(len(body)) + body
