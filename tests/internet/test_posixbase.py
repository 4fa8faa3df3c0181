"""What reactors connect and listen to. The methods are thin: these tests see that each reaches its transport."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from zope.interface.verify import verifyObject

from ropewalk.internet import interfaces
from ropewalk.internet.address import IPv4Address
from ropewalk.internet.defer import Deferred
from ropewalk.internet.error import ConnectionRefusedError, TimeoutError, UnsupportedAddressFamily, UserError
from ropewalk.internet.protocol import ClientFactory, DatagramProtocol, Factory, Protocol
from support.reactors import run
from support.recording import Connecting
from support.tlsnetworks import OpenSSL, Stdlib

INTERFACES = [
    "IReactorCore",
    "IReactorFDSet",
    "IReactorFromThreads",
    "IReactorInThreads",
    "IReactorMulticast",
    "IReactorPluggableNameResolver",
    "IReactorPluggableResolver",
    "IReactorSSL",
    "IReactorSocket",
    "IReactorTCP",
    "IReactorThreads",
    "IReactorTime",
    "IReactorUDP",
    "IReactorUNIX",
    "IReactorUNIXDatagram",
]


@pytest.mark.parametrize("name", INTERFACES)
def test_interface(reactor: Any, name: str) -> None:
    """Every reactor provides what it says (F007)."""
    assert verifyObject(getattr(interfaces, name), reactor)


class Greeter(Protocol):
    def connectionMade(self) -> None:
        self.transport.write(b"hello")
        self.transport.loseConnection()


class Listener(Protocol):
    def __init__(self) -> None:
        self.received = b""
        self.over: Deferred[bytes] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        self.received += data

    def connectionLost(self, reason: Any = None) -> None:
        self.over.callback(self.received)


def listening() -> tuple[Listener, ClientFactory[Any]]:
    protocol = Listener()
    factory: ClientFactory[Any] = ClientFactory()
    factory.buildProtocol = lambda addr: protocol  # type: ignore[method-assign]  # one connection, one protocol
    factory.noisy = False
    return protocol, factory


def test_tcp(reactor: Any) -> None:
    async def main() -> bytes:
        port = reactor.listenTCP(0, Factory.forProtocol(Greeter), 5, "127.0.0.1")
        protocol, factory = listening()
        reactor.connectTCP("127.0.0.1", port.getHost().port, factory, 5)
        received = await protocol.over
        await port.stopListening()
        return received

    assert run(reactor, main) == b"hello"


def test_ssl(reactor: Any) -> None:
    """F105: listenSSL and connectSSL take what listenTCP and connectTCP take, and a context factory."""

    async def main() -> bytes:
        port = reactor.listenSSL(0, Factory.forProtocol(Greeter), Stdlib.server(), 5, "127.0.0.1")
        assert port.getHost() == IPv4Address("TCP", "127.0.0.1", port.getHost().port)
        assert f"TLSMemoryBIOFactory'> on {port.getHost().port}>" in repr(port)
        protocol, factory = listening()
        number = port.getHost().port
        connector = reactor.connectSSL("127.0.0.1", number, factory, OpenSSL.client(), 5, ("127.0.0.1", 0))
        assert connector.getDestination() == IPv4Address("TCP", "127.0.0.1", number)
        assert connector.state == "connecting"
        received = await protocol.over
        await port.stopListening()
        assert connector.state == "disconnected"
        return received

    assert run(reactor, main) == b"hello"


def test_sslGivesUpAsTCPDoes(reactor: Any) -> None:
    """A connector's attempt is refused, stopped or timed out; no protocol is built, and the factory hears why."""

    async def main() -> None:
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            refused = Connecting()
            reactor.connectSSL("127.0.0.1", holder.getsockname()[1], refused, Stdlib.client())
            assert type((await refused.failed).value) is ConnectionRefusedError
            stopped = Connecting()
            reactor.connectSSL("127.0.0.1", 1, stopped, Stdlib.client()).stopConnecting()
            assert type((await stopped.failed).value) is UserError
            late = Connecting()
            reactor.connectSSL("host.invalid", 1, late, Stdlib.client(), timeout=0)
            assert type((await late.failed).value) is TimeoutError
        for factory in (refused, stopped, late):
            assert factory.heard == ["startedConnecting", "clientConnectionFailed"]

    run(reactor, main)


