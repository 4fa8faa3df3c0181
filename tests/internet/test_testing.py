"""`internet.testing`: what stands in for the network."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from zope.interface.verify import verifyObject

from ropewalk.internet import error, interfaces, testing
from ropewalk.internet.address import IPv4Address, IPv6Address, UNIXAddress
from ropewalk.internet.defer import Deferred
from ropewalk.internet.protocol import ClientFactory, Factory, Protocol
from ropewalk.logger import LogPublisher
from ropewalk.python.failure import Failure


class TestStringTransport:
    def test_keepsWhatIsWritten(self) -> None:
        """A transport for tests keeps what a protocol writes, until it is cleared (F177, TR16)."""
        transport = testing.StringTransport()
        transport.write(b"abc")
        transport.writeSequence([b"d", b"ef"])
        assert transport.value() == b"abcdef"
        transport.clear()
        assert transport.value() == b""
        transport.write(b"g")
        assert transport.io.getvalue() == b"g"

    @pytest.mark.parametrize("data", ["text", 1, None, bytearray(b"x"), memoryview(b"x")])
    def test_takesBytesOnly(self, data: Any) -> None:
        """Text, and buffers that may change later, are refused with the value named."""
        with pytest.raises(TypeError, match=type(data).__name__):
            testing.StringTransport().write(data)

    def test_isAllThatItClaims(self) -> None:
        """It offers each interface that it declares."""
        transport = testing.StringTransport()
        for interface in (interfaces.ITransport, interfaces.IConsumer, interfaces.IPushProducer):
            assert verifyObject(interface, transport)

    def test_addressesAreThoseGiven(self) -> None:
        """Host and peer are what the test says, or something sensible."""
        host, peer = IPv4Address("TCP", "1.2.3.4", 5), IPv4Address("TCP", "6.7.8.9", 10)
        transport = testing.StringTransport(host, peer)
        assert (transport.getHost(), transport.getPeer()) == (host, peer)
        unnamed = testing.StringTransport()
        assert unnamed.getHost() == IPv4Address("TCP", "10.0.0.1", 12345)
        assert unnamed.getPeer() == IPv4Address("TCP", "192.168.1.1", 54321)

    def test_closingSetsFlags(self) -> None:
        """A wish to close is noted, and nobody is told."""
        transport = testing.StringTransport()
        transport.loseConnection()
        assert (transport.disconnecting, transport.disconnected) == (True, False)
        transport = testing.StringTransport()
        transport.abortConnection()
        assert (transport.disconnecting, transport.disconnected) == (True, True)

    def test_oneProducerAtATime(self) -> None:
        """Registering two producers, or unregistering none, is a mistake that shows."""
        transport, producer = testing.StringTransport(), object()
        transport.registerProducer(producer, True)
        assert (transport.producer, transport.streaming) == (producer, True)
        with pytest.raises(RuntimeError, match="unregister it first"):
            transport.registerProducer(object(), False)
        transport.unregisterProducer()
        assert (transport.producer, transport.streaming) == (None, None)
        with pytest.raises(RuntimeError, match="none is registered"):
            transport.unregisterProducer()

    def test_producerStateFollowsTheProtocol(self) -> None:
        """Pausing, resuming and stopping what is received is noted."""
        transport = testing.StringTransport()
        assert transport.producerState == "producing"
        transport.pauseProducing()
        assert transport.producerState == "paused"
        transport.resumeProducing()
        assert transport.producerState == "producing"
        transport.stopProducing()
        assert transport.producerState == "stopped"
        for method in (transport.pauseProducing, transport.resumeProducing):
            with pytest.raises(RuntimeError, match="stopProducing"):
                method()

    def test_pausingAClosedTransportNeedsLenience(self) -> None:
        """After loseConnection nothing may be paused, unless the transport is lenient."""
        strict = testing.StringTransport()
        strict.loseConnection()
        for method in (strict.pauseProducing, strict.resumeProducing):
            with pytest.raises(RuntimeError, match="lenient"):
                method()
        lenient = testing.StringTransport(lenient=True)
        lenient.loseConnection()
        lenient.pauseProducing()
        assert lenient.producerState == "paused"


class TestStringTransportWithDisconnection:
    def test_closingTellsTheProtocol(self) -> None:
        """Closing calls the protocol's connectionLost, once, with a Failure (F178)."""
        reasons: list[Failure] = []

        class Closing(Protocol):
            def connectionLost(self, reason: Failure = None) -> None:  # type: ignore[assignment]  # as documented
                reasons.append(reason)

        for close in ("loseConnection", "abortConnection"):
            transport = testing.StringTransportWithDisconnection()
            transport.protocol = Closing()
            transport.protocol.makeConnection(transport)
            getattr(transport, close)()
            transport.loseConnection()
            assert not transport.connected
        assert [reason.check(error.ConnectionDone) for reason in reasons] == [error.ConnectionDone] * 2


