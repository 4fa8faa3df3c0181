"""Protocols hear what happens, factories make them and count, and the client that comes back comes back."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from zope.interface import implementer

from ropewalk.internet.defer import CancelledError, Deferred
from ropewalk.internet.error import ConnectError, ConnectionDone, NotConnectingError
from ropewalk.internet.interfaces import IConsumer, IProtocol
from ropewalk.internet.protocol import (
    BaseProtocol,
    ClientCreator,
    ClientFactory,
    ConnectedDatagramProtocol,
    DatagramProtocol,
    Factory,
    FileWrapper,
    ProcessProtocol,
    Protocol,
    ReconnectingClientFactory,
    ServerFactory,
    connectionDone,
)
from ropewalk.internet.task import Clock
from ropewalk.internet.testing import MemoryReactorClock, StringTransport
from ropewalk.logger import globalLogPublisher
from ropewalk.python.failure import Failure
from support.reactors import reactor, run

__all__ = ["reactor"]


@pytest.fixture
def logged() -> Any:
    """What is logged meanwhile, as texts."""
    from ropewalk.logger import formatEvent

    texts: list[str] = []

    def observe(event: Any) -> None:
        texts.append(formatEvent(event))

    globalLogPublisher.addObserver(observe)
    yield texts
    globalLogPublisher.removeObserver(observe)


class TestProtocol:
    """A protocol is connected once."""

    def test_makeConnection(self) -> None:
        """The transport is there when `connectionMade` is called (F015)."""
        seen: list[Any] = []

        class Mine(Protocol):
            def connectionMade(self) -> None:
                seen.append((self.connected, self.transport))

        protocol, transport = Mine(), StringTransport()
        assert (protocol.connected, protocol.transport, protocol.factory) == (0, None, None)
        protocol.makeConnection(transport)
        assert seen == [(1, transport)]

    def test_unhandledEventsAreNothing(self) -> None:
        """What nobody overrides does nothing; a reason may be left away (F015, F016)."""
        protocol = Protocol()
        protocol.makeConnection(StringTransport())
        protocol.dataReceived(b"x")
        protocol.connectionLost(connectionDone)
        Protocol.connectionLost(protocol)  # type: ignore[call-arg]  # the default is there at run time
        assert connectionDone.type is ConnectionDone
        assert str(connectionDone.value) == "Connection was closed cleanly."

    def test_logPrefix(self) -> None:
        """Log lines name the class."""

        class Mine(Protocol):
            pass

        assert Mine().logPrefix() == "Mine"
        assert DatagramProtocol().logPrefix() == "DatagramProtocol"
        assert ClientFactory().logPrefix() == "ClientFactory"


class TestFactory:
    """A factory makes protocols, and knows when it begins and ends."""

    def test_buildProtocol(self) -> None:
        """The default makes one without arguments and tells it its factory (F020)."""
        factory: Any = Factory()
        factory.protocol = Protocol
        protocol = factory.buildProtocol(None)
        assert type(protocol) is Protocol
        assert protocol.factory is factory
        assert factory.buildProtocol(None) is not protocol

    def test_protocolMayBeAnyCallable(self) -> None:
        """What makes the protocol needn't be a class."""
        factory = Factory.forProtocol(lambda: Protocol())
        assert isinstance(factory.buildProtocol(None), Protocol)

    def test_forProtocol(self) -> None:
        """A factory of the class it is asked of, made with the arguments; attributes may follow (F021)."""

        class Mine(ServerFactory[Any]):
            def __init__(self, a: int, b: int) -> None:
                self.sum = a + b

        factory: Any = Mine.forProtocol(Protocol, 1, b=2)
        assert type(factory) is Mine
        assert factory.sum == 3
        factory.options = {}
        assert type(factory.buildProtocol(("any", "tuple"))) is Protocol

    def test_withoutProtocol(self) -> None:
        """A factory that was told nothing says what it wants to be told."""
        with pytest.raises(AssertionError, match="set its `protocol` or override `buildProtocol`"):
            Factory().buildProtocol(None)

    def test_startAndStop(self) -> None:
        """The first port starts a factory and the last one stops it, however many there are (F022, F024)."""
        events: list[tuple[str, int]] = []

        class Mine(Factory[Any]):
            noisy = False

            def startFactory(self) -> None:
                events.append(("start", self.numPorts))

            def stopFactory(self) -> None:
                events.append(("stop", self.numPorts))

        factory = Mine()
        for step in (factory.doStart, factory.doStart, factory.doStop, factory.doStop, factory.doStop, factory.doStart):
            step()
        assert events == [("start", 0), ("stop", 0), ("start", 0)]
        assert factory.numPorts == 1

    def test_noise(self, logged: list[str]) -> None:
        """Start and stop are logged once, unless the factory is quiet (F014)."""
        factory: Factory[Any] = Factory()
        for step in (factory.doStart, factory.doStart, factory.doStop, factory.doStop):
            step()
        assert logged == [f"Starting factory {factory!r}", f"Stopping factory {factory!r}"]
        factory.noisy = False
        factory.doStart()
        assert len(logged) == 2

    def test_generic(self) -> None:
        """A factory class can be subscripted, to tell checkers what it makes, and derived from so."""

        class Mine(ClientFactory[Protocol]):
            protocol = Protocol

        assert isinstance(Mine().buildProtocol(None), Protocol)
        assert Factory[Protocol] is not None
        assert Mine.__orig_bases__ == (ClientFactory[Protocol],)  # type: ignore[attr-defined]  # typing's own


