"""AMP's boxes: keys with values, each behind a length of two bytes, and an empty key at the end.

    00 04 _ask  00 01 1   00 08 _command  00 03 Sum   00 00

A key has 1 to 255 bytes, so the first byte of its length is always 0: a stream that is no AMP is mostly found out by
its first byte. A value has 0 to 65535. Of a key that comes twice, the second value counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from ropewalk._wire.events import NEED_DATA, LocalProtocolError, NeedData, TooLong

__all__ = ["MAX_BOX_LENGTH", "MAX_KEY_LENGTH", "MAX_PAIRS", "MAX_VALUE_LENGTH", "BoxReader", "Oversize", "encode"]

# What the lengths can say.
MAX_KEY_LENGTH = 0xFF
MAX_VALUE_LENGTH = 0xFFFF

# Nothing in the format ends a box that goes on and on. These do: the bytes of a box, and its keys, each of which costs
# some hundred bytes of memory however short it is.
MAX_BOX_LENGTH = 2**23
MAX_PAIRS = 4096

B = TypeVar("B", bound="dict[bytes, bytes]")


class Oversize(LocalProtocolError):
    """We were to write a key or a value that its length can't say.

    Attributes:
        value: what is too long.
        key: the key whose value it is; `None` when the key itself is too long.
    """

    def __init__(self, value: bytes, key: bytes | None = None) -> None:
        what, limit = (f"the value of {key!r}", MAX_VALUE_LENGTH) if key else ("a key", MAX_KEY_LENGTH)
        super().__init__(f"{what} has {len(value)} bytes, and may have {limit}")
        self.value = value
        self.key = key


class BoxReader(Generic[B]):
    """Cut a byte stream into boxes.

    Args:
        kind: what a box is read into: `dict`, or a class derived from it, whose ``__init__`` is not called.
        limit: longest box accepted, in bytes.
    """

    __slots__ = ("_at", "_box", "_data", "_kind", "_late", "_read", "_waiting", "_wanted", "limit")

    def __init__(self, kind: type[B], limit: int = MAX_BOX_LENGTH) -> None:
        self.limit = limit
        self._kind = kind
        # What waits is `_data` from `_at` on, then the pieces in `_late`; they hold `_waiting` bytes, and are joined
        # once all that waits is `_wanted`: a long value is copied once, however small the pieces it came in.
        self._data = b""
        self._at = 0
        self._late: list[bytes] = []
        self._waiting = 0
        self._wanted = 0
        # The box whose end has not come, and how many of its bytes were read.
        self._box: B | None = None
        self._read = 0

    def feed(self, data: bytes) -> None:
        """Take bytes from the stream."""
        if self._at == len(self._data) and not self._late:
            self._data = data
            self._at = 0
        else:
            self._late.append(data)
            self._waiting += len(data)

    def next(self) -> B | NeedData:
        """Return the next box, or `NEED_DATA` until one is complete.

        Raises:
            TooLong: a key is longer than `MAX_KEY_LENGTH`, the box than ``limit``, or it has more than `MAX_PAIRS`
                keys. Asking again gives the same answer.
        """
        data, at = self._data, self._at
        if self._late:
            if len(data) - at + self._waiting < self._wanted:
                return NEED_DATA
            self._data = data = b"".join([data[at:], *self._late])
            self._at = at = self._waiting = 0
            self._late.clear()
        start, end = at, len(data)
        if start == end:
            return NEED_DATA
        box = self._box
        if box is None:
            self._box = box = self._kind.__new__(self._kind)

        while True:
            # A key's length. Its first byte is 0, and refused as soon as it is there when it is not.
            if at == end:
                wanted = at + 2
                break
            if data[at]:
                size = (data[at] << 8) + data[at + 1] if at + 1 < end else data[at] << 8
                self._settle(at, start)
                self._check(box)  # what is wrong first is said, however the stream was cut
                raise TooLong("key", size, MAX_KEY_LENGTH)
            keyAt = at + 2
            if keyAt > end:
                wanted = keyAt
                break
            size = data[at + 1]
            if not size:
                self._read += keyAt - start
                self._check(box)
                self._at = keyAt
                self._read = 0
                self._box = None
                return box
            # The key, the value's length, the value.
            keyEnd = keyAt + size
            valueAt = keyEnd + 2
            if valueAt > end:
                wanted = valueAt
                break
            valueEnd = valueAt + (data[keyEnd] << 8) + data[keyEnd + 1]
            if valueEnd > end:
                wanted = valueEnd
                break
            box[data[keyAt:keyEnd]] = data[valueAt:valueEnd]
            at = valueEnd

        self._settle(at, start)
        self._wanted = wanted - at
        self._check(box)
        return NEED_DATA

    def rest(self) -> bytes:
        """Take out all that follows the last box: what comes is no AMP any more."""
        rest = b"".join([self._data[self._at :], *self._late])
        self._data = b""
        self._at = self._waiting = 0
        self._late.clear()
        self._box = None
        self._read = 0
        return rest

    def _settle(self, at: int, start: int) -> None:
        """Keep where reading stopped, and no more than is needed of the chunk."""
        self._read += at - start
        self._data = self._data[at:]
        self._at = 0

    def _check(self, box: B) -> None:
        """Refuse a box that is too long, or becomes so."""
        if self._read > self.limit:
            raise TooLong("box", self._read, self.limit)
        if len(box) > MAX_PAIRS:
            raise TooLong("number of keys", len(box), MAX_PAIRS)


def encode(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Write a box.

    Raises:
        Oversize: a key or a value is too long.
        LocalProtocolError: a key is empty, which would end the box.
        TypeError: a key or a value is not bytes.
    """
    pieces: list[bytes] = []
    for key, value in pairs:
        prefix = _prefixes.get(key)
        if prefix is None:
            prefix = _prefix(key)
        size = len(value)
        if size > MAX_VALUE_LENGTH:
            raise Oversize(value, key)
        pieces += prefix, size.to_bytes(2, "big"), value
    pieces.append(b"\0\0")
    return b"".join(pieces)


# Keys with their lengths in front. A program has few different ones; one that makes them up is not helped by more room.
_prefixes: dict[bytes, bytes] = {}
_ROOM = 1000


def _prefix(key: bytes) -> bytes:
    """Return a key with its length in front."""
    if not key:
        raise LocalProtocolError("a box has an empty key, and an empty key ends a box")
    if len(key) > MAX_KEY_LENGTH:
        raise Oversize(key)
    prefix = len(key).to_bytes(2, "big") + key
    if len(_prefixes) < _ROOM:
        _prefixes[key] = prefix
    return prefix
