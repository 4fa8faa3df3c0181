"""Wrappers let through what they should, and hold back what they must."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet.address import IPv4Address, UNIXAddress
from ropewalk.internet.error import ConnectionDone
from ropewalk.internet.interfaces import IConsumer, ILoggingContext, IProtocol, IPushProducer, ITCPTransport, ITransport
from ropewalk.internet.protocol import ClientFactory, Factory, Protocol
from ropewalk.internet.task import Clock
from ropewalk.internet.testing import StringTransport, StringTransportWithDisconnection
from ropewalk.logger import capturedLogs
from ropewalk.protocols import policies
from ropewalk.python.failure import Failure

DONE = Failure(ConnectionDone())


class Notes(Protocol):
    """Notes what happens to it."""

    def __init__(self) -> None:
        self.notes: list[Any] = []

    def connectionMade(self) -> None:
        self.notes.append("made")

    def dataReceived(self, data: bytes) -> None:
        self.notes.append(data)

    def connectionLost(self, reason: Failure) -> None:
        self.notes.append(reason.type)


def connect(factory: Any, addr: Any = None) -> tuple[Any, Any, StringTransportWithDisconnection]:
    """Connect a wrapper of the factory's; return it, the protocol within, and the transport."""
    wrapper = factory.buildProtocol(addr)
    inner = wrapper.wrappedProtocol
    transport = StringTransportWithDisconnection()
    transport.protocol = wrapper
    wrapper.makeConnection(transport)
    return wrapper, inner, transport


def notes() -> Factory[Notes]:
    factory = Factory.forProtocol(Notes)
    factory.noisy = False
    return factory


class TestWrapping:
    """A wrapper is a transport to the protocol and a protocol to the transport."""

    def test_letsEverythingPass(self) -> None:
        """Data, closing and loss pass through; the factory knows the wrapper for just as long."""
        factory = policies.WrappingFactory(notes())
        wrapper, inner, transport = connect(factory)
        assert list(factory.protocols) == [wrapper]
        assert inner.transport is wrapper
        wrapper.dataReceived(b"in")
        inner.transport.write(b"out")
        inner.transport.writeSequence([b"1", b"2"])
        assert transport.value() == b"out12"
        assert inner.transport.getPeer() is not None
        assert inner.transport.getHost() == transport.getHost()
        inner.transport.loseConnection()
        assert wrapper.disconnecting
        assert inner.notes == ["made", b"in", ConnectionDone]
        assert not factory.protocols
        assert wrapper.wrappedProtocol is None

    def test_providesWhatTheTransportDoes(self) -> None:
        """A wrapper says that it provides what its transport provides, and offers the methods."""
        wrapper, _, transport = connect(policies.WrappingFactory(notes()))
        for interface in (IProtocol, ILoggingContext, ITransport, IConsumer, IPushProducer):
            assert interface.providedBy(wrapper), interface
        assert not ITCPTransport.providedBy(wrapper)
        assert not ITransport.providedBy(policies.WrappingFactory(notes()).buildProtocol(None))
        assert IProtocol.implementedBy(policies.ProtocolWrapper)
        assert not ITransport.implementedBy(policies.ProtocolWrapper)
        wrapper.pauseProducing()
        assert transport.producerState == "paused"
        with pytest.raises(AttributeError):
            wrapper.noSuchThing  # noqa: B018 (the access itself is tested)

    def test_subclassesProvideItToo(self) -> None:
        """So do the wrappers that derive from it."""
        for cls in (policies.SpewingFactory, policies.ThrottlingFactory):
            wrapper, _, _ = connect(cls(notes()))
            assert ITransport.providedBy(wrapper)

    def test_producers(self) -> None:
        """A producer is registered with the real transport."""
        wrapper, _, transport = connect(policies.WrappingFactory(notes()))
        producer = object()
        wrapper.registerProducer(producer, True)
        assert (transport.producer, transport.streaming) == (producer, True)
        wrapper.unregisterProducer()
        assert transport.producer is None

    def test_logPrefixNamesTheWrappedFirst(self) -> None:
        """Log lines name what is wrapped, then the wrapper; things without a prefix go by their class."""
        factory = policies.WrappingFactory(notes())
        assert factory.logPrefix() == "Factory (WrappingFactory)"
        assert factory.buildProtocol(None).logPrefix() == "Notes (ProtocolWrapper)"
        assert policies.WrappingFactory(object()).logPrefix() == "object (WrappingFactory)"

    def test_factoryEventsPass(self) -> None:
        """Starting, stopping and what a client's factory is told reach the wrapped factory."""
        told: list[Any] = []

        class Told(ClientFactory[Any]):
            noisy = False

            def startFactory(self) -> None:
                told.append("start")

            def stopFactory(self) -> None:
                told.append("stop")

            def startedConnecting(self, connector: Any) -> None:
                told.append(("started", connector))

            def clientConnectionFailed(self, connector: Any, reason: Any) -> None:
                told.append(("failed", connector, reason))

            def clientConnectionLost(self, connector: Any, reason: Any) -> None:
                told.append(("lost", connector, reason))

        factory = policies.WrappingFactory(Told())
        factory.noisy = False
        factory.doStart()
        factory.startedConnecting("c")  # type: ignore[arg-type]  # passed on as it is
        factory.clientConnectionFailed("c", "r")  # type: ignore[arg-type]
        factory.clientConnectionLost("c", "r")  # type: ignore[arg-type]
        factory.doStop()
        assert told == ["start", ("started", "c"), ("failed", "c", "r"), ("lost", "c", "r"), "stop"]

    def test_refusalPasses(self) -> None:
        """A connection that the wrapped factory refuses is refused."""

        class Refusing(Factory[Any]):
            def buildProtocol(self, addr: Any) -> None:
                return None

        for cls in (policies.WrappingFactory, policies.ThrottlingFactory, policies.TimeoutFactory):
            assert cls(Refusing()).buildProtocol(None) is None


