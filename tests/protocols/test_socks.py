"""The SOCKS proxies and the endpoint through one: the talk, its refusals, and bytes that pass."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk._wire.events import NEED_DATA, LocalProtocolError, RemoteProtocolError
from ropewalk.internet import defer, error
from ropewalk.internet.address import IPv4Address
from ropewalk.internet.defer import Deferred
from ropewalk.internet.endpoints import TCP4ClientEndpoint
from ropewalk.internet.protocol import Factory, Protocol
from ropewalk.internet.task import Clock
from ropewalk.internet.testing import MemoryReactorClock, StringTransport, StringTransportWithDisconnection
from ropewalk.logger import capturedLogs
from ropewalk.protocols._wire import socks4, socks5
from ropewalk.protocols.socks import (
    SOCKS5ClientEndpoint,
    SOCKSError,
    SOCKSv4,
    SOCKSv4Factory,
    SOCKSv4Incoming,
    SOCKSv4IncomingFactory,
    SOCKSv4Outgoing,
    SOCKSv5,
    SOCKSv5Factory,
)


class Network(Clock):
    """As much of a reactor as a proxy needs."""

    names = {"example.com": "192.0.2.7"}

    def resolve(self, name: str) -> Deferred[str]:
        address = self.names.get(name)
        return defer.fail(error.DNSLookupError(name)) if address is None else defer.succeed(address)


class Recording:
    """Mixed into a proxy: notes what it is asked for, and connects when the test says so."""

    allowed = True

    def authorize(self, code: int, server: str, port: int, user: bytes) -> bool:
        self.asked = (code, server, port, user)
        return self.allowed

    def connectClass(self, host: str, port: int, klass: Any, *args: Any) -> Deferred[Any]:
        self.target = (host, port)
        self.make: Callable[[], Any] = lambda: klass(*args)
        self.connecting: Deferred[Any] = Deferred()
        return self.connecting

    def listenClass(self, port: int, klass: Any, *args: Any) -> Deferred[Any]:
        self.incoming = klass(*args)
        return defer.succeed(("198.51.100.1", 1234))

    def arrive(self, host: str = "192.0.2.1", port: int = 80) -> StringTransport:
        """The other connection is there; return its transport."""
        return connect(self.make(), host, port)


class Proxy4(Recording, SOCKSv4):
    """SOCKS 4."""


class Proxy5(Recording, SOCKSv5):
    """SOCKS 5."""


def connect(protocol: Any, host: str = "203.0.113.5", port: int = 5555) -> StringTransport:
    """Connect a protocol to a transport that remembers."""
    transport = StringTransportWithDisconnection(peerAddress=IPv4Address("TCP", host, port))
    transport.protocol = protocol
    protocol.makeConnection(transport)
    return transport


def request4(code: int, port: int, address: str, user: bytes = b"fred", tail: bytes = b"") -> bytes:
    return struct.pack("!BBH4s", 4, code, port, socket.inet_aton(address)) + user + b"\0" + tail


REFUSED4 = b"\0\x5b\0\0\0\0\0\0"
GRANTED4 = b"\0\x5a\0\x50\xc0\0\2\1"  # 192.0.2.1:80


# Version 4.


def proxy4() -> tuple[Proxy4, StringTransport]:
    proxy = Proxy4(None, Network())
    return proxy, connect(proxy)


@pytest.mark.parametrize("size", [1, 4, 100])
def test_connect4(size: int) -> None:
    """CONNECT is granted when the connection is there; from then on bytes pass both ways."""
    proxy, client = proxy4()
    request = request4(1, 80, "192.0.2.1")
    for at in range(0, len(request), size):
        assert client.value() == b""
        proxy.dataReceived(request[at : at + size])
    assert proxy.asked == (1, "192.0.2.1", 80, b"fred")
    server = proxy.arrive()
    assert client.value() == GRANTED4
    proxy.dataReceived(b"question")
    assert server.value() == b"question"
    server.protocol.dataReceived(b"answer")  # type: ignore[attr-defined]  # the transport with disconnection has it
    assert client.value() == GRANTED4 + b"answer"
    assert client.producer is server
    assert server.producer is client


def test_name4a() -> None:
    """With 4a we resolve the name; who decides is asked about the address."""
    proxy, _ = proxy4()
    proxy.dataReceived(request4(1, 80, "0.0.0.1", tail=b"example.com\0"))
    assert proxy.asked[1] == "192.0.2.7"
    assert proxy.target == ("192.0.2.7", 80)


def test_early4() -> None:
    """What a client sends behind its request waits for the other side, and the client is not read meanwhile."""
    proxy, client = proxy4()
    proxy.dataReceived(request4(1, 80, "192.0.2.1") + b"early")
    assert client.producerState == "paused"
    proxy.dataReceived(b" bird")
    assert proxy.arrive().value() == b"early bird"
    assert client.producerState == "producing"


@pytest.mark.parametrize(
    "request_",
    [
        b"\5" + request4(1, 80, "192.0.2.1")[1:],
        request4(9, 80, "192.0.2.1"),
        request4(1, 80, "192.0.2.1", user=b"x" * 256),
        request4(1, 80, "0.0.0.1", tail=b"x" * 256),
        request4(1, 80, "0.0.0.1", tail=b"\0"),
        request4(1, 80, "0.0.0.1", tail=b"a b\0"),
        request4(1, 80, "0.0.0.1", tail=b"no.such.name\0"),
        b"GET / HTTP/1.1\r\n",
    ],
)
def test_badRequest4(request_: bytes) -> None:
    """What is no request, or leads nowhere, is refused by the protocol's own reply."""
    proxy, client = proxy4()
    proxy.dataReceived(request_)
    assert client.value() == REFUSED4
    assert not client.connected


