"""Memcached's text protocol: what a client sends, and what the server's bytes mean.

A server answers commands in the order in which they came, without naming them: whoever reads has to know what was
asked. `ANSWERS` says which answers each command may get.

Spec: memcached's ``doc/protocol.txt``.
"""

from __future__ import annotations

from dataclasses import dataclass

from ropewalk._wire.events import NEED_DATA, LocalProtocolError, NeedData, RemoteProtocolError, TooLong

__all__ = ["ANSWERS", "ERRORS", "NUMBER", "Item", "Line", "ReplyReader", "ask", "store"]

# The word for a line that is a number and has none.
NUMBER = b"(number)"

# What the server may say to any command.
ERRORS = frozenset({b"ERROR", b"CLIENT_ERROR", b"SERVER_ERROR"})

_STORE = frozenset({b"STORED", b"NOT_STORED"})
_FETCH = frozenset({b"VALUE", b"END"})
_COUNT = frozenset({NUMBER, b"NOT_FOUND"})

# What it may say to each, besides.
ANSWERS: dict[bytes, frozenset[bytes]] = {
    b"get": _FETCH,
    b"gets": _FETCH,
    b"set": _STORE,
    b"add": _STORE,
    b"replace": _STORE,
    b"append": _STORE,
    b"prepend": _STORE,
    b"cas": frozenset({b"STORED", b"EXISTS", b"NOT_FOUND"}),
    b"incr": _COUNT,
    b"decr": _COUNT,
    b"delete": frozenset({b"DELETED", b"NOT_FOUND"}),
    b"stats": frozenset({b"STAT", b"END", b"RESET"}),
    b"version": frozenset({b"VERSION"}),
    b"flush_all": frozenset({b"OK"}),
}

_WORDS = frozenset().union(ERRORS, *ANSWERS.values()) - {NUMBER}

# 2**64 - 1, the greatest number that is counted with, has so many digits.
_MAX_DIGITS = 20


# What is sent.


def ask(word: bytes, keys: list[bytes], keyLimit: int, *rest: bytes) -> bytes:
    """Return a command that is one line.

    Raises:
        LocalProtocolError: a key would not arrive as one key, or is over the limit.
    """
    for key in keys:
        _checkKey(key, keyLimit)
    return b" ".join([word, *keys, *rest]) + b"\r\n"


def store(
    word: bytes, key: bytes, value: bytes, flags: int, expiry: int, keyLimit: int, cas: bytes | None = None
) -> bytes:
    """Return a command that carries a value.

    Raises:
        LocalProtocolError: as `ask`; or the value isn't bytes, or the identifier no number.
    """
    _checkKey(key, keyLimit)
    if not isinstance(value, bytes):
        raise LocalProtocolError(f"a value has to be bytes, not {type(value).__name__}")
    head = b"%b %b %d %d %d" % (word, key, flags, expiry, len(value))
    if word == b"cas":
        if not isinstance(cas, bytes) or not cas.isdigit():
            raise LocalProtocolError(f"what get gave as identifier are digits, in bytes, not {cas!r}")
        head += b" " + cas
    return b"%b\r\n%b\r\n" % (head, value)


def _checkKey(key: bytes, limit: int) -> None:
    if not isinstance(key, bytes):
        raise LocalProtocolError(f"a key has to be bytes, not {type(key).__name__}")
    if len(key) > limit:
        raise LocalProtocolError(f"a key of {len(key)} bytes is over the limit of {limit}")
    # "The key must not include control characters or whitespace": a key that does would be another command.
    if not key or any(byte <= 32 or byte == 127 for byte in key):
        raise LocalProtocolError(f"a key has a byte at least, and no space or control character: {key!r}")


# What comes.


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its first word, and what is behind it (for a `NUMBER` the number itself)."""

    word: bytes
    rest: bytes


@dataclass(frozen=True, slots=True)
class Item:
    """A value, whole. It follows the `Line` that announced it, whose word is ``VALUE``."""

    key: bytes
    flags: int
    cas: bytes
    value: bytes


class ReplyReader:
    """Cut what a server sends into lines and values.

    Args:
        lineLimit: longest line accepted, in bytes, without its end.
        valueLimit: longest value accepted, in bytes.
    """

    __slots__ = ("_announced", "_at", "_buffer", "_lineLimit", "_needed", "_valueLimit")

    def __init__(self, lineLimit: int, valueLimit: int) -> None:
        self._lineLimit = lineLimit
        self._valueLimit = valueLimit
        self._buffer = bytearray()
        self._at = 0  # where what was not read yet begins
        self._announced: tuple[bytes, int, bytes] | None = None  # the value that comes now: key, flags, identifier
        self._needed = 0  # its length

    def feed(self, data: bytes) -> None:
        """Take bytes from the server."""
        if self._at:
            del self._buffer[: self._at]
            self._at = 0
        self._buffer += data

    def next(self) -> Line | Item | NeedData:
        """Return the next event, or `NEED_DATA` until one is complete.

        Raises:
            TooLong: a line or a value is over its limit.
            RemoteProtocolError: these are not the bytes of a memcached server.
        """
        if self._announced is not None:
            return self._item(self._announced)
        end = self._buffer.find(b"\r\n", self._at)
        size = (len(self._buffer) if end < 0 else end) - self._at
        # Of a line without an end yet, the last byte may be the end's first.
        if size > self._lineLimit + (end < 0):
            raise TooLong("line", size, self._lineLimit)
        if end < 0:
            return NEED_DATA
        line = bytes(self._buffer[self._at : end])
        self._at = end + 2
        word, _, rest = line.partition(b" ")
        if word == b"VALUE":
            self._announce(rest)
        elif word not in _WORDS:
            return Line(NUMBER, _number(line))
        return Line(word, rest)

    def _announce(self, text: bytes) -> None:
        """Read ``key flags length [identifier]``."""
        words = text.split(b" ")
        if len(words) not in (3, 4) or not all(word.isdigit() and len(word) <= _MAX_DIGITS for word in words[1:]):
            raise RemoteProtocolError(f"the server announced a value by {text[:80]!r}")
        size = int(words[2])
        if size > self._valueLimit:
            raise TooLong("value", size, self._valueLimit)
        self._announced = words[0], int(words[1]), words[3] if len(words) == 4 else b""
        self._needed = size

    def _item(self, announced: tuple[bytes, int, bytes]) -> Item | NeedData:
        """Return the value that was announced, once it is there."""
        end = self._at + self._needed
        if len(self._buffer) < end + 2:
            return NEED_DATA
        if self._buffer[end : end + 2] != b"\r\n":
            raise RemoteProtocolError(f"the server's value of {announced[0]!r} is longer than it said")
        value = bytes(self._buffer[self._at : end])
        self._at = end + 2
        self._announced = None
        key, flags, cas = announced
        return Item(key, flags, cas, value)


def _number(line: bytes) -> bytes:
    """Check that a line that begins with no word is a number. Servers pad one that became shorter with spaces."""
    digits = line.rstrip(b" ")
    if not digits.isdigit() or len(digits) > _MAX_DIGITS:
        raise RemoteProtocolError(f"the server sent a line that begins with no word we know: {line[:80]!r}")
    return digits