class TestLimitTotalConnections:
    """No more than so many connections at once."""

    def make(self) -> policies.LimitTotalConnectionsFactory:
        factory = policies.LimitTotalConnectionsFactory()
        factory.protocol = Notes
        factory.connectionLimit = 2
        return factory

    def test_refusesBeyondTheLimit(self) -> None:
        """The one after the last is refused, until one is lost."""
        factory = self.make()
        first, _, _ = connect(factory)
        connect(factory)
        assert factory.buildProtocol(None) is None
        first.connectionLost(DONE)
        assert factory.connectionCount == 1
        assert factory.buildProtocol(None) is not None

    def test_overflowProtocol(self) -> None:
        """With an overflow protocol the one after the last gets that, and is counted."""
        factory = self.make()
        factory.overflowProtocol = Protocol
        connect(factory)
        connect(factory)
        overflow, inner, _ = connect(factory)
        assert type(inner) is Protocol
        assert inner.factory is factory
        assert factory.connectionCount == 3
        overflow.connectionLost(DONE)
        assert factory.connectionCount == 2

    def test_noLimit(self) -> None:
        """Without a limit nobody is refused."""
        factory = self.make()
        factory.connectionLimit = None
        assert all(factory.buildProtocol(None) for _ in range(10))


class TestLimitConnectionsByPeer:
    """No more than so many connections from one host."""

    @pytest.mark.parametrize(
        "addresses",
        [
            [IPv4Address("TCP", "10.0.0.1", port) for port in range(3)],
            [("10.0.0.1", port) for port in range(3)],
            [UNIXAddress(None)] * 3,
        ],
        ids=["addresses", "tuples", "UNIX"],
    )
    def test_countsByHost(self, addresses: list[Any]) -> None:
        """Ports don't matter, hosts do; a lost connection makes room, and the last one leaves nothing behind."""
        factory = policies.LimitConnectionsByPeer(notes())
        factory.noisy = False
        factory.maxConnectionsPerPeer = 2
        factory.doStart()
        first, _, _ = connect(factory, addresses[0])
        second, _, _ = connect(factory, addresses[1])
        assert factory.buildProtocol(addresses[2]) is None
        assert factory.buildProtocol(IPv4Address("TCP", "10.0.0.2", 1)) is not None
        first.connectionLost(DONE)
        third, _, _ = connect(factory, addresses[2])
        second.connectionLost(DONE)
        third.connectionLost(DONE)
        assert list(factory.peerConnections.values()) == [1]


