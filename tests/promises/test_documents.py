"""Promises of the documents that belong to no single module: packaging, interchangeable loops and transports."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from typing import Any

import pytest

from ropewalk.internet import interfaces
from ropewalk.internet.defer import CancelledError, Deferred
from ropewalk.internet.error import InvalidAddressError
from ropewalk.internet.protocol import ClientFactory, DatagramProtocol, Factory, Protocol
from ropewalk.internet.task import deferLater
from ropewalk.internet.testing import connectedPair
from ropewalk.internet.threads import deferToThreadPool
from support.reactors import REACTORS, fresh, run
from support.recording import NETWORKS, Recorder, Serving, converse, logged, until

# A finder that behaves as if nothing of an extra were installed, then an echo over TCP.
WITHOUT_EXTRAS = """
import sys

OPTIONAL = {"OpenSSL", "cryptography", "service_identity", "uvloop", "h2", "bcrypt", "brotli", "serialx", "nats",
            "rich", "hyperlink", "attr", "attrs", "multipart", "gi", "winloop", "priority"}

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in OPTIONAL:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())

from ropewalk.internet import defer, endpoints, protocol, reactor, task
from ropewalk.protocols import basic

class Echo(basic.LineReceiver):
    def lineReceived(self, line):
        self.sendLine(line)

class Ask(basic.LineReceiver):
    def connectionMade(self):
        self.sendLine(b"plain TCP")
    def lineReceived(self, line):
        print(line.decode())
        reactor.stop()

port = reactor.listenTCP(0, protocol.Factory.forProtocol(Echo), interface="127.0.0.1")
endpoints.connectProtocol(endpoints.TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port), Ask())
reactor.run()
"""


def test_plainTCPNeedsNoExtra() -> None:
    """F001: what belongs to an extra may be missing; the engine and its protocols import and run without it."""
    done = subprocess.run([sys.executable, "-c", WITHOUT_EXTRAS], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, "plain TCP\n", "")


class Echo(Protocol):
    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)


@pytest.mark.parametrize("network", [*NETWORKS, None], ids=lambda make: "memory" if make is None else make.__name__)
def test_oneProtocolForEveryTransport(reactor: Any, network: Any) -> None:
    """F002: the same protocol class serves TCP, TCP over IPv6, UNIX sockets and memory, unchanged."""
    if network is None:
        client = Recorder()
        pump = connectedPair(Echo(), client)
        client.transport.write(b"hello")
        pump.settle()
        assert bytes(client.received) == b"hello"
        return

    async def main() -> bytes:
        made = network()
        port = made.listen(reactor, Factory.forProtocol(Echo))
        client = Recorder()
        factory: Any = ClientFactory.forProtocol(lambda: client)
        factory.noisy = port.factory.noisy = False
        made.connect(reactor, port, factory)
        await client.made
        client.transport.write(b"hello")
        answer = await client.got(5)
        client.transport.loseConnection()
        await client.lost
        await port.stopListening()
        return answer

    assert run(reactor, main) == b"hello"


def test_interfacesOfTheReactor(reactor: Any) -> None:
    """F007, F008: every reactor provides the interfaces of the documents, methods and all."""
    from zope.interface.verify import verifyObject

    for interface in (
        interfaces.IReactorCore,
        interfaces.IReactorTCP,
        interfaces.IReactorUNIX,
        interfaces.IReactorUNIXDatagram,
        interfaces.IReactorUDP,
        interfaces.IReactorMulticast,
        interfaces.IReactorTime,
        interfaces.IReactorThreads,
        interfaces.IReactorFDSet,
        interfaces.IReactorSocket,
        interfaces.IReactorPluggableNameResolver,
    ):
        assert interface.providedBy(reactor), interface
        verifyObject(interface, reactor, tentative=False)


def test_oneProgramOnEveryLoop(reactor: Any) -> None:
    """F008: a program that knows nothing of loops does the same on each: sockets, datagrams, threads, time, signals."""
    events: list[object] = []

    class Datagrams(DatagramProtocol):
        noisy = False

        def datagramReceived(self, datagram: bytes, addr: Any) -> None:
            events.append(datagram)

    async def main() -> None:
        both = await converse(reactor, NETWORKS[0]())
        both.client.transport.write(b"stream")
        events.append(bytes(await both.server.got(6)))
        port = reactor.listenUDP(0, Datagrams(), interface="127.0.0.1")
        port.write(b"datagram", ("127.0.0.1", port.getHost().port))
        await until(reactor, lambda: len(events) == 2)
        events.append(await deferToThreadPool(reactor, reactor.getThreadPool(), lambda: "thread"))
        events.append(await deferLater(reactor, 0.001, lambda: "time"))
        await port.stopListening()
        await both.close()

    run(reactor, main)
    assert events == [b"stream", b"datagram", "thread", "time"]


def test_childrenOfOthersAreLeftAlone(reactor: Any) -> None:
    """F013: who starts children without the reactor also waits for them; nobody snatches their exit status."""
    before = signal.getsignal(signal.SIGCHLD)

    async def main() -> int:
        child = subprocess.Popen([sys.executable, "-c", "raise SystemExit(7)"])
        return await deferToThreadPool(reactor, reactor.getThreadPool(), child.wait)

    assert run(reactor, main, timeout=20) == 7
    assert signal.getsignal(signal.SIGCHLD) == before


def test_aPortSaysItsNumberAndStops(reactor: Any) -> None:
    """F030, F031: port 0 is any; getHost tells which; stopListening's Deferred fires when nobody can connect."""

    async def main() -> None:
        port = reactor.listenTCP(0, Serving(), interface="127.0.0.1")
        number = port.getHost().port
        assert number > 0
        socket.create_connection(("127.0.0.1", number)).close()
        closed = port.stopListening()
        assert isinstance(closed, Deferred)
        await closed
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", number))

    run(reactor, main)


