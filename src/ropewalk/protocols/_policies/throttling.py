"""A limit on how many bytes a second all connections of a factory read and write."""

from __future__ import annotations

from sys import maxsize

from ropewalk.internet._wrapping import ProtocolWrapper, WrappingFactory

from .later import callLater

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from ropewalk.internet.interfaces import IDelayedCall, IPushProducer


class ThrottlingProtocol(ProtocolWrapper):
    """A connection whose bytes its `ThrottlingFactory` counts, and which it can hold.

    Attributes:
        producer: the wrapped protocol's push producer, if it has one.
    """

    producer: IPushProducer | None = None

    def write(self, data: bytes) -> None:
        """Count and pass on."""
        self.factory.registerWritten(len(data))
        super().write(data)

    def writeSequence(self, seq: Iterable[bytes]) -> None:
        """Count and pass on."""
        pieces = list(seq)
        self.factory.registerWritten(sum(map(len, pieces)))
        super().writeSequence(pieces)

    def dataReceived(self, data: bytes) -> None:
        """Count and pass on."""
        self.factory.registerRead(len(data))
        super().dataReceived(data)

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Remember a push producer, to hold it, and register it with the transport."""
        if streaming:
            self.producer = producer
        super().registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        """Forget the producer."""
        self.producer = None
        super().unregisterProducer()

    def throttleReads(self) -> None:
        """Read nothing for a while."""
        self.transport.pauseProducing()  # type: ignore[attr-defined]  # every stream is a producer

    def unthrottleReads(self) -> None:
        """Read again."""
        self.transport.resumeProducing()  # type: ignore[attr-defined]  # every stream is a producer

    def throttleWrites(self) -> None:
        """Hold the wrapped protocol's producer; what is written without one can't be held."""
        if self.producer is not None:
            self.producer.pauseProducing()

    def unthrottleWrites(self) -> None:
        """Let the producer go on."""
        if self.producer is not None:
            self.producer.resumeProducing()


class ThrottlingFactory(WrappingFactory[ThrottlingProtocol]):
    """Limits how many connections there are, and how many bytes a second all of them together read and write.

    The bytes are counted for a second each. When they were too many, everybody waits until the average is right.

    Args:
        wrappedFactory: the factory whose connections are limited.
        maxConnectionCount: how many connections may be open; those beyond are refused.
        readLimit: bytes a second; `None` for any number.
        writeLimit: the same for writing. Only protocols that write through a producer can be held.
    """

    protocol = ThrottlingProtocol

    def __init__(
        self,
        wrappedFactory: Any,
        maxConnectionCount: int = maxsize,
        readLimit: int | None = None,
        writeLimit: int | None = None,
    ) -> None:
        super().__init__(wrappedFactory)
        self.connectionCount = 0
        self.maxConnectionCount = maxConnectionCount
        self.readLimit = readLimit
        self.writeLimit = writeLimit
        self.readThisSecond = 0
        self.writtenThisSecond = 0
        self.unthrottleReadsID: IDelayedCall | None = None
        self.checkReadBandwidthID: IDelayedCall | None = None
        self.unthrottleWritesID: IDelayedCall | None = None
        self.checkWriteBandwidthID: IDelayedCall | None = None

    def callLater(self, period: float, func: Callable[[], object]) -> IDelayedCall:
        """Call later; tests override it with a clock's."""
        return callLater(period, func)

    def registerWritten(self, length: int) -> None:
        """Count bytes written."""
        self.writtenThisSecond += length

    def registerRead(self, length: int) -> None:
        """Count bytes read."""
        self.readThisSecond += length

    def checkReadBandwidth(self) -> None:
        """Hold all reading if too much was read in the second that ends now."""
        if self.readLimit is not None and self.readThisSecond > self.readLimit:
            self.throttleReads()
            wait = self.readThisSecond / self.readLimit - 1.0
            self.unthrottleReadsID = self.callLater(wait, self.unthrottleReads)
        self.readThisSecond = 0
        self.checkReadBandwidthID = self.callLater(1, self.checkReadBandwidth)

    def checkWriteBandwidth(self) -> None:
        """Hold all writing if too much was written in the second that ends now."""
        if self.writeLimit is not None and self.writtenThisSecond > self.writeLimit:
            self.throttleWrites()
            wait = self.writtenThisSecond / self.writeLimit - 1.0
            self.unthrottleWritesID = self.callLater(wait, self.unthrottleWrites)
        self.writtenThisSecond = 0
        self.checkWriteBandwidthID = self.callLater(1, self.checkWriteBandwidth)

    def throttleReads(self) -> None:
        """Have no connection read until `unthrottleReads`."""
        self._stop("unthrottleReadsID")
        for p in list(self.protocols):
            p.throttleReads()

    def unthrottleReads(self) -> None:
        """Have all connections read again."""
        self.unthrottleReadsID = None
        for p in list(self.protocols):
            p.unthrottleReads()

    def throttleWrites(self) -> None:
        """Have no producer write until `unthrottleWrites`."""
        self._stop("unthrottleWritesID")
        for p in list(self.protocols):
            p.throttleWrites()

    def unthrottleWrites(self) -> None:
        """Have all producers write again."""
        self.unthrottleWritesID = None
        for p in list(self.protocols):
            p.unthrottleWrites()

    def buildProtocol(self, addr: Any) -> ThrottlingProtocol | None:
        """Wrap the wrapped factory's protocol, or refuse. The first connection starts the counting of seconds."""
        if self.connectionCount >= self.maxConnectionCount:
            return None
        wrapper = super().buildProtocol(addr)
        if wrapper is None:
            return None
        if self.connectionCount == 0:
            if self.readLimit is not None:
                self.checkReadBandwidth()
            if self.writeLimit is not None:
                self.checkWriteBandwidth()
        self.connectionCount += 1
        return wrapper

    def unregisterProtocol(self, p: ThrottlingProtocol) -> None:
        """Count one connection less; the last one ends the counting of seconds."""
        super().unregisterProtocol(p)
        self.connectionCount -= 1
        if self.connectionCount == 0:
            for name in ("unthrottleReadsID", "checkReadBandwidthID", "unthrottleWritesID", "checkWriteBandwidthID"):
                self._stop(name)

    def _stop(self, name: str) -> None:
        call: IDelayedCall | None = getattr(self, name)
        if call is not None:
            setattr(self, name, None)
            call.cancel()