@pytest.mark.parametrize(("host", "ends"), [("localhost", b"hello"), ("127.0.0.2", b"")])
def test_sslWithPythonsOwnContextChecksTheHost(reactor: Any, host: str, ends: bytes) -> None:
    """A client's ssl.SSLContext with check_hostname compares the certificate with connectSSL's host."""

    async def main() -> bytes:
        context = Stdlib.client()
        context.check_hostname = True
        port = reactor.listenSSL(0, Factory.forProtocol(Greeter), Stdlib.server())
        protocol, factory = listening()
        reactor.connectSSL(host, port.getHost().port, factory, context)
        received = await protocol.over
        await port.stopListening()
        return received

    assert run(reactor, main) == ends


def test_sslNeedsAFactory(reactor: Any) -> None:
    """A protocol, or its class, in place of a factory is an error that says so, as for listenTCP."""
    with pytest.raises(TypeError, match="forProtocol"):
        reactor.listenSSL(0, Greeter, Stdlib.server())


def test_unix(reactor: Any, tmp_path: Path) -> None:
    async def main() -> bytes:
        path = str(tmp_path / "socket")
        port = reactor.listenUNIX(path, Factory.forProtocol(Greeter), mode=0o600)
        assert (tmp_path / "socket").stat().st_mode & 0o777 == 0o600
        protocol, factory = listening()
        reactor.connectUNIX(path, factory)
        received = await protocol.over
        await port.stopListening()
        return received

    assert run(reactor, main) == b"hello"


class Datagrams(DatagramProtocol):
    def __init__(self) -> None:
        self.got: Deferred[bytes] = Deferred()

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        if not self.got.called:
            self.got.callback(datagram)


@pytest.mark.parametrize("method", ["listenUDP", "listenMulticast"])
def test_udp(reactor: Any, method: str) -> None:
    async def main() -> bytes:
        there, here = Datagrams(), Datagrams()
        port = getattr(reactor, method)(0, there, "127.0.0.1")
        other = reactor.listenUDP(0, here, interface="127.0.0.1", maxPacketSize=100)
        other.write(b"datagram", ("127.0.0.1", port.getHost().port))
        got = await there.got
        await port.stopListening()
        await other.stopListening()
        return got

    assert run(reactor, main) == b"datagram"


def test_adoptedSockets(reactor: Any) -> None:
    """Sockets made elsewhere are taken over; the caller closes its own copy when it likes."""

    async def main() -> list[bytes]:
        with socket.create_server(("127.0.0.1", 0)) as made:
            made.setblocking(False)
            address = made.getsockname()
            port = reactor.adoptStreamPort(made.fileno(), socket.AF_INET, Factory.forProtocol(Greeter))
        client = socket.create_connection(address)
        client.setblocking(False)
        protocol, factory = listening()
        reactor.adoptStreamConnection(client.fileno(), socket.AF_INET, factory)
        client.close()
        received = [await protocol.over]
        await port.stopListening()

        there = Datagrams()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.bind(("127.0.0.1", 0))
            datagrams.setblocking(False)
            port = reactor.adoptDatagramPort(datagrams.fileno(), socket.AF_INET, there)
        port.write(b"to myself", ("127.0.0.1", port.getHost().port))
        received.append(await there.got)
        await port.stopListening()
        return received

    assert run(reactor, main) == [b"hello", b"to myself"]


@pytest.mark.parametrize("method", ["adoptStreamPort", "adoptStreamConnection", "adoptDatagramPort"])
def test_unknownFamilies(reactor: Any, method: str) -> None:
    with pytest.raises(UnsupportedAddressFamily, match="AF_INET and AF_INET6 can"):
        getattr(reactor, method)(0, 12345, None)
