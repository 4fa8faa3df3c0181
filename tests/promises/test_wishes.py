"""What users of such systems have asked for, for years (shared/wishes.md), on every reactor."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
import threading
from contextvars import Context, ContextVar, copy_context
from typing import Any

import pytest

from ropewalk.internet import defer
from ropewalk.internet.address import IPv4Address
from ropewalk.internet.defer import Deferred, inlineCallbacks
from ropewalk.internet.endpoints import HostnameEndpoint, clientFromString, connectProtocol, serverFromString
from ropewalk.internet.error import ConnectionRefusedError
from ropewalk.internet.protocol import Factory, Protocol
from ropewalk.internet.task import LoopingCall, deferLater
from ropewalk.internet.threads import deferToThreadPool
from ropewalk.python.failure import Failure
from support.reactors import run
from support.recording import TCP, Connecting, Recorder, Serving, converse, until

NAMES = ["epoll", "poll", "select", "asyncio", "uvloop"]


def child(program: str, reactor: str = "") -> str:
    """Run a program in a process of its own, on a reactor, and return what it printed; it must print no errors."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**os.environ, "ROPEWALK_REACTOR": reactor} if reactor else None,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


# 2. One loop, both worlds.


@pytest.mark.parametrize("runner", ["asyncio.run", "uvloop.run"])
def test_anAsyncioProgramKeepsItsLoop(runner: str) -> None:
    """Wish 2: under asyncio.run and uvloop.run both worlds' protocols, futures, threads and timeouts work together."""
    told = child(
        f"""
        import asyncio, uvloop
        from ropewalk.internet import reactor, task, threads
        from ropewalk.internet.defer import Deferred
        from ropewalk.internet.protocol import DatagramProtocol, Factory, Protocol

        class Echo(Protocol):
            def dataReceived(self, data):
                self.transport.write(data)

        async def main():
            port = reactor.listenTCP(0, Factory.forProtocol(Echo), interface="127.0.0.1")
            reader, writer = await asyncio.open_connection("127.0.0.1", port.getHost().port)
            writer.write(b"stream\\n")
            print(await reader.readline())
            writer.close()
            print(await threads.deferToThread(lambda: "thread"))
            print(await asyncio.gather(task.deferLater(reactor, 0.001, lambda: "Deferred"), asyncio.sleep(0, "task")))
            try:
                async with asyncio.timeout(0.01):
                    await Deferred(lambda _: print("cancelled"))
            except TimeoutError:
                print("timeout")
            print(reactor.running, asyncio.get_running_loop() is not None)
            await port.stopListening()

        for _ in range(2):
            {runner}(main())
        """
    )
    assert told.splitlines() == 2 * [
        "b'stream\\n'",
        "thread",
        "['Deferred', 'task']",
        "cancelled",
        "timeout",
        "True True",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_asyncioWorksInEveryCallback(name: str) -> None:
    """Wish 2: in every kind of callback, from the startup on, there is a running asyncio loop."""
    told = child(
        """
        import asyncio
        from ropewalk.internet import defer, reactor, task, threads
        from ropewalk.internet.protocol import ClientFactory, DatagramProtocol, Factory, Protocol

        seen = []

        def see(where):
            asyncio.get_running_loop().call_soon(seen.append, where)

        class Talk(Protocol):
            def connectionMade(self):
                see("connectionMade")
                self.transport.write(b"x")
            def dataReceived(self, data):
                see("dataReceived")
                self.transport.loseConnection()
            def connectionLost(self, reason):
                see("connectionLost")

        class Box(DatagramProtocol):
            def datagramReceived(self, datagram, address):
                see("datagramReceived")

        reactor.addSystemEventTrigger("before", "startup", see, "before startup")
        reactor.callWhenRunning(see, "callWhenRunning")
        reactor.callLater(0, see, "callLater")
        reactor.callInThread(reactor.callFromThread, see, "callFromThread")
        threads.deferToThread(int).addCallback(lambda _: see("deferToThread"))
        reactor.addSystemEventTrigger("before", "shutdown", see, "before shutdown")
        port = reactor.listenTCP(0, Factory.forProtocol(Talk), interface="127.0.0.1")
        reactor.connectTCP("127.0.0.1", port.getHost().port, ClientFactory.forProtocol(Talk))
        box = reactor.listenUDP(0, Box(), interface="127.0.0.1")
        reactor.callLater(0, lambda: box.write(b"x", ("127.0.0.1", box.getHost().port)))
        reactor.callLater(0.2, reactor.stop)
        reactor.addSystemEventTrigger("before", "shutdown", task.deferLater, reactor, 0.01)
        reactor.run()
        print(*sorted(set(seen)), sep="\\n")
        """,
        name,
    )
    assert told.splitlines() == [
        "before shutdown",
        "before startup",
        "callFromThread",
        "callLater",
        "callWhenRunning",
        "connectionLost",
        "connectionMade",
        "dataReceived",
        "datagramReceived",
        "deferToThread",
    ]


# 3. The reactor can run again, and is chosen at first use.


def test_runsAgainAndAgain(reactor: Any) -> None:
    """Wish 3: a reactor runs as often as one likes, with sockets, threads and names each time."""

    async def main() -> bytes:
        both = await converse(reactor, TCP())
        both.client.transport.write(b"again")
        heard = bytes(await both.server.got(5))
        await deferToThreadPool(reactor, reactor.getThreadPool(), int)
        await reactor.resolve("localhost")
        await both.close()
        return heard

    for _ in range(3):
        assert run(reactor, main) == b"again"


# 5. Tracebacks.


def test_tracebacksTellWhoAwaitsWhom(reactor: Any) -> None:
    """Wish 5: coroutine, generator, coroutine: each has its line, in order, and none is the engine's."""

    async def inner() -> None:
        await deferLater(reactor, 0)
        raise ValueError("at the bottom")

    @inlineCallbacks
    def middle() -> Any:
        yield inner()

    async def outer() -> None:
        await middle()

    told = run(reactor, lambda: Deferred.fromCoroutine(outer()).addErrback(lambda failure: failure.getTraceback()))
    functions = [line.rpartition(" in ")[2] for line in told.splitlines() if line.startswith("  File ")]
    assert functions == ["outer", "middle", "inner"]


@pytest.mark.parametrize("where", ["callLater", "callFromThread", "callInThread", "dataReceived", "datagramReceived"])
def test_tracebacksBeginInTheProgram(reactor: Any, where: str) -> None:
    """Wish 5: what the log shows of an error in a callback are the program's own frames, not the loop's above them."""
    from ropewalk.internet.protocol import DatagramProtocol
    from ropewalk.python import log

    def culprit(*args: object) -> None:
        raise ZeroDivisionError(where)

    async def main() -> None:
        if where == "dataReceived":
            cls = type("Raising", (Recorder,), {where: culprit})
            both = await converse(reactor, TCP(), cls())
            both.client.transport.write(b"x")
            await both.client.lost
            await both.port.stopListening()
        elif where == "datagramReceived":
            box = reactor.listenUDP(0, type("Box", (DatagramProtocol,), {where: culprit})(), interface="127.0.0.1")
            box.write(b"x", ("127.0.0.1", box.getHost().port))
            await until(reactor, lambda: failures)
            await box.stopListening()
        else:
            getattr(reactor, where)(*([0] if where == "callLater" else []), culprit)
        await until(reactor, lambda: failures)

    failures: list[Failure] = []

    def observe(event: Any) -> None:
        if event.get("isError"):
            failures.append(event["failure"])

    log.addObserver(observe)
    try:
        run(reactor, main)
    finally:
        log.removeObserver(observe)
    told = failures[0].getTraceback()
    files = [line for line in told.splitlines() if line.startswith("  File ")]
    assert [line.rpartition(" in ")[2] for line in files] == ["culprit"], told


# 6. Failures that nobody handles.


def test_unhandledFailuresAreReportedSoon(reactor: Any) -> None:
    """Wish 6: the hook hears of a dropped failure within a turn, with the collector off, and not of a handled one."""
    seen: list[type[BaseException]] = []

    def drop() -> None:
        defer.fail(KeyError("nobody looked"))
        defer.fail(ValueError("handled")).addErrback(lambda _: None)

    async def main() -> None:
        reactor.callLater(0, drop)
        await until(reactor, lambda: seen)

    before = defer.onUnhandledError(lambda failure, origin: seen.append(type(failure.value)))
    import gc

    gc.disable()
    try:
        run(reactor, main)
    finally:
        gc.enable()
        defer.onUnhandledError(before)
    assert seen == [KeyError]


# 7. Context variables.


def test_contextsFollow(reactor: Any) -> None:
    """Wish 7: what is asked for under a context happens in it: callbacks, calls, threads, loops, datagrams."""
    who: ContextVar[str] = ContextVar("who", default="nobody")
    seen: dict[str, str] = {}

    def note(where: str, *rest: object) -> None:
        seen[where] = who.get()

    async def main() -> None:
        inside = copy_context()
        inside.run(who.set, "caller")

        later: Deferred[None] = Deferred()
        inside.run(later.addCallback, lambda _: note("callback"))
        inside.run(later.addBoth, lambda _: note("both"))
        Context().run(later.callback, None)

        inside.run(reactor.callLater, 0, note, "callLater")
        inside.run(reactor.callFromThread, note, "callFromThread")
        inside.run(reactor.callInThread, note, "callInThread")
        done = inside.run(deferToThreadPool, reactor, reactor.getThreadPool(), note, "deferToThread")
        loop = LoopingCall(note, "LoopingCall")
        loop.clock = reactor
        inside.run(loop.start, 0.001)
        await done
        await until(reactor, lambda: len(seen) == 7)
        loop.stop()

    run(reactor, main)
    assert seen == dict.fromkeys(
        ["callback", "both", "callLater", "callFromThread", "callInThread", "deferToThread", "LoopingCall"], "caller"
    )


def test_connectionsHaveContextsOfTheirOwn(reactor: Any) -> None:
    """Wish 7: connections made under a context keep it, each in its copy; others stay without."""
    who: ContextVar[str] = ContextVar("who", default="nobody")

    class Noting(Recorder):
        seen: str = ""

        def dataReceived(self, data: bytes) -> None:
            self.seen = who.get()
            who.set(data.decode())
            super().dataReceived(data)

    async def main() -> list[str]:
        servers = [Noting() for _ in range(3)]
        inside = copy_context()
        inside.run(who.set, "port")
        port = inside.run(TCP().listen, reactor, Serving(*servers))
        for number, server in enumerate(servers):
            client = Connecting()
            TCP().connect(reactor, port, client)
            await client.instance.made
            client.instance.transport.write(b"%d" % number)
            await server.got(1)
            client.instance.transport.abortConnection()
            await server.lost
        await port.stopListening()
        return [server.seen for server in servers]

    assert run(reactor, main) == ["port"] * 3


# 18. Name resolution.


def test_namesDoNotStarveThreads(reactor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wish 18: while a hundred lookups hang, deferToThread answers at once, and other lookups wait in line."""
    gate = threading.Event()
    asked: list[str] = []

    def hanging(host: Any, *rest: object) -> list[Any]:
        asked.append(host)
        gate.wait(20)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    async def main() -> list[str]:
        monkeypatch.setattr(socket, "getaddrinfo", hanging)
        lookups = [reactor.resolve(f"host{number}.example") for number in range(100)]
        await until(reactor, lambda: asked)
        results = [
            await deferToThreadPool(reactor, reactor.getThreadPool(), lambda number=number: number)
            for number in range(20)
        ]
        assert results == list(range(20))
        assert not any(lookup.called for lookup in lookups)
        gate.set()
        return [await lookup for lookup in lookups]

    assert run(reactor, main, timeout=20) == ["127.0.0.1"] * 100


# 19. The next address at once.


def test_theNextAddressIsTriedAtOnce(reactor: Any) -> None:
    """Wish 19: an address that refuses costs no waiting: the next is tried at once, not after attemptDelay."""
    from zope.interface import implementer

    from ropewalk.internet.interfaces import IHostnameResolver

    @implementer(IHostnameResolver)
    class Three:
        name = "server.example"

        def cancel(self) -> None:
            pass  # it is over before anybody can

        def resolveHostName(self, receiver: Any, hostName: str, portNumber: int = 0, *rest: Any, **kw: Any) -> Any:
            receiver.resolutionBegan(self)
            for host in ("127.0.0.2", "127.0.0.3", "127.0.0.1"):  # nobody listens at the first two
                receiver.addressResolved(IPv4Address("TCP", host, portNumber))
            receiver.resolutionComplete()
            return self

    async def main() -> str:
        port = TCP().listen(reactor, Serving())
        reactor.installNameResolver(Three())
        endpoint = HostnameEndpoint(reactor, "server.example", port.getHost().port, attemptDelay=3600)
        client = await connectProtocol(endpoint, Recorder())
        host = client.transport.getPeer().host
        client.transport.abortConnection()
        await client.lost
        await port.stopListening()
        return str(host)

    assert run(reactor, main) == "127.0.0.1"


# 20. Several processes on one port.


@pytest.mark.parametrize("name", NAMES)
def test_processesShareAPort(name: str) -> None:
    """Wish 20: with reusePort=yes two processes listen on one port, and each gets connections."""
    program = """if 1:
        import os, sys
        from ropewalk.internet import endpoints, protocol, reactor
        class Tell(protocol.Protocol):
            def connectionMade(self):
                self.transport.write(b"%d" % os.getpid())
                self.transport.loseConnection()
        listening = endpoints.serverFromString(reactor, f"tcp:{sys.argv[1]}:interface=127.0.0.1:reusePort=yes").listen(
            protocol.Factory.forProtocol(Tell))
        listening.addCallback(lambda port: print(port.getHost().port, flush=True))
        reactor.run()
        """
    children: list[subprocess.Popen[str]] = []
    number = "0"
    try:
        for _ in range(2):
            worker = subprocess.Popen(
                [sys.executable, "-c", program, number],
                env={**os.environ, "ROPEWALK_REACTOR": name},
                stdout=subprocess.PIPE,
                text=True,
            )
            children.append(worker)
            assert worker.stdout is not None
            number = worker.stdout.readline().strip()
        served = set()
        for _ in range(100):
            with socket.create_connection(("127.0.0.1", int(number))) as peer:
                served.add(int(peer.recv(100)))
            if len(served) == 2:
                break
        assert served == {worker.pid for worker in children}
    finally:
        for worker in children:
            worker.terminate()
            worker.communicate()


# 26. Reading and writing in coroutines.


def test_streamsForCoroutines(reactor: Any) -> None:
    """Wish 26: a coroutine iterates over what comes and drains what it writes; the peer's slowness holds it back."""
    from ropewalk.internet import streams

    size = 3_000_000

    async def echo(stream: Any) -> None:
        async for data in stream:
            stream.write(data)
            await stream.drain()

    async def main() -> int:
        port = streams.serve(echo, 0, interface="127.0.0.1", reactor=reactor)
        stream = await streams.connect("127.0.0.1", port.getHost().port, reactor=reactor)

        async def send() -> None:
            for _ in range(size // 10_000):
                stream.write(bytes(10_000))
                await stream.drain()

        sending = Deferred.fromCoroutine(send())
        received = 0
        async for data in stream:
            received += len(data)
            if received == size:
                break
        await sending
        await stream.close()
        await port.stopListening()
        return received

    assert run(reactor, main, timeout=20) == size


# Endpoints by text, on every reactor: the errors of both ends name the address.


def test_errorsNameTheAddress(reactor: Any) -> None:
    """A refused connection and a taken port say where, through endpoints as well."""
    from ropewalk.internet.error import CannotListenError

    async def main() -> None:
        port = await serverFromString(reactor, "tcp:0:interface=127.0.0.1").listen(Factory.forProtocol(Protocol))
        number = port.getHost().port
        with pytest.raises(CannotListenError, match=str(number)):
            await serverFromString(reactor, f"tcp:{number}:interface=127.0.0.1").listen(Factory.forProtocol(Protocol))
        await port.stopListening()
        with pytest.raises(ConnectionRefusedError, match=str(number)):
            await clientFromString(reactor, f"tcp:127.0.0.1:{number}").connect(Factory.forProtocol(Protocol))

    run(reactor, main)
