"""Each answer counts once, answers may overtake each other, and the memory for it is bounded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ropewalk.cred._wire.spent import WINDOW, Spent
from ropewalk.internet.task import Clock

LIFETIME = 900.0


def make(limit: int = 100) -> tuple[Clock, Spent]:
    clock = Clock()
    return clock, Spent(clock.seconds, LIFETIME, limit)


def test_eachCountOnce() -> None:
    """RFC 7616 §3.4: the same count with the same nonce is a replay."""
    _, spent = make()
    assert spent.spend(b"n", 0.0, 1)
    assert not spent.spend(b"n", 0.0, 1)
    assert spent.isSpent(b"n", 1)
    assert spent.spend(b"m", 0.0, 1)


def test_overtaking() -> None:
    """Counts come in any order within the window; one that is further behind nobody can tell from a replay."""
    _, spent = make()
    assert spent.spend(b"n", 0.0, WINDOW + 1)
    assert spent.spend(b"n", 0.0, 2)
    assert not spent.spend(b"n", 0.0, 1)
    assert not spent.spend(b"n", 0.0, 2)


def test_leap() -> None:
    """A leap to the highest count there is costs no memory, and makes the earlier ones old."""
    _, spent = make()
    assert spent.spend(b"n", 0.0, 1)
    assert spent.spend(b"n", 0.0, 0xFFFFFFFF)
    assert not spent.spend(b"n", 0.0, 1)
    assert spent.spend(b"n", 0.0, 0xFFFFFFFE)


def test_lifetime() -> None:
    """A challenge serves for its lifetime, to the moment."""
    clock, spent = make()
    clock.advance(LIFETIME)
    assert not spent.isTooOld(0.0)
    assert spent.spend(b"n", 0.0, 1)
    clock.advance(0.5)
    assert spent.isTooOld(0.0)
    assert not spent.spend(b"n", 0.0, 2)


def test_bounded() -> None:
    """Over the limit the older half is forgotten; nothing that was spent comes back to life."""
    clock, spent = make(limit=10)
    for number in range(25):
        clock.advance(1)
        assert spent.spend(b"%d" % number, clock.seconds(), 1)
        assert len(spent._used) <= 10
    for number in range(25):
        assert not spent.spend(b"%d" % number, number + 1.0, 1)
    assert not spent.isTooOld(clock.seconds())


def test_whatIsTooOldMakesRoomFirst() -> None:
    """Challenges whose time is over go before any other does."""
    clock, spent = make(limit=10)
    for number in range(10):
        spent.spend(b"%d" % number, 0.0, 1)
    clock.advance(LIFETIME + 1)
    assert spent.spend(b"new", clock.seconds(), 1)
    assert len(spent._used) == 1


@given(st.lists(st.integers(0, 3 * WINDOW)))
def test_neverTwice(counts: list[int]) -> None:
    """In whatever order counts come, none is taken twice, and none is refused that is new and in the window."""
    _, spent = make()
    taken: set[int] = set()
    for count in counts:
        fresh = count not in taken and count > max(taken, default=0) - WINDOW
        assert spent.spend(b"n", 0.0, count) is fresh
        if fresh:
            taken.add(count)
