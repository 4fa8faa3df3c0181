"""What the network does to a server on a bad day, tried with real sockets on every reactor."""

from __future__ import annotations

import gc
import os
import socket
import struct
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet.defer import Deferred, gatherResults
from ropewalk.internet.error import ConnectionDone, ConnectionLost
from ropewalk.internet.protocol import ClientFactory, DatagramProtocol, Factory, Protocol
from ropewalk.internet.task import deferLater
from ropewalk.python import log
from support.reactors import run
from support.recording import (
    TCP,
    Connecting,
    HalfCloseable,
    Recorder,
    Serving,
    converse,
    declare,
    logged,
    turns,
    until,
)

REACTOR_NAMES = ["epoll", "poll", "select", "asyncio", "uvloop"]


def child(program: str, reactor: str) -> str:
    """Run a program in a process of its own, on a reactor, and return what it printed; it must print no errors."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**os.environ, "ROPEWALK_REACTOR": reactor},
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# Peers that read slowly, or never.


class Firehose:
    """A push producer that never has enough."""

    def __init__(self, transport: Any) -> None:
        self.transport = transport
        self.paused = False
        self.pauses = 0
        self.heaviest = 0

    def resumeProducing(self) -> None:
        self.paused = False
        while not self.paused:
            self.transport.write(b"water" * 2000)
            self.heaviest = max(self.heaviest, self.transport._unsent())

    def pauseProducing(self) -> None:
        self.paused = True
        self.pauses += 1

    def stopProducing(self) -> None:
        self.paused = True


def test_whoNeverReadsCostsNoMemory(reactor: Any) -> None:
    """Against clients that stopped reading, producers of three kinds stop at the high mark and stay there."""

    async def main() -> None:
        servers = [Recorder() for _ in range(3)]
        port = TCP().listen(reactor, Serving(*servers))
        peers = [socket.create_connection(("127.0.0.1", port.getHost().port)) for _ in servers]
        await gatherResults([server.made for server in servers])
        push, pull, coroutine = (server.transport for server in servers)

        firehose = Firehose(push)
        push.registerProducer(firehose, True)
        firehose.resumeProducing()

        pulled = 0

        class Pull:
            def resumeProducing(self) -> None:
                nonlocal pulled
                pulled += 1
                pull.write(bytes(10_000))

            def stopProducing(self) -> None:
                pass

        pull.registerProducer(Pull(), False)

        async def pour() -> None:
            while True:
                coroutine.write(bytes(10_000))
                await coroutine.drain()

        pouring = Deferred.fromCoroutine(pour())

        await deferLater(reactor, 0.1)  # long enough to fill what the kernel has
        counts = (firehose.pauses, pulled)
        await deferLater(reactor, 0.1)
        assert (firehose.pauses, pulled) == counts, "somebody goes on writing"
        assert firehose.heaviest <= push.bufferSize + 10_000
        for transport in (push, pull, coroutine):
            assert transport._unsent() <= transport.bufferSize + 10_000

        for peer in peers:
            peer.close()
        for server in servers:
            await server.lost
        with pytest.raises(ConnectionLost):
            await pouring
        await port.stopListening()

    run(reactor, main, timeout=10)


def test_whoReadsLateGetsAll(reactor: Any) -> None:
    """A peer that pauses and comes back, over and over, gets each byte once and in order."""

    async def main() -> None:
        both = await converse(reactor, TCP())
        server, client = both.server.transport, both.client.transport
        pieces = [bytes([number]) * 50_000 for number in range(100)]

        async def send() -> None:
            for piece in pieces:
                server.write(piece)
                await server.drain()
            server.loseConnection()

        sending = Deferred.fromCoroutine(send())
        for _ in range(30):
            client.pauseProducing()
            await turns(reactor, 2)
            client.resumeProducing()
            await turns(reactor, 1)
        await sending
        await both.client.lost
        assert bytes(both.client.received) == b"".join(pieces)
        await both.close()

    run(reactor, main, timeout=20)


# Peers that go away without a word.


@pytest.mark.parametrize("busy", [True, False], ids=["busy", "idle"])
def test_aPeersProcessIsKilled(reactor: Any, busy: bool) -> None:
    """kill -9 of the peer: its connection is lost, producers are stopped, the server goes on."""
    program = (
        "import socket, sys; s = socket.create_connection(('127.0.0.1', int(sys.argv[1]))); s.sendall(b'up'); input()"
    )

    async def main() -> None:
        victim, survivor = Recorder(), Recorder()
        port = TCP().listen(reactor, Serving(victim, survivor))
        number = str(port.getHost().port)
        peer = subprocess.Popen([sys.executable, "-c", program, number], stdin=subprocess.PIPE)
        try:
            await victim.got(2)
            firehose = Firehose(victim.transport)
            if busy:
                victim.transport.registerProducer(firehose, True)
                firehose.resumeProducing()
                await deferLater(reactor, 0.02)
        finally:
            peer.kill()
            peer.communicate()
        reason = await victim.lost
        assert isinstance(reason.value, ConnectionLost if busy else (ConnectionDone, ConnectionLost))
        assert victim.heard == ["connectionMade", "dataReceived", "connectionLost"]
        assert not busy or firehose.paused

        client = Connecting()
        reactor.connectTCP("127.0.0.1", port.getHost().port, client)
        await client.instance.made
        client.instance.transport.abortConnection()
        await survivor.lost
        await port.stopListening()

    run(reactor, main, timeout=20)


def test_aServersProcessIsKilled(reactor: Any) -> None:
    """kill -9 of a server: its clients hear it at once."""
    program = """if 1:
        import socket
        s = socket.create_server(("127.0.0.1", 0))
        print(s.getsockname()[1], flush=True)
        c, _ = s.accept()
        c.sendall(b"up")
        input()
        """
    server = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    number = int(server.stdout.readline())

    async def main() -> None:
        client = Connecting()
        reactor.connectTCP("127.0.0.1", number, client)
        await client.instance.got(2)
        server.kill()
        reason = (await client.lost).value
        assert isinstance(reason, ConnectionDone | ConnectionLost)

    try:
        run(reactor, main, timeout=20)
    finally:
        server.kill()
        server.communicate()


# Peers that close one half.


def test_aHalfClosedPeerHearsTheAnswer(reactor: Any) -> None:
    """The peer sends, closes its sending half and waits (as `nc -N` does): a half-closeable protocol can answer."""
    declare()

    class Answering(HalfCloseable):
        def readConnectionLost(self) -> None:
            super().readConnectionLost()
            self.transport.write(bytes(self.received) * 1000)
            self.transport.loseConnection()

    async def main() -> None:
        server = Answering()
        port = TCP().listen(reactor, Serving(server))
        peer = socket.create_connection(("127.0.0.1", port.getHost().port))
        peer.sendall(b"question")
        peer.shutdown(socket.SHUT_WR)
        reason = await server.lost
        assert isinstance(reason.value, ConnectionDone)
        assert server.heard == ["connectionMade", "dataReceived", "readConnectionLost", "connectionLost"]
        with peer.makefile("rb") as file:
            assert file.read() == b"question" * 1000
        peer.close()
        await port.stopListening()

    run(reactor, main)


def test_whoClosedItsHalfGoesOnReading(reactor: Any) -> None:
    """After our loseWriteConnection the peer reads to the end and sends for as long as it likes."""
    declare()

    async def main() -> None:
        server = HalfCloseable()
        port = TCP().listen(reactor, Serving(server))
        peer = socket.create_connection(("127.0.0.1", port.getHost().port))
        await server.made
        server.transport.write(b"all of this")
        server.transport.loseWriteConnection()
        await until(reactor, lambda: "writeConnectionLost" in server.heard)
        server.transport.write(b"not this")
        with peer.makefile("rb") as file:
            assert file.read() == b"all of this"
        for _ in range(3):
            peer.sendall(b"more")
            await deferLater(reactor, 0.001)
        assert await server.got(12) == b"more" * 3
        peer.close()
        await until(reactor, lambda: server.heard[-1] == "connectionLost")
        assert server.heard.count("writeConnectionLost") == server.heard.count("readConnectionLost") == 1
        await port.stopListening()

    run(reactor, main)


def test_aResetInTheMiddle(reactor: Any) -> None:
    """A peer that resets hundreds of connections, before and after they are accepted, harms nobody."""

    async def main() -> None:
        port = TCP().listen(reactor, Serving())
        for _ in range(10):
            for _ in range(20):
                peer = socket.create_connection(("127.0.0.1", port.getHost().port))
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                peer.close()
            await turns(reactor, 2)
        await until(reactor, lambda: all(each.reason for each in port.factory.built))
        assert all(isinstance(each.reason.value, ConnectionLost) for each in port.factory.built)
        both = Connecting()
        reactor.connectTCP("127.0.0.1", port.getHost().port, both)
        await both.instance.made
        both.instance.transport.abortConnection()
        await both.lost
        await port.stopListening()

    run(reactor, main, timeout=15)


# Programs that raise.


def test_everyCallbackMayRaise(reactor: Any) -> None:
    """F018: whatever method of a user's factory, protocol or producer raises, it is logged, and the loop goes on."""

    class Boom(Exception):
        pass

    def explode(*args: object, **kw: object) -> Any:
        raise Boom

    class Datagrams(DatagramProtocol):
        noisy = False

    async def main() -> None:
        # Servers: buildProtocol, makeConnection, connectionMade, dataReceived, connectionLost, logPrefix.
        for method in ("makeConnection", "connectionMade", "dataReceived", "connectionLost"):
            cls = type(method, (Protocol,), {method: explode, "logPrefix": explode})
            factory: Any = Factory.forProtocol(cls)
            factory.noisy = False
            port = TCP().listen(reactor, factory)
            client = Connecting()
            reactor.connectTCP("127.0.0.1", port.getHost().port, client)
            await client.instance.made
            client.instance.transport.write(b"x")
            if method == "connectionLost":
                client.instance.transport.loseConnection()
            await client.lost
            await port.stopListening()

        # Clients.
        port = TCP().listen(reactor, Serving())
        for method in ("clientConnectionLost", "stopFactory"):
            factory = ClientFactory.forProtocol(Recorder)
            factory.noisy = False
            setattr(factory, method, explode)
            connector = reactor.connectTCP("127.0.0.1", port.getHost().port, factory)
            await until(reactor, lambda connector=connector: connector.state == "connected")
            connector.disconnect()
            await until(reactor, lambda connector=connector: connector.state == "disconnected")
        closed = socket.socket()
        closed.bind(("127.0.0.1", 0))
        factory = ClientFactory()
        factory.noisy = False
        factory.clientConnectionFailed = explode
        connector = reactor.connectTCP("127.0.0.1", closed.getsockname()[1], factory)
        await until(reactor, lambda: connector.state == "disconnected")
        closed.close()
        await port.stopListening()

        # Datagrams, calls, threads.
        cls = type("Box", (Datagrams,), {"datagramReceived": explode})
        box = reactor.listenUDP(0, cls(), interface="127.0.0.1")
        for _ in range(3):
            box.write(b"x", ("127.0.0.1", box.getHost().port))
        await turns(reactor)
        await box.stopListening()
        reactor.callLater(0, explode)
        reactor.callFromThread(explode)
        reactor.callInThread(explode)
        reactor.addSystemEventTrigger("during", "shutdown", explode)
        await deferLater(reactor, 0.02)

    with logged(Boom) as failures:
        run(reactor, main, timeout=15)
    assert len(failures) >= 4 + 3 + 3 + 4