class Connector:
    """Notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.connecting = False

    def connect(self) -> None:
        self.asked.append("connect")

    def stopConnecting(self) -> None:
        self.asked.append("stopConnecting")
        if not self.connecting:
            raise NotConnectingError

    def __repr__(self) -> str:
        return "<the connector>"


REFUSED = Failure(ConnectError())


class TestReconnectingClientFactory:
    """A client's factory that connects again, later and later (F047)."""

    def make(self, **attributes: Any) -> tuple[Any, Any, Clock]:
        factory: Any = ReconnectingClientFactory()
        factory.clock = Clock()
        factory.jitter = None
        for name, value in attributes.items():
            setattr(factory, name, value)
        return factory, Connector(), factory.clock

    @pytest.mark.parametrize("how", ["clientConnectionFailed", "clientConnectionLost"])
    def test_waitsLongerEachTime(self, how: str) -> None:
        """Each wait is longer than the one before by the factor, up to the longest."""
        factory, connector, clock = self.make(factor=3, maxDelay=10)
        for wait in (1, 3, 9, 10, 10):
            getattr(factory, how)(connector, REFUSED)
            (call,) = clock.getDelayedCalls()
            assert call.getTime() - clock.seconds() == wait
            connector.asked.clear()
            clock.advance(wait - 0.5)
            assert connector.asked == []
            clock.advance(0.5)
            assert connector.asked == ["connect"]
        assert factory.retries == 5

    def test_resetDelay(self) -> None:
        """After success the waits begin anew."""
        factory, connector, clock = self.make()
        factory.clientConnectionFailed(connector, REFUSED)
        clock.advance(1)
        factory.resetDelay()
        assert (factory.delay, factory.retries, bool(factory.continueTrying)) == (1.0, 0, True)
        factory.clientConnectionLost(connector, REFUSED)
        clock.advance(1)
        assert connector.asked == ["connect", "connect"]

    def test_jitter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Waits stray by chance, by the share that the jitter says; never into the past."""
        asked: list[tuple[float, float]] = []
        strays = iter([5.0, -1.0])

        def normalvariate(mean: float, deviation: float) -> float:
            asked.append((mean, deviation))
            return next(strays)

        monkeypatch.setattr(random, "normalvariate", normalvariate)
        factory, connector, clock = self.make(jitter=0.5, factor=2)
        factory.clientConnectionFailed(connector, REFUSED)
        assert asked == [(1.0, 0.5)]
        assert [call.getTime() for call in clock.getDelayedCalls()] == [5.0]
        assert factory.delay == 10
        clock.advance(5)
        factory.clientConnectionFailed(connector, REFUSED)
        assert [call.getTime() - clock.seconds() for call in clock.getDelayedCalls()] == [0.0]

    def test_defaults(self) -> None:
        """The figures that programs rely on."""
        factory: Any = ReconnectingClientFactory()
        assert (factory.initialDelay, factory.maxDelay, factory.maxRetries) == (1.0, 3600, None)
        assert factory.factor == pytest.approx(2.718281828459045)
        assert factory.jitter == pytest.approx(0.119626565582)

    def test_maxRetries(self, logged: list[str]) -> None:
        """After so many retries it gives up, and says so."""
        factory, connector, clock = self.make(maxRetries=2)
        for _ in range(3):
            factory.clientConnectionFailed(connector, REFUSED)
            clock.advance(100)
        assert connector.asked == ["connect", "connect"]
        assert logged == [
            "<the connector> will retry in 1 seconds",
            "<the connector> will retry in 2 seconds",
            "Abandoning <the connector> after 3 retries.",
        ]

    def test_stopTryingWhileWaiting(self) -> None:
        """Giving up ends the wait; nothing is left behind."""
        factory, connector, clock = self.make()
        factory.clientConnectionLost(connector, REFUSED)
        factory.stopTrying()
        assert clock.getDelayedCalls() == []
        factory.clientConnectionLost(connector, REFUSED)
        assert clock.getDelayedCalls() == []

    def test_stopTryingWhileConnecting(self, logged: list[str]) -> None:
        """Giving up ends the attempt that goes on, and an explicit retry is refused."""
        factory, connector, clock = self.make()
        factory.clientConnectionFailed(connector, REFUSED)
        clock.advance(1)
        connector.connecting = True
        factory.stopTrying()
        assert connector.asked == ["connect", "stopConnecting"]
        factory.retry(connector)
        assert logged[-1] == "Abandoning <the connector> on explicit request"
        assert clock.getDelayedCalls() == []

    def test_stopTryingLetsGoOfTheConnector(self) -> None:
        """The connector knows the factory: if that knew it for ever, the two would wait for the garbage collector."""
        factory, connector, _ = self.make()
        factory.clientConnectionFailed(connector, REFUSED)
        factory.stopTrying()
        assert factory.connector is None
        factory.retry()  # refused as before

    def test_twoConnectors(self) -> None:
        """A factory that serves two connectors retries both, and gives up both."""
        factory, first, clock = self.make(factor=1)
        second = Connector()
        factory.clientConnectionFailed(first, REFUSED)
        factory.clientConnectionFailed(second, REFUSED)
        clock.advance(1)
        assert (first.asked, second.asked) == (["connect"], ["connect"])
        factory.clientConnectionFailed(first, REFUSED)
        factory.clientConnectionFailed(second, REFUSED)
        factory.stopTrying()
        assert clock.getDelayedCalls() == []

    def test_retryWithoutConnector(self) -> None:
        """There is nothing to retry before anything has failed."""
        factory, _, _ = self.make()
        with pytest.raises(ValueError, match="no connector to retry"):
            factory.retry()

    def test_quiet(self, logged: list[str]) -> None:
        """A factory that isn't noisy logs nothing of this."""
        factory, connector, _ = self.make(noisy=False)
        factory.clientConnectionFailed(connector, REFUSED)
        assert logged == []

    def test_goesByTheReactor(self) -> None:
        """Unless it is given a clock it waits by the reactor's."""
        from ropewalk.internet import reactor as theReactor

        factory, connector, _ = self.make(clock=None)
        before = len(theReactor.getDelayedCalls())
        factory.clientConnectionFailed(connector, REFUSED)
        assert len(theReactor.getDelayedCalls()) == before + 1
        factory.stopTrying()
        assert len(theReactor.getDelayedCalls()) == before

    def test_pickle(self) -> None:
        """A pickled factory leaves the process's part behind and begins anew."""
        factory, connector, _ = self.make(maxDelay=7)
        factory.clientConnectionFailed(connector, REFUSED)
        other: Any = pickle.loads(pickle.dumps(factory))
        assert (other.maxDelay, other.delay, other.retries, other.connector, other.clock) == (7, 1.0, 0, None, None)


