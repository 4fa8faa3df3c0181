"""Finger: what a query means, and what is answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.internet.task import Clock
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols._wire.finger import Query, query
from ropewalk.protocols.finger import Finger

QUERIES = [
    (b"", Query(False, b"")),
    (b"/W", Query(True, b"")),
    (b"moshez", Query(False, b"moshez")),
    (b" moshez ", Query(False, b"moshez")),
    (b"/W moshez", Query(True, b"moshez")),
    (b"/w  moshez", Query(True, b"moshez")),
    (b"/Wmoshez", Query(False, b"/Wmoshez")),
    (b"a b", Query(False, b"a b")),
    (b"a@b", Query(False, b"a", b"b")),
    (b"/W a@b@c", Query(True, b"a@b", b"c")),
    (b"@b", Query(False, b"", b"b")),
]


@pytest.mark.parametrize(("line", "expected"), QUERIES)
def test_query(line: bytes, expected: Query) -> None:
    """Each form of RFC 1288 §2.3 is read as what it asks for."""
    assert query(line) == expected


@given(st.binary())
def test_anyQuery(line: bytes) -> None:
    """Every line is a query."""
    assert (query(line).host is not None) == (b"@" in line)


def ask(server: Finger, data: bytes) -> StringTransport:
    transport = StringTransport()
    server.makeConnection(transport)
    server.dataReceived(data)
    return transport


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"", b"Finger online list denied\r\n"),
        (b"moshez", b"Login: moshez\r\nNo such user\r\n"),
        (b"evil\x1b[2J", b"Login: evil[2J\r\nNo such user\r\n"),
        (b"a@b", b"Finger forwarding service denied\r\n"),
    ],
)
def test_deniesAll(line: bytes, answer: bytes) -> None:
    """As it is the server knows nobody, says so, and closes."""
    transport = ask(Finger(), line + b"\r\nanother\r\n")
    assert transport.value() == answer
    assert transport.disconnecting


def test_tooLong() -> None:
    """A query that has no end is closed on."""
    transport = ask(Finger(), b"x" * 2000)
    assert transport.disconnecting
    assert transport.value() == b""


def test_patience() -> None:
    """A client that asks nothing is closed after half a minute; one that has asked may wait for its answer."""

    class Slow(Finger):
        def getUser(self, slash_w: int, user: bytes) -> None:
            """Answers later."""

    for said, closed in ((b"mosh", True), (b"moshez\r\n", False)):
        clock, server, transport = Clock(), Slow(), StringTransport()
        server.callLater = clock.callLater  # type: ignore[method-assign]  # as documented for tests
        server.makeConnection(transport)
        server.dataReceived(said)
        clock.advance(29)
        assert not transport.disconnecting
        clock.advance(1)
        assert transport.disconnecting is closed
        assert clock.getDelayedCalls() == []


def test_overrides() -> None:
    """A child class is asked for each kind of query, with 1 for a wordy one."""
    asked: list[tuple[object, ...]] = []

    class Server(Finger):
        def getDomain(self, slash_w: int) -> None:
            asked.append((slash_w,))

        def getUser(self, slash_w: int, user: bytes) -> None:
            asked.append((slash_w, user))

        def forwardQuery(self, slash_w: int, user: bytes, host: bytes) -> None:
            asked.append((slash_w, user, host))

    for line in (b"/W", b"moshez", b"/W a@b"):
        ask(Server(), line + b"\r\n")
    assert asked == [(1,), (0, b"moshez"), (1, b"a", b"b")]