def test_whatTheLogSaysOfFactories(reactor: Any) -> None:
    """A factory that raises when it is told of a failure or a loss is named in the log, and was told once."""

    class Grumpy(ClientFactory[Any]):
        noisy = False
        protocol = Recorder

        def clientConnectionLost(self, connector: Any, reason: Any) -> None:
            raise ZeroDivisionError("lost")

        def clientConnectionFailed(self, connector: Any, reason: Any) -> None:
            raise ZeroDivisionError("failed")

    async def main() -> None:
        port = TCP().listen(reactor, Serving())
        number = port.getHost().port
        connector = reactor.connectTCP("127.0.0.1", number, Grumpy())
        await until(reactor, lambda: connector.state == "connected")
        connector.disconnect()
        await until(reactor, lambda: connector.state == "disconnected")
        await port.stopListening()
        connector = reactor.connectTCP("127.0.0.1", number, Grumpy())
        await until(reactor, lambda: connector.state == "disconnected")

    reasons: list[str] = []

    def observe(event: Any) -> None:
        if event.get("isError"):
            reasons.append(event["why"])

    log.addObserver(observe)
    try:
        run(reactor, main)
    finally:
        log.removeObserver(observe)
    assert ["Grumpy" in reason and "while telling" in reason for reason in reasons] == [True, True]


