"""What listening ports and connectors promise (IListeningPort, IConnector, their factories), on every reactor."""

from __future__ import annotations

import errno
import gc
import os
import resource
import socket
import subprocess
import sys
import textwrap
import weakref
from typing import Any

import pytest

from ropewalk.internet.address import IPv4Address, IPv6Address
from ropewalk.internet.error import (
    CannotListenError,
    ConnectBindError,
    ConnectError,
    ConnectionAborted,
    ConnectionDone,
    ConnectionRefusedError,
    DNSLookupError,
    NotConnectingError,
    TimeoutError,
    UnsupportedAddressFamily,
    UnsupportedSocketType,
    UserError,
)
from ropewalk.internet.protocol import Factory, Protocol
from ropewalk.internet.tcp import makeBinding
from support.reactors import reactor, run
from support.recording import (
    NETWORKS,
    TCP,
    UNIX,
    Connecting,
    Recorder,
    Serving,
    converse,
    logged,
    logLines,
    turns,
    until,
)

__all__ = ["reactor"]


@pytest.fixture(params=NETWORKS, ids=lambda make: make.__name__)
def network(request: pytest.FixtureRequest) -> Any:
    return request.param()


def freePort() -> tuple[socket.socket, int]:
    """A port that is taken and refuses connections, until the socket is closed."""
    holder = socket.socket()
    holder.bind(("127.0.0.1", 0))
    return holder, holder.getsockname()[1]


# Ports.


def test_aPortSaysWhatItDoes(reactor: Any) -> None:
    """The log tells of start and end with the number (F014); the factory is started and stopped around it (F022)."""

    class Chat(Factory[Any]):
        protocol = Recorder

    async def main() -> None:
        factory = Chat()
        with logLines() as lines:
            port = TCP().listen(reactor, factory)
            number = port.getHost().port
            assert port.getHost() == IPv4Address("TCP", "127.0.0.1", number)
            assert factory.numPorts == 1
            assert repr(port).endswith(f"on {number}>")
            assert port in reactor.getReaders()
            await port.stopListening()
            assert port.stopListening() is None
        assert lines[0] == f"Chat starting on {number}"
        assert f"(TCP Port {number} Closed)" in lines
        assert factory.numPorts == 0
        assert repr(port).endswith("(not listening)>")
        assert port not in reactor.getReaders()
        with pytest.raises(OSError, match="does not listen"):
            port.getHost()

    run(reactor, main)


def test_aQuietFactorysPortIsQuiet(reactor: Any, network: Any) -> None:
    """noisy = False keeps the start out of the log."""

    async def main() -> None:
        with logLines() as lines:
            port = network.listen(reactor, Serving())
            await port.stopListening()
        assert lines == []

    run(reactor, main)


