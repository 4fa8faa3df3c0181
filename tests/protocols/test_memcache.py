"""The memcache client: what it sends, what it makes of each answer, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk._wire.events import NEED_DATA, LocalProtocolError, RemoteProtocolError, TooLong
from ropewalk.internet.defer import CancelledError, Deferred, TimeoutError
from ropewalk.internet.error import ConnectionDone
from ropewalk.internet.task import Clock
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols._wire.memcache import Item, Line, ReplyReader, ask, store
from ropewalk.protocols.memcache import ClientError, MemCacheProtocol, NoSuchCommand, ServerError
from ropewalk.python.failure import Failure


class Talk:
    """A client, the transport it is on, and the clock of its timeouts."""

    def __init__(self, timeOut: float | None = 60) -> None:
        self.clock = Clock()
        self.transport = StringTransport()
        self.client = MemCacheProtocol(timeOut)
        self.client.callLater = self.clock.callLater  # type: ignore[method-assign, assignment]  # time is moved by hand
        self.client.makeConnection(self.transport)

    def answer(self, data: bytes) -> None:
        self.client.dataReceived(data)


def outcome(waiting: Deferred[Any]) -> list[Any]:
    """Return a list in which the result is, or the exception, once there is one."""
    found: list[Any] = []
    waiting.addCallbacks(found.append, lambda failure: found.append(failure.value))
    return found


# Name, what is called, what is sent, the answer, the result.
EXCHANGES: list[tuple[str, Any, bytes, bytes, Any]] = [
    ("set", lambda c: c.set(b"k", b"v", 5, 6), b"set k 5 6 1\r\nv\r\n", b"STORED\r\n", True),
    ("an empty value", lambda c: c.set(b"k", b""), b"set k 0 0 0\r\n\r\n", b"STORED\r\n", True),
    ("add, taken", lambda c: c.add(b"k", b"v"), b"add k 0 0 1\r\nv\r\n", b"NOT_STORED\r\n", False),
    ("replace", lambda c: c.replace(b"k", b"v"), b"replace k 0 0 1\r\nv\r\n", b"STORED\r\n", True),
    ("append", lambda c: c.append(b"k", b"v"), b"append k 0 0 1\r\nv\r\n", b"STORED\r\n", True),
    ("prepend", lambda c: c.prepend(b"k", b"v"), b"prepend k 0 0 1\r\nv\r\n", b"NOT_STORED\r\n", False),
    ("cas", lambda c: c.checkAndSet(b"k", b"v", b"7", 1, 2), b"cas k 1 2 1 7\r\nv\r\n", b"STORED\r\n", True),
    ("cas, changed", lambda c: c.checkAndSet(b"k", b"v", b"7"), b"cas k 0 0 1 7\r\nv\r\n", b"EXISTS\r\n", False),
    ("cas, gone", lambda c: c.checkAndSet(b"k", b"v", b"7"), b"cas k 0 0 1 7\r\nv\r\n", b"NOT_FOUND\r\n", False),
    ("get", lambda c: c.get(b"k"), b"get k\r\n", b"VALUE k 5 3\r\na\r\n\r\nEND\r\n", (5, b"a\r\n")),
    ("get, absent", lambda c: c.get(b"k"), b"get k\r\n", b"END\r\n", (0, None)),
    ("gets", lambda c: c.get(b"k", True), b"gets k\r\n", b"VALUE k 5 1 77\r\nv\r\nEND\r\n", (5, b"77", b"v")),
    ("gets, absent", lambda c: c.get(b"k", True), b"gets k\r\n", b"END\r\n", (0, b"", None)),
    (
        "many",
        lambda c: c.getMultiple([b"a", b"b"]),
        b"get a b\r\n",
        b"VALUE b 1 2\r\nbb\r\nEND\r\n",
        {b"a": (0, None), b"b": (1, b"bb")},
    ),
    (
        "many with identifiers",
        lambda c: c.getMultiple([b"a", b"b"], withIdentifier=True),
        b"gets a b\r\n",
        b"VALUE b 1 2 8\r\nbb\r\nEND\r\n",
        {b"a": (0, b"", None), b"b": (1, b"8", b"bb")},
    ),
    ("increment", lambda c: c.increment(b"k"), b"incr k 1\r\n", b"5\r\n", 5),
    ("increment, absent", lambda c: c.increment(b"k", 8), b"incr k 8\r\n", b"NOT_FOUND\r\n", False),
    ("decrement, padded", lambda c: c.decrement(b"k", 8), b"decr k 8\r\n", b"4 \r\n", 4),
    ("delete", lambda c: c.delete(b"k"), b"delete k\r\n", b"DELETED\r\n", True),
    ("delete, absent", lambda c: c.delete(b"k"), b"delete k\r\n", b"NOT_FOUND\r\n", False),
    ("stats", lambda c: c.stats(), b"stats\r\n", b"STAT a b\r\nSTAT c d e\r\nEND\r\n", {b"a": b"b", b"c": b"d e"}),
    ("some stats", lambda c: c.stats(b"items"), b"stats items\r\n", b"END\r\n", {}),
    ("reset stats", lambda c: c.stats(b"reset"), b"stats reset\r\n", b"RESET\r\n", {}),
    ("version", lambda c: c.version(), b"version\r\n", b"VERSION 1.6.1\r\n", b"1.6.1"),
    ("flush", lambda c: c.flushAll(), b"flush_all\r\n", b"OK\r\n", True),
]


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("call", "sent", "answer", "expected"), [row[1:] for row in EXCHANGES], ids=[r[0] for r in EXCHANGES]
)
def test_exchange(call: Any, sent: bytes, answer: bytes, expected: Any, size: int) -> None:
    """Each command sends its line and gives its answer, however that is cut."""
    talk = Talk()
    found = outcome(call(talk.client))
    assert talk.transport.value() == sent
    for at in range(0, len(answer), size):
        assert found == []
        talk.answer(answer[at : at + size])
    assert found == [expected]
    assert not talk.clock.getDelayedCalls()


def test_pipelined() -> None:
    """Commands go out at once; answers find theirs in order, even within one piece."""
    talk = Talk()
    waiting = [outcome(call(talk.client)) for _, call, _, _, _ in EXCHANGES]
    talk.answer(b"".join([row[3] for row in EXCHANGES]))
    assert waiting == [[row[4]] for row in EXCHANGES]


def test_noKeys() -> None:
    """Fetching nothing gives nothing, and asks nobody."""
    talk = Talk()
    assert outcome(talk.client.getMultiple([])) == [{}]
    assert talk.transport.value() == b""


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (b"ERROR\r\n", NoSuchCommand, "does not know b'get'"),
        (b"CLIENT_ERROR bad key\r\n", ClientError, "bad key"),
        (b"SERVER_ERROR out of memory \xff\r\n", ServerError, r"out of memory \xff"),
    ],
)
def test_refusedByServer(answer: bytes, error: type[Exception], text: str) -> None:
    """What the server refuses fails; what follows it goes on."""
    talk = Talk()
    first, second = outcome(talk.client.get(b"a")), outcome(talk.client.get(b"b"))
    talk.answer(answer + b"END\r\n")
    assert type(first[0]) is error
    assert text in str(first[0])
    assert second == [(0, None)]


@pytest.mark.parametrize("key", [b"a b", b"a\r\nflush_all", b"", b"a\0", b"\x7f", b"k" * 251, "text", None])
def test_badKeys(key: Any) -> None:
    """A key that would be another command, or is none, is refused before anything is sent."""
    talk = Talk()
    calls: list[Deferred[Any]] = [
        talk.client.get(key),
        talk.client.getMultiple([b"fine", key]),
        talk.client.set(key, b"v"),
        talk.client.increment(key),
        talk.client.delete(key),
    ]
    assert [type(outcome(call)[0]) for call in calls] == [ClientError] * 5
    assert talk.transport.value() == b""


def test_longestKey() -> None:
    """A key of 250 bytes is one."""
    talk = Talk()
    talk.client.get(b"k" * 250)
    assert talk.transport.value() == b"get " + b"k" * 250 + b"\r\n"


def test_badValues() -> None:
    """A value that is text, and an identifier that is no number, are refused before anything is sent."""
    talk = Talk()
    wrong: Any = "text"
    calls: list[Deferred[bool]] = [talk.client.set(b"k", wrong), talk.client.checkAndSet(b"k", b"v", b"1\r\nquit")]
    assert [type(outcome(call)[0]) for call in calls] == [ClientError] * 2
    assert talk.transport.value() == b""


@pytest.mark.parametrize(
    "answer",
    [
        b"WHAT\r\n",
        b"VALUE other 0 1\r\nv\r\n",
        b"VALUE a 0 x\r\n",
        b"VALUE a 0 -1\r\n",
        b"VALUE a 0 1\r\nvv\r\n",
        b"VALUE a 0 999999999999\r\n",
        b"VALUE a\r\n",
        b"STORED\r\n",
        b"5\r\n",
        b"\r\n",
        b"x" * 20000,
        b"END\r\nEND\r\nEND\r\n",
    ],
)
def test_brokenServer(answer: bytes) -> None:
    """Bytes that no server sends fail all that waits, close the connection, and are not an unhandled error."""
    talk = Talk()
    waiting = [outcome(talk.client.get(b"a")), outcome(talk.client.set(b"b", b"v"))]
    talk.answer(answer)
    assert type(waiting[1][0]) is ServerError
    assert talk.transport.disconnecting or talk.transport.disconnected
    assert not talk.clock.getDelayedCalls()


def test_timeOut() -> None:
    """A server silent for the whole time is given up, and not before; what waits fails."""
    talk = Talk(30)
    waiting = [outcome(talk.client.get(b"a")), outcome(talk.client.get(b"b"))]
    talk.clock.advance(29)
    talk.answer(b"END\r\n")
    talk.clock.advance(29)
    assert waiting == [[(0, None)], []]
    talk.clock.advance(1)
    assert type(waiting[1][0]) is TimeoutError
    assert talk.transport.disconnecting or talk.transport.disconnected


def test_idle() -> None:
    """A connection on which nothing is awaited has no timeout, nor has one that was told so."""
    talk = Talk()
    talk.clock.advance(1000)
    endless = Talk(None)
    endless.client.get(b"a")
    assert not talk.clock.getDelayedCalls() + endless.clock.getDelayedCalls()


def test_lost() -> None:
    """When the connection is lost all that waits fails with the reason, and what comes later with a RuntimeError."""
    talk = Talk()
    waiting = [outcome(talk.client.get(b"a")), outcome(talk.client.stats())]
    talk.client.connectionLost(Failure(ConnectionDone()))
    assert [type(found[0]) for found in waiting] == [ConnectionDone, ConnectionDone]
    assert type(outcome(talk.client.get(b"a"))[0]) is RuntimeError
    assert not talk.clock.getDelayedCalls()


def test_cancelled() -> None:
    """Who no longer wants an answer cancels; the answers to the others stay theirs."""
    talk = Talk()
    unwanted = talk.client.get(b"a")
    wanted = outcome(talk.client.get(b"b"))
    found = outcome(unwanted)
    unwanted.cancel()
    talk.answer(b"VALUE a 0 1\r\nx\r\nEND\r\nEND\r\n")
    assert type(found[0]) is CancelledError
    assert wanted == [(0, None)]


def test_askAgainFromAnswer() -> None:
    """A callback may send the next command."""
    talk = Talk()
    later: list[Any] = []
    talk.client.get(b"a").addCallback(lambda _: later.append(outcome(talk.client.version())))
    talk.answer(b"END\r\n")
    talk.answer(b"VERSION 9\r\n")
    assert later == [[b"9"]]


# The wire.


def events(data: bytes, cuts: int, limit: int = 64) -> list[Any]:
    """Read all of it, cut into pieces; what it was refused with is the last event."""
    reader = ReplyReader(limit, limit)
    found: list[Any] = []
    try:
        for at in range(0, len(data), cuts):
            reader.feed(data[at : at + cuts])
            while (event := reader.next()) is not NEED_DATA:
                found.append(event)
    except RemoteProtocolError as problem:
        found.append(type(problem))
    return found


def test_limits() -> None:
    """A line and a value may be as long as their limit, and no longer."""
    assert events(b"STAT " + b"x" * 59 + b"\r\n", 1000) == [Line(b"STAT", b"x" * 59)]
    assert events(b"STAT " + b"x" * 60 + b"\r\n", 1000) == [TooLong]
    assert events(b"STAT " + b"x" * 61, 1) == [TooLong]
    assert events(b"VALUE k 0 64\r\n" + b"v" * 64 + b"\r\n", 1)[1] == Item(b"k", 0, b"", b"v" * 64)
    assert events(b"VALUE k 0 65\r\n", 1) == [TooLong]


@given(st.binary(max_size=64), st.integers(0, 2**32 - 1), st.integers(1, 7))
def test_anyValue(value: bytes, flags: int, cuts: int) -> None:
    """Any value comes out as it was, however it is cut."""
    data = b"VALUE k %d %d 3\r\n%b\r\nEND\r\n" % (flags, len(value), value)
    assert events(data, cuts)[1:] == [Item(b"k", flags, b"3", value), Line(b"END", b"")]


@given(st.lists(st.sampled_from([b"VALUE k 0 2", b"\r\n", b"END", b"ab", b"STAT a", b"7", b" ", b"\r", b"\xff"])))
def test_anyBytes(parts: list[bytes]) -> None:
    """Any bytes give the same events in one piece and one by one; nothing unforeseen is raised."""
    data = b"".join(parts)
    assert events(data, 1) == events(data, max(1, len(data)))


@given(st.binary(max_size=12), st.binary(max_size=12))
def test_oneCommand(key: bytes, value: bytes) -> None:
    """Whatever key is accepted, what is sent is one command."""
    try:
        line, stored = ask(b"get", [key], 10), store(b"set", key, value, 0, 0, 10)
    except LocalProtocolError:
        return
    assert line.split() == [b"get", key]
    assert line.count(b"\n") == 1
    assert stored == b"set %b 0 0 %d\r\n%b\r\n" % (key, len(value), value)
