"""Helps for bare descriptors."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from ropewalk.internet import main
from ropewalk.internet.fdesc import readFromFD, setBlocking, setNonBlocking, writeToFD


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    for end in ends:
        setNonBlocking(end)
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            pass


def test_blockingIsSetAndUnset(pipe: tuple[int, int]) -> None:
    """Both ways, told by the system itself."""
    assert not os.get_blocking(pipe[0])
    setBlocking(pipe[0])
    assert os.get_blocking(pipe[0])


def test_readGivesWhatIsThere(pipe: tuple[int, int]) -> None:
    """Nothing yet is None without a call; data is handed over; the end is CONNECTION_DONE."""
    got: list[bytes] = []
    assert readFromFD(pipe[0], got.append) is None
    assert got == []
    os.write(pipe[1], b"hello")
    assert readFromFD(pipe[0], got.append) is None
    assert got == [b"hello"]
    os.close(pipe[1])
    assert readFromFD(pipe[0], got.append) is main.CONNECTION_DONE


def test_aBadDescriptorIsLost(pipe: tuple[int, int]) -> None:
    """Reading or writing what is not open is CONNECTION_LOST, not an exception."""
    os.close(pipe[0])
    os.close(pipe[1])
    assert readFromFD(pipe[0], lambda data: None) is main.CONNECTION_LOST
    assert writeToFD(pipe[1], b"x") is main.CONNECTION_LOST


def test_writeTakesWhatFits(pipe: tuple[int, int]) -> None:
    """It returns how much that was, and 0 when the pipe is full."""
    assert writeToFD(pipe[1], b"hello") == 5
    taken = writeToFD(pipe[1], bytes(10_000_000))
    assert isinstance(taken, int)
    assert 0 < taken < 10_000_000
    assert writeToFD(pipe[1], bytes(100_000)) == 0
