"""Traffic shaping by hierarchical token buckets: how fast may connections send, alone, by host, together?

A *bucket* fills with every byte that is sent, up to `Bucket.maxburst`, and leaks `Bucket.rate` bytes a second. What
does not fit has to wait. A bucket may stand in a parent: then the byte has to fit into both. A *filter* finds the
bucket of a connection: one for each peer's host, say, in one for each of our ports::

    class PortBucket(Bucket):
        rate, maxburst = 100_000, 50_000

    class HostBucket(Bucket):
        rate, maxburst = 20_000, 20_000

    byPort = FilterByServer()
    byPort.bucketFactory = PortBucket
    byHost = FilterByHost(byPort)
    byHost.bucketFactory = HostBucket
    factory.protocol = ShapedProtocolFactory(factory.protocol, byHost)

Time is the reactor's; `Bucket.clock` and `HierarchicalBucketFilter.clock` take another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from zope.interface import Interface, implementer

from ropewalk.internet.interfaces import IReactorTime
from ropewalk.protocols.pcp import ProducerConsumerProxy

__all__ = [
    "Bucket",
    "FilterByHost",
    "FilterByServer",
    "HierarchicalBucketFilter",
    "IBucketFilter",
    "ShapedConsumer",
    "ShapedProtocolFactory",
    "ShapedTransport",
]

# What a consumer waits for when its bucket is full: for as much as leaks in this time, in seconds. (For less than
# that, when less waits or less fits.) Shorter steps are smoother, and cost more.
STEP = 0.05


class Bucket:
    """Counts bytes that were sent, and says how many more may be.

    Args:
        parentBucket: what is counted here is counted there, too; `None` for nothing.

    Attributes:
        rate: bytes a second that leak; `None` for all at once.
        maxburst: bytes that fit; `None` for any number.
        content: bytes that are in it.
        lastDrip: when it leaked last.
        clock: whose time it goes by; `None` for the reactor's.
        users: how many connections count by it.
    """

    rate: float | None = None
    maxburst: float | None = None
    clock: IReactorTime | None = None
    users: int = 0

    def __init__(self, parentBucket: Bucket | None = None) -> None:
        self.content: float = 0
        self.parentBucket = parentBucket
        self.lastDrip: float = _clock(self.clock).seconds()

    def add(self, amount: float) -> float:
        """Put bytes in; return how many of them did fit, here and in every bucket around."""
        self.drip()
        allowed = amount if self.maxburst is None else max(0, min(amount, self.maxburst - self.content))
        if self.parentBucket is not None:
            allowed = self.parentBucket.add(allowed)
        self.content += allowed
        return allowed

    def drip(self) -> bool:
        """Leak for the time that has passed, here and in every bucket around; return whether this one is empty."""
        if self.parentBucket is not None:
            self.parentBucket.drip()
        now = _clock(self.clock).seconds()
        if self.rate is None:
            self.content = 0
        else:
            self.content = max(0, self.content - (now - self.lastDrip) * self.rate)
        self.lastDrip = now
        return self.content == 0

    def room(self) -> float:
        """Return how many bytes fit now, here and in every bucket around."""
        self.drip()
        here = float("inf") if self.maxburst is None else self.maxburst - self.content
        return here if self.parentBucket is None else min(here, self.parentBucket.room())

    def delay(self, amount: float) -> float:
        """Return for how many seconds to wait until so many bytes fit, or as many as leak in a moment, one at least."""
        needed = 0.0
        if self.maxburst is not None and self.rate is not None:
            wanted = max(1.0, min(amount, self.maxburst, self.rate * STEP))
            # Where less than a byte leaks or fits, it takes for ever; not so long that the clock would not take it.
            needed = max(0.0, self.content + wanted - self.maxburst) / self.rate if self.rate > 0 else 3600.0
        return needed if self.parentBucket is None else max(needed, self.parentBucket.delay(amount))


def _clock(clock: IReactorTime | None) -> Any:
    if clock is None:
        from ropewalk.internet import reactor

        return reactor
    return clock


# Which bucket?


class IBucketFilter(Interface):
    """Finds the bucket of a connection."""

    def getBucketFor(*somethings: object, **some_kw: object) -> Bucket:
        """Return the bucket for what the arguments describe: a transport, say.

        The same for the same, for as long as somebody counts by it.
        """


@implementer(IBucketFilter)
class HierarchicalBucketFilter:
    """Keeps a bucket for each key; override `getBucketKey`.

    Args:
        parentFilter: finds the bucket in which a new one stands; `None` for none.

    Attributes:
        bucketFactory: makes a bucket, called with the one in which it is to stand, or `None`.
        sweepInterval: seconds after which buckets that are empty and that nobody uses are dropped; `None` for never.
        buckets: the bucket of each key.
        lastSweep: when that was done last.
        clock: whose time it goes by, with its buckets; `None` for the reactor's.
    """

    bucketFactory: Callable[[Any], Bucket] = Bucket
    sweepInterval: float | None = None
    clock: IReactorTime | None = None

    def __init__(self, parentFilter: Any = None) -> None:
        self.buckets: dict[Any, Bucket] = {}
        self.parentFilter = parentFilter
        self.lastSweep: float = _clock(self.clock).seconds()

    def getBucketFor(self, *a: Any, **kw: Any) -> Bucket:
        """Return the bucket for what the arguments describe; see `IBucketFilter`."""
        now = _clock(self.clock).seconds()
        if self.sweepInterval is not None and now - self.lastSweep > self.sweepInterval:
            self.sweep()
        key = self.getBucketKey(*a, **kw)
        bucket = self.buckets.get(key)
        if bucket is None:
            parent = None if self.parentFilter is None else self.parentFilter.getBucketFor(*a, **kw)
            bucket = self.buckets[key] = self.bucketFactory(parent)
            if parent is not None:
                parent.users += 1
            if self.clock is not None:
                bucket.clock = self.clock
                bucket.lastDrip = now
        return bucket

    def getBucketKey(self, *a: Any, **kw: Any) -> Any:
        """Override to return what is the same for all that share a bucket."""
        raise NotImplementedError(f"{type(self).__name__} has to override getBucketKey")

    def sweep(self) -> None:
        """Drop the buckets that are empty and that nobody uses."""
        for key, bucket in list(self.buckets.items()):
            if bucket.drip() and not bucket.users:
                del self.buckets[key]
                if bucket.parentBucket is not None:
                    bucket.parentBucket.users -= 1
        self.lastSweep = _clock(self.clock).seconds()


class FilterByHost(HierarchicalBucketFilter):
    """A bucket for each host that is connected to us."""

    sweepInterval = 1200

    def getBucketKey(self, transport: Any) -> Any:
        """Return the peer's address."""
        return transport.getPeer().host