def test_exitInACallbackEndsThatConnectionOnly(reactor: Any) -> None:
    """F018: sys.exit() in a protocol is an exception like others, on every loop: a peer cannot end the program."""

    class Exiting(Recorder):
        def dataReceived(self, data: bytes) -> None:
            sys.exit(3)

    async def main() -> None:
        both = await converse(reactor, TCP(), Exiting())
        both.client.transport.write(b"x")
        assert isinstance((await both.server.lost).value, SystemExit)
        await both.close()

    with logged(SystemExit):
        run(reactor, main)


def test_aProtocolIsNoFactory(reactor: Any) -> None:
    """Who passes a protocol, or its class, where a factory is needed is told what to write."""
    for wrong in (Recorder, Recorder(), Factory):
        for attempt in (
            lambda wrong=wrong: reactor.listenTCP(0, wrong, interface="127.0.0.1"),
            lambda wrong=wrong: reactor.connectTCP("127.0.0.1", 9, wrong),
        ):
            with pytest.raises(TypeError, match=r"Factory\.forProtocol\("):
                attempt()
    assert reactor.getReaders() == []


# Out of descriptors.


@pytest.mark.parametrize("name", REACTOR_NAMES)
def test_connectingWithoutDescriptors(name: str) -> None:
    """EMFILE where we connect, listen or look up names: each is told, by its own error, and the loop goes on."""
    told = child(
        """
        import os, resource, socket, sys
        from ropewalk.internet import endpoints, error, protocol, reactor, threads

        class Clients(protocol.ClientFactory):
            noisy = False
            protocol = protocol.Protocol
            def clientConnectionFailed(self, connector, reason):
                print(reason.check(error.ConnectError) is not None, "Too many open files" in str(reason.value))

        def warmUp():
            # A server that runs out has worked before: what it uses is loaded.
            port = reactor.listenTCP(0, Clients(), interface="127.0.0.1")
            reactor.connectTCP("127.0.0.1", port.getHost().port, protocol.ClientFactory())
            reactor.listenUDP(0, protocol.DatagramProtocol()).stopListening()
            threads.deferToThread(int).addCallback(lambda _: reactor.callLater(0.05, exhaust, port))

        def exhaust(port):
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
            hoard = []
            try:
                while True:
                    hoard.append(os.dup(0))
            except OSError:
                pass
            reactor.connectTCP("127.0.0.1", port.getHost().port, Clients())
            for listen in (
                lambda: reactor.listenTCP(0, Clients(), interface="127.0.0.1"),
                lambda: reactor.listenUDP(0, protocol.DatagramProtocol(), interface="127.0.0.1"),
            ):
                try:
                    listen()
                except error.CannotListenError as problem:
                    print(True, "Too many open files" in str(problem))
            threads.deferToThread(int).addCallback(lambda _: reactor.callLater(0.05, relieve, hoard))

        def relieve(hoard):
            for each in hoard:
                os.close(each)
            reactor.stop()

        reactor.callWhenRunning(warmUp)
        reactor.run()
        """,
        name,
    )
    assert told == "True True\n" * 3