def test_refused4() -> None:
    """Who may not is refused, and who can't be connected."""
    proxy, client = proxy4()
    proxy.allowed = False
    proxy.dataReceived(request4(1, 80, "192.0.2.1"))
    assert (client.value(), client.connected) == (REFUSED4, False)
    proxy, client = proxy4()
    proxy.dataReceived(request4(1, 80, "192.0.2.1"))
    proxy.connecting.errback(error.ConnectionRefusedError())
    assert (client.value(), client.connected) == (REFUSED4, False)


def test_bind4() -> None:
    """BIND tells where we listen, then who came, and lets bytes pass."""
    proxy, client = proxy4()
    proxy.dataReceived(request4(2, 80, "192.0.2.1"))
    assert client.value() == b"\0\x5a\4\xd2\xc6\x33\x64\1"
    client.clear()
    incoming = proxy.incoming.buildProtocol(IPv4Address("TCP", "192.0.2.1", 80))
    assert isinstance(incoming, SOCKSv4Incoming)
    server = connect(incoming, "192.0.2.1", 80)
    assert client.value() == GRANTED4
    proxy.dataReceived(b"hello")
    assert server.value() == b"hello"
    assert proxy.incoming.buildProtocol(IPv4Address("TCP", "192.0.2.1", 80)) is None


def test_bindToStranger4() -> None:
    """When somebody else connects than was waited for, the client is told, and both are closed."""
    proxy, client = proxy4()
    proxy.dataReceived(request4(2, 80, "192.0.2.1"))
    client.clear()
    assert proxy.incoming.buildProtocol(IPv4Address("TCP", "192.0.2.99", 80)) is None
    assert (client.value(), client.connected) == (REFUSED4, False)


@pytest.mark.parametrize("version", [4, 5])
def test_endsTogether(version: int) -> None:
    """When one side is lost the other is closed."""
    for first in ("client", "server"):
        proxy: Any = Proxy4(None, Network()) if version == 4 else Proxy5(None, Network())
        client = connect(proxy)
        proxy.dataReceived(request4(1, 80, "192.0.2.1") if version == 4 else b"\5\1\0\5\1\0\1\xc0\0\2\1\0\x50")
        server = proxy.arrive()
        {"client": client, "server": server}[first].loseConnection()
        assert not client.connected
        assert not server.connected