def test_manyConnectionsToOneName(reactor: Any) -> None:
    """F048: who resolves a name once and passes the address causes no further lookup."""
    from zope.interface import implementer

    lookups: list[str] = []

    @implementer(interfaces.IResolverSimple)
    class Counting:
        def getHostByName(self, name: str, timeout: Any = ()) -> Any:
            from ropewalk.internet.defer import succeed

            lookups.append(name)
            return succeed("127.0.0.1")

    async def main() -> None:
        reactor.installResolver(Counting())
        port = reactor.listenTCP(0, Serving(), interface="127.0.0.1")
        address = await reactor.resolve("server.example")
        for host in [address] * 5 + ["server.example"]:
            client = Recorder()
            factory: Any = ClientFactory.forProtocol(lambda client=client: client)
            factory.noisy = False
            reactor.connectTCP(host, port.getHost().port, factory)
            await client.made
            client.transport.loseConnection()
            await client.lost
        await port.stopListening()

    run(reactor, main)
    assert lookups == ["server.example", "server.example"]


def test_datagramsGoToAddressesNotNames(reactor: Any) -> None:
    """F129: UDP takes IP addresses; a name is refused with an error that names it, in write and in connect."""

    async def main() -> None:
        quiet = DatagramProtocol()
        quiet.noisy = False
        port = reactor.listenUDP(0, quiet, interface="127.0.0.1")
        for attempt in (lambda: port.write(b"x", ("localhost", 9)), lambda: port.connect("localhost", 9)):
            with pytest.raises(InvalidAddressError, match="localhost"):
                attempt()
        await port.stopListening()

    run(reactor, main)


def test_broadcastIsOffUntilAllowed(reactor: Any) -> None:
    """F136: sending to a broadcast address needs setBroadcastAllowed first, and then arrives."""

    class Mailbox(DatagramProtocol):
        noisy = False

        def __init__(self) -> None:
            self.mail: list[bytes] = []

        def datagramReceived(self, datagram: bytes, addr: Any) -> None:
            self.mail.append(datagram)

    async def main() -> None:
        box = Mailbox()
        receiving = reactor.listenUDP(0, box)
        receiver = ("127.255.255.255", receiving.getHost().port)
        port = reactor.listenUDP(0, Mailbox())
        assert not port.getBroadcastAllowed()
        with pytest.raises(OSError):
            port.write(b"to all", receiver)
        port.setBroadcastAllowed(True)
        assert port.getBroadcastAllowed()
        port.write(b"to all", receiver)
        await until(reactor, lambda: box.mail)
        assert box.mail == [b"to all"]
        port.setBroadcastAllowed(False)
        assert not port.getBroadcastAllowed()
        await port.stopListening()
        await receiving.stopListening()

    run(reactor, main)


def test_aPoolWhoseTasksWaitForOthersIsFull(reactor: Any) -> None:
    """F156: no more run at once than the pool has threads; the next begins when one ends, and none is lost."""
    gate = threading.Event()
    begun: list[int] = []

    def wait(number: int) -> int:
        begun.append(number)
        gate.wait(10)
        return number

    async def main() -> list[int]:
        reactor.suggestThreadPoolSize(2)
        pool = reactor.getThreadPool()
        waiting = [deferToThreadPool(reactor, pool, wait, number) for number in range(3)]
        await until(reactor, lambda: len(begun) == 2)
        # The third would open the gate, if it could run: it waits in the queue.
        last = deferToThreadPool(reactor, pool, gate.set)
        await deferLater(reactor, 0.05)
        assert sorted(begun) == [0, 1]
        assert not gate.is_set()
        # A larger pool dissolves the knot.
        reactor.suggestThreadPoolSize(4)
        await last
        return [await each for each in waiting]

    assert run(reactor, main) == [0, 1, 2]


class Producer:
    def __init__(self, consumer: Any, pieces: int) -> None:
        self.consumer = consumer
        self.left = pieces

    def resumeProducing(self) -> None:
        self.left -= 1
        self.consumer.write(b"piece")
        if not self.left:
            self.consumer.unregisterProducer()

    def pauseProducing(self) -> None:
        raise AssertionError("this little fills no buffer")

    def stopProducing(self) -> None:
        raise AssertionError("it was unregistered")