def test_aPortInUseNamesTheAddress(reactor: Any) -> None:
    """CannotListenError says where and why; the factory was not started."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    number = taken.getsockname()[1]
    factory = Serving()
    with pytest.raises(CannotListenError) as caught:
        reactor.listenTCP(number, factory, interface="127.0.0.1")
    taken.close()
    assert f"127.0.0.1:{number}" in str(caught.value)
    assert "Address already in use" in str(caught.value)
    assert caught.value.socketError.errno == errno.EADDRINUSE
    assert factory.numPorts == 0
    assert reactor.getReaders() == []


def test_badPlacesAreRefused(reactor: Any) -> None:
    """A port that is no number, or two answers to "where", is an error that says so."""
    with pytest.raises(TypeError, match="port is a number"):
        reactor.listenTCP("http", Serving())
    with pytest.raises(ValueError, match="contradict"):
        reactor.listenTCP(makeBinding("127.0.0.1"), Serving(), interface="127.0.0.2")
    with pytest.raises(CannotListenError):
        reactor.listenTCP(0, Serving(), interface="192.0.2.1")


def test_twoPortsShareANumber(reactor: Any) -> None:
    """With reusePort several sockets listen at one address (wish 20)."""

    async def main() -> None:
        first = reactor.listenTCP(makeBinding("127.0.0.1", 0, reusePort=True), Serving())
        number = first.getHost().port
        second = reactor.listenTCP(number, Serving(), interface=makeBinding("127.0.0.1", reusePort=True))
        with pytest.raises(CannotListenError):
            reactor.listenTCP(number, Serving(), interface="127.0.0.1")
        assert second.getHost() == first.getHost()
        for _ in range(20):
            client = Connecting()
            reactor.connectTCP("127.0.0.1", number, client)
            await client.instance.made
            client.instance.transport.abortConnection()
        await until(reactor, lambda: len(first.factory.built) + len(second.factory.built) == 20)
        assert first.factory.built
        assert second.factory.built
        await first.stopListening()
        await second.stopListening()

    run(reactor, main)


def test_aStoppedPortsConnectionsLiveOn(reactor: Any, network: Any) -> None:
    """stopListening closes the port alone; afterwards nobody is accepted."""

    async def main() -> None:
        both = await converse(reactor, network)
        await both.port.stopListening()
        both.client.transport.write(b"still here")
        assert await both.server.got(10) == b"still here"
        await both.close()

    run(reactor, main)


def test_stopListeningWhileAccepting(reactor: Any) -> None:
    """A factory that stops its port from buildProtocol ends the batch that is being accepted."""
    port: Any = None

    class Once(Serving):
        def buildProtocol(self, addr: Any) -> Any:
            port.stopListening()
            return super().buildProtocol(addr)

    async def main() -> None:
        nonlocal port
        port = TCP().listen(reactor, Once())
        port.numberAccepts = 10
        peers = [socket.create_connection(("127.0.0.1", port.getHost().port)) for _ in range(5)]
        await until(reactor, lambda: not port.connected)
        assert len(port.factory.built) == 1
        port.factory.built[0].transport.abortConnection()
        await turns(reactor)
        for peer in peers:
            peer.close()

    run(reactor, main)


def test_aFactoryThatDeclinesOrRaisesClosesThatConnectionOnly(reactor: Any, network: Any) -> None:
    """buildProtocol may return None (F025); when it raises, that is logged; the port goes on in both cases."""

    class Choosy(Serving):
        count = 0

        def buildProtocol(self, addr: Any) -> Any:
            self.count += 1
            if self.count == 1:
                return None
            if self.count == 2:
                raise ZeroDivisionError("buildProtocol")
            return super().buildProtocol(addr)

    async def main() -> None:
        port = network.listen(reactor, Choosy())
        for _ in range(2):
            client = Connecting()
            network.connect(reactor, port, client)
            assert isinstance((await client.instance.lost).value, ConnectionDone)
        client = Connecting()
        network.connect(reactor, port, client)
        await client.instance.made
        client.instance.transport.abortConnection()
        await client.instance.lost
        await until(reactor, lambda: port.factory.built and port.factory.built[0].reason)
        await port.stopListening()

    with logged(ZeroDivisionError):
        run(reactor, main)


# Connectors.


def test_aConnectorTellsItsFactory(reactor: Any, network: Any) -> None:
    """F045: started, built, lost, in this order; the factory runs from first to last (F022)."""

    async def main() -> None:
        both = await converse(reactor, network)
        assert both.connector.state == "connected"
        assert both.clientFactory.numPorts == 1
        both.connector.disconnect()
        await both.clientFactory.lost
        await turns(reactor)
        assert both.clientFactory.heard == ["startedConnecting", "buildProtocol", "clientConnectionLost"]
        assert both.connector.state == "disconnected"
        assert both.clientFactory.numPorts == 0
        await both.close()

    run(reactor, main)


def test_refusedNamesTheAddress(reactor: Any) -> None:
    """F035: nobody listens: ConnectionRefusedError, with the address in its sentence."""
    holder, number = freePort()

    async def main() -> None:
        client = Connecting()
        connector = reactor.connectTCP("127.0.0.1", number, client)
        reason = await client.failed
        assert type(reason.value) is ConnectionRefusedError
        assert reason.value.osError == errno.ECONNREFUSED
        assert f"127.0.0.1:{number}" in str(reason.value)
        await turns(reactor)
        assert client.numPorts == 0
        assert connector.state == "disconnected"

    run(reactor, main)
    holder.close()


def test_nothingIsHeardBeforeConnectReturns(reactor: Any) -> None:
    """Whatever goes wrong at once is told a moment later: a bad port, a bad local address, a missing socket."""

    async def main() -> None:
        for connect, kind in (
            (lambda factory: reactor.connectTCP("127.0.0.1", 99999, factory), OverflowError),
            (
                lambda factory: reactor.connectTCP("127.0.0.1", 9, factory, bindAddress=("192.0.2.1", 0)),
                ConnectBindError,
            ),
            (lambda factory: reactor.connectTCP("fe80::1%nosuch", 9, factory), ConnectError),
            (lambda factory: reactor.connectUNIX("/no/such/socket", factory), ConnectError),
        ):
            client = Connecting()
            connect(client)
            assert client.heard == ["startedConnecting"]
            reason = await client.failed
            assert isinstance(reason.value, kind)
            assert client.heard == ["startedConnecting", "clientConnectionFailed"]

    run(reactor, main)


def test_aNameIsResolvedForEachAttempt(reactor: Any) -> None:
    """F032: the reactor's resolver is asked; what it does not know is a DNSLookupError."""
    from zope.interface import implementer

    from ropewalk.internet.defer import fail, succeed
    from ropewalk.internet.interfaces import IResolverSimple

    @implementer(IResolverSimple)
    class Resolver:
        asked: list[str] = []

        def getHostByName(self, name: str, timeout: Any = ()) -> Any:
            self.asked.append(name)
            return succeed("127.0.0.1") if name == "known.example" else fail(DNSLookupError(name))

    async def main() -> None:
        reactor.installResolver(Resolver())
        port = TCP().listen(reactor, Serving())
        client = Connecting()
        connector = reactor.connectTCP("known.example", port.getHost().port, client)
        assert connector.getDestination() == IPv4Address("TCP", "known.example", port.getHost().port)
        await client.instance.made
        assert client.instance.transport.getPeer().host == "127.0.0.1"
        client.instance.transport.loseConnection()
        await client.lost
        unknown = Connecting()
        reactor.connectTCP("unknown.example", 9, unknown)
        assert isinstance((await unknown.failed).value, DNSLookupError)
        assert Resolver.asked == ["known.example", "unknown.example"]
        await port.stopListening()

    run(reactor, main)


