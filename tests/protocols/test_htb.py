"""Token buckets, the filters that find them, and transports that send no faster than they allow."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from ropewalk.internet.address import IPv4Address
from ropewalk.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint, connectProtocol
from ropewalk.internet.protocol import Factory, Protocol
from ropewalk.internet.task import Clock
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols.htb import (
    Bucket,
    FilterByHost,
    FilterByServer,
    IBucketFilter,
    ShapedConsumer,
    ShapedProtocolFactory,
    ShapedTransport,
)
from support.reactors import run
from support.recording import Recorder


def bucketOf(clock: Clock, rate: float | None = 5, maxburst: float | None = 20, parent: Any = None) -> Bucket:
    class Tuned(Bucket):
        pass

    Tuned.clock, Tuned.rate, Tuned.maxburst = clock, rate, maxburst
    return Tuned(parent)


def test_burst() -> None:
    """What fits is taken, what doesn't is not; it leaks by the time, and not below empty."""
    clock = Clock()
    bucket = bucketOf(clock)
    assert (bucket.add(10), bucket.add(15)) == (10, 10)
    clock.advance(2)
    assert not bucket.drip()
    assert bucket.content == 10
    clock.advance(100)
    assert bucket.drip()
    assert bucket.content == 0


def test_parent() -> None:
    """A byte has to fit into the parent, too, and counts in both."""
    clock = Clock()
    parent = bucketOf(clock)
    child = bucketOf(clock, parent=parent)
    assert parent.add(15) == 15
    assert child.add(15) == 5
    assert (parent.content, child.content) == (20, 5)


def test_unlimited() -> None:
    """A bucket without figures takes anything."""
    bucket = bucketOf(Clock(), None, None)
    assert (bucket.add(10**9), bucket.drip()) == (10**9, True)
    assert bucket.room() == float("inf")


@given(st.lists(st.tuples(st.floats(0, 9), st.integers(0, 99)), max_size=30))
def test_neverMoreThanAllowed(steps: list[tuple[float, int]]) -> None:
    """In any time no more passes than a burst and what leaks in it."""
    clock = Clock()
    bucket = bucketOf(clock)
    passed = 0.0
    for wait, amount in steps:
        clock.advance(wait)
        passed += bucket.add(amount)
        assert 0 <= bucket.content <= 20
    assert passed <= 20 + 5 * clock.seconds() + 1e-6


# Filters.


def transportOf(host: str = "192.0.2.9", port: int = 80) -> StringTransport:
    return StringTransport(IPv4Address("TCP", "192.0.2.1", port), IPv4Address("TCP", host, 1234))


def test_filters() -> None:
    """One bucket for each host, in one for each port."""
    clock = Clock()
    byServer = FilterByServer()
    byHost = FilterByHost(byServer)
    byServer.clock = byHost.clock = clock
    verifyObject(IBucketFilter, byHost)
    one, same = byHost.getBucketFor(transportOf()), byHost.getBucketFor(transportOf())
    other = byHost.getBucketFor(transportOf("192.0.2.10"))
    assert one is same
    assert one is not other
    assert one.parentBucket is other.parentBucket is byServer.getBucketFor(transportOf())
    assert set(byHost.buckets) == {"192.0.2.9", "192.0.2.10"}
    assert set(byServer.buckets) == {80}


def test_sweep() -> None:
    """Buckets that are empty and unused are dropped after the interval; used ones stay."""
    clock = Clock()
    byHost = FilterByHost()
    byHost.clock = clock
    byHost.lastSweep = 0
    used = byHost.getBucketFor(transportOf("192.0.2.1"))
    consumer = ShapedConsumer(StringTransport(), used)
    byHost.getBucketFor(transportOf("192.0.2.2"))
    clock.advance(1200)
    byHost.getBucketFor(transportOf("192.0.2.3"))
    assert len(byHost.buckets) == 3
    clock.advance(1)
    byHost.getBucketFor(transportOf("192.0.2.4"))
    assert set(byHost.buckets) == {"192.0.2.1", "192.0.2.4"}
    consumer.stopProducing()
    byHost.sweep()
    assert not byHost.buckets


# Shaping.


