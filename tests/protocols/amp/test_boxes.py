"""Boxes are keys and values behind their lengths, however they are cut; what is none is refused early."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk._wire.events import NEED_DATA, TooLong
from ropewalk.protocols import amp
from ropewalk.protocols._wire.boxes import MAX_PAIRS, BoxReader, encode
from support.cuts import anyCuts, everySize, readAll

CASES: list[tuple[str, bytes, list[dict[bytes, bytes]]]] = [
    ("nothing", b"", []),
    ("no pairs", b"\0\0", [{}]),
    ("one", b"\0\1a\0\1b\0\0", [{b"a": b"b"}]),
    ("an empty value", b"\0\1a\0\0\0\0", [{b"a": b""}]),
    ("the last one counts", b"\0\1a\0\1b\0\1a\0\1c\0\0", [{b"a": b"c"}]),
    ("two", b"\0\1a\0\1b\0\0\0\2cd\0\0\0\0", [{b"a": b"b"}, {b"cd": b""}]),
    ("one that is incomplete", b"\0\1a\0\1b\0\0\0\1c\0\5xy", [{b"a": b"b"}]),
    ("at the limits", b"\0\xff" + b"k" * 255 + b"\xff\xff" + b"v" * 65535 + b"\0\0", [{b"k" * 255: b"v" * 65535}]),
]

SMALL = [case for case in CASES if len(case[1]) < 100]


@pytest.mark.parametrize(("wire", "expected"), [case[1:] for case in SMALL], ids=[case[0] for case in SMALL])
def test_anySize(wire: bytes, expected: list[dict[bytes, bytes]]) -> None:
    """The same boxes come out for every size of piece."""
    for pieces in everySize(wire):
        assert readAll(BoxReader(dict), pieces) == expected


def test_atTheLimits() -> None:
    """The longest key and the longest value that there can be pass, whole and a byte at a time."""
    _, wire, expected = CASES[-1]
    assert readAll(BoxReader(dict), [wire]) == expected
    assert readAll(BoxReader(dict), [bytes([byte]) for byte in wire]) == expected


@given(st.data())
def test_roundTrip(data: st.DataObject) -> None:
    """Boxes that were written are the boxes that come out, cut anywhere."""
    box = st.dictionaries(st.binary(min_size=1, max_size=10), st.binary(max_size=20), max_size=5)
    boxes = data.draw(st.lists(box, max_size=5))
    wire = b"".join([encode(each.items()) for each in boxes])
    assert readAll(BoxReader(dict), data.draw(anyCuts(wire))) == boxes


@given(st.data())
def test_garbageRaisesNothingElse(data: st.DataObject) -> None:
    """Any bytes give boxes, or `TooLong`, and the same ones however they are cut."""
    wire = data.draw(st.binary(max_size=60))

    def outcome(pieces: list[bytes]) -> list[Any]:
        found: list[Any] = []
        reader = BoxReader(dict, 40)
        try:
            for piece in pieces:
                reader.feed(piece)
                while (box := reader.next()) is not NEED_DATA:
                    found.append(box)
        except TooLong as problem:
            found.append(problem.what)
        return found

    assert outcome(data.draw(anyCuts(wire))) == outcome([wire])


def test_firstByteTells() -> None:
    """A stream that is no AMP is refused when its first byte is there, and again when asked again."""
    reader = BoxReader(dict)
    reader.feed(b"G")
    for _ in range(2):
        with pytest.raises(TooLong) as caught:
            reader.next()
        assert (caught.value.what, caught.value.limit) == ("key", 255)


def test_endlessBox() -> None:
    """A box that goes on for ever is refused at its limit, before its end is in sight; one byte less is taken."""
    box = encode([(b"a", b"x" * 20), (b"b", b"y" * 20)])
    assert readAll(BoxReader(dict, len(box)), [box]) == [{b"a": b"x" * 20, b"b": b"y" * 20}]
    reader = BoxReader(dict, len(box) - 1)
    reader.feed(box)
    with pytest.raises(TooLong, match=f"box of {len(box)} bytes or more is over the limit of {len(box) - 1}"):
        reader.next()
    endless = BoxReader(dict, 100)
    with pytest.raises(TooLong):
        for _ in range(40):
            endless.feed(b"\0\1a\0\0")  # always the same key: it needs no memory, and never ends
            endless.next()


def test_manyKeys() -> None:
    """A box may have so many keys and not one more."""
    pairs = [(b"%d" % number, b"") for number in range(MAX_PAIRS + 1)]
    assert len(readAll(BoxReader(dict), [encode(pairs[:-1])])) == 1
    with pytest.raises(TooLong, match="number of keys"):
        readAll(BoxReader(dict), [encode(pairs)])


def test_restIsWhatWasNotRead() -> None:
    """What follows the last box comes out as it came in."""
    reader = BoxReader(dict)
    reader.feed(b"\0\1a\0\1b\0\0GE")
    reader.feed(b"T /")
    assert reader.next() == {b"a": b"b"}
    assert reader.rest() == b"GET /"
    reader.feed(b"\0\0")
    assert reader.next() == {}


def test_box() -> None:
    """A box is a dictionary of bytes; keys that are text are made bytes (AM6)."""
    box = amp.Box({"b": b"1", b"a": b"2"}, c=b"3")
    assert box == {b"b": b"1", b"a": b"2", b"c": b"3"}
    assert box.serialize() == b"\0\1a\0\0012\0\1b\0\0011\0\1c\0\0013\0\0"
    assert repr(amp.QuitBox(a=b"1")) == "QuitBox(**{b'a': b'1'})"
    copied = box.copy()
    copied[b"a"] = b"other"
    assert (type(copied), box[b"a"]) == (amp.AmpBox, b"2")


@pytest.mark.parametrize(("key", "value"), [(b"k" * 256, b""), (b"k", b"v" * 65536)])
def test_tooLongToSend(key: bytes, value: bytes) -> None:
    """What doesn't fit into a box is our own mistake, and says what it is."""
    with pytest.raises(amp.TooLong) as caught:
        amp.Box({key: value}).serialize()
    problem = caught.value
    assert problem.isLocal
    assert (problem.isKey, problem.value, problem.keyName) == (
        (True, key, None) if value == b"" else (False, value, b"k")
    )
    assert "bytes" in str(problem)


@pytest.mark.parametrize("box", [{b"a": "text"}, {b"a": 1}, {1: b"a"}])
def test_bytesOnly(box: Any) -> None:
    """Anything but bytes is refused, with its value."""
    with pytest.raises(TypeError, match="takes bytes only"):
        amp.Box(box).serialize()


def test_emptyKey() -> None:
    """An empty key would end the box."""
    with pytest.raises(amp.MalformedAmpBox, match="empty key"):
        amp.Box({b"": b"1"}).serialize()


def test_parse() -> None:
    """Boxes are read from strings and files, without a connection."""
    data = amp.Box(a=b"1").serialize() + amp.Box(b=b"2").serialize()
    assert amp.parseString(data) == amp.parse(io.BytesIO(data)) == [{b"a": b"1"}, {b"b": b"2"}]
    assert amp.parseString(data[:-1]) == [{b"a": b"1"}]
    with pytest.raises(amp.TooLong):
        amp.parseString(b"GET / HTTP/1.1")
