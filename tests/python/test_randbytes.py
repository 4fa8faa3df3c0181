"""Random bytes."""

from __future__ import annotations

import os

import pytest

from ropewalk.python import randbytes
from ropewalk.python.randbytes import RandomFactory, SecureRandomNotAvailable, SourceNotAvailable


def unavailable(nbytes: int) -> bytes:
    raise SourceNotAvailable


@pytest.mark.parametrize("make", [randbytes.secureRandom, randbytes.insecureRandom])
def test_asManyAsAskedFor(make: object) -> None:
    """The length is right, and two are not alike."""
    assert callable(make)
    for size in (0, 1, 16, 1000):
        assert len(make(size)) == size
    assert make(16) != make(16)


def test_sourcesAreTriedInOrder() -> None:
    """The first that has bytes is taken."""
    factory = RandomFactory()
    factory.randomSources = (unavailable, lambda nbytes: b"x" * nbytes)
    assert factory.secureRandom(3) == b"xxx"


def test_withoutASource(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is an error, or a warning and bytes that can be guessed."""
    monkeypatch.setattr(os, "urandom", unavailable)
    with pytest.raises(SecureRandomNotAvailable):
        RandomFactory().secureRandom(3)
    with pytest.warns(UserWarning, match="guessed"):
        assert len(RandomFactory().secureRandom(3, fallback=True)) == 3