class Started(ClientFactory[Protocol]):
    """Notes the connectors that it hears of."""

    protocol = Protocol

    def __init__(self) -> None:
        self.connectors: list[Any] = []

    def startedConnecting(self, connector: Any) -> None:
        self.connectors.append(connector)


class TestMemoryReactor:
    @pytest.mark.parametrize("make", [testing.MemoryReactor, testing.MemoryReactorClock])
    def test_isAllThatItClaims(self, make: Callable[[], Any]) -> None:
        """It offers each interface that it declares."""
        from zope.interface import providedBy

        for interface in providedBy(make()):
            assert verifyObject(interface, make())

    def test_listeningIsNoted(self) -> None:
        """Ports are noted with every argument, and say where they would be."""
        reactor, factory = testing.MemoryReactor(), Factory.forProtocol(Protocol)
        four = reactor.listenTCP(80, factory, interface="127.0.0.1")
        six = reactor.listenTCP(81, factory, 9, "::1")
        unix = reactor.listenUNIX("/x", factory)
        tls = reactor.listenSSL(443, factory, "context")
        assert reactor.tcpServers == [(80, factory, 50, "127.0.0.1"), (81, factory, 9, "::1")]
        assert reactor.unixServers == [("/x", factory, 50, 0o666, 0)]
        assert reactor.sslServers == [(443, factory, "context", 50, "")]
        assert six.getHost() == IPv6Address("TCP", "::1", 81)
        assert unix.getHost() == UNIXAddress("/x")
        assert tls.getHost() == IPv4Address("TCP", "0.0.0.0", 443)
        assert verifyObject(interfaces.IListeningPort, four)

    def test_connectingIsNoted(self) -> None:
        """Attempts are noted with every argument; the factory hears that they began, and nothing more."""
        reactor, factory = testing.MemoryReactor(), Started()
        tcp = reactor.connectTCP("host", 80, factory, 5, ("1.2.3.4", 0))
        tls = reactor.connectSSL("host", 443, factory, "context")
        unix = reactor.connectUNIX("/x", factory)
        assert reactor.tcpClients == [("host", 80, factory, 5, ("1.2.3.4", 0))]
        assert reactor.sslClients == [("host", 443, factory, "context", 30, None)]
        assert reactor.unixClients == [("/x", factory, 30, 0)]
        assert reactor.connectors == factory.connectors == [tcp, tls, unix]
        assert tcp.getDestination() == IPv4Address("TCP", "host", 80)
        assert unix.getDestination() == UNIXAddress("/x")
        tcp.stopConnecting()
        assert tcp.stoppedConnecting
        assert not tls.stoppedConnecting
        assert verifyObject(interfaces.IConnector, tcp)

    def test_adoptionIsNoted(self) -> None:
        """Adopted sockets are noted; families that can't be adopted are refused."""
        reactor, factory = testing.MemoryReactor(), Factory[Protocol]()
        port = reactor.adoptStreamPort(3, socket.AF_INET, factory)
        datagrams = reactor.adoptDatagramPort(4, socket.AF_INET6, factory)
        reactor.adoptStreamConnection(5, socket.AF_UNIX, factory)
        assert reactor.adoptedPorts == [(3, socket.AF_INET, factory), (4, socket.AF_INET6, factory, 8192)]
        assert reactor.adoptedStreamConnections == [(5, socket.AF_UNIX, factory)]
        assert port.getHost() == IPv4Address("TCP", "0.0.0.0", 1234)
        assert datagrams.getHost() == IPv6Address("UDP", "::", 1234)
        with pytest.raises(error.UnsupportedAddressFamily):
            reactor.adoptStreamPort(3, socket.AF_UNIX, factory)
        with pytest.raises(error.UnsupportedAddressFamily):
            reactor.adoptDatagramPort(3, socket.AF_UNIX, factory)

    def test_runMakesTheCallsThatWaitForIt(self) -> None:
        """`run` makes the calls that wait, while it says that it runs, and returns."""
        reactor, seen = testing.MemoryReactor(), list[object]()
        reactor.callWhenRunning(lambda: seen.append(reactor.running))
        assert seen == []
        reactor.run()
        assert seen == [True]
        assert (reactor.hasRun, reactor.hasStopped, reactor.running) == (True, True, False)
        reactor.callWhenRunning(seen.append, "at once")
        assert seen == [True, "at once"]

    def test_crashedReactorDoesNotRun(self) -> None:
        """After a crash there is no running."""
        reactor = testing.MemoryReactor()
        reactor.crash()
        assert (reactor.hasCrashed, reactor.running) == (True, None)
        with pytest.raises(AssertionError, match="crashed"):
            reactor.run()

    def test_triggersArePulledInOrder(self) -> None:
        """`fireSystemEvent` pulls an event's triggers phase by phase; removed ones are not pulled."""
        reactor, seen = testing.MemoryReactor(), list[str]()
        for phase in ("after", "during", "before"):
            reactor.addSystemEventTrigger(phase, "shutdown", seen.append, phase)
        gone = reactor.addSystemEventTrigger("before", "shutdown", seen.append, "gone")
        assert reactor.triggers["before"]["shutdown"][1] == (seen.append, ("gone",), {})
        reactor.removeSystemEventTrigger(gone)
        reactor.fireSystemEvent("shutdown")
        reactor.fireSystemEvent("unheard of")
        assert seen == ["before", "during", "after"]
        with pytest.raises(ValueError, match="not in list"):
            reactor.removeSystemEventTrigger(gone)

    def test_readersAndWritersAreNoted(self) -> None:
        """What is to be watched is noted, and forgotten on request."""
        reactor, one, two = testing.MemoryReactor(), object(), object()
        reactor.addReader(one)
        reactor.addWriter(two)
        assert (reactor.getReaders(), reactor.getWriters()) == ([one], [two])
        reactor.removeWriter(two)
        reactor.removeWriter(two)
        assert reactor.getWriters() == []
        assert reactor.removeAll() == [one]
        assert reactor.getReaders() == []

    def test_everyNameIsAtHome(self) -> None:
        """Names resolve at once to 127.0.0.1, until another resolver is installed."""
        found: list[object] = []

        class Receiver:
            def resolutionBegan(self, resolution: Any) -> None:
                found.append(resolution.name)

            def addressResolved(self, address: object) -> None:
                found.append(address)

            def resolutionComplete(self) -> None:
                found.append("end")

        reactor = testing.MemoryReactor()
        former = reactor.nameResolver
        former.resolveHostName(Receiver(), "example.com", 80)  # type: ignore[arg-type]  # does all that is asked
        assert found == ["example.com", IPv4Address("TCP", "127.0.0.1", 80), "end"]
        other = testing.SynchronousResolver()
        assert reactor.installNameResolver(other) is former
        assert reactor.nameResolver is other

    def test_clockMovesByHand(self) -> None:
        """The one with a clock has the time moved by its test."""
        reactor, made = testing.MemoryReactorClock(), list[str]()
        reactor.callLater(2, made.append, "due")
        reactor.advance(1.9)
        assert made == []
        reactor.advance(0.1)
        assert made == ["due"]