class Wire(StringTransport):
    """A transport that asks for more as soon as it got some, as a fast network does."""

    def write(self, data: bytes) -> None:
        super().write(data)
        self.asked = True

    def isClosing(self) -> bool:
        return self.disconnecting

    def settle(self) -> None:
        """Ask for as long as something comes."""
        self.asked = True
        while self.asked:
            self.asked = False
            if self.producer is not None:
                self.producer.resumeProducing()


def test_shaped() -> None:
    """A burst leaves at once, the rest as fast as the bucket leaks, whole at the end."""
    clock, wire = Clock(), Wire()
    shaped = ShapedTransport(wire, bucketOf(clock, rate=10, maxburst=20))
    data = bytes(range(70))
    shaped.writeSequence([data[:30], data[30:]])
    wire.settle()
    assert wire.value() == data[:20]
    for _ in range(50):
        clock.advance(0.1)
        wire.settle()
        assert len(wire.value()) <= 20 + 10 * clock.seconds()
    clock.advance(0.001)
    assert wire.value() == data
    assert not clock.getDelayedCalls()


def test_closeAfterAll() -> None:
    """A close waits until all has left, and drops what is written after it."""
    clock, wire = Clock(), Wire()
    bucket = bucketOf(clock, rate=10, maxburst=20)
    shaped = ShapedTransport(wire, bucket)
    shaped.write(b"x" * 25)
    shaped.loseConnection()
    shaped.write(b"late")
    wire.settle()
    assert shaped.disconnecting
    assert not wire.isClosing()
    for _ in range(10):
        clock.advance(0.11)
        wire.settle()
    assert wire.value() == b"x" * 25
    assert wire.isClosing()
    assert wire.producer is None
    assert bucket.users == 0


def test_closeAtOnce() -> None:
    """With nothing waiting a close is at once; the transport's own attributes are there."""
    wire = transportOf()
    shaped = ShapedTransport(wire, bucketOf(Clock()))
    assert shaped.getPeer().host == "192.0.2.9"
    shaped.loseConnection()
    assert wire.disconnecting


def test_lost() -> None:
    """When the connection is lost, nothing is waited for any more, and the bucket is free."""
    clock, wire = Clock(), Wire()
    bucket = bucketOf(clock)
    shaped = ShapedTransport(wire, bucket)
    shaped.write(b"x" * 100)
    wire.settle()
    assert clock.getDelayedCalls()
    shaped.stopProducing()
    assert not clock.getDelayedCalls()
    assert bucket.users == 0


class Pushing:
    """A producer that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def pauseProducing(self) -> None:
        self.told.append("pause")

    def resumeProducing(self) -> None:
        self.told.append("resume")

    def stopProducing(self) -> None:
        self.told.append("stop")


def test_producerPaused() -> None:
    """A producer is paused while too much waits, and a close waits for it."""
    clock, wire, producer = Clock(), Wire(), Pushing()
    shaped = ShapedTransport(wire, bucketOf(clock, rate=10**6, maxburst=10**4))
    shaped.registerProducer(producer, True)
    shaped.write(b"x" * 10**5)
    assert producer.told == ["pause"]
    shaped.loseConnection()
    for _ in range(200):
        wire.settle()
        clock.advance(0.01)
    assert producer.told == ["pause", "resume"]
    assert not wire.disconnecting
    shaped.unregisterProducer()
    assert wire.disconnecting


class Sending(Protocol):
    """Sends thirty kilobytes, and closes."""

    def connectionMade(self) -> None:
        self.transport.write(b"x" * 30_000)
        self.transport.loseConnection()


def test_overTCP(reactor: Any) -> None:
    """On a real connection all arrives, in no less time than the bucket wants."""

    async def main() -> None:
        byHost = FilterByHost()
        byHost.clock = reactor

        class Tuned(Bucket):
            clock, rate, maxburst = reactor, 100_000, 10_000

        byHost.bucketFactory = Tuned
        factory = Factory.forProtocol(ShapedProtocolFactory(Sending, byHost))
        port: Any = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(factory)
        began = reactor.seconds()
        client = Recorder()
        await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port), client)
        await client.lost
        assert bytes(client.received) == b"x" * 30_000
        assert reactor.seconds() - began >= 0.2 - 0.01
        await port.stopListening()

    run(reactor, main)
