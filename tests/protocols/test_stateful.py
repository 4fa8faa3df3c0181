"""A `StatefulProtocol` gives each state exactly the bytes that it wants."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.internet.testing import StringTransport
from ropewalk.protocols.stateful import StatefulProtocol
from support.cuts import anyCuts, everySize


class Frames(StatefulProtocol):
    """A length of one byte, then that many bytes; a length of 255 is refused by an exception."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []

    def getInitialState(self) -> Any:
        return self.length, 1

    def length(self, data: bytes) -> Any:
        if data == b"\xff":
            raise ValueError("no such length")
        return self.body, data[0]

    def body(self, data: bytes) -> Any:
        self.frames.append(data)
        return self.length, 1


def connected(protocol: StatefulProtocol) -> Any:
    protocol.makeConnection(StringTransport())
    return protocol


def test_anySize() -> None:
    """The same pieces reach the states for every size of cut; a state may want nothing at all."""
    for pieces in everySize(b"\2hi\0\3you\5part"):
        protocol = connected(Frames())
        for piece in pieces:
            protocol.dataReceived(piece)
        assert protocol.frames == [b"hi", b"", b"you"]


@given(st.data())
def test_anyCut(data: st.DataObject) -> None:
    """Frames survive any cut."""
    bodies = data.draw(st.lists(st.binary(max_size=40), max_size=8))
    protocol = connected(Frames())
    for piece in data.draw(anyCuts(b"".join([bytes([len(body)]) + body for body in bodies]))):
        protocol.dataReceived(piece)
    assert protocol.frames == bodies


def test_noneStays() -> None:
    """A state that returns `None` is called again with as many bytes."""

    class Pairs(StatefulProtocol):
        def __init__(self) -> None:
            self.pairs: list[bytes] = []

        def getInitialState(self) -> Any:
            return self.pairs.append, 2

    protocol = connected(Pairs())
    protocol.dataReceived(b"abcde")
    assert protocol.pairs == [b"ab", b"cd"]


def test_wantingNothingForEver() -> None:
    """A state that wants no bytes and stays is not called for ever."""

    class Stuck(StatefulProtocol):
        calls = 0

        def getInitialState(self) -> Any:
            return self.stuck, 0

        def stuck(self, data: bytes) -> None:
            self.calls += 1

    protocol = connected(Stuck())
    protocol.dataReceived(b"x")
    assert protocol.calls == 1


def test_exceptionEndsThePiece() -> None:
    """An exception passes to the transport, and data may come again."""
    protocol = connected(Frames())
    with pytest.raises(ValueError, match="no such length"):
        protocol.dataReceived(b"\1a\xff\1b")
    protocol.dataReceived(b"")
    assert protocol.frames == [b"a", b"b"]


def test_mustBeOverridden() -> None:
    """A protocol without a first state says what to override."""
    with pytest.raises(NotImplementedError, match="getInitialState"):
        connected(StatefulProtocol())
