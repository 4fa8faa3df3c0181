"""Bytes wait in a buffer and come out in the order and the sizes that were asked for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ropewalk._wire.buffer import Buffer
from ropewalk._wire.events import NEED_DATA


def test_takesExactlyOrNothing() -> None:
    """Too few bytes are left where they are."""
    buffer = Buffer()
    buffer.feed(b"abc")
    assert buffer.take(4) is NEED_DATA
    assert buffer.take(3) == b"abc"
    assert buffer.take(1) is NEED_DATA
    assert buffer.take(0) == b""


def test_takesAcrossPieces() -> None:
    """What came in pieces is one stream."""
    buffer = Buffer()
    for piece in (b"ab", b"", b"c", b"def"):
        buffer.feed(piece)
    assert len(buffer) == 6
    assert buffer.take(5) == b"abcde"
    assert buffer.rest() == b"f"
    assert len(buffer) == 0


def test_peekLeavesEverything() -> None:
    """Looking changes nothing, and sees what there is when that is less."""
    buffer = Buffer()
    buffer.feed(b"a")
    buffer.feed(b"bc")
    assert buffer.peek(2) == b"ab"
    assert buffer.peek(9) == b"abc"
    assert buffer.take(3) == b"abc"
    assert buffer.peek(1) == b""


def test_settledBufferKeepsNoChunkAlive() -> None:
    """A byte that waits does not hold the 64 KiB that it came with."""
    buffer = Buffer()
    buffer.feed(b"x" * 65536)
    buffer.take(65535)
    buffer.settle()
    assert len(buffer._head) == 1
    buffer.take(1)
    assert buffer._head == b""


@given(st.lists(st.one_of(st.binary(max_size=20), st.integers(0, 30))))
def test_behavesAsOneString(steps: list[bytes | int]) -> None:
    """Whatever is put in and taken out, it is as if it were one string."""
    buffer, model = Buffer(), b""
    for step in steps:
        if isinstance(step, bytes):
            buffer.feed(step)
            model += step
        elif step > len(model):
            assert buffer.peek(step) == model
            assert buffer.take(step) is NEED_DATA
        else:
            if step % 3 == 0:
                buffer.settle()
            assert buffer.take(step) == model[:step]
            model = model[step:]
        assert len(buffer) == len(model)
    assert buffer.rest() == model
