"""Lines: bytes up to a delimiter."""

from __future__ import annotations

from .events import NEED_DATA, NeedData, TooLong

__all__ = ["FEW", "GROWTH", "LineReader"]

# How many lines are cut from a chunk at first, and by how much that grows with each batch that was read to its end.
# Whoever changes the mode in the middle of a chunk has what follows joined again; in small batches that stays cheap.
FEW = 16
GROWTH = 8


class LineReader:
    """Cut a byte stream into lines.

    Args:
        limit: longest line accepted, in bytes, without its delimiter.
        delimiter: what ends a line; a byte at least.
    """

    __slots__ = ("_batch", "_delimiter", "_limit", "_lines", "_partial", "_searched")

    def __init__(self, limit: int, delimiter: bytes = b"\r\n") -> None:
        self._limit = limit
        self._delimiter = delimiter
        self._lines: list[bytes] = []  # cut already, the next one last
        self._partial = bytearray()  # what follows them
        self._searched = 0  # how much of `_partial` surely holds no beginning of a delimiter
        self._batch = FEW

    def feed(self, data: bytes) -> None:
        """Take bytes from the stream."""
        self._partial += data

    def next(self) -> bytes | NeedData:
        """Return the next line without its delimiter, or `NEED_DATA` until one is complete.

        Raises:
            TooLong: the line is over the limit, whether its end is there or not.
        """
        if not self._lines and not self._cut():
            if len(self._partial) >= self._limit + len(self._delimiter):
                raise TooLong("line", len(self._partial), self._limit)
            return NEED_DATA
        line = self._lines.pop()
        if len(line) > self._limit:
            raise TooLong("line", len(line), self._limit)
        return line

    def rest(self) -> bytes:
        """Take out all that is not read yet: what follows are no lines."""
        pieces = [*reversed(self._lines), bytes(self._partial)]
        self._lines.clear()
        self._partial.clear()
        self._searched = 0
        self._batch = FEW
        return self._delimiter.join(pieces)

    def _cut(self) -> bool:
        """Cut the next batch of lines; whether there are any."""
        delimiter = self._delimiter
        if self._partial.find(delimiter, self._searched) < 0:
            self._searched = max(0, len(self._partial) - len(delimiter) + 1)
            self._batch = FEW
            return False
        lines = bytes(self._partial).split(delimiter, self._batch)
        self._partial = bytearray(lines.pop())
        self._searched = 0
        self._batch *= GROWTH
        lines.reverse()
        self._lines = lines
        return True