def test_aNameMayTurnOutToBeOfIPv6(reactor: Any) -> None:
    """The resolver's answer decides the version of the socket."""
    from zope.interface import implementer

    from ropewalk.internet.defer import succeed
    from ropewalk.internet.interfaces import IResolverSimple

    @implementer(IResolverSimple)
    class Sixth:
        def getHostByName(self, name: str, timeout: Any = ()) -> Any:
            return succeed("::1")

    async def main() -> None:
        reactor.installResolver(Sixth())
        port = reactor.listenTCP(0, Serving(), interface="::1")
        client = Connecting()
        reactor.connectTCP("sixth.example", port.getHost().port, client)
        await client.instance.made
        assert client.instance.transport.getPeer() == IPv6Address("TCP", "::1", port.getHost().port)
        client.instance.transport.abortConnection()
        await client.lost
        bound = Connecting()
        reactor.connectTCP("sixth.example", port.getHost().port, bound, bindAddress=("127.0.0.1", 0))
        reason = await bound.failed
        assert isinstance(reason.value, ConnectBindError)
        assert "127.0.0.1" in str(reason.value)
        await turns(reactor)
        await port.stopListening()

    run(reactor, main)


def test_stopConnectingGivesUp(reactor: Any) -> None:
    """The factory hears a UserError, at once; a second time there is nothing to give up."""

    async def main() -> None:
        client = Connecting()
        connector = reactor.connectTCP("127.0.0.1", 9, client)
        connector.stopConnecting()
        assert isinstance((await client.failed).value, UserError)
        with pytest.raises(NotConnectingError):
            connector.stopConnecting()
        await turns(reactor)
        assert reactor.getWriters() == []

    run(reactor, main)


