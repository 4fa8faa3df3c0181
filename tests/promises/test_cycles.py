"""Nothing that is over keeps anything alive in a circle: with the collector off, there is nothing for it to find.

Each function below is done once to warm up, then again while the collector keeps what it would have freed. The
functions define no classes or functions of their own that refer to themselves: those would be circles of the test's.
"""

from __future__ import annotations

import gc
import os
import socket
import tempfile
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ropewalk.internet import error
from ropewalk.internet.defer import (
    CancelledError,
    Deferred,
    DeferredList,
    DeferredLock,
    DeferredQueue,
    FirstError,
    TimeoutError,
    fail,
    gatherResults,
    inlineCallbacks,
    race,
)
from ropewalk.internet.endpoints import (
    HostnameEndpoint,
    TCP4ClientEndpoint,
    TCP4ServerEndpoint,
    UNIXClientEndpoint,
    UNIXServerEndpoint,
    connectProtocol,
)
from ropewalk.internet.protocol import ClientCreator, ClientFactory, DatagramProtocol, Factory, Protocol
from ropewalk.internet.task import LoopingCall, deferLater
from ropewalk.internet.threads import deferToThreadPool
from ropewalk.protocols.basic import LineReceiver
from ropewalk.protocols.policies import TimeoutFactory
from support.reactors import run


class Net:
    """What the functions work with: a reactor, a port that echoes lines, a port number that refuses."""

    def __init__(self, reactor: Any) -> None:
        self.reactor = reactor
        self.port = reactor.listenTCP(0, quiet(Factory.forProtocol(EchoLines)), interface="127.0.0.1")
        self.number = self.port.getHost().port
        self.holder = socket.socket()
        self.holder.bind(("127.0.0.1", 0))
        self.refusing = self.holder.getsockname()[1]

    async def close(self) -> None:
        self.holder.close()
        await self.port.stopListening()


def quiet(factory: Any) -> Any:
    factory.noisy = False
    return factory


class EchoLines(LineReceiver):
    def lineReceived(self, line: bytes) -> None:
        self.sendLine(line)


class Raising(Protocol):
    def dataReceived(self, data: bytes) -> None:
        raise ZeroDivisionError


class Client(Protocol):
    transport: Any

    def __init__(self) -> None:
        self.heard: Deferred[bytes] = Deferred()
        self.over: Deferred[None] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        self.heard.callback(data)

    def connectionLost(self, reason: Any = None) -> None:
        self.over.callback(None)


class Attempt(ClientFactory[Any]):
    noisy = False

    def __init__(self) -> None:
        self.failed: Deferred[None] = Deferred()

    def clientConnectionFailed(self, connector: Any, reason: Any) -> None:
        self.failed.errback(reason)


class Silent(DatagramProtocol):
    noisy = False


def broken() -> None:
    raise ZeroDivisionError


async def acceptDataClose(net: Net) -> None:
    client = await connectProtocol(TCP4ClientEndpoint(net.reactor, "127.0.0.1", net.number), Client())
    client.transport.write(b"hello\r\n")
    await client.heard
    client.transport.loseConnection()
    await client.over


async def acceptAbort(net: Net) -> None:
    client = await connectProtocol(TCP4ClientEndpoint(net.reactor, "127.0.0.1", net.number), Client())
    client.transport.write(b"hello\r\n")
    client.transport.abortConnection()
    await client.over


async def acceptTooLongALine(net: Net) -> None:
    client = await connectProtocol(TCP4ClientEndpoint(net.reactor, "127.0.0.1", net.number), Client())
    client.transport.write(b"x" * 100_000)
    await client.over


async def connectByFactory(net: Net) -> None:
    client = await ClientCreator(net.reactor, Client).connectTCP("127.0.0.1", net.number)
    client.transport.loseConnection()
    await client.over


async def refused(net: Net) -> None:
    attempt = Attempt()
    net.reactor.connectTCP("127.0.0.1", net.refusing, attempt)
    with pytest.raises(error.ConnectionRefusedError):
        await attempt.failed


async def refusedEndpoint(net: Net) -> None:
    with pytest.raises(error.ConnectionRefusedError):
        await TCP4ClientEndpoint(net.reactor, "127.0.0.1", net.refusing).connect(Attempt())


async def stopped(net: Net) -> None:
    attempt = Attempt()
    net.reactor.connectTCP("127.0.0.1", net.number, attempt).stopConnecting()
    with pytest.raises(error.UserError):
        await attempt.failed


async def cancelledEndpoint(net: Net) -> None:
    connecting = TCP4ClientEndpoint(net.reactor, "127.0.0.1", net.number).connect(Attempt())
    connecting.cancel()
    with pytest.raises(error.ConnectingCancelledError):
        await connecting


async def byName(net: Net) -> None:
    client = await connectProtocol(HostnameEndpoint(net.reactor, "localhost", net.number), Client())
    client.transport.loseConnection()
    await client.over


async def byNameRefused(net: Net) -> None:
    with pytest.raises(error.ConnectError):
        await HostnameEndpoint(net.reactor, "localhost", net.refusing).connect(Attempt())


async def byUnknownName(net: Net) -> None:
    with pytest.raises(error.DNSLookupError):
        await HostnameEndpoint(net.reactor, "nobody.invalid", net.number).connect(Attempt())


async def listenAndStop(net: Net) -> None:
    port = await TCP4ServerEndpoint(net.reactor, 0, interface="127.0.0.1").listen(quiet(Factory.forProtocol(Protocol)))
    await port.stopListening()
    with pytest.raises(error.CannotListenError):
        await TCP4ServerEndpoint(net.reactor, net.number, interface="127.0.0.1").listen(quiet(Factory()))