class Producer:
    """Notes what its consumer tells it."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def pauseProducing(self) -> None:
        self.told.append("pause")

    def resumeProducing(self) -> None:
        self.told.append("resume")

    def stopProducing(self) -> None:
        self.told.append("stop")


class TestThrottling:
    """No more than so many bytes a second, on average, over all connections."""

    def make(self, **limits: Any) -> tuple[policies.ThrottlingFactory, Clock]:
        clock = Clock()
        factory = policies.ThrottlingFactory(notes(), **limits)
        factory.callLater = clock.callLater  # type: ignore[method-assign]  # as documented for tests
        return factory, clock

    def test_reads(self) -> None:
        """After a second with three times too much, nobody is read for two seconds."""
        factory, clock = self.make(readLimit=10)
        first, _, firstTransport = connect(factory)
        _, _, secondTransport = connect(factory)
        first.dataReceived(b"x" * 30)
        assert firstTransport.producerState == "producing"
        clock.advance(1)
        assert (firstTransport.producerState, secondTransport.producerState) == ("paused", "paused")
        clock.advance(1.9)
        assert firstTransport.producerState == "paused"
        clock.advance(0.1)
        assert (firstTransport.producerState, secondTransport.producerState) == ("producing", "producing")

    def test_writes(self) -> None:
        """After a second in which too much was written the producers wait; who has none is not in the way."""
        factory, clock = self.make(writeLimit=10)
        wrapper, _, _ = connect(factory)
        connect(factory)
        producer = Producer()
        wrapper.registerProducer(producer, True)
        wrapper.write(b"x" * 10)
        wrapper.writeSequence([b"y" * 5, b"z" * 5])
        clock.advance(1)
        assert producer.told == ["pause"]
        clock.advance(1)
        assert producer.told == ["pause", "resume"]

    def test_withinTheLimit(self) -> None:
        """Exactly as much as allowed holds up nobody."""
        factory, clock = self.make(readLimit=10, writeLimit=10)
        wrapper, _, transport = connect(factory)
        for _ in range(3):
            wrapper.dataReceived(b"x" * 10)
            wrapper.write(b"x" * 10)
            clock.advance(1)
            assert transport.producerState == "producing"

    def test_nothingLeftBehind(self) -> None:
        """The last connection takes every delayed call along, in the middle of a pause too."""
        factory, clock = self.make(readLimit=1, writeLimit=1)
        wrapper, _, transport = connect(factory)
        wrapper.dataReceived(b"x" * 100)
        wrapper.write(b"x" * 100)
        clock.advance(1)
        assert clock.getDelayedCalls()
        transport.loseConnection()
        assert clock.getDelayedCalls() == []
        assert factory.connectionCount == 0

    def test_connectionLimit(self) -> None:
        """The connection after the last is refused."""
        factory, _ = self.make(maxConnectionCount=1)
        _, _, transport = connect(factory)
        assert factory.buildProtocol(None) is None
        transport.loseConnection()
        assert factory.buildProtocol(None) is not None


class TestTimeoutFactory:
    """Connections on which nothing happens are closed."""

    def make(self, period: float = 10) -> tuple[policies.TimeoutFactory, Clock]:
        clock = Clock()
        factory = policies.TimeoutFactory(notes(), period)
        factory.callLater = clock.callLater  # type: ignore[method-assign]  # as documented for tests
        return factory, clock

    @pytest.mark.parametrize("act", ["dataReceived", "write", "writeSequence"])
    def test_activityPutsItOff(self, act: str) -> None:
        """Reading and writing count; silence for the whole time closes, and not before."""
        factory, clock = self.make()
        wrapper, inner, transport = connect(factory)
        clock.advance(9)
        getattr(wrapper, act)([b"x"] if act == "writeSequence" else b"x")
        clock.advance(9.9)
        assert transport.connected
        clock.advance(0.1)
        assert not transport.connected
        assert inner.notes[-1] is ConnectionDone
        assert clock.getDelayedCalls() == []

    def test_ownPeriod(self) -> None:
        """One connection may have another time, or none."""
        factory, clock = self.make()
        wrapper, _, transport = connect(factory)
        wrapper.setTimeout(3)
        clock.advance(2)
        wrapper.setTimeout(None)
        wrapper.resetTimeout()
        clock.advance(1000)
        assert transport.connected
        wrapper.setTimeout(3)
        clock.advance(3)
        assert not transport.connected

    def test_neverConnected(self) -> None:
        """A connection that was never made times out without harm."""
        factory, clock = self.make()
        factory.buildProtocol(None)
        clock.advance(10)
        assert clock.getDelayedCalls() == []

    def test_lossEndsIt(self) -> None:
        """A lost connection leaves no delayed call behind."""
        factory, clock = self.make()
        wrapper, _, _ = connect(factory)
        wrapper.connectionLost(DONE)
        assert clock.getDelayedCalls() == []


class Patient(Notes, policies.TimeoutMixin):
    """Has a timeout by a clock of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.callLater = self.clock.callLater