def test_anAttemptTimesOut(reactor: Any) -> None:
    """TimeoutError says whom and how long; what is left of the attempt is closed."""
    # A listener whose backlog is full lets further attempts wait.
    silent = socket.socket()
    silent.bind(("127.0.0.1", 0))
    silent.listen(0)
    number = silent.getsockname()[1]
    waiting = []
    for _ in range(3):
        peer = socket.socket()
        peer.setblocking(False)
        peer.connect_ex(("127.0.0.1", number))
        waiting.append(peer)

    async def main() -> None:
        client = Connecting()
        reactor.connectTCP("127.0.0.1", number, client, timeout=0.05)
        reason = await client.failed
        assert type(reason.value) is TimeoutError
        assert f"127.0.0.1:{number}" in str(reason.value)
        assert "0.05 seconds" in str(reason.value)
        await turns(reactor)
        assert reactor.getWriters() == []

    run(reactor, main)
    for each in [silent, *waiting]:
        each.close()


def test_aFullUnixBacklogIsWaitedFor(reactor: Any) -> None:
    """A UNIX socket that says "not now" is asked again until it accepts."""

    async def main() -> None:
        import tempfile

        path = os.path.join(tempfile.mkdtemp(), "s")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(0)
        filler = socket.socket(socket.AF_UNIX)
        filler.connect(path)
        client = Connecting()
        reactor.connectUNIX(path, client)
        await turns(reactor, 5)
        assert client.heard == ["startedConnecting"]
        accepted = [listener.accept()[0]]
        await client.instance.made
        client.instance.transport.abortConnection()
        await client.lost
        for each in [listener, filler, *accepted]:
            each.close()

    run(reactor, main)


def test_reconnectingFromClientConnectionLost(reactor: Any, network: Any) -> None:
    """F046: connector.connect() in clientConnectionLost starts over with the same factory, which is not stopped."""

    class Again(Connecting):
        stops = 0
        lives = 3

        def buildProtocol(self, addr: Any) -> Any:
            self.heard.append("buildProtocol")

            class Brief(Protocol):
                def connectionMade(self) -> None:
                    self.transport.loseConnection()

            return Brief()

        def clientConnectionLost(self, connector: Any, reason: Any) -> None:
            self.lives -= 1
            if self.lives:
                connector.connect()
            else:
                super().clientConnectionLost(connector, reason)

        def stopFactory(self) -> None:
            self.stops += 1

    async def main() -> None:
        port = network.listen(reactor, Serving())
        client = Again()
        connector = network.connect(reactor, port, client)
        with pytest.raises(RuntimeError, match="connecting already"):
            connector.connect()
        await client.lost
        await turns(reactor)
        assert client.heard.count("buildProtocol") == 3
        assert client.stops == 1
        await until(reactor, lambda: len(port.factory.built) == 3 and all(each.reason for each in port.factory.built))
        await port.stopListening()

    run(reactor, main)


def test_aClientsFactoryThatDeclinesOrRaises(reactor: Any, network: Any) -> None:
    """None is a connection lost in good order; an exception is logged, and the attempt failed."""

    class Declining(Connecting):
        def buildProtocol(self, addr: Any) -> Any:
            return None

    class Raising(Connecting):
        def buildProtocol(self, addr: Any) -> Any:
            raise ZeroDivisionError("buildProtocol")

    async def main() -> None:
        port = network.listen(reactor, Serving())
        declining = Declining()
        network.connect(reactor, port, declining)
        assert isinstance((await declining.lost).value, ConnectionDone)
        raising = Raising()
        network.connect(reactor, port, raising)
        reason = await raising.failed
        assert isinstance(reason.value, ConnectError)
        assert "buildProtocol" in str(reason.value)
        await until(reactor, lambda: len(port.factory.built) == 2 and all(each.reason for each in port.factory.built))
        await port.stopListening()

    with logged(ZeroDivisionError):
        run(reactor, main)


def test_theLocalAddressCanBeChosen(reactor: Any) -> None:
    """bindAddress is the address that the server sees; a pair or a Binding."""

    async def main() -> None:
        port = TCP().listen(reactor, Serving())
        wishes = (("127.0.0.2", 0), makeBinding("127.0.0.3", reuseAddress=True))
        for accepted, wish in enumerate(wishes, 1):
            client = Connecting()
            reactor.connectTCP("127.0.0.1", port.getHost().port, client, bindAddress=wish)
            await client.instance.made
            host = client.instance.transport.getHost().host
            assert host == (wish[0] if isinstance(wish, tuple) else wish.address)
            await until(reactor, lambda wanted=accepted: len(port.factory.built) == wanted)
            assert port.factory.built[-1].transport.getPeer().host == host
            client.instance.transport.abortConnection()
            await client.lost
        await turns(reactor)
        with pytest.raises(TypeError, match="bindAddress"):
            reactor.connectTCP("127.0.0.1", 9, Connecting(), bindAddress="127.0.0.2")
        await port.stopListening()

    run(reactor, main)