async def overUnix(net: Net) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "socket")
        port = await UNIXServerEndpoint(net.reactor, path).listen(quiet(Factory.forProtocol(EchoLines)))
        client = await connectProtocol(UNIXClientEndpoint(net.reactor, path), Client())
        client.transport.loseConnection()
        await client.over
        await port.stopListening()


async def protocolThatRaises(net: Net) -> None:
    port = net.reactor.listenTCP(0, quiet(Factory.forProtocol(Raising)), interface="127.0.0.1")
    client = await connectProtocol(TCP4ClientEndpoint(net.reactor, "127.0.0.1", port.getHost().port), Client())
    client.transport.write(b"x")
    await client.over
    await port.stopListening()


async def idleTimeout(net: Net) -> None:
    factory = quiet(TimeoutFactory(quiet(Factory.forProtocol(EchoLines)), 0.01))
    factory.callLater = net.reactor.callLater
    port = net.reactor.listenTCP(0, factory, interface="127.0.0.1")
    client = await connectProtocol(TCP4ClientEndpoint(net.reactor, "127.0.0.1", port.getHost().port), Client())
    await client.over
    await port.stopListening()


async def datagrams(net: Net) -> None:
    port = net.reactor.listenUDP(0, Silent(), interface="127.0.0.1")
    port.write(b"to myself", ("127.0.0.1", port.getHost().port))
    await deferLater(net.reactor, 0)
    await port.stopListening()


async def timers(net: Net) -> None:
    net.reactor.callLater(100, int).cancel()
    net.reactor.callLater(0, int)
    net.reactor.callLater(0, broken)
    net.reactor.callFromThread(broken)
    await deferLater(net.reactor, 0.001)
    with pytest.raises(TimeoutError):
        await Deferred[None]().addTimeout(0.001, net.reactor)


async def looping(net: Net) -> None:
    loop = LoopingCall(int)
    loop.clock = net.reactor
    over = loop.start(0.001)
    await deferLater(net.reactor, 0.005)
    loop.stop()
    await over
    bad = LoopingCall(broken)
    bad.clock = net.reactor
    with pytest.raises(ZeroDivisionError):
        await bad.start(0.001)


async def threads(net: Net) -> None:
    pool = net.reactor.getThreadPool()
    await deferToThreadPool(net.reactor, pool, int)
    with pytest.raises(ZeroDivisionError):
        await deferToThreadPool(net.reactor, pool, broken)


async def names(net: Net) -> None:
    await net.reactor.resolve("localhost")
    with pytest.raises(error.DNSLookupError):
        await net.reactor.resolve("nobody.invalid")


async def failingLater(net: Net, depth: int) -> None:
    await deferLater(net.reactor, 0)
    if not depth:
        raise KeyError("deep")
    await failingLater(net, depth - 1)


@inlineCallbacks
def failingLaterToo(net: Net, depth: int) -> Any:
    yield deferLater(net.reactor, 0)
    if not depth:
        raise KeyError("deep")
    yield failingLaterToo(net, depth - 1)


async def coroutines(net: Net) -> None:
    with pytest.raises(KeyError):
        await failingLater(net, 5)
    with pytest.raises(KeyError):
        await Deferred.fromCoroutine(failingLater(net, 5))
    with pytest.raises(KeyError):
        await failingLaterToo(net, 5)
    waiting = Deferred.fromCoroutine(failingLater(net, 5))
    waiting.cancel()
    with pytest.raises(CancelledError):
        await waiting


async def several(net: Net) -> None:
    with pytest.raises(FirstError):
        await gatherResults([deferLater(net.reactor, 0, broken), deferLater(net.reactor, 0)], consumeErrors=True)
    await DeferredList([deferLater(net.reactor, 0, broken), deferLater(net.reactor, 0)], consumeErrors=True)
    await race([Deferred[None](), deferLater(net.reactor, 0)])


async def turnsAndQueues(net: Net) -> None:
    lock = DeferredLock()
    async with lock:
        second = lock.acquire()
    await second
    third = lock.acquire()
    third.cancel()
    with pytest.raises(CancelledError):
        await third
    lock.release()
    queue: DeferredQueue[int] = DeferredQueue()
    got = queue.get()
    queue.put(1)
    await got


async def dropped(net: Net) -> None:
    fail(KeyError("nobody looked"))
    await deferLater(net.reactor, 0)


WORK: list[Callable[[Net], Awaitable[None]]] = [
    acceptDataClose,
    acceptAbort,
    acceptTooLongALine,
    connectByFactory,
    refused,
    refusedEndpoint,
    stopped,
    cancelledEndpoint,
    byName,
    byNameRefused,
    byUnknownName,
    listenAndStop,
    overUnix,
    protocolThatRaises,
    idleTimeout,
    datagrams,
    timers,
    looping,
    threads,
    names,
    coroutines,
    several,
    turnsAndQueues,
    dropped,
]


@pytest.mark.parametrize("work", WORK, ids=lambda work: work.__name__)
def test_noCircles(reactor: Any, work: Callable[[Net], Awaitable[None]]) -> None:
    """Success, failure, refusal, cancelling: what is over is freed at once, descriptors included."""

    async def main() -> tuple[list[Any], int]:
        net = Net(reactor)
        try:
            await work(net)
            await deferLater(reactor, 0.005)
            gc.collect()
            before = len(os.listdir("/proc/self/fd"))
            gc.set_debug(gc.DEBUG_SAVEALL)
            await work(net)
            await deferLater(reactor, 0.005)
            gc.collect()
            return gc.garbage[:], len(os.listdir("/proc/self/fd")) - before
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            await net.close()

    gc.collect()
    gc.disable()
    try:
        garbage, descriptors = run(reactor, main)
    finally:
        gc.enable()
    assert garbage == []
    assert descriptors == 0
