"""Ident: queries and answers, from both sides, and what Linux tells about connections."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk._wire.events import LocalProtocolError, RemoteProtocolError
from ropewalk.internet.address import IPv4Address
from ropewalk.internet.defer import Deferred
from ropewalk.internet.error import ConnectionDone
from ropewalk.internet.task import Clock
from ropewalk.internet.testing import StringTransport
from ropewalk.logger import capturedLogs
from ropewalk.protocols._wire import ident as wire
from ropewalk.protocols.ident import (
    HiddenUser,
    IdentClient,
    IdentError,
    IdentServer,
    InvalidPort,
    NoUser,
    ProcServerMixin,
)
from ropewalk.python.failure import Failure


class Server(IdentServer):
    """Tells, or raises, what it was given."""

    def __init__(self, result: Any) -> None:
        self.result = result
        self.asked: list[Any] = []

    def lookup(self, serverAddress: tuple[str, int], clientAddress: tuple[str, int]) -> Any:
        self.asked.append((serverAddress, clientAddress))
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def answers(server: IdentServer, data: bytes) -> StringTransport:
    transport = StringTransport(IPv4Address("TCP", "192.0.2.1", 113), IPv4Address("TCP", "192.0.2.2", 999))
    server.callLater = Clock().callLater  # type: ignore[method-assign,assignment]  # as documented
    server.makeConnection(transport)
    server.dataReceived(data)
    return transport


def test_server() -> None:
    """A query is answered with who it is; text and bytes are alike."""
    for result in (("UNIX", "bob"), (b"UNIX", b"bob")):
        server = Server(result)
        transport = answers(server, b" 6191 , 23 \r\n1,2\r\n")
        assert server.asked == [(("192.0.2.1", 6191), ("192.0.2.2", 23)), (("192.0.2.1", 1), ("192.0.2.2", 2))]
        assert transport.value() == b"6191, 23 : USERID : UNIX : bob\r\n1, 2 : USERID : UNIX : bob\r\n"


def test_serverLater() -> None:
    """The answer may take its time."""
    result: Deferred[Any] = Deferred()
    transport = answers(Server(result), b"1,2\r\n")
    assert transport.value() == b""
    result.callback(("UNIX", "bob"))
    assert transport.value() == b"1, 2 : USERID : UNIX : bob\r\n"


@pytest.mark.parametrize("error", [IdentError, NoUser, HiddenUser, InvalidPort])
def test_serverErrors(error: type[IdentError]) -> None:
    """The documented errors are told by their words."""
    expected = b"1, 2 : ERROR : " + error.identDescription.encode() + b"\r\n"
    assert answers(Server(error()), b"1,2\r\n").value() == expected


@pytest.mark.parametrize("result", [ZeroDivisionError("secret"), ("UNIX", "bob\r\n1,2:USERID:UNIX:root"), ("", "bob")])
def test_serverFaults(result: Any) -> None:
    """A fault of ours is logged, and is an unknown error to the client."""
    with capturedLogs() as logged:
        transport = answers(Server(result), b"1,2\r\n")
    assert transport.value() == b"1, 2 : ERROR : UNKNOWN-ERROR\r\n"
    assert [event for event in logged if event["isError"]]


def test_outOfRange() -> None:
    """Numbers that are no ports are told to be none (RFC 1413 §6.2)."""
    transport = answers(Server(("UNIX", "bob")), b"0,1\r\n1,65536\r\n")
    assert transport.value() == b"0, 1 : ERROR : INVALID-PORT\r\n1, 65536 : ERROR : INVALID-PORT\r\n"


@pytest.mark.parametrize("line", [b"abc", b"1", b"", b"1,2,3", b"-1,2", b"1.5,2", b"1,\xb2", b"9" * 900 + b",1"])
def test_noQuery(line: bytes) -> None:
    """What is no query is closed on."""
    server = Server(("UNIX", "bob"))
    assert answers(server, line + b"\r\n").disconnecting
    assert server.asked == []


def test_silentClient() -> None:
    """A client that asks nothing for three minutes is not waited for (RFC 1413 §2)."""
    server, clock, transport = Server(("UNIX", "bob")), Clock(), StringTransport()
    server.callLater = clock.callLater  # type: ignore[method-assign,assignment]  # as documented
    server.makeConnection(transport)
    clock.advance(179.5)
    assert not transport.disconnecting
    clock.advance(0.5)
    assert transport.disconnecting


# The client.


def asking(*pairs: tuple[int, int]) -> tuple[IdentClient, StringTransport, list[list[Any]]]:
    client, transport = IdentClient(), StringTransport()
    client.makeConnection(transport)
    outcomes: list[list[Any]] = []
    for here, there in pairs:
        found: list[Any] = []
        client.lookup(here, there).addCallbacks(found.append, lambda reason, found=found: found.append(reason.value))
        outcomes.append(found)
    return client, transport, outcomes


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"1, 2 : USERID : UNIX : bob", ("UNIX", "bob")),
        (b"1,2:userid:OTHER,utf-8:bo:b ", ("OTHER", "bo:b ")),
        (b"1,2:USERID:UNIX:\xff", ("UNIX", "\udcff")),
        (b"1,2:ERROR:NO-USER", NoUser),
        (b"1,2:ERROR:hidden-user", HiddenUser),
        (b"1,2:ERROR:INVALID-PORT", InvalidPort),
        (b"1,2:ERROR:UNKNOWN-ERROR", IdentError),
        (b"1,2 : ERROR : XWHATEVER", IdentError),
        (b"junk", IdentError),
        (b"", IdentError),
        (b"1,2:WHAT:x", IdentError),
        (b"1,2:USERID:bob", IdentError),
        (b"9,9:USERID:UNIX:bob", IdentError),
    ],
)
def test_client(line: bytes, expected: Any) -> None:
    """Each answer is what it says; what is none, or one to another question, is an `IdentError`."""
    client, transport, (found,) = asking((1, 2))
    assert transport.value() == b"1, 2\r\n"
    client.dataReceived(line + b"\r\n")
    assert (type(found[0]) if isinstance(expected, type) else found[0]) == expected


def test_clientInTurn() -> None:
    """The second question is sent when the first is answered."""
    client, transport, found = asking((1, 2), (3, 4))
    assert transport.value() == b"1, 2\r\n"
    client.dataReceived(b"1,2:USERID:UNIX:a\r\n")
    assert transport.value() == b"1, 2\r\n3, 4\r\n"
    client.dataReceived(b"3,4:USERID:UNIX:b\r\n")
    assert found == [[("UNIX", "a")], [("UNIX", "b")]]
    client.dataReceived(b"5,6:USERID:UNIX:c\r\n")
    assert transport.disconnecting


def test_clientLost() -> None:
    """All who wait when the connection is lost are told, and who asks later."""
    client, _, found = asking((1, 2), (3, 4))
    client.connectionLost(Failure(ConnectionDone()))
    assert [type(one[0]) for one in found] == [ConnectionDone, ConnectionDone]
    late: list[Any] = []
    client.lookup(5, 6).addErrback(lambda reason: late.append(reason.value))
    assert type(late[0]) is ConnectionDone


# Linux.

LINE = "0: 0100007F:0277 0200007F:0035 0A 00000000:00000000 00:00000000 00000000     0        0 10927 1 f72a5b80 3000"


class Table(ProcServerMixin):
    def entries(self) -> Any:
        return iter([LINE.replace(" 0        0 ", " 4294967294        0 ").replace(":0277", ":0278"), LINE])


def test_proc() -> None:
    """The owner of a connection is found in what the kernel tells."""
    table = Table()
    assert table.lookup(("127.0.0.1", 0x277), ("127.0.0.2", 0x35)) == ("LINUX", "root")
    with pytest.raises(NoUser):
        table.lookup(("127.0.0.1", 0x279), ("127.0.0.2", 0x35))
    with pytest.raises(NoUser):  # a user without a name
        table.lookup(("127.0.0.1", 0x278), ("127.0.0.2", 0x35))


def test_procPieces() -> None:
    """Each part of a line reads as documented."""
    table = ProcServerMixin()
    assert table.dottedQuadFromHexString("0100007F") == "127.0.0.1"
    assert table.parseLine(LINE) == (("127.0.0.1", 631), ("127.0.0.2", 53), 0)
    assert table.getUsername(7, lambda uid: (f"user{uid}",)) == "user7"
    assert all(table.parseLine(line) for line in table.entries())


# The wire.


@given(st.binary(max_size=40))
def test_anyLine(line: bytes) -> None:
    """Any line is an answer, a query, or refused."""
    for read in (wire.readQuery, wire.readAnswer):
        try:
            read(line)
        except RemoteProtocolError:
            pass


@given(st.integers(1, 65535), st.integers(1, 65535), st.binary(max_size=9), st.binary(max_size=9))
def test_roundTrip(server: int, client: int, system: bytes, user: bytes) -> None:
    """What can be sent arrives; the rest is refused before it is sent."""
    ports = wire.PortPair(server, client)
    assert wire.readQuery(wire.query(ports)) == ports
    try:
        line = wire.answer(ports, system, user)
    except LocalProtocolError:
        return
    read = wire.readAnswer(line)
    assert (read.ports, read.system, read.user) == (ports, system.partition(b",")[0].strip(), user)