def test_reconnectsOverRealSockets(reactor: Any) -> None:
    """A client whose server drops it three times comes back three times, on each reactor (F047)."""
    accepted: list[Any] = []
    enough: Deferred[None] = Deferred()

    class Dropping(Protocol):
        def connectionMade(self) -> None:
            accepted.append(self)
            self.transport.loseConnection()
            if len(accepted) == 4:
                enough.callback(None)

    class Returning(ReconnectingClientFactory[Protocol]):
        protocol = Protocol
        initialDelay = delay = 0.001
        clock = reactor
        noisy = False

    async def main() -> None:
        server = Factory.forProtocol(Dropping)
        server.noisy = False
        listening = reactor.listenTCP(0, server, interface="127.0.0.1")
        client = Returning()
        reactor.connectTCP("127.0.0.1", listening.getHost().port, client)
        await enough
        client.stopTrying()
        await listening.stopListening()

    run(reactor, main)
    assert len(accepted) == 4
    assert reactor.getDelayedCalls() == []


class TestClientCreator:
    """A client without a factory (F044)."""

    def made(self, *args: Any, **kwargs: Any) -> tuple[ClientCreator, MemoryReactorClock, list[Any]]:
        class Mine(Protocol):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                self.arguments = args, kwargs

        reactor = MemoryReactorClock()
        return ClientCreator(reactor, Mine, *args, **kwargs), reactor, []

    def test_connectTCP(self) -> None:
        """The Deferred fires with the protocol, made with the arguments, once it is connected."""
        creator, reactor, results = self.made(1, x=2)
        creator.connectTCP("host", 80, timeout=7).addBoth(results.append)
        host, port, factory, timeout, bindAddress = reactor.tcpClients[0]
        assert (host, port, timeout, bindAddress) == ("host", 80, 7, None)
        assert not factory.noisy
        protocol = factory.buildProtocol(None)
        assert protocol.arguments == ((1,), {"x": 2})
        protocol.makeConnection(StringTransport())
        assert results == []
        reactor.advance(0)
        assert results == [protocol]

    def test_otherWays(self) -> None:
        """UNIX sockets and TLS alike."""
        creator, reactor, _ = self.made()
        creator.connectUNIX("/socket", timeout=3)
        assert reactor.unixClients[0][0] == "/socket"
        assert reactor.unixClients[0][2] == 3
        creator.connectSSL("host", 443, "context")
        assert (reactor.sslClients[0][0], reactor.sslClients[0][1], reactor.sslClients[0][3]) == (
            "host",
            443,
            "context",
        )

    def test_failure(self) -> None:
        """The Deferred fails with the reason."""
        creator, reactor, results = self.made()
        creator.connectTCP("host", 80).addBoth(results.append)
        reactor.tcpClients[0][2].clientConnectionFailed(None, REFUSED)
        reactor.advance(0)
        assert results == [REFUSED]

    @pytest.mark.parametrize("stage", ["before", "built", "failed"])
    def test_cancel(self, stage: str) -> None:
        """Cancelling drops the attempt whatever has become of it, and nothing comes later (F052)."""
        creator, reactor, results = self.made()
        deferred = creator.connectTCP("host", 80)
        deferred.addBoth(results.append)
        factory, connector = reactor.tcpClients[0][2], reactor.connectors[0]
        if stage == "built":
            factory.buildProtocol(None).makeConnection(StringTransport())
        if stage == "failed":
            factory.clientConnectionFailed(connector, REFUSED)
        deferred.cancel()
        assert [failure.type for failure in results] == [CancelledError]
        assert connector._disconnected
        factory.clientConnectionFailed(connector, REFUSED)
        reactor.advance(1)
        assert len(results) == 1
        assert reactor.getDelayedCalls() == []