def test_lostWhileConnecting() -> None:
    """A client that leaves takes its attempt with it."""
    proxy, client = proxy4()
    proxy.dataReceived(request4(1, 80, "192.0.2.1"))
    cancelled: list[Any] = []
    proxy.connecting.addErrback(cancelled.append)
    client.loseConnection()
    assert proxy.connecting.called
    assert not proxy.reactor.getDelayedCalls()


def test_patience() -> None:
    """A client that says nothing is closed after half a minute, and not before."""
    for proxy in (Proxy4(None, Network()), Proxy5(None, Network())):
        client = connect(proxy)
        proxy.reactor.advance(29)
        assert client.connected
        proxy.reactor.advance(1)
        assert not client.connected


def test_bindPatience() -> None:
    """Nobody comes within two minutes: the client is refused, and the port is closed."""
    reactor = MemoryReactorClock()
    proxy = SOCKSv4(None, reactor)
    client = connect(proxy)
    proxy.dataReceived(request4(2, 80, "192.0.2.1"))
    port, factory = reactor.tcpServers[0][:2]
    assert port == 0
    assert isinstance(factory, SOCKSv4IncomingFactory)
    client.clear()
    reactor.advance(120)
    assert (client.value(), client.connected) == (REFUSED4, False)


def test_log(tmp_path: Any) -> None:
    """What passes is appended to the log, with who sent it to whom."""
    path = tmp_path / "log"
    proxy = Proxy4(str(path), Network())
    connect(proxy)
    proxy.dataReceived(request4(1, 80, "192.0.2.1"))
    proxy.arrive()
    proxy.dataReceived(b"question")
    assert "192.0.2.1:80" in path.read_text()
    assert "b'question'" in path.read_text()


def test_logOnAFullDisk(tmp_path: Any) -> None:
    """A log that can't be written is told of once; what passes goes on to pass."""
    proxy = Proxy4("/dev/full", Network())
    connect(proxy)
    proxy.dataReceived(request4(1, 80, "192.0.2.1"))
    server = proxy.arrive()
    with capturedLogs() as events:
        proxy.dataReceived(b"one")
        proxy.dataReceived(b"two")
    assert server.value() == b"onetwo"
    assert [event["failure"].type for event in events] == [OSError]


@pytest.mark.parametrize("name", [b"", b"example.com\0"])
@pytest.mark.parametrize("version", [4, 5])
def test_authorizeRaises(version: int, name: bytes) -> None:
    """When the program's `authorize` raises, the client is refused at once, whether it gave a name or an address."""

    def authorize(*args: Any) -> bool:
        raise ValueError("mine")

    proxy: Any = Proxy4(None, Network()) if version == 4 else Proxy5(None, Network())
    proxy.authorize = authorize
    client = connect(proxy)
    if version == 4:
        asked = request4(1, 80, "0.0.0.1" if name else "192.0.2.1", tail=name)
    else:
        asked = b"\5\1\0\5\1\0" + (b"\3\x0bexample.com" if name else b"\1\xc0\0\2\1") + b"\0\x50"
    with capturedLogs() as events:
        proxy.dataReceived(asked)
    assert client.value().endswith(REFUSED4 if version == 4 else refusal(1))
    assert not client.connected
    assert [event["failure"].type for event in events] == [ValueError]


def test_factories() -> None:
    """The factories hand on what they were given."""
    assert SOCKSv4Factory("file").buildProtocol(None).logging == "file"
    assert SOCKSv5Factory(None, {b"a": b"b"}).buildProtocol(None).users == {b"a": b"b"}
    assert SOCKSv4Outgoing.__module__ == "ropewalk.protocols.socks"