class TestTimeoutMixin:
    """A protocol may have a timeout."""

    def make(self) -> tuple[Patient, StringTransportWithDisconnection]:
        protocol, transport = Patient(), StringTransportWithDisconnection()
        transport.protocol = protocol
        protocol.makeConnection(transport)
        return protocol, transport

    def test_closes(self) -> None:
        """When the time is over the connection is closed, and not before (F042)."""
        protocol, transport = self.make()
        protocol.setTimeout(10)
        protocol.clock.advance(9.9)
        assert transport.connected
        protocol.clock.advance(0.1)
        assert not transport.connected

    def test_resetBeginsAnew(self) -> None:
        """Something that happens puts it off."""
        protocol, transport = self.make()
        protocol.setTimeout(10)
        protocol.clock.advance(9)
        protocol.resetTimeout()
        protocol.clock.advance(9)
        assert transport.connected
        protocol.clock.advance(1)
        assert not transport.connected

    def test_setTimeoutTellsWhatWas(self) -> None:
        """Setting returns what was in force; ``timeOut`` can be read (F042)."""
        protocol, _ = self.make()
        assert protocol.timeOut is None
        assert protocol.setTimeout(10) is None
        assert protocol.timeOut == 10
        assert protocol.setTimeout(5) == 10
        assert len(protocol.clock.getDelayedCalls()) == 1
        assert protocol.setTimeout(None) == 5
        assert protocol.timeOut is None
        assert protocol.clock.getDelayedCalls() == []
        protocol.resetTimeout()
        assert protocol.clock.getDelayedCalls() == []

    def test_afterItIsOver(self) -> None:
        """A timeout happens once; it can be set again."""
        protocol, _ = self.make()
        over: list[float] = []
        protocol.timeoutConnection = lambda: over.append(protocol.clock.seconds())  # type: ignore[method-assign]
        protocol.setTimeout(1)
        protocol.clock.advance(1)
        protocol.resetTimeout()
        protocol.clock.advance(5)
        assert over == [1.0]
        protocol.setTimeout(1)
        protocol.clock.advance(1)
        assert over == [1.0, 7.0]