@pytest.mark.parametrize("name", REACTOR_NAMES)
def test_stoppingWithoutDescriptors(name: str) -> None:
    """A server that has run out of descriptors still shows its errors, and stops in order: everybody hears the end."""
    told = child(
        """
        import os, resource, sys
        from ropewalk.internet import protocol, reactor
        from ropewalk.python import log

        class Ending(protocol.Protocol):
            def connectionLost(self, reason):
                print("lost", flush=True)

        class Peer(protocol.Protocol):
            def connectionMade(self):
                reactor.callLater(0.05, exhaust)

        hoard = []
        log.startLogging(sys.stdout, setStdout=False)

        def exhaust():
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
            try:
                while True:
                    hoard.append(os.dup(0))
            except OSError:
                pass
            reactor.callLater(0, fail)
            reactor.callLater(0.01, reactor.stop)

        def fail():
            raise ValueError("shown all the same")

        port = reactor.listenTCP(0, protocol.Factory.forProtocol(Ending), interface="127.0.0.1")
        reactor.connectTCP("127.0.0.1", port.getHost().port, protocol.ClientFactory.forProtocol(Peer))
        reactor.run()
        """,
        name,
    )
    lines = told.splitlines()
    assert lines.count("lost") == 1, told
    assert any("ValueError: shown all the same" in line for line in lines), told
    assert any(" in fail" in line for line in lines), told
    assert "Main loop terminated." in lines[-1]


