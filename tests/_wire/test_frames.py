"""Frames are a length and that many bytes, however they come."""

from __future__ import annotations

from struct import Struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk._wire.events import NEED_DATA, LocalProtocolError, TooLong
from ropewalk._wire.frames import FrameReader, frame
from support.cuts import anyCuts, everySize, readAll

SHORT = Struct("!H")
PREFIXES = [Struct("!B"), SHORT, Struct("!I"), Struct("<H"), Struct("!Q")]

CASES = [
    ("nothing", b"", []),
    ("half a length", b"\0", []),
    ("empty", b"\0\0", [b""]),
    ("two in a row", b"\0\2hi\0\3you", [b"hi", b"you"]),
    ("empty ones between", b"\0\0\0\0\0\1a\0\0", [b"", b"", b"a", b""]),
    ("at the limit", b"\0\x64" + b"x" * 100, [b"x" * 100]),
    ("one that is incomplete", b"\0\1a\0\5bcde", [b"a"]),
]


@pytest.mark.parametrize(("wire", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_anySize(wire: bytes, expected: list[bytes]) -> None:
    """The same frames come out for every size of piece."""
    for pieces in everySize(wire):
        assert readAll(FrameReader(SHORT, 100), pieces) == expected


@given(st.data(), st.sampled_from(PREFIXES))
def test_roundTrip(data: st.DataObject, prefix: Struct) -> None:
    """Bodies that were framed are the bodies that come out, cut anywhere."""
    bodies = data.draw(st.lists(st.binary(max_size=50), max_size=10))
    wire = b"".join([frame(prefix, body) for body in bodies])
    reader = FrameReader(prefix, 50)
    assert readAll(reader, data.draw(anyCuts(wire))) == bodies
    assert len(reader) == 0


def test_overTheLimitIsKnownByTheLength() -> None:
    """A length above the limit is refused before any of the frame has come; asking again says the same."""
    reader = FrameReader(SHORT, 10)
    reader.feed(b"\0\x0b")
    for _ in range(2):
        with pytest.raises(TooLong) as caught:
            reader.next()
        assert (caught.value.size, caught.value.limit) == (11, 10)
    assert reader.rest() == b"\0\x0b"


def test_raisedLimitLetsTheFramePass() -> None:
    """A frame that was refused can be taken after all."""
    reader = FrameReader(SHORT, 1)
    reader.feed(b"\0\2hi")
    with pytest.raises(TooLong):
        reader.next()
    reader.limit = 2
    assert reader.next() == b"hi"


def test_restIncludesALengthThatWasRead() -> None:
    """What was not read comes out as it came in."""
    reader = FrameReader(SHORT, 100)
    reader.feed(b"\0\1a\0\5bc")
    assert reader.next() == b"a"
    assert reader.next() is NEED_DATA
    assert reader.rest() == b"\0\5bc"


def test_signedLength() -> None:
    """A length that reads as negative is a very long one, and never less than nothing."""
    reader = FrameReader(Struct("!h"), 100)
    reader.feed(b"\0\1a\xff\xfe")
    assert reader.next() == b"a"
    with pytest.raises(TooLong) as caught:
        reader.next()
    assert caught.value.size == 65534
    assert reader.rest() == b"\xff\xfe"


def test_bodyTooLongForItsPrefix() -> None:
    """What can't be framed is our own mistake, on one side of the edge and not on the other."""
    assert len(frame(SHORT, b"x" * 65535)) == 65537
    with pytest.raises(LocalProtocolError, match="65536 bytes"):
        frame(SHORT, b"x" * 65536)


@given(st.data())
def test_garbageRaisesNothingElse(data: st.DataObject) -> None:
    """Any bytes give frames within the limit, or `TooLong`."""
    wire = data.draw(st.binary(max_size=200))
    try:
        bodies = readAll(reader := FrameReader(Struct("!B"), 100), data.draw(anyCuts(wire)))
    except TooLong:
        return
    assert b"".join([frame(Struct("!B"), body) for body in bodies]) + reader.rest() == wire
