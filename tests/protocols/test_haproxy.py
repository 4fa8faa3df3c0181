"""The PROXY protocol, both versions and both ways: who the protocol believes to talk to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk._wire.events import NEED_DATA, LocalProtocolError, RemoteProtocolError
from ropewalk.internet.address import IPv4Address, IPv6Address, UNIXAddress
from ropewalk.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint, connectProtocol, serverFromString
from ropewalk.internet.protocol import Factory, Protocol
from ropewalk.internet.testing import MemoryReactorClock, StringTransport, StringTransportWithDisconnection
from ropewalk.protocols._wire.proxyheader import SIGNATURE, Reader
from ropewalk.protocols.haproxy import proxyClientEndpoint, proxyEndpoint
from support.reactors import run
from support.recording import Recorder

PROXY = IPv4Address("TCP", "192.0.2.99", 9)


class Seeing(Protocol):
    """Notes who it talks to, and hears."""

    def connectionMade(self) -> None:
        self.heard = b""
        self.seen = (self.transport.getPeer(), self.transport.getHost())

    def dataReceived(self, data: bytes) -> None:
        self.heard += data
        if self.heard == b"good-bye":
            self.transport.loseConnection()


class Noting(Factory[Any]):
    """Notes for whom it makes protocols."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.made: list[Any] = []

    def buildProtocol(self, addr: Any) -> Any:
        self.asked.append(addr)
        self.made.append(Seeing())
        return self.made[-1]


def served(data: bytes, size: int = 10**6) -> tuple[Noting, StringTransportWithDisconnection, MemoryReactorClock]:
    """Send bytes to a server behind the endpoint."""
    reactor, factory = MemoryReactorClock(), Noting()
    proxyEndpoint(TCP4ServerEndpoint(reactor, 80)).listen(factory)
    wrapper = reactor.tcpServers[0][1].buildProtocol(PROXY)
    assert wrapper is not None
    transport = StringTransportWithDisconnection(peerAddress=PROXY)
    transport.protocol = wrapper
    wrapper.makeConnection(transport)
    for at in range(0, len(data), size):
        wrapper.dataReceived(data[at : at + size])
    return factory, transport, reactor


V4 = (IPv4Address("TCP", "192.0.2.1", 1000), IPv4Address("TCP", "192.0.2.2", 2000))
V6 = (IPv6Address("TCP", "::1", 1000), IPv6Address("TCP", "::2", 2000))
UNIX = (UNIXAddress("/a"), UNIXAddress("/b"))
IN4 = b"\xc0\0\2\1\xc0\0\2\2\x03\xe8\x07\xd0"


def test_closedWhenItIsConnected() -> None:
    """A protocol that closes at once hears nothing of what came with the header."""

    class Closing(Seeing):
        def connectionMade(self) -> None:
            super().connectionMade()
            self.transport.loseConnection()

    reactor, made = MemoryReactorClock(), Closing()
    factory: Any = Factory()
    factory.buildProtocol = lambda addr: made
    proxyEndpoint(TCP4ServerEndpoint(reactor, 80)).listen(factory)
    wrapper = reactor.tcpServers[0][1].buildProtocol(PROXY)
    assert wrapper is not None
    wrapper.makeConnection(StringTransport())
    wrapper.dataReceived(b"PROXY UNKNOWN\r\nhello")
    assert made.heard == b""


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize(
    ("header", "seen"),
    [
        (b"PROXY TCP4 192.0.2.1 192.0.2.2 1000 2000\r\n", V4),
        (b"PROXY TCP6 ::1 0:0:0:0:0:0:0:2 1000 2000\r\n", V6),
        (SIGNATURE + b"\x21\x11\0\x0c" + IN4, V4),
        (SIGNATURE + b"\x21\x11\0\x10" + IN4 + b"more", V4),
        (SIGNATURE + b"\x21\x21\0\x24" + bytes(15) + b"\1" + bytes(15) + b"\2" + IN4[8:], V6),
        (SIGNATURE + b"\x21\x31\0\xd8" + b"/a".ljust(108, b"\0") + b"/b".ljust(108, b"\0"), UNIX),
    ],
)
def test_header(header: bytes, seen: Any, size: int) -> None:
    """The protocol is made for the client, sees the client's addresses from the start, and hears what follows."""
    factory, transport, reactor = served(header + b"hello", size)
    assert factory.asked == [seen[0]]
    assert factory.made[0].seen == seen
    assert factory.made[0].heard == b"hello"
    assert transport.connected
    assert not reactor.getDelayedCalls()


