"""Lines are cut at their delimiter, however the bytes come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk._wire.events import NEED_DATA, TooLong
from ropewalk._wire.lines import FEW, LineReader
from support.cuts import anyCuts, everySize, readAll

CASES = [
    ("nothing", b"", []),
    ("no end", b"abc", []),
    ("empty", b"\r\n", [b""]),
    ("two in a row", b"a\r\nbc\r\n", [b"a", b"bc"]),
    ("empty ones between", b"\r\n\r\na\r\n\r\n", [b"", b"", b"a", b""]),
    ("halves of the delimiter inside", b"a\rb\nc\r\n", [b"a\rb\nc"]),
    ("delimiter after its own beginning", b"a\r\r\nb\r\n", [b"a\r", b"b"]),
    ("at the limit", b"x" * 100 + b"\r\n", [b"x" * 100]),
    ("more than one batch", b"a\r\nbb\r\n" * FEW, [b"a", b"bb"] * FEW),
    ("a tail", b"a\r\ntail\r", [b"a"]),
]


@pytest.mark.parametrize(("wire", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_anySize(wire: bytes, expected: list[bytes]) -> None:
    """The same lines come out for every size of piece."""
    for pieces in everySize(wire):
        assert readAll(LineReader(100), pieces) == expected


@given(st.data(), st.sampled_from([b"\r\n", b"\n", b"\0", b"ab", b"aa", b"--=="]))
def test_roundTrip(data: st.DataObject, delimiter: bytes) -> None:
    """Lines that were joined are the lines that come out, cut anywhere."""
    # A line that ends as the delimiter begins would move the cut; that is the writer's to avoid.
    line = st.binary(max_size=30).filter(lambda line: delimiter not in line + delimiter[:-1])
    lines = data.draw(st.lists(line, max_size=40))
    wire = b"".join([line + delimiter for line in lines])
    reader = LineReader(30, delimiter)
    assert readAll(reader, data.draw(anyCuts(wire))) == lines
    assert reader.rest() == b""


@pytest.mark.parametrize("end", [b"\r\n", b"", b"\r"])
def test_lineOverTheLimit(end: bytes) -> None:
    """A line of one byte more than the limit is refused, with its end or without."""
    reader = LineReader(10)
    reader.feed(b"ok\r\n" + b"x" * 12 + end)
    assert reader.next() == b"ok"
    with pytest.raises(TooLong) as caught:
        reader.next()
    assert caught.value.limit == 10
    assert caught.value.size >= 12
    assert "over the limit of 10" in str(caught.value)


def test_lineAtTheLimitWaitsForItsEnd() -> None:
    """A line exactly as long as allowed, half of whose delimiter has come, may still end well."""
    reader = LineReader(10)
    reader.feed(b"x" * 10 + b"\r")
    assert reader.next() is NEED_DATA
    reader.feed(b"\n")
    assert reader.next() == b"x" * 10


def test_restIsAllThatWasNotRead() -> None:
    """What follows the lines can be taken as it is, delimiters and all."""
    reader = LineReader(100)
    reader.feed(b"header\r\nbody\r\nmore\r")
    assert reader.next() == b"header"
    assert reader.rest() == b"body\r\nmore\r"
    assert reader.next() is NEED_DATA
    reader.feed(b"again\r\n")
    assert reader.next() == b"again"


@given(st.data())
def test_garbageRaisesNothingElse(data: st.DataObject) -> None:
    """Any bytes give lines within the limit, or `TooLong`; and what waits stays bounded."""
    wire = data.draw(st.binary(max_size=300))
    reader = LineReader(20)
    try:
        lines = readAll(reader, data.draw(anyCuts(wire)))
    except TooLong:
        return
    assert all(len(line) <= 20 for line in lines)
    assert b"".join([line + b"\r\n" for line in lines]) + reader.rest() == wire
