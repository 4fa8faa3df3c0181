"""Hashes of passwords say how they were made, and are of one password only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ropewalk.cred.passwords import MEMORY, hashPassword, isHash, main, verifyPassword

# Cheap, for tests.
COST = {"ln": 4, "r": 8, "p": 1}


def test_hash() -> None:
    """A hash is of its password, whether that is text or bytes, and of no other; each has a salt of its own."""
    hashed = hashPassword("pä", **COST)
    assert hashed.startswith("$scrypt$ln=4,r=8,p=1$")
    assert isHash(hashed)
    assert isHash(hashed.encode())
    assert not isHash("secret")
    assert verifyPassword("pä".encode(), hashed)
    assert verifyPassword("pä", hashed.encode())
    assert not verifyPassword("pa", hashed)
    assert hashPassword("pä", **COST) != hashed
    assert ":" not in hashed


def test_defaults() -> None:
    """By default a hash takes 16 MiB, five times over (OWASP's recommendation for that much memory)."""
    hashed = hashPassword(b"secret")
    assert hashed.startswith("$scrypt$ln=14,r=8,p=5$")
    assert verifyPassword(b"secret", hashed)


def test_knownHash() -> None:
    """RFC 7914 §12: the second example, in this form. Files outlive releases."""
    hashed = (
        "$scrypt$ln=10,r=8,p=16$TmFDbA$"
        "/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA"
    )
    assert verifyPassword(b"password", hashed)
    assert not verifyPassword(b"Password", hashed)


@pytest.mark.parametrize(
    "hashed",
    [
        "",
        "secret",
        "$scrypt$",
        "$scrypt$ln=14,r=8,p=5$c2FsdA$",
        "$scrypt$ln=14,r=8,p=5$c2FsdA$abc",
        "$scrypt$ln=31,r=8,p=1$c2FsdA$c2FsdHNhbHRzYWx0c2FsdA",
        "$scrypt$ln=0,r=8,p=1$c2FsdA$c2FsdHNhbHRzYWx0c2FsdA",
        "$scrypt$ln=14,r=0,p=1$c2FsdA$c2FsdHNhbHRzYWx0c2FsdA",
        "$scrypt$ln=14,r=8,p=1$c2Fsd$c2FsdHNhbHRzYWx0c2FsdA",
        "$scrypt$ln=14,r=8,p=1$c2FsdA$c2FsdHNhbHRzYWx0c2FsdA\n",
    ],
)
def test_broken(hashed: str) -> None:
    """What is no hash, or would take the machine's memory, is a ValueError."""
    with pytest.raises(ValueError, match=r"scrypt|base64|padding|data characters"):
        verifyPassword(b"secret", hashed)


def test_limit() -> None:
    """A hash that takes more than the limit cannot be made, either."""
    with pytest.raises(ValueError, match=f"more than {MEMORY} bytes"):
        hashPassword(b"secret", ln=20, r=8, p=1)


@given(st.binary(max_size=50), st.binary(max_size=50))
@example(b"", b"\0")
def test_ofOnePassword(password: bytes, other: bytes) -> None:
    """Whatever the bytes. Nulls at the end do not count: so HMAC has it, on which scrypt rests (RFC 2104 §2)."""
    hashed = hashPassword(password, ln=1, r=1, p=1)
    assert verifyPassword(other, hashed) is (password.rstrip(b"\0") == other.rstrip(b"\0"))


def typing(*answers: str) -> Callable[[str], str]:
    """Somebody who types these one after the other."""
    waiting = iter(answers)
    return lambda prompt: next(waiting)


def test_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The command asks twice, and prints a line for a file of users."""
    assert main(["joe"], typing("secret", "secret")) == 0
    name, _, hashed = capsys.readouterr().out.strip().partition(":")
    assert name == "joe"
    assert verifyPassword("secret", hashed)


@pytest.mark.parametrize("answers", [("secret", "sceret"), ("",)])
def test_commandAsksTwice(answers: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """A slip makes no line."""
    assert main(["joe"], typing(*answers)) == 1
    output = capsys.readouterr()
    assert "No line was made" in output.err
    assert not output.out


@pytest.mark.parametrize("words", [[], ["a", "b"], ["a:b"], ["--help"], ["a\nb"]])
def test_commandUsage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Without one good name, the command says how it is called."""
    assert main(words) == 2
    assert "usage: python -m ropewalk.cred.passwords NAME" in capsys.readouterr().err
