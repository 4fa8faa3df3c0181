"""Protocols, and what goes with them, that note what happens to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import Any, ClassVar, overload

from zope.interface import implementer

from ropewalk.logger import ILogObserver, LogEvent, LogPublisher
from ropewalk.protocols.basic import LineReceiver

from ...python.failure import Failure
from ..defer import Deferred
from ..interfaces import IConsumer, IReactorTime, IUDPTransport
from ..protocol import Protocol
from ..task import LoopingCall


class AccumulatingProtocol(Protocol):
    """Keeps what it receives, and notes its beginning and end.

    A factory with an attribute ``protocolConnectionMade`` that is a Deferred hears of the protocol through it.

    Attributes:
        made: 1 once connected.
        data: all that was received.
        closed: 1 once the connection was lost.
        closedReason: why it was.
        closedDeferred: a Deferred of yours, fired with `None` when the connection is lost.
    """

    made = closed = 0
    closedReason: Failure | None = None
    closedDeferred: Deferred[None] | None = None
    data = b""
    factory: Any = None

    def connectionMade(self) -> None:
        """Note it, and tell the factory."""
        self.made = 1
        waiting = getattr(self.factory, "protocolConnectionMade", None)
        if waiting is not None:
            self.factory.protocolConnectionMade = None
            waiting.callback(self)

    def dataReceived(self, data: bytes) -> None:
        """Keep the bytes."""
        self.data += data

    def connectionLost(self, reason: Failure | None = None) -> None:
        """Note it, and why."""
        self.closed = 1
        self.closedReason = reason
        waiting, self.closedDeferred = self.closedDeferred, None
        if waiting is not None:
            waiting.callback(None)


class LineSendingProtocol(LineReceiver):
    """Says its lines, and keeps those that it hears.

    Args:
        lines: what to say.
        start: speak as soon as connected, rather than after the first line was heard.

    Attributes:
        response: the lines that were heard.
        lostConn: whether the connection was lost.
    """

    lostConn = False

    def __init__(self, lines: Iterable[bytes], start: bool = True) -> None:
        self.lines = list(lines)
        self.response: list[bytes] = []
        self.start = start

    def connectionMade(self) -> None:
        """Say the lines, unless the other end is to begin."""
        if self.start:
            self._speak()

    def lineReceived(self, line: bytes) -> None:
        """Keep the line; answer the first one if the other end was to begin."""
        if not self.start:
            self.start = True
            self._speak()
        self.response.append(line)

    def connectionLost(self, reason: Failure) -> None:
        """Note it."""
        self.lostConn = True

    def _speak(self) -> None:
        for line in self.lines:
            self.sendLine(line)


class NonStreamingProducer:
    """A pull producer of the bytes ``0`` to ``9``, one at each call, that lets go by itself after the last.

    It raises when it is treated as a pull producer never is.

    Attributes:
        consumer: whom it writes to, until it has finished or was stopped.
        counter: how many pieces it has written.
        stopped: whether it has finished or was stopped.
        result: fired with a sentence when the consumer stops it before its end; gone after that end.
    """

    counter = 0
    stopped = False

    def __init__(self, consumer: IConsumer) -> None:
        self.consumer: IConsumer | None = consumer
        self.result: Deferred[str] = Deferred()

    def resumeProducing(self) -> None:
        """Write the next piece.

        Raises:
            RuntimeError: there is none, or nobody wants it.
        """
        if self.consumer is None or self.counter >= 10:
            raise RuntimeError("a producer that has finished, or was stopped, was asked for more")
        self.consumer.write(b"%d" % self.counter)
        self.counter += 1
        if self.counter == 10:
            self.consumer.unregisterProducer()
            self._finish("done")

    def pauseProducing(self) -> None:
        """A pull producer is never paused: it waits to be asked anyway.

        Raises:
            RuntimeError: always.
        """
        raise RuntimeError("a pull producer was paused: it writes only when it is asked, so nothing has to pause it")

    def stopProducing(self) -> None:
        """Note that nobody wants more."""
        if self.consumer is not None:
            self._finish("stopped before the end")

    def _finish(self, how: str) -> None:
        self.consumer = None
        self.stopped = True
        if not self.result.called:
            self.result.callback(how)


@implementer(IUDPTransport)
class FakeDatagramTransport:
    """A datagram transport that keeps what is sent.

    Attributes:
        written: pairs of packet and address; the address is ``noAddr`` when none was given.
    """

    noAddr: ClassVar[object] = object()

    def __init__(self) -> None:
        self.written: list[tuple[bytes, Any]] = []
        self._broadcastAllowed = False

    def write(self, packet: bytes, addr: Any = noAddr) -> None:
        """Keep the packet."""
        self.written.append((packet, addr))

    def connect(self, host: str, port: int) -> None:
        """Do nothing."""

    def getHost(self) -> Any:
        """Return an address; any."""
        from ..address import IPv4Address

        return IPv4Address("UDP", "10.0.0.1", 12345)

    def stopListening(self) -> None:
        """Do nothing."""

    def setBroadcastAllowed(self, enabled: bool) -> None:
        """Keep the wish."""
        self._broadcastAllowed = bool(enabled)

    def getBroadcastAllowed(self) -> bool:
        """Return the last wish."""
        return self._broadcastAllowed


@implementer(ILogObserver)
class EventLoggingObserver(Sequence[LogEvent]):
    """A log observer that keeps every event, as a sequence."""

    def __init__(self) -> None:
        self._events: list[LogEvent] = []

    @overload
    def __getitem__(self, index: int) -> LogEvent: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[LogEvent]: ...
    def __getitem__(self, index: int | slice) -> LogEvent | Sequence[LogEvent]:
        return self._events[index]

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[LogEvent]:
        return iter(self._events)

    def __call__(self, event: LogEvent) -> None:
        """Keep an event."""
        self._events.append(event)

    @classmethod
    def createWithCleanup(cls, testInstance: Any, publisher: LogPublisher) -> EventLoggingObserver:
        """Observe a publisher until a test is over.

        Args:
            testInstance: a test case, for its ``addCleanup``.
            publisher: whom to observe.
        """
        observer = cls()
        publisher.addObserver(observer)
        testInstance.addCleanup(publisher.removeObserver, observer)
        return observer


class StringIOWithoutClosing(BytesIO):
    """A file in memory that stays readable after it was closed."""

    def close(self) -> None:
        """Do nothing."""


def waitUntilAllDisconnected(reactor: IReactorTime, protocols: Sequence[Any]) -> Deferred[Any]:
    """Wait until no protocol's transport is connected any more; its ``connected`` is looked at every 10 ms.

    Args:
        reactor: tells the time.
        protocols: protocols that have transports.
    """

    def look() -> None:
        if not any(protocol.transport.connected for protocol in protocols):
            watch.stop()

    watch = LoopingCall(look)
    watch.clock = reactor
    return watch.start(0.01, True)