# Very many.


@pytest.mark.slow
def test_tenThousandConnectionsLeaveNothing(reactor: Any) -> None:
    """10,000 connections, opened and aborted, leave no descriptor, delayed call, object or memory behind."""

    class Client(Protocol):
        def connectionMade(self) -> None:
            self.transport.write(b"x" * 1000)

        def dataReceived(self, data: bytes) -> None:
            self.transport.abortConnection()

        def connectionLost(self, reason: Any = None) -> None:
            self.factory.over.callback(None)

    class Server(Protocol):
        def connectionMade(self) -> None:
            live.add(id(self))

        def dataReceived(self, data: bytes) -> None:
            self.transport.write(data)

        def connectionLost(self, reason: Any = None) -> None:
            live.remove(id(self))

    live: set[int] = set()

    async def one(number: int) -> None:
        factory: Any = ClientFactory.forProtocol(Client)
        factory.noisy = False
        factory.over = Deferred()
        reactor.connectTCP("127.0.0.1", number, factory)
        await factory.over

    async def many(number: int, count: int) -> None:
        for _ in range(count):
            await one(number)

    async def settled(port: Any, count: int) -> tuple[int, int, int, int]:
        await gatherResults([Deferred.fromCoroutine(many(port.getHost().port, count)) for _ in range(20)])
        await until(reactor, lambda: not live)
        await deferLater(reactor, 0.01)
        resident = int(Path("/proc/self/statm").read_text().split()[1]) * 4
        return len(os.listdir("/proc/self/fd")), len(reactor.getDelayedCalls()), len(gc.get_objects()), resident

    async def main() -> None:
        factory: Any = Factory.forProtocol(Server)
        factory.noisy = False
        port = TCP().listen(reactor, factory)
        before = await settled(port, 20)
        after = await settled(port, 500)
        assert after[:2] == before[:2]
        assert after[2] - before[2] < 100, "objects stay"
        assert after[3] - before[3] < 2048, "KiB of memory stay"
        await port.stopListening()

    gc.collect()
    gc.disable()  # what is freed is freed by reference counts alone
    try:
        run(reactor, main, timeout=50)
    finally:
        gc.enable()