def test_addressesOfBothVersions(reactor: Any) -> None:
    """Hosts are addresses of the version that the socket is of."""

    async def main() -> None:
        port = reactor.listenTCP(0, Serving(), interface="::1")
        number = port.getHost().port
        assert port.getHost() == IPv6Address("TCP", "::1", number)
        client = Connecting()
        connector = reactor.connectTCP("::1", number, client)
        assert connector.getDestination() == IPv6Address("TCP", "::1", number)
        await client.instance.made
        assert client.instance.transport.getPeer() == IPv6Address("TCP", "::1", number)
        await until(reactor, lambda: port.factory.built)
        assert isinstance(port.factory.built[0].transport.getPeer(), IPv6Address)
        client.instance.transport.abortConnection()
        await client.lost
        await turns(reactor)
        await port.stopListening()

    run(reactor, main)


# Adopted sockets.


def test_anAdoptedPortListens(reactor: Any) -> None:
    """The descriptor is copied: the original is the caller's to close."""

    async def main() -> None:
        made = socket.socket()
        made.bind(("127.0.0.1", 0))
        made.listen()
        port = reactor.adoptStreamPort(made.fileno(), socket.AF_INET, Serving())
        made.close()
        client = Connecting()
        reactor.connectTCP("127.0.0.1", port.getHost().port, client)
        await client.instance.made
        client.instance.transport.abortConnection()
        await client.lost
        await turns(reactor)
        await port.stopListening()

    run(reactor, main)


def test_anAdoptedConnectionTalks(reactor: Any) -> None:
    """A connected socket gets a protocol at once, and closing it closes it for the peer, whoever holds copies."""

    async def main() -> None:
        ours, theirs = socket.socketpair()
        protocol = Recorder()
        transport = reactor.adoptStreamConnection(ours.fileno(), socket.AF_UNIX, Serving(protocol))
        theirs.sendall(b"hello")
        assert await protocol.got(5) == b"hello"
        transport.write(b"bye")
        transport.loseConnection()
        await protocol.lost
        assert theirs.recv(10) == b"bye"
        assert theirs.recv(10) == b""
        ours.close()
        theirs.close()

    run(reactor, main)


def test_onlyFittingSocketsAreAdopted(reactor: Any) -> None:
    """A wrong family or kind is the documented error, with both in the message; datagrams are a wrong kind (SD3)."""
    with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
        with pytest.raises(UnsupportedAddressFamily, match="AF_INET"):
            reactor.adoptStreamPort(stream.fileno(), socket.AF_UNIX, Serving())
        with pytest.raises(UnsupportedAddressFamily):
            reactor.adoptStreamPort(stream.fileno(), 99, Serving())
        with pytest.raises(UnsupportedSocketType, match="of the kind SOCK_DGRAM, not SOCK_STREAM"):
            reactor.adoptStreamPort(datagram.fileno(), socket.AF_INET, Serving())


# Options, log prefixes, TLS.


def test_optionsOfTCP(reactor: Any) -> None:
    """TCP_NODELAY and SO_KEEPALIVE are off to begin with, and follow their setters; the socket is at hand."""

    async def main() -> None:
        both = await converse(reactor, TCP())
        for transport in (both.server.transport, both.client.transport):
            assert transport.getTcpNoDelay() is False
            transport.setTcpNoDelay(True)
            assert transport.getTcpNoDelay() is True
            assert transport.getTcpKeepAlive() is False
            transport.setTcpKeepAlive(1)
            assert transport.getTcpKeepAlive() is True
            handle = transport.getHandle()
            assert isinstance(handle, socket.socket)
            assert handle.fileno() == transport.fileno()
            assert handle.gettimeout() == 0.0
            assert transport.getHandle() is handle
        both.server.transport.write(b"still works")
        await both.client.got(11)
        await both.close()

    run(reactor, main)