@pytest.mark.parametrize(
    "header",
    [
        b"PROXY UNKNOWN\r\n",
        b"PROXY UNKNOWN whatever this is\r\n",
        SIGNATURE + b"\x20\0\0\0",
        SIGNATURE + b"\x20\x11\0\x0c" + IN4,
        SIGNATURE + b"\x21\x12\0\x0c" + IN4,
    ],
)
def test_proxysOwn(header: bytes) -> None:
    """Of a connection of the proxy's own, or of a kind that we don't know, the addresses are the real ones."""
    factory, _, _ = served(header + b"hello")
    assert factory.asked == [PROXY]
    assert factory.made[0].seen[0] == PROXY
    assert factory.made[0].heard == b"hello"


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.0\r\n",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 1000\r\n",
        b"PROXY TCP4 nobody 192.0.2.2 1000 2000\r\n",
        b"PROXY TCP4 ::1 ::2 1000 2000\r\n",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 1000 99999\r\n",
        b"PROXY UDP4 192.0.2.1 192.0.2.2 1000 2000\r\n",
        b"PROXY \r\n",
        b"PROXY UNKNOWN" + b"x" * 93 + b"\r\n",
        SIGNATURE + b"\x31\x11\0\x0c" + IN4,
        SIGNATURE + b"\x21\x11\0\x0b" + IN4,
        SIGNATURE + b"\x21\x11\xff\xff",
    ],
)
def test_noHeader(data: bytes) -> None:
    """A connection that does not begin with a good header is closed, and no protocol is made for it."""
    factory, transport, reactor = served(data + b"hello")
    assert factory.asked == []
    assert not transport.connected
    assert not reactor.getDelayedCalls()


def test_longestLine() -> None:
    """A line of 107 bytes, its end included, is a header."""
    factory, _, _ = served(b"PROXY UNKNOWN" + b" " * 92 + b"\r\n")
    assert factory.asked == [PROXY]


def test_patience() -> None:
    """A header that does not come within half a minute is not waited for."""
    _, transport, reactor = served(b"PROXY ")
    reactor.advance(29)
    assert transport.connected
    reactor.advance(1)
    assert not transport.connected


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("ends", [V4, V6, (None, None)])
def test_bothWays(reactor: Any, version: int, ends: Any) -> None:
    """What our client endpoint tells, our server endpoint understands, over TCP."""

    async def main() -> None:
        factory = Noting()
        plain = TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1")
        port = await proxyEndpoint(plain).listen(factory)
        client = Recorder()
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port)
        await connectProtocol(proxyClientEndpoint(endpoint, ends[0], ends[1], version), client)
        client.transport.write(b"good-bye")
        await client.lost
        (made,) = factory.made
        assert made.heard == b"good-bye"
        assert made.seen == (ends if ends[0] else (made.seen[0], port.getHost()))
        await port.stopListening()

    run(reactor, main)


def test_description() -> None:
    """``haproxy:`` before a server's description is that server behind a proxy, its arguments as they were."""
    reactor = MemoryReactorClock()
    serverFromString(reactor, r"haproxy:unix:/run/a\:b=c.sock:mode=660".replace("=c", r"\=c")).listen(Noting())
    serverFromString(reactor, "haproxy:tcp:8080:interface=127.0.0.1").listen(Noting())
    assert reactor.unixServers[0][0] == "/run/a:b=c.sock"
    port, factory, _, interface = reactor.tcpServers[0]
    assert (port, interface) == (8080, "127.0.0.1")
    assert factory.buildProtocol(PROXY) is not None
    with pytest.raises(ValueError, match="haproxy:tcp:8080"):
        serverFromString(reactor, "haproxy")
    with pytest.raises(ValueError, match="65535"):
        serverFromString(reactor, "haproxy:tcp:99999")


def test_badClients() -> None:
    """What a header can't tell is refused when the endpoint is made."""
    for ends in ((V4[0], V6[1]), UNIX):
        with pytest.raises(LocalProtocolError):
            proxyClientEndpoint(None, ends[0], ends[1], 1)
    with pytest.raises(ValueError, match="versions 1 and 2"):
        proxyClientEndpoint(None, version=3)


@given(
    st.lists(
        st.sampled_from([b"PROXY ", b"TCP4 ", b"1.2.3.4 ", b"80", b"\r\n", SIGNATURE, b"\x21\x11\0\x0c", b"\0" * 6])
    )
)
def test_anyBytes(parts: list[bytes]) -> None:
    """Any bytes are a header or none, the same in one piece and one by one."""
    data = b"".join(parts)

    def found(cuts: int) -> Any:
        reader = Reader()
        try:
            for at in range(0, len(data), cuts):
                reader.feed(data[at : at + cuts])
                if (header := reader.next()) is not NEED_DATA:
                    return header
        except RemoteProtocolError:
            return "refused"
        return None

    assert found(1) == found(max(1, len(data)))