# Version 5.

TO_ADDRESS = b"\5\1\0\1\xc0\0\2\1\0\x50"
GRANTED5 = b"\5\0\0\1\xc0\0\2\1\0\x50"


def refusal(code: int) -> bytes:
    return bytes((5, code)) + b"\0\1" + bytes(6)


def proxy5(users: dict[bytes, bytes] | None = None) -> tuple[Proxy5, StringTransport]:
    proxy = Proxy5(None, Network(), users)
    return proxy, connect(proxy)


@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize(
    ("where", "target"),
    [
        (b"\1\xc0\0\2\1", ("192.0.2.1", 80)),
        (b"\3\x0bexample.com", ("192.0.2.7", 80)),
        (b"\4" + b"\0" * 15 + b"\1", ("::1", 80)),
    ],
)
def test_connect5(where: bytes, target: tuple[str, int], size: int) -> None:
    """CONNECT to each kind of address; what came behind it is passed on."""
    proxy, client = proxy5()
    talk = b"\5\1\0\5\1\0" + where + b"\0\x50early"
    for at in range(0, len(talk), size):
        proxy.dataReceived(talk[at : at + size])
    assert proxy.target == target
    server = proxy.arrive()
    assert client.value() == b"\5\0" + GRANTED5
    assert server.value() == b"early"


def test_password() -> None:
    """With users, a client has to give a password, and who decides learns who it is."""
    proxy, client = proxy5({b"fred": b"secret"})
    proxy.dataReceived(b"\5\2\0\2" + b"\1\4fred\6secret" + TO_ADDRESS)
    assert client.value() == b"\5\2\1\0"
    assert proxy.asked == (1, "192.0.2.1", 80, b"fred")


@pytest.mark.parametrize("message", [b"\1\4fred\5wrong", b"\1\4nobo\6secret", b"\1\4fred\0"])
def test_wrongPassword(message: bytes) -> None:
    """A wrong password, an unknown user and an empty password are rejected alike."""
    proxy, client = proxy5({b"fred": b"secret"})
    proxy.dataReceived(b"\5\1\2" + message + TO_ADDRESS)
    assert (client.value(), client.connected) == (b"\5\2\1\1", False)


def test_noMethodFits() -> None:
    """A client that offers nothing that we take is told so."""
    proxy, client = proxy5({b"fred": b"secret"})
    proxy.dataReceived(b"\5\1\0")
    assert (client.value(), client.connected) == (b"\5\xff", False)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"\5\3\0\1\xc0\0\2\1\0\x50", 7),
        (b"\5\1\0\5\xc0\0\2\1\0\x50", 8),
        (b"\5\1\0\3\0\0\x50", 1),
        (b"\5\1\0\3\3a\0b\0\x50", 1),
        (b"\5\1\0\3\7no.such\0\x50", 4),
        (b"\4\1\0\1\xc0\0\2\1\0\x50", 1),
    ],
)
def test_badRequest5(message: bytes, code: int) -> None:
    """What we don't do, or can't read, is refused with the code for it."""
    proxy, client = proxy5()
    proxy.dataReceived(b"\5\1\0" + message)
    assert (client.value(), client.connected) == (b"\5\0" + refusal(code), False)


def test_badGreeting5() -> None:
    """A client of another protocol is closed on: there is no reply it would understand."""
    proxy, client = proxy5()
    proxy.dataReceived(b"GET / HTTP/1.1\r\n\r\n")
    assert (client.value(), client.connected) == (b"", False)


@pytest.mark.parametrize(
    ("problem", "code"),
    [(error.ConnectionRefusedError(), 5), (error.NoRouteError(), 3), (error.TimeoutError(), 4), (ValueError(), 1)],
)
def test_failed5(problem: Exception, code: int) -> None:
    """The client is told why it couldn't be connected."""
    proxy, client = proxy5()
    proxy.dataReceived(b"\5\1\0" + TO_ADDRESS)
    proxy.connecting.errback(problem)
    assert (client.value(), client.connected) == (b"\5\0" + refusal(code), False)