def test_logPrefixesSayWho(reactor: Any) -> None:
    """Server: protocol, number, peer; client: protocol and "client"."""

    async def main() -> None:
        both = await converse(reactor, TCP())
        assert both.server.transport.logPrefix() == "Recorder,0,127.0.0.1"
        assert both.client.transport.logPrefix() == "Recorder,client"
        assert repr(both.server.transport) == f"<Recorder #0 on {both.port.getHost().port}>"
        await both.close()

    run(reactor, main)


def test_aServersConnectionIsNamedWhenItsPortIsClosed(reactor: Any) -> None:
    """Connections outlive the port that accepted them; what is left to say of it is that it is closed."""

    from ropewalk.internet.defer import maybeDeferred

    async def main() -> None:
        both = await converse(reactor, TCP())
        await maybeDeferred(both.port.stopListening)
        assert repr(both.server.transport) == "<Recorder #0 on a closed port>"
        await both.close()

    run(reactor, main)


# Contexts.


def test_aConnectionKeepsTheContextItWasMadeIn(reactor: Any, network: Any) -> None:
    """Variables set where listen or connect is called are seen by the protocol, in a copy for each (wish 7)."""
    from contextvars import ContextVar, copy_context

    name: ContextVar[str] = ContextVar("name", default="nobody")

    class Asking(Recorder):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[str] = []

        def connectionMade(self) -> None:
            self.seen.append(name.get())
            name.set(name.get() + "!")
            super().connectionMade()

        def dataReceived(self, data: bytes) -> None:
            self.seen.append(name.get())
            super().dataReceived(data)

        def connectionLost(self, reason: Any) -> None:
            self.seen.append(name.get())
            super().connectionLost(reason)

    async def main() -> None:
        servers = [Asking(), Asking()]
        inside = copy_context()
        inside.run(name.set, "server")
        port = inside.run(network.listen, reactor, Serving(*servers))
        for server in servers:
            client = Connecting(Asking())
            outside = copy_context()
            outside.run(name.set, "client")
            outside.run(network.connect, reactor, port, client)
            await client.instance.made
            client.instance.transport.write(b"x")
            await server.got(1)
            server.transport.write(b"x")
            await client.instance.got(1)
            client.instance.transport.loseConnection()
            await client.lost
            await server.lost
            assert client.instance.seen == ["client", "client!", "client!"]
            assert server.seen == ["server", "server!", "server!"]
        await port.stopListening()

    run(reactor, main)


# Nothing is left behind.


@pytest.mark.slow
def test_manyConnectionsLeaveNothing(reactor: Any) -> None:
    """Thousands of connections opened and aborted leave no descriptor, no delayed call and no object."""
    count = 1000
    batch = 40

    async def main() -> None:
        port = TCP().listen(reactor, Serving())
        number = port.getHost().port
        before = len(os.listdir("/proc/self/fd"))
        calls = len(reactor.getDelayedCalls())
        watched: list[weakref.ref[Any]] = []
        for _ in range(count // batch):
            clients = [Connecting() for _ in range(batch)]
            for client in clients:
                reactor.connectTCP("127.0.0.1", number, client)
            for client in clients:
                await client.instance.made
                watched.append(weakref.ref(client.instance))
                watched.append(weakref.ref(client.instance.transport))
                client.instance.transport.write(b"unsent")
                client.instance.transport.abortConnection()
            for client in clients:
                await client.lost
            await until(reactor, lambda: all(each.reason for each in port.factory.built))
            watched.extend(map(weakref.ref, port.factory.built))
            port.factory.built.clear()
        del clients, client
        await turns(reactor)
        assert len(os.listdir("/proc/self/fd")) == before
        assert len(reactor.getDelayedCalls()) <= calls + 1
        assert len(watched) > 2 * count
        assert [each() for each in watched if each() is not None] == []
        await port.stopListening()

    gc.collect()
    gc.disable()  # what is freed is freed by reference counts alone: no cycles on the path
    try:
        run(reactor, main, timeout=30)
    finally:
        gc.enable()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["epollreactor", "selectreactor", "asyncioreactor"])
