"""Bytes that wait to be read: put in as they come, taken out in the sizes that a format asks for.

What came in one piece is read in place. Pieces are joined only when what is asked for is there, so that a long message
is copied once, however small the pieces it came in.
"""

from __future__ import annotations

from .events import NEED_DATA, NeedData

__all__ = ["Buffer"]


class Buffer:
    """Bytes that wait to be read."""

    __slots__ = ("_at", "_head", "_pieces", "_size")

    def __init__(self) -> None:
        # What waits is `_head` from `_at` on, then `_pieces`; `_size` counts all of it.
        self._head: bytes = b""
        self._at = 0
        self._pieces: list[bytes] = []
        self._size = 0

    def __len__(self) -> int:
        """Return how many bytes wait."""
        return self._size

    def feed(self, data: bytes) -> None:
        """Put bytes behind those that wait. They are kept, not copied: don't pass a buffer that changes."""
        if self._size == 0:
            self._head = data
            self._at = 0
        elif data:
            self._pieces.append(data)
        self._size += len(data)

    def take(self, count: int) -> bytes | NeedData:
        """Take exactly so many bytes out, or none."""
        if self._size < count:
            return NEED_DATA
        end = self._at + count
        if end > len(self._head):
            self._join()
            end = count
        taken = self._head[self._at : end]
        self._at = end
        self._size -= count
        if not self._size:
            self._head = b""  # an idle stream keeps no chunk alive
            self._at = 0
        return taken

    def peek(self, count: int) -> bytes:
        """Look at the next bytes, so many or as many as there are, and leave them."""
        if self._pieces and self._at + count > len(self._head):
            self._join()
        return self._head[self._at : self._at + count]

    def rest(self) -> bytes:
        """Take out all that waits: what comes is somebody else's to read."""
        self._join()
        rest = self._head
        self._head = b""
        self._size = 0
        return rest

    def settle(self) -> None:
        """Copy a small rest out of the large chunk that it would keep alive. For streams that now wait for more."""
        if self._at:
            self._head = self._head[self._at :]
            self._at = 0

    def _join(self) -> None:
        """Make all that waits one piece that begins at 0."""
        head = self._head[self._at :]
        self._head = b"".join([head, *self._pieces]) if self._pieces else head
        self._at = 0
        self._pieces.clear()
