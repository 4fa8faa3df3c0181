"""Finger: what a query asks for.

Spec: RFC 1288 §2.3.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Query", "printable", "query"]


@dataclass(frozen=True, slots=True)
class Query:
    """A question about a user.

    Attributes:
        wordy: whether the client asks for more than usual (``/W``).
        user: who; empty for everybody.
        host: where to ask, of ``user@host``; of ``user@one@other`` the last, and the rest stands in ``user``. `None`
            for here.
    """

    wordy: bool
    user: bytes
    host: bytes | None = None


def query(line: bytes) -> Query:
    """Read a query. Every line is one."""
    text = line.strip()
    wordy = text[:2].upper() == b"/W" and text[2:3] in (b"", b" ", b"\t")
    user = text[2:].strip() if wordy else text
    if b"@" not in user:
        return Query(wordy, user)
    user, _, host = user.rpartition(b"@")
    return Query(wordy, user, host)


def printable(text: bytes) -> bytes:
    """Return text without what could command the reader's terminal (RFC 1288 §3.3)."""
    return bytes(byte for byte in text if 32 <= byte < 127 or byte == 9)