def test_notAllowed5() -> None:
    """Who may not is told so."""
    proxy, client = proxy5()
    proxy.allowed = False
    proxy.dataReceived(b"\5\1\0" + TO_ADDRESS)
    assert client.value() == b"\5\0" + refusal(2)


def test_bind5() -> None:
    """BIND is answered twice: where we listen, and who came; a stranger ends it."""
    proxy, client = proxy5()
    proxy.dataReceived(b"\5\1\0\5\2" + TO_ADDRESS[2:])
    client.clear()
    server = connect(proxy.incoming.buildProtocol(IPv4Address("TCP", "192.0.2.1", 80)), "192.0.2.1", 80)
    assert client.value() == GRANTED5
    proxy.dataReceived(b"hello")
    assert server.value() == b"hello"
    proxy, client = proxy5()
    proxy.dataReceived(b"\5\1\0\5\2" + TO_ADDRESS[2:])
    assert proxy.incoming.buildProtocol(IPv4Address("TCP", "192.0.2.2", 80)) is None
    assert client.value().endswith(refusal(2))


# The endpoint.


class Hearing(Protocol):
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.heard = b""

    def dataReceived(self, data: bytes) -> None:
        self.heard += data


def dial(host: str = "example.com", protocol: Any = Hearing, **how: Any) -> tuple[Any, Any, list[Any], Any]:
    """Connect through a proxy; return the talk with it, its transport, the list of the outcome, and the reactor."""
    reactor: Any = MemoryReactorClock()
    endpoint = SOCKS5ClientEndpoint(reactor, host, 80, TCP4ClientEndpoint(reactor, "127.0.0.1", 1080), **how)
    found: list[Any] = []
    connecting = endpoint.connect(Factory.forProtocol(protocol))
    connecting.addCallbacks(found.append, lambda reason: found.append(reason.value))
    factory = reactor.tcpClients[0][2]
    talk = factory.buildProtocol(IPv4Address("TCP", "127.0.0.1", 1080))
    transport = StringTransportWithDisconnection()
    transport.protocol = talk
    talk.makeConnection(transport)
    reactor.connecting = connecting
    return transport.protocol, transport, found, reactor


def test_endpoint() -> None:
    """The program's protocol is connected when the proxy says so, is in its place, and gets what came behind."""
    talk, transport, found, reactor = dial()
    assert transport.value() == b"\5\1\0"
    transport.clear()
    talk.dataReceived(b"\5\0")
    assert transport.value() == b"\5\1\0\3\x0bexample.com\0\x50"
    talk.dataReceived(GRANTED5 + b"first")
    (protocol,) = found
    assert isinstance(protocol, Hearing)
    assert transport.protocol is protocol
    assert protocol.heard == b"first"
    assert not reactor.getDelayedCalls()


def test_endpointPassword() -> None:
    """The password is offered, and given when it is wanted."""
    talk, transport, found, _ = dial(username=b"fred", password=b"secret")
    assert transport.value() == b"\5\2\0\2"
    transport.clear()
    talk.dataReceived(b"\5\2")
    assert transport.value() == b"\1\4fred\6secret"
    talk.dataReceived(b"\1\0" + GRANTED5)
    assert isinstance(found[0], Hearing)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"\5\xff", "in a way that we don't offer"),
        (b"\5\2", "in a way that we don't offer"),
        (b"\5\0" + refusal(5), "the host refused"),
        (b"\5\0" + refusal(99), "doesn't know"),
        (b"HTTP/1.1 400\r\n", "speaks something else"),
    ],
)
def test_endpointRefused(answer: bytes, text: str) -> None:
    """What the proxy refuses fails with a sentence that says so, and the connection is given up."""
    talk, transport, found, reactor = dial()
    talk.dataReceived(answer)
    assert type(found[0]) is SOCKSError
    assert text in str(found[0])
    assert not transport.connected
    assert not reactor.getDelayedCalls()