def test_raisingReactorRaises() -> None:
    """Every attempt to listen raises the one exception, every attempt to connect the other."""
    reactor = testing.RaisingMemoryReactor(KeyError("listen"), LookupError("connect"))
    listens: list[Callable[[], object]] = [
        lambda: reactor.listenTCP(80, Factory()),
        lambda: reactor.listenSSL(80, Factory(), None),
        lambda: reactor.listenUNIX("/x", Factory()),
        lambda: reactor.adoptStreamPort(3, socket.AF_INET, Factory()),
    ]
    for listen in listens:
        with pytest.raises(KeyError, match="listen"):
            listen()
    connects: list[Callable[[], object]] = [
        lambda: reactor.connectTCP("host", 80, Factory()),
        lambda: reactor.connectSSL("host", 80, Factory(), None),
        lambda: reactor.connectUNIX("/x", Factory()),
        lambda: reactor.adoptStreamConnection(3, socket.AF_INET, Factory()),
        lambda: reactor.adoptDatagramPort(3, socket.AF_INET, Factory()),
    ]
    for connect in connects:
        with pytest.raises(LookupError, match="connect"):
            connect()
    with pytest.raises(TypeError, match="no exception"):
        testing.RaisingMemoryReactor().listenTCP(80, Factory())


class TestProtocols:
    def test_accumulating(self) -> None:
        """An accumulating protocol keeps its bytes, and notes its beginning and end."""
        protocol = testing.AccumulatingProtocol()
        made: Deferred[Any] = Deferred()
        factory = Factory[Protocol]()
        factory.protocolConnectionMade = made  # type: ignore[attr-defined]  # set by whoever wants to know
        protocol.factory = factory
        closed: Deferred[None] = Deferred()
        protocol.closedDeferred = closed
        assert (protocol.made, protocol.closed, protocol.data) == (0, 0, b"")
        protocol.makeConnection(testing.StringTransport())
        assert (protocol.made, made.result) == (1, protocol)
        protocol.dataReceived(b"a")
        protocol.dataReceived(b"b")
        reason = Failure(error.ConnectionDone())
        protocol.connectionLost(reason)
        assert (protocol.data, protocol.closed, protocol.closedReason, closed.called) == (b"ab", 1, reason, True)

    def test_lineSendingBegins(self) -> None:
        """A line sender that starts says its lines at once, and keeps those it hears."""
        protocol, transport = testing.LineSendingProtocol([b"one", b"two"]), testing.StringTransport()
        protocol.makeConnection(transport)
        assert transport.value() == b"one\r\ntwo\r\n"
        protocol.dataReceived(b"hello\r\nworld\r\n")
        assert protocol.response == [b"hello", b"world"]
        assert transport.value() == b"one\r\ntwo\r\n"
        protocol.connectionLost(Failure(error.ConnectionDone()))
        assert protocol.lostConn

    def test_lineSendingAnswers(self) -> None:
        """One that doesn't start answers the first line that it hears, once."""
        protocol, transport = testing.LineSendingProtocol([b"one"], start=False), testing.StringTransport()
        protocol.makeConnection(transport)
        assert transport.value() == b""
        protocol.dataReceived(b"hello\r\nagain\r\n")
        assert transport.value() == b"one\r\n"
        assert protocol.response == [b"hello", b"again"]

    def test_nonStreamingProducer(self) -> None:
        """The pull producer writes ten pieces, lets go, and refuses what no pull producer is asked for."""
        transport = testing.StringTransport()
        producer = testing.NonStreamingProducer(transport)
        transport.registerProducer(producer, False)
        with pytest.raises(RuntimeError, match="pull producer"):
            producer.pauseProducing()
        for _ in range(10):
            producer.resumeProducing()
        assert transport.value() == b"0123456789"
        assert (transport.producer, producer.consumer, producer.stopped) == (None, None, True)
        with pytest.raises(RuntimeError, match="finished"):
            producer.resumeProducing()

    def test_stoppedProducer(self) -> None:
        """Stopped before its end it is finished."""
        producer = testing.NonStreamingProducer(testing.StringTransport())
        producer.resumeProducing()
        producer.stopProducing()
        assert (producer.stopped, producer.counter) == (True, 1)

    def test_datagramTransport(self) -> None:
        """Datagrams are kept with where they go."""
        transport = testing.FakeDatagramTransport()
        transport.write(b"a")
        transport.write(b"b", ("127.0.0.1", 53))
        assert transport.written == [(b"a", transport.noAddr), (b"b", ("127.0.0.1", 53))]
        assert verifyObject(interfaces.IUDPTransport, transport)

    def test_fileThatStaysOpen(self) -> None:
        """What was written can be read after the file was closed."""
        file = testing.StringIOWithoutClosing()
        file.write(b"abc")
        file.close()
        assert file.getvalue() == b"abc"

    def test_observerIsASequenceOfEvents(self) -> None:
        """An observer keeps events in their order, until its test is over."""
        cleanups: list[tuple[Any, ...]] = []

        class TestCase:
            def addCleanup(self, *call: Any) -> None:
                cleanups.append(call)

        publisher = LogPublisher()
        observer = testing.EventLoggingObserver.createWithCleanup(TestCase(), publisher)
        publisher({"n": 1})
        publisher({"n": 2})
        assert [event["n"] for event in observer] == [1, 2]
        assert (len(observer), observer[0]["n"], observer[-1:][0]["n"]) == (2, 1, 2)
        for call, *arguments in cleanups:
            call(*arguments)
        publisher({"n": 3})
        assert len(observer) == 2

    def test_waitUntilAllDisconnected(self) -> None:
        """It fires once no transport is connected any more."""
        clock, protocols = testing.MemoryReactorClock(), [Protocol(), Protocol()]
        transports = [testing.StringTransport(), testing.StringTransport()]
        for protocol, transport in zip(protocols, transports, strict=True):
            protocol.makeConnection(transport)
        done = testing.waitUntilAllDisconnected(clock, protocols)
        clock.advance(1)
        early = bool(done.called)
        for transport in transports:
            transport.connected = False
        clock.advance(0.01)
        assert (early, bool(done.called)) == (False, True)
        assert clock.getDelayedCalls() == []


def test_historicDoorLeadsToTheSameRoom() -> None:
    """The names of ``test.proto_helpers`` are those of ``internet.testing``, without a warning (F177)."""
    from ropewalk.test import proto_helpers

    for name in testing.__all__:
        assert getattr(proto_helpers, name) is getattr(testing, name)