def test_outOfDescriptors(kind: str) -> None:
    """EMFILE: the port says so once, waits without spinning, and serves whoever waited once descriptors are free."""
    program = textwrap.dedent(
        f"""
        import resource, socket, sys, time
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        from ropewalk.internet import {kind}
        {kind}.install()
        from ropewalk.internet import reactor, protocol
        from ropewalk.python import log
        lines = []
        log.addObserver(lambda event: lines.append(" ".join(map(str, event.get("message") or ()))))

        class Hello(protocol.Protocol):
            def connectionMade(self):
                made.append(self)

        made = []
        factory = protocol.Factory.forProtocol(Hello)
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        hoard = []
        late = socket.socket()

        def exhaust():
            while True:
                try:
                    hoard.append(socket.socket())
                except OSError:
                    break
            late.connect(("127.0.0.1", port.getHost().port))
            reactor.callLater(0.6, check, time.process_time())

        def check(before):
            assert time.process_time() - before < 0.3, "it spins"
            assert made == []
            for each in hoard:
                each.close()
            reactor.callLater(0.5, done)

        def done():
            assert len(made) == 1, made
            complaints = [line for line in lines if "could not accept" in line]
            assert len(complaints) == 1, lines
            assert "Too many open files" in complaints[0]
            print("served")
            reactor.stop()

        reactor.callLater(0, exhaust)
        reactor.run()
        """
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20)
    assert result.stdout == "served\n", result.stderr


# UNIX sockets have files.


def test_aUnixPortHasAFileWithPermissions(reactor: Any, tmp_path: Any) -> None:
    """Made with the mode asked for, removed at the end."""

    async def main() -> None:
        path = tmp_path / "socket"
        port = reactor.listenUNIX(str(path), Serving(), mode=0o600)
        assert path.stat().st_mode & 0o777 == 0o600
        assert os.fsdecode(port.getHost().name) == str(path)
        with pytest.raises(CannotListenError, match="already in use"):
            reactor.listenUNIX(str(path), Serving())
        assert path.exists()
        await port.stopListening()
        assert not path.exists()

    run(reactor, main)


def test_aLockedUnixPort(reactor: Any, tmp_path: Any) -> None:
    """wantPID holds a lock; a second owner is refused, a dead owner's socket taken over; checkPID asks for it."""

    async def main() -> None:
        path = tmp_path / "socket"
        lock = tmp_path / "socket.lock"
        port = reactor.listenUNIX(str(path), Serving(), wantPID=True)
        assert os.path.lexists(lock)
        with pytest.raises(CannotListenError, match="Cannot acquire lock"):
            reactor.listenUNIX(str(path), Serving(), wantPID=True)
        client = Connecting()
        reactor.connectUNIX(str(path), client, checkPID=True)
        await client.instance.made
        client.instance.transport.abortConnection()
        await client.lost
        await turns(reactor)
        await port.stopListening()
        assert not os.path.lexists(lock)

        unlocked = Connecting()
        reactor.connectUNIX(str(path), unlocked, checkPID=True)
        assert "locked by no process" in str((await unlocked.failed).value)

        # What a process leaves that was killed.
        dead = subprocess.Popen([sys.executable, "-c", ""])
        dead.wait()
        os.symlink(str(dead.pid), lock)
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(path))
        again = reactor.listenUNIX(str(path), Serving(), wantPID=True)
        await again.stopListening()

    run(reactor, main)


@pytest.mark.skipif(sys.platform != "linux", reason="abstract names are Linux's")
def test_abstractNames(reactor: Any) -> None:
    """A name that begins with a zero byte is no file, and works all the same."""

    async def main() -> None:
        name = f"\0ropewalk-{os.getpid()}-{id(reactor)}"
        port = reactor.listenUNIX(name, Serving(), wantPID=True)
        client = Connecting()
        reactor.connectUNIX(name, client)
        await client.instance.made
        assert client.instance.transport.getPeer().name == name.encode()
        client.instance.transport.abortConnection()
        await client.lost
        await turns(reactor)
        await port.stopListening()

    run(reactor, main)


