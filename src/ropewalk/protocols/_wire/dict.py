"""DICT: statuses, the texts that follow some of them, and commands.

Spec: RFC 2229.
"""

from __future__ import annotations

from dataclasses import dataclass

from ropewalk._wire.events import NEED_DATA, LocalProtocolError, NeedData, RemoteProtocolError, TooLong
from ropewalk._wire.lines import LineReader

__all__ = ["Reader", "Status", "Text", "command", "words"]

# RFC 2229 §2.3: lines have at most 1024 characters; servers are known to send longer ones in texts.
MAX_LINE = 16384
# The longest texts accepted in one answer, in bytes: all that is known of a word, or a list of all databases.
MAX_TEXT = 2**22

# The statuses that a text follows (RFC 2229 §3.2 to §3.6).
WITH_TEXT = frozenset({110, 111, 112, 113, 114, 151, 152})


@dataclass(frozen=True, slots=True)
class Status:
    """What a server says in one line."""

    code: int
    text: bytes


@dataclass(frozen=True, slots=True)
class Text:
    """The lines that follow a status, without their ends."""

    lines: tuple[bytes, ...]


class Reader:
    """Read what a server sends."""

    __slots__ = ("_lines", "_size", "_text")

    def __init__(self) -> None:
        self._lines = LineReader(MAX_LINE)
        self._text: list[bytes] | None = None  # the text that comes now
        self._size = 0  # of the texts of this answer

    def feed(self, data: bytes) -> None:
        """Take bytes from the server."""
        self._lines.feed(data)

    def next(self) -> Status | Text | NeedData:
        """Return the next event, or `NEED_DATA`.

        Raises:
            RemoteProtocolError: this is no DICT server.
            TooLong: a line or a text is over its limit.
        """
        while (line := self._lines.next()) is not NEED_DATA:
            if self._text is None:
                return self._status(line)
            if line == b".":
                text, self._text = self._text, None
                return Text(tuple(text))
            self._count(line)
            # A line that begins with a period is sent with one more (RFC 2229 §2.4.1). dictd 1.13 does not do so.
            self._text.append(line[1:] if line.startswith(b"..") else line)
        return NEED_DATA

    def _status(self, line: bytes) -> Status:
        code, text = line[:3], line[3:]
        if not (len(code) == 3 and code.isdigit() and code[:1] in b"12345" and text[:1] in (b"", b" ")):
            raise RemoteProtocolError(f"{line[:80]!r} is no status")
        status = Status(int(code), text.strip())
        if status.code in WITH_TEXT:
            self._text = []
            self._count(line)
        elif status.code >= 200:
            self._size = 0  # the answer is over
        return status

    def _count(self, line: bytes) -> None:
        self._size += len(line) + 2
        if self._size > MAX_TEXT:
            raise TooLong("answer", self._size, MAX_TEXT)


def command(*parts: str) -> bytes:
    """Return a command's line: each part is one word to the server, whatever is in it.

    Raises:
        LocalProtocolError: a part holds a line's end or another control character, or all of it is too long.
    """
    line = b" ".join([_quote(part) for part in parts]) + b"\r\n"
    if len(line) > 1024:
        raise LocalProtocolError(f"a command of {len(line)} bytes is over the limit of 1024")
    return line


def _quote(part: str) -> bytes:
    if any(ord(character) < 32 or ord(character) == 127 for character in part):
        raise LocalProtocolError(f"{part!r} holds control characters")
    if part and not any(character in " \"'\\" for character in part):
        return part.encode("utf-8")
    return b'"' + part.replace("\\", "\\\\").replace('"', '\\"').encode("utf-8") + b'"'


def words(text: bytes) -> list[str]:
    """Cut a text into words; quotes hold some together, and a backslash takes the next for what it is.

    Spec: RFC 2229 §2.2.
    """
    found: list[str] = []
    word: list[str] | None = None  # the one that is being read
    closing = ""  # the quote that ends what is held together
    characters = iter(text.decode("utf-8", "replace"))
    for character in characters:
        if not closing and character in " \t":
            if word is not None:
                found.append("".join(word))
            word = None
            continue
        if word is None:
            word = []
        if character == "\\":
            word.append(next(characters, ""))
        elif character == closing:
            closing = ""
        elif not closing and character in "\"'":
            closing = character
        else:
            word.append(character)
    if word is not None:
        found.append("".join(word))
    return found
