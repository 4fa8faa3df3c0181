"""SHOUTcast: a reply like HTTP's, then music without end, in which the names of the titles are hidden.

With ``icy-metaint: n`` among the headers, after every n bytes of music there is a byte that says how many times sixteen
bytes of text follow. There is no document of it but the servers.
"""

from __future__ import annotations

from dataclasses import dataclass

from ropewalk._wire.events import NEED_DATA, NeedData, RemoteProtocolError, TooLong

__all__ = ["END", "Header", "Metadata", "Music", "Reader", "Status", "parseMetadata"]

# The longest line, and the most headers, of a server that means well.
MAX_LINE = 4096
MAX_HEADERS = 100


@dataclass(frozen=True, slots=True)
class Status:
    """How the reply begins: ``ICY 200 OK``, or as HTTP."""

    version: bytes
    code: bytes
    message: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """A header; the key in lower case. An empty key ends them: `END`."""

    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Music:
    """A part of the music, as it came."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Metadata:
    """The text between, padded with zeros to a multiple of sixteen. Mostly it is empty: nothing has changed."""

    text: bytes


END = Header(b"", b"")

Event = Status | Header | Music | Metadata


class Reader:
    """Read what a server sends."""

    __slots__ = ("_buffer", "_headers", "_interval", "_isMusic", "_left")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._headers = -1  # how many came; -1 before the status
        self._interval = 0  # bytes of music from one text to the next; 0 for no texts
        self._left = 0  # how many of them come before the next text
        self._isMusic = False

    def feed(self, data: bytes) -> None:
        """Take bytes from the server."""
        self._buffer += data

    def next(self) -> Event | NeedData:
        """Return the next event, or `NEED_DATA`.

        Raises:
            RemoteProtocolError: this is no SHOUTcast server.
            TooLong: a line, or the headers, are.
        """
        return self._music() if self._isMusic else self._line()

    def _line(self) -> Event | NeedData:
        end = self._buffer.find(b"\n")
        size = len(self._buffer) if end < 0 else end
        if size > MAX_LINE:
            raise TooLong("line", size, MAX_LINE)
        if end < 0:
            return NEED_DATA
        line = bytes(self._buffer[:end]).removesuffix(b"\r")
        del self._buffer[: end + 1]
        self._headers += 1
        if self._headers == 0:
            return _status(line)
        if not line:
            self._isMusic = True
            self._left = self._interval
            return END
        if self._headers > MAX_HEADERS:
            raise TooLong("list of headers", self._headers, MAX_HEADERS)
        return self._header(line)

    def _header(self, line: bytes) -> Header:
        key, colon, value = line.partition(b":")
        header = Header(key.strip().lower(), value.strip())
        if not colon or not header.key:
            raise RemoteProtocolError(f"{line[:80]!r} is no header")
        if header.key == b"icy-metaint":
            if not header.value.isdigit() or len(header.value) > 9:
                raise RemoteProtocolError(f"the server sends texts every {header.value[:80]!r} bytes")
            self._interval = int(header.value)
        return header

    def _music(self) -> Event | NeedData:
        buffer = self._buffer
        if not buffer:
            return NEED_DATA
        if not self._interval:
            music = bytes(buffer)
            buffer.clear()
            return Music(music)
        if self._left:
            music = bytes(buffer[: self._left])
            del buffer[: self._left]
            self._left -= len(music)
            return Music(music)
        end = 1 + buffer[0] * 16
        if len(buffer) < end:
            return NEED_DATA
        text = bytes(buffer[1:end])
        del buffer[:end]
        self._left = self._interval
        return Metadata(text)


def _status(line: bytes) -> Status:
    version, _, rest = line.partition(b" ")
    code, _, message = rest.strip().partition(b" ")
    if (version != b"ICY" and not version.startswith(b"HTTP/")) or not (code.isdigit() and len(code) == 3):
        raise RemoteProtocolError(f"{line[:80]!r} is no SHOUTcast server's beginning")
    return Status(version, code, message)


def parseMetadata(text: bytes) -> list[tuple[str, str]]:
    """Read ``key='value';key='value';``. A value may hold quotes, even ``';``; what is neither is left out.

    Titles are UTF-8, or what old servers write: every other byte is taken for Latin-1.
    """
    pairs: list[tuple[bytes, bytes]] = []
    *pieces, rest = text.rstrip(b"\0").split(b"';")
    if rest.endswith(b"'"):
        pieces.append(rest[:-1])
    for piece in pieces:
        key, equals, value = piece.partition(b"='")
        if equals and key and b"'" not in key and b";" not in key:
            pairs.append((key.strip(), value))
        elif pairs:
            pairs[-1] = pairs[-1][0], pairs[-1][1] + b"';" + piece
    return [(_text(key), _text(value)) for key, value in pairs]


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
