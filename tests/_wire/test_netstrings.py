"""Netstrings are read as strictly as their author wrote them down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk._wire.events import NEED_DATA, RemoteProtocolError, TooLong
from ropewalk._wire.netstrings import MalformedNetstring, NetstringReader, netstring
from support.cuts import anyCuts, everySize, readAll

GOOD = [
    ("nothing", b"", []),
    ("empty", b"0:,", [b""]),
    ("the author's", b"12:hello world!,", [b"hello world!"]),
    ("two in a row", b"1:a,2:bc,", [b"a", b"bc"]),
    ("with its own marks inside", b"5:1:a,:,", [b"1:a,:"]),
    ("at the limit", b"100:" + b"x" * 100 + b",", [b"x" * 100]),
    ("half a length", b"1", []),
    ("no comma yet", b"1:a", []),
]
MALFORMED = [
    b"a",
    b":",
    b",",
    b"-1:a,",
    b" 1:a,",
    b"1 :a,",
    b"+1:a,",
    b"01:a,",
    b"00:,",
    b"1a:",
    b"1:ab",
    b"1:a;",
    b"\xb2:",
]
LONG = [b"101:", b"101", b"999", b"1000", b"99999999999999999999999999"]


@pytest.mark.parametrize(("wire", "expected"), [case[1:] for case in GOOD], ids=[case[0] for case in GOOD])
def test_anySize(wire: bytes, expected: list[bytes]) -> None:
    """The same strings come out for every size of piece."""
    for pieces in everySize(wire):
        assert readAll(NetstringReader(100), pieces) == expected


@pytest.mark.parametrize("wire", MALFORMED)
def test_whatIsNoNetstring(wire: bytes) -> None:
    """What can't become a netstring is refused, for every size of piece, after the good ones before it."""
    for pieces in everySize(wire):
        with pytest.raises(MalformedNetstring):
            readAll(NetstringReader(100), pieces)
    reader = NetstringReader(100)
    reader.feed(b"1:a," + wire)
    assert reader.next() == b"a"
    with pytest.raises(MalformedNetstring):
        reader.next()


@pytest.mark.parametrize("wire", LONG)
def test_overTheLimit(wire: bytes) -> None:
    """A length above the limit is refused as soon as its digits are there, however many follow."""
    for pieces in everySize(wire):
        with pytest.raises(TooLong) as caught:
            readAll(NetstringReader(100), pieces)
        assert caught.value.limit == 100


def test_limitMayChange() -> None:
    """A new limit holds from the next string on."""
    reader = NetstringReader(9)
    reader.limit = 12
    reader.feed(b"12:hello world!,")
    assert reader.next() == b"hello world!"
    reader.limit = 5
    reader.feed(b"6:")
    with pytest.raises(TooLong):
        reader.next()


@given(st.data())
def test_roundTrip(data: st.DataObject) -> None:
    """Strings that were written are the strings that come out, cut anywhere."""
    strings = data.draw(st.lists(st.binary(max_size=120), max_size=8))
    reader = NetstringReader(120)
    assert readAll(reader, data.draw(anyCuts(b"".join(map(netstring, strings))))) == strings
    assert reader.next() is NEED_DATA


@given(st.data())
def test_garbageRaisesNothingElse(data: st.DataObject) -> None:
    """Any bytes give strings within the limit, or an error that blames the peer."""
    wire = data.draw(st.text(alphabet="0123459:,a", max_size=40)).encode()
    try:
        strings = readAll(reader := NetstringReader(20), data.draw(anyCuts(wire)))
    except RemoteProtocolError:
        return
    assert wire.startswith(b"".join(map(netstring, strings)))
    assert len(reader) <= 24
