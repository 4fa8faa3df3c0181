"""Parameters of answers are read strictly, in linear time, and within a limit."""

from __future__ import annotations

import importlib
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk._wire.events import RemoteProtocolError, TooLong
from ropewalk.cred._wire.parameters import LIMIT, parse

FUZZ = Path(__file__).resolve().parents[3] / "fuzz"

READ = [
    ("quoted", b'username="joe", realm="r"', {"username": b"joe", "realm": b"r"}),
    ("tokens", b"qop=auth,nc=00000001", {"qop": b"auth", "nc": b"00000001"}),
    ("blanks and lines", b' a = "1" ,\r\n\tb=2 ', {"a": b"1", "b": b"2"}),
    ("empty elements (RFC 9110 §5.6.1)", b',, a="1", ,b="2",', {"a": b"1", "b": b"2"}),
    ("commas and equals signs in quotes", b'uri="/?a=b,c=d"', {"uri": b"/?a=b,c=d"}),
    ("escaped (RFC 9110 §5.6.4)", rb'username="a\"b\\c"', {"username": rb'a"b\c'}),
    ("addresses without quotes", b"uri=/a?b=c==, nc=1", {"uri": b"/a?b=c==", "nc": b"1"}),
    ("names in any case", b'UserName="joe"', {"username": b"joe"}),
    ("empty values", b'a="", b=', {"a": b"", "b": b""}),
    ("username* (RFC 7616 §3.4.4)", b"username*=UTF-8''J%C3%A4s%C3%B8n%20Doe", {"username": "Jäsøn Doe".encode()}),
    ("nothing", b"", {}),
    ("bytes as they are", b'a="\xff\x00"', {"a": b"\xff\x00"}),
]

REFUSED = [
    ("no value", b"username", "no parameter name=value at byte 0"),
    ("no name", b'="joe"', "at byte 0"),
    ("open quotes", b'username="joe', "at byte 0"),
    ("an open escape", b'username="joe\\"', "at byte 0"),
    ("text after quotes", b'a=1, username="joe"x', "at byte 4"),
    ("quotes inside", b'a=b"c"', "at byte 0"),
    ("twice (RFC 9110 §11.2)", b"a=1, A=2", "'a' is there twice"),
    ("both forms of the name", b"username=a, username*=UTF-8''a", "'username' is there twice"),
    ("another character set", b"username*=latin-1''a", "UTF-8''"),
    ("half a percent code", b"username*=UTF-8''%C", "UTF-8''"),
]


@pytest.mark.parametrize(("data", "fields"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_read(data: bytes, fields: dict[str, bytes]) -> None:
    """What clients send, and what the RFCs allow, is read."""
    assert parse(data) == fields


@pytest.mark.parametrize(("data", "said"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(data: bytes, said: str) -> None:
    """What is ambiguous or broken is refused, with the place."""
    with pytest.raises(RemoteProtocolError, match=said):
        parse(data)


def test_limit() -> None:
    """As many bytes as the limit are read, and not one more."""
    data = b"a=" + b"x" * (LIMIT - 2)
    assert len(parse(data)["a"]) == LIMIT - 2
    with pytest.raises(TooLong) as refused:
        parse(data + b"x")
    assert (refused.value.size, refused.value.limit) == (LIMIT + 1, LIMIT)


@pytest.mark.parametrize("data", [b"a" * LIMIT, b" " * LIMIT, b'a="' + b"\\x" * 4000, b"a=" + b"x " * 4000 + b'"'])
def test_timeIsLinear(data: bytes) -> None:
    """No input makes the reader go back and forth."""
    started = time.perf_counter()
    for _ in range(10):
        try:
            parse(data)
        except RemoteProtocolError:
            pass
    assert time.perf_counter() - started < 1.0


@given(st.dictionaries(st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True), st.binary(max_size=40), max_size=8))
def test_quotedValuesComeBack(fields: dict[str, bytes]) -> None:
    """Whatever is quoted as RFC 9110 §5.6.4 has it comes back."""
    quoted = {name: value.replace(b"\\", b"\\\\").replace(b'"', b'\\"') for name, value in fields.items()}
    assert parse(b", ".join(b'%b="%b"' % (name.encode(), value) for name, value in quoted.items())) == fields


@given(st.binary(max_size=200))
def test_anyBytes(data: bytes) -> None:
    """Any bytes are parameters, or the peer's mistake."""
    try:
        parse(data)
    except RemoteProtocolError:
        pass


def test_fuzzTarget(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand random inputs pass the fuzz target."""
    monkeypatch.syspath_prepend(str(FUZZ))
    fuzzing = importlib.import_module("fuzzing")
    fuzzing.smoke(importlib.import_module("fuzz_digest_answers").target, 1000, seed=26)
