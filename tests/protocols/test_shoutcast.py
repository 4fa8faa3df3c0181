"""SHOUTcast: what is asked, and what of a station's stream is music and what a title."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk._wire.events import NEED_DATA, RemoteProtocolError
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols._wire.shoutcast import Metadata, Music, Reader, parseMetadata
from ropewalk.protocols.shoutcast import ShoutcastClient


class Listener(ShoutcastClient):
    """Keeps what it hears."""

    def __init__(self, path: Any = "/") -> None:
        super().__init__(path)
        self.headers: dict[bytes, bytes] = {}
        self.music = b""
        self.titles: list[Any] = []

    def handleHeader(self, key: bytes, value: bytes) -> None:
        self.headers[key] = value

    def gotMP3Data(self, data: bytes) -> None:
        self.music += data

    def gotMetaData(self, metadata: list[tuple[str, str]]) -> None:
        self.titles.append(metadata)


def tuned(data: bytes, size: int = 10**6, path: Any = "/") -> tuple[Listener, StringTransport]:
    client, transport = Listener(path), StringTransport()
    client.makeConnection(transport)
    for at in range(0, len(data), size):
        client.dataReceived(data[at : at + size])
    return client, transport


TITLE = b"StreamTitle='It's; a';StreamUrl='';"
STREAM = (
    b"ICY 200 OK\r\nicy-name: Rope FM\r\nicy-metaint:4\r\n\r\nabcd" + b"\3" + TITLE.ljust(48, b"\0") + b"efgh\0ijkl\0mn"
)


@pytest.mark.parametrize("path", ["/x", b"/x"])
def test_request(path: Any) -> None:
    """The station is asked for, with its titles."""
    _, transport = tuned(b"", path=path)
    lines = transport.value().split(b"\r\n")
    assert lines[0] == b"GET /x HTTP/1.0"
    assert b"Icy-MetaData: 1" in lines
    assert transport.value().endswith(b"\r\n\r\n")


def test_badPath() -> None:
    """A path that would be another request is refused before anything is sent."""
    client, transport = Listener("/x HTTP/1.0\r\nHost: other"), StringTransport()
    with pytest.raises(ValueError, match="no spaces"):
        client.makeConnection(transport)
    assert transport.value() == b""
    assert transport.disconnecting


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_stream(size: int) -> None:
    """Music and titles are told apart, however the stream is cut; a text that is empty is no news."""
    client, transport = tuned(STREAM, size)
    assert client.headers == {b"icy-name": b"Rope FM", b"icy-metaint": b"4"}
    assert client.music == b"abcdefghijklmn"
    assert client.titles == [[("StreamTitle", "It's; a"), ("StreamUrl", "")]]
    assert not transport.disconnecting


def test_withoutTitles() -> None:
    """A server that hides nothing sends music only."""
    client, _ = tuned(b"HTTP/1.0 200 OK\nContent-Type: audio/mpeg\n\nab\0cd", 3)
    assert client.music == b"ab\0cd"


@pytest.mark.parametrize(
    "answer",
    [
        b"ICY 404 Not Found\r\n\r\nmusic",
        b"SSH-2.0-x\r\n\r\nmusic",
        b"ICY 200 OK\r\nno header\r\n\r\nmusic",
        b"ICY 200 OK\r\nicy-metaint: -1\r\n\r\nmusic",
        b"ICY 200 OK\r\nicy-metaint: 99999999999\r\n\r\nmusic",
        b"x" * 5000,
        b"ICY 200 OK\r\n" + b"a: b\r\n" * 101 + b"\r\nmusic",
    ],
)
def test_refused(answer: bytes) -> None:
    """A server that refuses, or is none, is given up; nothing of what it sends is music."""
    client, transport = tuned(answer)
    assert client.music == b""
    assert transport.disconnecting


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        (b"StreamTitle='a';", [("StreamTitle", "a")]),
        (b"A='1';B='2'\0\0", [("A", "1"), ("B", "2")]),
        (b"A='x';y';B='2';", [("A", "x';y"), ("B", "2")]),
        (b"A='\xc3\xa9';B='\xe9';", [("A", "\xe9"), ("B", "\xe9")]),
        (b"junk", []),
        (b"", []),
        (b"';';", []),
    ],
)
def test_metadata(text: bytes, pairs: list[tuple[str, str]]) -> None:
    """Each pair is found, quotes in values and old encodings included."""
    assert parseMetadata(text) == pairs


def events(data: bytes, cuts: int) -> tuple[list[Any], bytes]:
    """Return all but the music, which is cut as the stream is, and the music."""
    reader, found, music = Reader(), list[Any](), b""
    try:
        for at in range(0, len(data), cuts):
            reader.feed(data[at : at + cuts])
            while (event := reader.next()) is not NEED_DATA:
                if isinstance(event, Music):
                    music += event.data
                else:
                    found.append(event)
    except RemoteProtocolError as problem:
        found.append(type(problem))
    return found, music


@given(st.lists(st.sampled_from([b"ICY 200 ", b"\r\n", b"\n", b"icy-metaint:", b"2", b"a:b", b"\1", b"\0" * 16])))
def test_anyBytes(parts: list[bytes]) -> None:
    """Any bytes read the same in one piece and one by one; nothing unforeseen is raised."""
    data = b"".join(parts)
    assert events(data, 1) == events(data, max(1, len(data)))


@given(st.binary())
def test_anyText(text: bytes) -> None:
    """Any text has pairs, or none."""
    assert all(len(pair) == 2 for pair in parseMetadata(text))
    assert Metadata(text).text is text
