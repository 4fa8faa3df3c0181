"""Versions compare as their releases followed each other."""

from __future__ import annotations

import itertools

import pytest

from ropewalk.python.versions import IncomparableVersions, Version, getVersionString

ORDER = [
    Version("P", 1, 0, 0, release_candidate=1, dev=1),
    Version("P", 1, 0, 0, release_candidate=1),
    Version("P", 1, 0, 0, dev=1),
    Version("P", 1, 0, 0),
    Version("P", 1, 0, 0, post=1),
    Version("P", 1, 0, 1),
    Version("P", 1, 1, 0),
    Version("P", 2, 0, 0),
    Version("P", "NEXT", 0, 0),
]


def test_theOrder() -> None:
    """Each version is before all later ones and equal to itself only."""
    for (i, a), (j, b) in itertools.product(enumerate(ORDER), repeat=2):
        assert (a < b, a <= b, a == b, a != b, a >= b, a > b) == (i < j, i <= j, i == j, i != j, i >= j, i > j)


@pytest.mark.parametrize(
    ("version", "text"),
    [
        (Version("Twisted", 16, 1, 2), "16.1.2"),
        (Version("Twisted", 16, 1, 2, release_candidate=3, post=1, dev=4), "16.1.2rc3.post1.dev4"),
        (Version("Twisted", "NEXT", 0, 0), "NEXT"),
    ],
)
def test_asText(version: Version, text: str) -> None:
    """The number as PEP 440 writes it, alone, with the package, and in brackets."""
    assert version.public() == version.base() == version.short() == version.local() == text
    assert getVersionString(version) == f"Twisted {text}"
    assert str(version) == f"[Twisted, version {text}]"
    assert eval(repr(version)) == version


def test_anotherPackageCannotBeCompared() -> None:
    """Versions of different packages have no order; capitals make no difference."""
    assert Version("twisted", 1, 0, 0) == Version("Twisted", 1, 0, 0)
    with pytest.raises(IncomparableVersions):
        assert Version("A", 1, 0, 0) == Version("B", 1, 0, 0)
    with pytest.raises(IncomparableVersions):
        assert Version("A", 1, 0, 0) < Version("B", 1, 0, 0)
    assert Version("A", 1, 0, 0) != 5
    with pytest.raises(TypeError):
        assert Version("A", 1, 0, 0) < 5  # type: ignore[operator]  # the mistake under test


def test_impossibleVersions() -> None:
    """NEXT has no numbers yet, and a candidate has one number."""
    with pytest.raises(ValueError, match="NEXT"):
        Version("P", "NEXT", 1, 0)
    with pytest.raises(ValueError, match="the same"):
        Version("P", 1, 0, 0, release_candidate=1, prerelease=1)
    assert Version("P", 1, 0, 0, prerelease=2).release_candidate == 2
    assert Version("P", 1, 0, 0, prerelease=2).prerelease == 2