def test_descriptorsTravel(reactor: Any) -> None:
    """A descriptor that is sent arrives, as a copy, before the bytes that carried it."""

    class Receiving(Recorder):
        def __init__(self) -> None:
            super().__init__()
            self.descriptors: list[int] = []

        def fileDescriptorReceived(self, descriptor: int) -> None:
            self._note("fileDescriptorReceived")
            self.descriptors.append(descriptor)

    async def main() -> None:
        both = await converse(reactor, UNIX(), client=Receiving())
        pipes = [os.pipe() for _ in range(100)]
        for reading, _ in pipes:
            both.server.transport.sendFileDescriptor(reading)
        both.server.transport.write(b"x" * 99)
        both.server.transport.write(b"y")
        await both.client.got(1)
        await until(reactor, lambda: len(both.client.received) == 100)
        assert both.client.heard[:3] == ["connectionMade", "fileDescriptorReceived", "dataReceived"]
        for (reading, writing), copy in zip(pipes, both.client.descriptors, strict=True):
            os.write(writing, b"through")
            assert os.read(copy, 10) == b"through"
            assert not os.get_inheritable(copy)
            for fd in (reading, writing, copy):
                os.close(fd)
        await both.close()

    run(reactor, main)


def test_aPeerMaySendAsManyDescriptorsAsTheSystemTakes(reactor: Any) -> None:
    """Linux takes 253 with one message: none of them is lost, and they need not be ours to send."""

    class Receiving(Recorder):
        def __init__(self) -> None:
            super().__init__()
            self.descriptors: list[int] = []

        def fileDescriptorReceived(self, descriptor: int) -> None:
            self.descriptors.append(descriptor)

    async def main() -> None:
        both = await converse(reactor, UNIX(), client=Receiving())
        with open("/dev/null") as file:
            socket.send_fds(both.server.transport.socket, [b"x"], [file.fileno()] * 253)
        await both.client.got(1)
        assert len(both.client.descriptors) == 253
        for fd in both.client.descriptors:
            os.close(fd)
        await both.close()

    run(reactor, main)


def test_descriptorsThatDoNotFitAreMissed(reactor: Any) -> None:
    """At the limit of descriptors the kernel drops what a peer sends: bytes arrive, and the log says what doesn't."""

    class Receiving(Recorder):
        def fileDescriptorReceived(self, descriptor: int) -> None:
            raise AssertionError("there is no room for one")

    async def main() -> None:
        both = await converse(reactor, UNIX(), client=Receiving())
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        free = os.dup(0)
        os.close(free)
        with open("/dev/null") as file:
            socket.send_fds(both.server.transport.socket, [b"x"], [file.fileno()])
        with logLines() as lines:
            resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
            try:
                await both.client.got(1)
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert any("a peer's descriptors were lost" in line for line in lines)
        await both.close()

    run(reactor, main)


def test_descriptorsForAProtocolThatTakesNoneAreClosed(reactor: Any) -> None:
    """Nothing leaks into a process that did not ask."""

    async def main() -> None:
        both = await converse(reactor, UNIX())
        before = len(os.listdir("/proc/self/fd"))
        with open("/dev/null") as file:
            both.server.transport.sendFileDescriptor(file.fileno())
            both.server.transport.write(b"here")
            await both.client.got(4)
        assert len(os.listdir("/proc/self/fd")) == before
        await both.close()

    run(reactor, main)


def test_moreDescriptorsThanBytesIsAMistake(reactor: Any) -> None:
    """Each needs a byte to ride on: the connection is closed with an error that says so."""
    from ropewalk.internet.error import FileDescriptorOverrun

    async def main() -> None:
        both = await converse(reactor, UNIX())
        both.server.transport.sendFileDescriptor(0)
        both.server.transport.sendFileDescriptor(1)
        both.server.transport.write(b"x")
        assert isinstance((await both.server.lost).value, FileDescriptorOverrun)
        await both.close()

    run(reactor, main)


def test_abortedWhileConnected(reactor: Any) -> None:
    """The client's factory hears of an abort of its own, too."""

    async def main() -> None:
        both = await converse(reactor, TCP())
        both.client.transport.abortConnection()
        assert isinstance((await both.clientFactory.lost).value, ConnectionAborted)
        await both.close()

    run(reactor, main)