def test_endpointProtocolRaises() -> None:
    """What the program's protocol raises while it is connected is what became of the attempt."""

    def connectionMade(self: Any) -> None:
        raise ValueError("mine")

    talk, _, found, _ = dial(protocol=type("Raising", (Protocol,), {"connectionMade": connectionMade}))
    talk.dataReceived(b"\5\0")
    with pytest.raises(ValueError, match="mine"):
        talk.dataReceived(GRANTED5)
    assert [type(outcome) for outcome in found] == [ValueError]


def test_endpointLost() -> None:
    """A proxy that hangs up fails the attempt."""
    _, transport, found, _ = dial()
    transport.loseConnection()
    assert type(found[0]) is SOCKSError


def test_endpointTimeout() -> None:
    """A proxy that is silent is given up after the time, and not before."""
    _, transport, found, reactor = dial(timeout=10)
    reactor.advance(9)
    assert found == []
    reactor.advance(1)
    assert type(found[0]) is error.TimeoutError
    assert not transport.connected


def test_endpointCancelled() -> None:
    """Who cancels gives up the connection to the proxy."""
    _, transport, found, reactor = dial()
    reactor.connecting.cancel()
    assert type(found[0]) is error.ConnectingCancelledError
    assert not transport.connected


@pytest.mark.parametrize("how", [{"host": "x" * 256}, {"host": "a b"}, {"host": ""}, {"username": b"u" * 256}])
def test_endpointBadArguments(how: dict[str, Any]) -> None:
    """What can't be sent fails before anything is."""
    reactor = MemoryReactorClock()
    how = {"host": "example.com", **how}
    endpoint = SOCKS5ClientEndpoint(reactor, port=80, proxyEndpoint=TCP4ClientEndpoint(reactor, "127.0.0.1", 1), **how)
    found: list[Any] = []
    endpoint.connect(Factory.forProtocol(Hearing)).addErrback(lambda reason: found.append(reason.value))
    assert type(found[0]) is LocalProtocolError
    assert reactor.tcpClients == []


# The wire.


def events(reader: Any, data: bytes, cuts: int) -> list[Any]:
    found: list[Any] = []
    try:
        for at in range(0, len(data), cuts):
            reader.feed(data[at : at + cuts])
            while (event := reader.next()) is not NEED_DATA:
                found.append(event)
    except RemoteProtocolError as problem:
        found.append(str(type(problem)))
    return found


@given(st.lists(st.sampled_from([b"\4", b"\1", b"\2", b"\0", b"\0\0\0", b"name", b"\5", b"\3", b"\xff", b"\7"])))
def test_anyBytes(parts: list[bytes]) -> None:
    """Any bytes read the same in one piece and one by one, at every stage; nothing unforeseen is raised."""
    data = b"".join(parts)
    whole = max(1, len(data))
    assert events(socks4.RequestReader(), data, 1) == events(socks4.RequestReader(), data, whole)
    for stage in socks5.Stage:
        if stage in (socks5.Stage.PASSWORD, socks5.Stage.REQUEST, socks5.Stage.VERDICT, socks5.Stage.REPLY):
            assert events(socks5.Reader(stage), data, 1) == events(socks5.Reader(stage), data, whole)


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6), st.integers(0, 65535), st.integers(1, 9))
def test_anyDestination(address: Any, port: int, cuts: int) -> None:
    """What we write for an address is read as that address."""
    data = socks5.destination(1, str(address), port)
    (found,) = events(socks5.Reader(socks5.Stage.REQUEST), data, cuts)
    assert socket.getaddrinfo(found.host, 0, flags=socket.AI_NUMERICHOST)[0][4][0] == str(address) or ":" in found.host
    assert found.port == port