def test_timeoutsGoByTheReactor() -> None:
    """Unless somebody says otherwise, all of them go by the reactor's clock."""
    from ropewalk.internet import reactor

    class Plain(Notes, policies.TimeoutMixin):
        pass

    protocol, factory = Plain(), policies.TimeoutFactory(notes(), 60)
    before = len(reactor.getDelayedCalls())
    protocol.setTimeout(60)
    wrapper = factory.buildProtocol(None)
    throttled = policies.ThrottlingFactory(notes(), readLimit=1).buildProtocol(None)
    assert wrapper is not None
    assert throttled is not None
    assert len(reactor.getDelayedCalls()) == before + 3
    protocol.setTimeout(None)
    wrapper.cancelTimeout()
    throttled.makeConnection(StringTransport())
    throttled.connectionLost(DONE)
    assert len(reactor.getDelayedCalls()) == before


class TestWatching:
    """What passes can be written down."""

    def test_trafficLog(self) -> None:
        """Each connection's traffic goes to a file of its own, in order; long pieces are shortened."""
        opened: dict[str, list[str]] = {}

        class Kept(policies.TrafficLoggingFactory):
            def open(self, name: str) -> Any:
                class File(io.StringIO):
                    def close(self) -> None:
                        opened[name] = self.getvalue().splitlines()
                        super().close()

                return File()

        factory = Kept(notes(), "log", lengthLimit=5)
        wrapper, inner, _ = connect(factory)
        wrapper.dataReceived(b"\xffhello world")
        inner.transport.write(b"out")
        inner.transport.writeSequence([b"1", b"2"])
        inner.transport.loseConnection()
        connect(factory)[2].loseConnection()
        factory.resetCounter()
        assert list(opened) == ["log-1", "log-2"]
        assert opened["log-1"][:-1] == [
            "*",
            "C 1: b'\\xffhell' <... 7 bytes elided>",
            "S 1: b'out'",
            "SV 1: [b'1', b'2']",
            "S 1: *",
        ]
        assert "ConnectionDone" in opened["log-1"][-1]
        assert inner.notes == ["made", b"\xffhello world", ConnectionDone]

    def test_trafficLogOnAFullDisk(self) -> None:
        """A log that can't be written is told of once; the connection, and its end, are heard of as ever."""

        class Full(policies.TrafficLoggingFactory):
            def open(self, name: str) -> Any:
                return super().open("/dev/full")

        with capturedLogs() as events:
            wrapper, inner, transport = connect(Full(notes(), "log"))
            wrapper.dataReceived(b"in")
            inner.transport.write(b"out")
            transport.loseConnection()
        assert inner.notes == ["made", b"in", ConnectionDone]
        assert transport.value() == b"out"
        assert [event["failure"].type for event in events] == [OSError]

    def test_trafficLogOnDisk(self, tmp_path: Path) -> None:
        """By default the file is on disk, under the prefix."""
        factory = policies.TrafficLoggingFactory(notes(), str(tmp_path / "traffic"))
        wrapper, _, transport = connect(factory)
        wrapper.dataReceived(b"x")
        transport.loseConnection()
        assert (tmp_path / "traffic-1").read_text().startswith("*\nC 1: b'x'\n")

    def test_spewing(self) -> None:
        """Every byte is logged, and passes."""
        from ropewalk.python import log

        lines: list[str] = []

        def observe(event: Any) -> None:
            lines.append("".join(event["message"]))

        log.addObserver(observe)
        try:
            wrapper, inner, transport = connect(policies.SpewingFactory(notes()))
            wrapper.dataReceived(b"in")
            inner.transport.writeSequence([b"o", b"ut"])
        finally:
            log.removeObserver(observe)
        assert lines == ["Received: b'in'", "Sending: b'out'"]
        assert inner.notes == ["made", b"in"]
        assert transport.value() == b"out"


def test_plainTransportsNeedNoInterfaces() -> None:
    """A transport that declares nothing can be wrapped; the wrapper then provides a protocol's interfaces only."""

    class Bare(StringTransport):
        pass

    wrapper = policies.WrappingFactory(notes()).buildProtocol(None)
    assert wrapper is not None
    wrapper.makeConnection(object())
    assert IProtocol.providedBy(wrapper)
    assert not ITransport.providedBy(wrapper)
