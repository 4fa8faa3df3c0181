"""Protocols that write down what they hear, and connections between two of them over real sockets."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ropewalk.internet.defer import Deferred
from ropewalk.internet.protocol import ClientFactory, Factory, Protocol
from ropewalk.internet.task import deferLater
from ropewalk.python.failure import Failure


class Recorder(Protocol):
    """Keeps everything it hears, in order.

    Attributes:
        heard: the names of its methods that were called; ``dataReceived`` once however often.
        received: all bytes.
        made, lost: fire when the connection is made, and when it is lost, with the reason.
    """

    transport: Any

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.received = bytearray()
        self.reason: Failure | None = None
        self.made: Deferred[Any] = Deferred()
        self.lost: Deferred[Failure] = Deferred()
        self._waiting: list[tuple[int, Deferred[bytes]]] = []

    def connectionMade(self) -> None:
        self._note("connectionMade")
        self.made.callback(None)

    def dataReceived(self, data: bytes) -> None:
        self._note("dataReceived")
        self.received += data
        due = [waiter for size, waiter in self._waiting if size <= len(self.received)]
        self._waiting = [(size, waiter) for size, waiter in self._waiting if size > len(self.received)]
        for waiter in due:
            waiter.callback(bytes(self.received))

    def connectionLost(self, reason: Failure) -> None:
        self._note("connectionLost")
        self.reason = reason
        # Not the failure as a result: it would take the errback's way.
        self.lost.callback(Wrapped(reason))  # type: ignore[arg-type]

    def _note(self, name: str) -> None:
        if self.heard[-1:] != [name]:
            self.heard.append(name)

    def got(self, size: int) -> Deferred[bytes]:
        """Fire with all that was received once it is ``size`` bytes or more."""
        waiter: Deferred[bytes] = Deferred()
        if len(self.received) >= size:
            waiter.callback(bytes(self.received))
        else:
            self._waiting.append((size, waiter))
        return waiter


class Wrapped:
    """A failure that travels as a result."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        self.value = failure.value


class HalfCloseable(Recorder):
    """A recorder that wants to hear of each half; `declare` makes it so."""

    def readConnectionLost(self) -> None:
        self._note("readConnectionLost")

    def writeConnectionLost(self) -> None:
        self._note("writeConnectionLost")


def declare() -> None:
    """Say to zope what `HalfCloseable` is; importing the interfaces costs those who don't need them."""
    from zope.interface import classImplements

    from ropewalk.internet.interfaces import IHalfCloseableProtocol

    if not IHalfCloseableProtocol.implementedBy(HalfCloseable):
        classImplements(HalfCloseable, IHalfCloseableProtocol)


class Serving(Factory[Any]):
    """A server's factory that hands out the protocols it is given, then plain recorders."""

    noisy = False

    def __init__(self, *protocols: Any) -> None:
        self.protocols = list(protocols)
        self.built: list[Any] = []

    def buildProtocol(self, addr: Any) -> Any:
        protocol = self.protocols.pop(0) if self.protocols else Recorder()
        self.built.append(protocol)
        return protocol


class Connecting(ClientFactory[Any]):
    """A client's factory for one protocol; ``failed`` and ``lost`` fire with the reason."""

    noisy = False

    def __init__(self, protocol: Any = None) -> None:
        self.instance = protocol or Recorder()
        self.heard: list[str] = []
        self.failed: Deferred[Any] = Deferred()
        self.lost: Deferred[Any] = Deferred()

    def startedConnecting(self, connector: Any) -> None:
        self.heard.append("startedConnecting")

    def buildProtocol(self, addr: Any) -> Any:
        self.heard.append("buildProtocol")
        return self.instance

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        self.heard.append("clientConnectionFailed")
        self.failed.callback(Wrapped(reason))

    def clientConnectionLost(self, connector: Any, reason: Failure) -> None:
        self.heard.append("clientConnectionLost")
        self.lost.callback(Wrapped(reason))


class TCP:
    """Streams over the loopback's IPv4."""

    def listen(self, reactor: Any, factory: Any) -> Any:
        return reactor.listenTCP(0, factory, interface="127.0.0.1")

    def connect(self, reactor: Any, port: Any, factory: Any, **options: Any) -> Any:
        return reactor.connectTCP("127.0.0.1", port.getHost().port, factory, **options)


class TCP6:
    """Streams over the loopback's IPv6."""

    def listen(self, reactor: Any, factory: Any) -> Any:
        return reactor.listenTCP(0, factory, interface="::1")

    def connect(self, reactor: Any, port: Any, factory: Any, **options: Any) -> Any:
        return reactor.connectTCP("::1", port.getHost().port, factory, **options)


class UNIX:
    """Streams over a UNIX socket."""

    def __init__(self) -> None:
        self.paths: list[str] = []

    def listen(self, reactor: Any, factory: Any) -> Any:
        self.paths.append(os.path.join(tempfile.mkdtemp(), "socket"))
        return reactor.listenUNIX(self.paths[-1], factory)

    def connect(self, reactor: Any, port: Any, factory: Any, **options: Any) -> Any:
        return reactor.connectUNIX(os.fsdecode(port.getHost().name), factory, **options)


NETWORKS: list[Callable[[], Any]] = [TCP, TCP6, UNIX]


class Conversation:
    """A server and a client protocol that are connected, and the port between them."""

    def __init__(self, port: Any, server: Any, client: Any, connector: Any, factory: Any) -> None:
        self.port = port
        self.server = server
        self.client = client
        self.connector = connector
        self.clientFactory = factory

    async def close(self) -> None:
        """Close whatever is open, and wait until it is."""
        for end in (self.server, self.client):
            if end.reason is None:
                end.transport.abortConnection()
        await self.server.lost
        await self.client.lost
        closed = self.port.stopListening()
        if closed is not None:
            await closed


async def converse(reactor: Any, network: Any, server: Any = None, client: Any = None) -> Conversation:
    """Connect two recorders."""
    server = server or Recorder()
    factory = Connecting(client)
    port = network.listen(reactor, Serving(server))
    connector = network.connect(reactor, port, factory)
    await server.made
    await factory.instance.made
    return Conversation(port, server, factory.instance, connector, factory)


def turns(reactor: Any, count: int = 3) -> Deferred[None]:
    """Let a few turns pass, so that what was put off has happened."""
    waiting: Deferred[None] = deferLater(reactor, 0)
    if count > 1:
        waiting.addCallback(lambda _: turns(reactor, count - 1))
    return waiting


async def until(reactor: Any, holds: Callable[[], object]) -> None:
    """Let turns pass until something holds; the test's own time limit ends the waiting."""
    while not holds():
        await deferLater(reactor, 0.001)


@contextmanager
def logged(*expected: type[BaseException]) -> Iterator[list[Any]]:
    """Collect the failures that are logged meanwhile; they must be of these types, each at least once."""
    from ropewalk.python import log

    failures: list[Failure] = []

    def observe(event: dict[str, Any]) -> None:
        if event.get("isError") and event.get("failure") is not None:
            failures.append(event["failure"])

    log.addObserver(observe)
    try:
        yield failures
    finally:
        log.removeObserver(observe)
    assert {type(failure.value) for failure in failures} == set(expected), failures


@contextmanager
def logLines() -> Iterator[list[str]]:
    """Collect the messages that are logged meanwhile."""
    from ropewalk.python import log

    lines: list[str] = []

    def observe(event: dict[str, Any]) -> None:
        if event.get("message"):
            lines.append(" ".join(map(str, event["message"])))

    log.addObserver(observe)
    try:
        yield lines
    finally:
        log.removeObserver(observe)