class TestProcessProtocol:
    """A child's descriptors lead to methods of their own (F144, F148)."""

    def test_standardDescriptors(self) -> None:
        """Output, error and the three closes go where they belong; other descriptors nowhere."""
        events: list[Any] = []

        class Mine(ProcessProtocol):
            def outReceived(self, data: bytes) -> None:
                events.append(("out", data))

            def errReceived(self, data: bytes) -> None:
                events.append(("err", data))

            def inConnectionLost(self) -> None:
                events.append("in closed")

            def outConnectionLost(self) -> None:
                events.append("out closed")

            def errConnectionLost(self) -> None:
                events.append("err closed")

        protocol = Mine()
        for fd in (0, 1, 2, 3):
            protocol.childDataReceived(fd, b"x")
            protocol.childConnectionLost(fd)
        assert events == ["in closed", ("out", b"x"), "out closed", ("err", b"x"), "err closed"]

    def test_unhandledEventsAreNothing(self) -> None:
        """What nobody overrides does nothing."""
        protocol = ProcessProtocol()
        assert isinstance(protocol, BaseProtocol)
        for fd in (0, 1, 2, 3):
            protocol.childDataReceived(fd, b"x")
            protocol.childConnectionLost(fd)
        protocol.processExited(connectionDone)
        protocol.processEnded(connectionDone)


class TestDatagramProtocol:
    """A datagram protocol has one port (F127)."""

    def test_startsAndStops(self, logged: list[str]) -> None:
        """It is started with its transport and stopped without; both are logged."""
        events: list[Any] = []

        class Mine(DatagramProtocol):
            def startProtocol(self) -> None:
                events.append(("start", self.transport))

            def stopProtocol(self) -> None:
                events.append(("stop", self.transport))

        protocol = Mine()
        transport: Any = object()
        protocol.makeConnection(transport)
        protocol.doStop()
        assert events == [("start", transport), ("stop", None)]
        assert logged == [f"Starting protocol {protocol!r}", f"Stopping protocol {protocol!r}"]

    def test_onePort(self) -> None:
        """A second port, and one stop too many, are refused in words."""
        protocol = DatagramProtocol()
        protocol.noisy = False
        with pytest.raises(AssertionError, match="more often than started"):
            protocol.doStop()
        protocol.makeConnection(object())
        with pytest.raises(AssertionError, match="make a protocol for each"):
            protocol.makeConnection(object())

    def test_pickleLeavesTheTransport(self) -> None:
        """The transport stays in its process."""
        protocol = ConnectedDatagramProtocol()
        protocol.noisy = False
        protocol.makeConnection(lambda: None)
        assert pickle.loads(pickle.dumps(protocol)).transport is None

    def test_unhandledEventsAreNothing(self) -> None:
        """What nobody overrides does nothing."""
        DatagramProtocol().datagramReceived(b"x", ("10.0.0.1", 1))
        DatagramProtocol().connectionRefused()
        ConnectedDatagramProtocol().datagramReceived(b"x")
        ConnectedDatagramProtocol().connectionFailed(REFUSED)