def test_transportsAreConsumers(reactor: Any) -> None:
    """F159: registerProducer(p, False) asks for each piece, registerProducer(p, True) leaves the pace to p."""

    async def main() -> None:
        both = await converse(reactor, NETWORKS[0]())
        transport = both.server.transport
        assert interfaces.IConsumer.providedBy(transport)
        transport.registerProducer(Producer(transport, 3), False)
        assert await both.client.got(15) == b"piece" * 3

        push = Producer(transport, 2)
        transport.registerProducer(push, True)
        await deferLater(reactor, 0.01)
        assert push.left == 2  # nobody asked it
        push.resumeProducing()
        push.resumeProducing()
        assert await both.client.got(25) == b"piece" * 5
        assert transport.producer is None
        await both.close()

    run(reactor, main)


@pytest.mark.parametrize("make", REACTORS, ids=lambda make: make.__name__)
def test_threadsOfTheDocuments(make: Any) -> None:
    """F012, F153: deferToThread runs elsewhere, and its callbacks in the thread that runs the reactor."""
    program = """if 1:
        import sys, threading
        from ropewalk.internet.main import installReactor
        from support import reactors
        installReactor(getattr(reactors, sys.argv[1])())
        from ropewalk.internet import reactor, threads
        here = threading.get_ident()
        def done(there):
            print(there != here, threading.get_ident() == here, type(reactor).__name__)
            reactor.stop()
        threads.deferToThread(threading.get_ident).addCallback(done)
        reactor.run()
        """
    with fresh(make) as reactor:
        name = type(reactor).__name__
    done = subprocess.run(
        [sys.executable, "-c", program, make.__name__],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.stdout, done.stderr) == (f"True True {name}\n", "")


def test_buildProtocolOncePerConnection(reactor: Any) -> None:
    """F019: buildProtocol is called once for each connection, with the peer's address, and may pass what it likes."""

    class Numbered(Recorder):
        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    class Numbering(Factory[Any]):
        noisy = False

        def __init__(self) -> None:
            self.made: list[tuple[Any, Numbered]] = []

        def buildProtocol(self, addr: Any) -> Any:
            protocol = Numbered(len(self.made))
            self.made.append((addr, protocol))
            return protocol

    async def main() -> None:
        factory = Numbering()
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        peers = [socket.create_connection(("127.0.0.1", port.getHost().port)) for _ in range(3)]
        await until(reactor, lambda: len(factory.made) == 3)
        assert {(addr.host, addr.port) for addr, _ in factory.made} == {peer.getsockname() for peer in peers}
        for number, (addr, protocol) in enumerate(factory.made):
            assert protocol.number == number
            assert protocol.factory is None  # nobody sets it but who makes the protocol
            assert protocol.transport.getPeer() == addr
        for peer in peers:
            peer.close()
        for _, protocol in factory.made:
            await protocol.lost
        await port.stopListening()

    run(reactor, main)


def test_factoriesArePlainObjects(reactor: Any) -> None:
    """F023: a ClientFactory serves, too; functions put on an instance are there for its protocols."""

    class Asking(Protocol):
        factory: Any

        def dataReceived(self, data: bytes) -> None:
            self.transport.write(self.factory.getUser(data))

    async def main() -> None:
        factory: Any = ClientFactory()
        factory.noisy = False
        factory.protocol = Asking
        factory.getUser = {b"moshez": b"Happy and well"}.get
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        client = Recorder()
        clients: Any = ClientFactory.forProtocol(lambda: client)
        clients.noisy = False
        reactor.connectTCP("127.0.0.1", port.getHost().port, clients)
        await client.made
        client.transport.write(b"moshez")
        assert await client.got(14) == b"Happy and well"
        client.transport.loseConnection()
        await client.lost
        await port.stopListening()

    run(reactor, main)


def test_deferredsKnowNoReactor() -> None:
    """F075: Deferreds work where no reactor is, and load none."""
    program = """if 1:
        import sys
        from ropewalk.internet.defer import Deferred, gatherResults, inlineCallbacks
        @inlineCallbacks
        def add(first, second):
            return (yield first) + (yield second)
        first, second = Deferred(), Deferred()
        gatherResults([add(first, second)]).addCallback(print)
        second.callback(2)
        first.callback(1)
        loaded = {"asyncio", "socket", "ropewalk.internet.posixbase", "ropewalk.internet._loop.core"}
        print(sorted(loaded & set(sys.modules)))
        """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr) == ("[3]\n[]\n", "")


def test_cancellingIsBestEffort(reactor: Any) -> None:
    """F083: a thread cannot be stopped: whoever waited hears CancelledError at once, while the work goes on."""
    gate, done = threading.Event(), threading.Event()

    def work() -> str:
        gate.wait(10)
        done.set()
        return "too late"

    async def main() -> None:
        waiting = deferToThreadPool(reactor, reactor.getThreadPool(), work)
        waiting.cancel()
        with pytest.raises(CancelledError):
            await waiting
        assert not done.is_set()
        gate.set()
        await until(reactor, done.is_set)
        await deferLater(reactor, 0.01)  # the late result comes now, and harms nobody

    with logged():
        run(reactor, main)