class FilterByServer(HierarchicalBucketFilter):
    """A bucket for each of our ports."""

    sweepInterval = None

    def getBucketKey(self, transport: Any) -> Any:
        """Return our port's number."""
        return transport.getHost().port


# Who waits.


class ShapedConsumer(ProducerConsumerProxy):
    """Passes on to a consumer no more than a bucket takes; the rest waits, and pauses the producer when it is too much.

    Args:
        consumer: what is written to.
        bucket: what counts the bytes.
    """

    iAmStreaming = False

    def __init__(self, consumer: Any, bucket: Bucket) -> None:
        self.bucket = bucket
        self._wake: Any = None  # the call that goes on when there is room
        self._isFreed = False
        bucket.users += 1
        super().__init__(consumer)

    def stopProducing(self) -> None:
        """The consumer is gone: stop the producer, leave the bucket."""
        self._free()
        super().stopProducing()

    def _free(self) -> None:
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        if not self._isFreed:
            self._isFreed = True
            self.bucket.users -= 1

    def _give(self, data: bytes) -> None:
        """Write what fits into the bucket, keep the rest; if nothing fits, wait until something does."""
        amount = min(len(data), self.bucket.room())
        # Whole bytes only: fractions that were counted and not sent would add up.
        granted = int(self.bucket.add(int(amount))) if amount >= 1 else 0
        if granted < len(data):
            self._buffer.insert(0, data[granted:])
        if granted:
            self.consumer.write(data[:granted])
        else:
            self.outstandingPull = True  # the consumer has asked, and still has nothing
            self._wait(len(data))

    def _wait(self, amount: int) -> None:
        if self._wake is None:
            # A little more than was reckoned: a hair too early would be a turn for nothing.
            delay = self.bucket.delay(amount) + 1e-6
            self._wake = _clock(self.bucket.clock).callLater(delay, self._goOn)

    def _goOn(self) -> None:
        self._wake = None
        self._pass()
        self._refill()


class ShapedTransport(ShapedConsumer):
    """A transport that sends no faster than a bucket allows. It is in every other way the one that it wraps."""

    iAmStreaming = False

    _isClosing = False

    def __getattr__(self, name: str) -> Any:
        # (Only what is not found here comes here.)
        consumer = self.__dict__.get("_transport")
        if consumer is None:
            raise AttributeError(name)
        return getattr(consumer, name)

    def __init__(self, consumer: Any, bucket: Bucket) -> None:
        self._transport = consumer  # `consumer` is unset when it is stopped, and may still be asked who it was
        super().__init__(consumer, bucket)

    @property
    def disconnecting(self) -> bool:
        """Whether it was told to close."""
        return self._isClosing or bool(self._transport.disconnecting)

    def write(self, data: bytes) -> None:
        """Send bytes, when they fit. After `loseConnection` they are dropped."""
        if not self._isClosing or self.producer is not None:
            super().write(data)

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Send bytes, as one."""
        self.write(b"".join(data))

    def loseConnection(self) -> None:
        """Close once all is sent, and no producer is registered."""
        self._isClosing = True
        self._refill()

    def unregisterProducer(self) -> None:
        """Let the producer go. The transport below keeps us for its producer until it is closed."""
        self.producer = None
        self.producerIsStreaming = None
        self.producerPaused = False
        self._refill()

    def _refill(self) -> None:
        if self._isClosing and not self._buffer and self.producer is None:
            if self.consumer is not None:
                self._free()
                self.consumer.unregisterProducer()
                self.consumer.loseConnection()
                self.consumer = None
            return
        super()._refill()


class ShapedProtocolFactory:
    """Makes protocols whose transports are shaped: put it in the place of a protocol's class.

    Args:
        protoClass: makes the protocol.
        bucketFilter: finds the bucket of its transport.
    """

    def __init__(self, protoClass: Callable[..., Any], bucketFilter: Any) -> None:
        self.protocol = protoClass
        self.bucketFilter = bucketFilter

    def __call__(self, *a: Any, **kw: Any) -> Any:
        """Make a protocol."""
        protocol = self.protocol(*a, **kw)
        connect = protocol.makeConnection

        def makeConnection(transport: Any) -> None:
            del protocol.makeConnection  # what it is made of ties the protocol to itself
            connect(ShapedTransport(transport, self.bucketFilter.getBucketFor(transport)))

        protocol.makeConnection = makeConnection
        return protocol