class TestAdapters:
    """Consumers and protocols can stand in for each other."""

    def test_consumerAsProtocol(self) -> None:
        """What the connection receives is written to the consumer."""

        @implementer(IConsumer)
        class Consumer:
            def __init__(self) -> None:
                self.written: list[bytes] = []

            def write(self, data: bytes) -> None:
                self.written.append(data)

            def registerProducer(self, producer: object, streaming: bool) -> None: ...
            def unregisterProducer(self) -> None: ...

        consumer = Consumer()
        protocol = IProtocol(consumer)
        protocol.makeConnection(StringTransport())
        protocol.connectionMade()
        protocol.dataReceived(b"x")
        protocol.connectionLost(connectionDone)
        assert consumer.written == [b"x"]

    def test_protocolAsConsumer(self) -> None:
        """What is written is received by the protocol."""
        received: list[bytes] = []

        class Mine(Protocol):
            def dataReceived(self, data: bytes) -> None:
                received.append(data)

        consumer: Any = IConsumer(Mine())
        consumer.registerProducer(None, True)
        consumer.write(b"x")
        consumer.unregisterProducer()
        assert received == [b"x"]


class TestFileWrapper:
    """A file can be a transport."""

    def test_writesAndCloses(self) -> None:
        """What is written is in the file; closing closes it."""
        file = BytesIO()
        wrapper = FileWrapper(file)
        wrapper.write(b"a")
        wrapper.writeSequence([b"b", b"c"])
        assert file.getvalue() == b"abc"
        wrapper.loseConnection()
        assert file.closed
        assert wrapper.closed
        assert (wrapper.getPeer(), wrapper.getHost()) == (("file", "file"), "file")

    @pytest.mark.parametrize("close", ["stopConsuming", "stopProducing"])
    def test_otherWaysToClose(self, close: str) -> None:
        """A consumer or producer that is stopped closes the file."""
        wrapper = FileWrapper(BytesIO())
        wrapper.pauseProducing()
        wrapper.resumeProducing()
        getattr(wrapper, close)()
        assert wrapper.closed

    def test_pullProducer(self) -> None:
        """A pull producer is asked until it is done, without recursion; one that answers later is asked then."""

        class Producer:
            def __init__(self, wrapper: FileWrapper, left: int, later: list[Callable[[], None]] | None = None) -> None:
                self.wrapper, self.left, self.later = wrapper, left, later
                wrapper.registerProducer(self, False)

            def resumeProducing(self) -> None:
                if self.left == 0:
                    self.wrapper.unregisterProducer()
                    return
                self.left -= 1
                if self.later is None:
                    self.wrapper.write(b"x")
                else:
                    self.later.append(lambda: self.wrapper.write(b"y"))

        file = BytesIO()
        wrapper = FileWrapper(file)
        Producer(wrapper, 10_000)
        assert file.getvalue() == b"x" * 10_000
        assert wrapper.producer is None

        later: list[Callable[[], None]] = []
        Producer(wrapper, 3, later)
        while later:
            later.pop()()
        assert file.getvalue().endswith(b"xyyy")
        assert wrapper.producer is None

    def test_pushProducer(self) -> None:
        """A push producer is never asked: it writes by itself."""
        wrapper = FileWrapper(BytesIO())
        wrapper.registerProducer(object(), True)
        wrapper.write(b"x")
        assert wrapper.streamingProducer

    def test_fileThatFails(self) -> None:
        """Errors of the file go to a hook, from inside the exception, and no further."""

        class Broken:
            def write(self, data: bytes) -> None:
                raise OSError("full")

            def close(self) -> None:
                raise OSError("gone")

        seen: list[str] = []

        class Mine(FileWrapper):
            def handleException(self) -> None:
                seen.append(str(Failure().value))

        wrapper = Mine(Broken())
        wrapper.write(b"x")
        wrapper.loseConnection()
        assert seen == ["full", "gone"]
