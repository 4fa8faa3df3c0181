"""The dictionary client: commands, answers, and servers that get it wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk._wire.events import NEED_DATA, LocalProtocolError, RemoteProtocolError
from ropewalk.internet.defer import Deferred
from ropewalk.internet.error import ConnectionDone
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols._wire.dict import MAX_TEXT, Reader, command, words
from ropewalk.protocols.dict import Definition, DictClient, DictError
from ropewalk.python.failure import Failure

HELLO = b"220 dict.example dictd <auth.mime> <1@dict>\r\n250 ok\r\n"
DEFINITIONS = (
    b"150 2 definitions retrieved\r\n"
    b'151 "rope" wn "WordNet (r) 3.0"\r\nrope\r\n  a strong line\r\n..dotted\r\n.\r\n'
    b"151 Rope gcide GCIDE\r\nRope \xc3\xa9\r\n.\r\n"
    b"250 ok\r\n"
)


def talk(greeting: bytes = HELLO) -> tuple[DictClient, StringTransport]:
    client, transport = DictClient(), StringTransport()
    client.makeConnection(transport)
    client.dataReceived(greeting)
    transport.clear()
    return client, transport


def outcome(waiting: Deferred[Any]) -> list[Any]:
    found: list[Any] = []
    waiting.addCallbacks(found.append, lambda failure: found.append(failure.value))
    return found


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_define(size: int) -> None:
    """Every definition is read, its dots undone, however the answer is cut."""
    client, transport = talk()
    found = outcome(client.define("rope"))
    assert transport.value() == b"DEFINE * rope\r\n"
    for at in range(0, len(DEFINITIONS), size):
        client.dataReceived(DEFINITIONS[at : at + size])
    assert found == [
        [
            Definition("rope", "wn", "WordNet (r) 3.0", "rope\n  a strong line\n.dotted"),
            Definition("Rope", "gcide", "GCIDE", "Rope \xe9"),
        ]
    ]


def test_lists() -> None:
    """Words that match, databases and strategies come as pairs; the answers come in order."""
    client, transport = talk()
    found = [
        outcome(client.match("rop", "prefix", "wn")),
        outcome(client.databases()),
        outcome(client.strategies()),
        outcome(client.define("nothing like it", "wn")),
    ]
    assert transport.value() == (b'MATCH wn prefix rop\r\nSHOW DB\r\nSHOW STRAT\r\nDEFINE wn "nothing like it"\r\n')
    client.dataReceived(
        b'152 2 matches\r\nwn "rope"\r\nwn "rope burn"\r\n.\r\n250 ok\r\n'
        b'110 1 database\r\nwn "WordNet"\r\n.\r\n250 ok\r\n'
        b"555 no strategies\r\n"
        b"552 no match\r\n"
    )
    assert found == [[[("wn", "rope"), ("wn", "rope burn")]], [[("wn", "WordNet")]], [[]], [[]]]


def test_beforeGreeting() -> None:
    """Questions may be asked before the server has said that it is there."""
    client, _ = talk(b"")
    found = outcome(client.define("rope"))
    client.dataReceived(HELLO + b"552 no match\r\n")
    assert found == [[]]


def test_refused() -> None:
    """What the server refuses fails with its code and words; what follows goes on."""
    client, _ = talk()
    first, second = outcome(client.define("a", "nowhere")), outcome(client.define("b"))
    client.dataReceived(b"550 invalid database\r\n552 no match\r\n")
    assert (type(first[0]), first[0].code, str(first[0])) == (DictError, 550, "invalid database (550)")
    assert second == [[]]


@pytest.mark.parametrize(
    "answer",
    [
        b"420 not now\r\n",
        b"530 not you\r\n",
        b"HTTP/1.0 400 Bad\r\n",
        b"99 x\r\n",
        b"x" * 20000,
        b"250 ok\r\n250 more\r\n",
        b"151 a b c\r\n" + b"x" * 10000 + b"\r\n" * (MAX_TEXT // 2),
        b"151 a b c\r\n.\r\n" * (MAX_TEXT // 11 + 1),
    ],
)
def test_givenUp(answer: bytes) -> None:
    """A server that has enough, or is none, or never ends, is closed on, and all who wait are told."""
    client, transport = talk()
    found = outcome(client.define("a"))
    client.dataReceived(answer)
    assert transport.disconnecting
    assert found
    assert type(outcome(client.define("b"))[0]) is DictError


def test_lost() -> None:
    """All who wait when the connection is lost are told."""
    client, _ = talk(b"")
    found = outcome(client.define("a"))
    client.connectionLost(Failure(ConnectionDone()))
    assert type(found[0]) is ConnectionDone


@pytest.mark.parametrize("word", ["a\r\nQUIT", "\0", "x" * 1020])
def test_badWords(word: str) -> None:
    """A word that would be another command is refused before anything is sent."""
    client, transport = talk()
    assert type(outcome(client.define(word))[0]) is ValueError
    assert transport.value() == b""


def test_quit() -> None:
    """Good-bye is said politely."""
    client, transport = talk()
    client.quit()
    assert transport.value() == b"QUIT\r\n"
    client.dataReceived(b"221 bye\r\n")
    assert transport.disconnecting


# The wire.


def events(data: bytes, cuts: int) -> list[Any]:
    reader, found = Reader(), list[Any]()
    try:
        for at in range(0, len(data), cuts):
            reader.feed(data[at : at + cuts])
            while (event := reader.next()) is not NEED_DATA:
                found.append(event)
    except RemoteProtocolError as problem:
        found.append(type(problem))
    return found


@given(st.lists(st.sampled_from([b"150 x", b"151 a b", b"250 ok", b"\r\n", b".", b"..", b"text", b"\xff"])))
def test_anyBytes(parts: list[bytes]) -> None:
    """Any bytes read the same in one piece and one by one; nothing unforeseen is raised."""
    data = b"".join(parts)
    assert events(data, 1) == events(data, max(1, len(data)))


@given(st.lists(st.text(max_size=9), min_size=1, max_size=4))
def test_anyCommand(parts: list[str]) -> None:
    """Whatever words are accepted, the server reads the same words."""
    try:
        line = command(*parts)
    except (LocalProtocolError, UnicodeEncodeError):
        return
    assert words(line.removesuffix(b"\r\n")) == parts
