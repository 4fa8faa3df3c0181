"""Proxies between a producer and a consumer: to the one a consumer, to the other a producer.

The basic proxy passes everything on. The other keeps a buffer between the two, so that the producer need not stop each
time when the consumer does, and either may push or pull whichever way the other works.
"""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from ropewalk.internet.interfaces import IConsumer, IProducer

__all__ = ["BasicProducerConsumerProxy", "ProducerConsumerProxy"]


@implementer(IProducer, IConsumer)
class BasicProducerConsumerProxy:
    """Passes bytes, pauses and all on. What is written while it is paused waits.

    Args:
        consumer: is given this proxy as its producer; `None` for one that is set later.

    Attributes:
        iAmStreaming: whether the consumer is pushed to; else it has to ask for each piece.
        outstandingPull: whether it has asked, and got nothing yet.
        paused: whether it wants nothing for now.
        stopped: whether it wants nothing any more: what is written is thrown away.
        producer, producerIsStreaming: who writes; `None` while nobody is registered.
    """

    consumer: Any = None
    producer: Any = None
    producerIsStreaming: bool | None = None
    iAmStreaming: bool = True
    outstandingPull: bool = False
    paused: bool = False
    stopped: bool = False

    def __init__(self, consumer: Any) -> None:
        self._buffer: list[bytes] = []  # what waits for the consumer
        if consumer is not None:
            self.consumer = consumer
            consumer.registerProducer(self, self.iAmStreaming)

    # To the consumer, a producer.

    def pauseProducing(self) -> None:
        """Keep what comes, and pause the producer."""
        self.paused = True
        if self.producer is not None:
            self.producer.pauseProducing()

    def resumeProducing(self) -> None:
        """Pass on what waited, and let the producer go on."""
        self.paused = False
        if not self.iAmStreaming:
            self.outstandingPull = True
        self._pass()
        if self.producer is not None:
            self.producer.resumeProducing()

    def stopProducing(self) -> None:
        """Stop the producer; nothing is passed on any more."""
        self.stopped = True
        self._buffer.clear()
        self.consumer = None
        if self.producer is not None:
            self.producer.stopProducing()

    # To the producer, a consumer.

    def write(self, data: bytes) -> None:
        """Pass bytes on, at once or when the consumer wants them."""
        if self.stopped:
            return
        self._buffer.append(data)
        self._pass()

    def finish(self) -> None:
        """Tell the consumer that this was all."""
        if self.consumer is not None:
            self.consumer.finish()
        self.unregisterProducer()

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Take a producer."""
        self.producer = producer
        self.producerIsStreaming = streaming

    def unregisterProducer(self) -> None:
        """Let the producer go, and the consumer know."""
        self.producer = None
        self.producerIsStreaming = None
        if self.consumer is not None:
            self.consumer.unregisterProducer()

    # Between the two.

    def _pass(self) -> None:
        """Give the consumer what waits, if it wants it."""
        if not self._buffer or self.paused or self.consumer is None:
            return
        if not self.iAmStreaming and not self.outstandingPull:
            return
        data = b"".join(self._buffer)
        self._buffer.clear()
        self.outstandingPull = False
        self._give(data)

    def _give(self, data: bytes) -> None:
        self.consumer.write(data)


class ProducerConsumerProxy(BasicProducerConsumerProxy):
    """Keeps a buffer: the producer is paused only when it is full, and the consumer let go only when it is empty.

    A producer that has to be asked is asked again whenever the consumer took what it gave.

    Attributes:
        bufferSize: bytes that may wait before the producer is paused.
        producerPaused: whether it is.
        unregistered: whether the producer has gone while bytes still wait.
    """

    bufferSize: int = 2**16
    producerPaused: bool = False
    unregistered: bool = False

    _isPulling = False  # inside the producer's `resumeProducing`, which may write

    def pauseProducing(self) -> None:
        """Keep what comes."""
        self.paused = True

    def resumeProducing(self) -> None:
        """Pass on what waited. Then, with room again, let the producer go on."""
        self.paused = False
        if not self.iAmStreaming:
            self.outstandingPull = True
        self._pass()
        self._refill()

    def write(self, data: bytes) -> None:
        """Pass bytes on, at once or when the consumer wants them; pause a producer that pushes more than fits."""
        super().write(data)
        full = sum(map(len, self._buffer)) >= self.bufferSize
        if full and self.producerIsStreaming and not self.producerPaused:
            self.producerPaused = True
            self.producer.pauseProducing()
        elif not self._buffer:
            self._refill()

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Take a producer; one that has to be asked is asked at once, so that something is there."""
        self.unregistered = False
        self.producerPaused = False
        super().registerProducer(producer, streaming)
        if not streaming:
            self._refill()

    def unregisterProducer(self) -> None:
        """Let the producer go; the consumer is let go once it has all."""
        self.producer = None
        self.producerIsStreaming = None
        self.producerPaused = False
        self.unregistered = True
        self._refill()

    def _refill(self) -> None:
        """Nothing waits: ask for more, or let the consumer go."""
        if self._buffer:
            return
        if self.unregistered:
            self.unregistered = False
            if self.consumer is not None:
                self.consumer.unregisterProducer()
        elif self.producerPaused:
            self.producerPaused = False
            self.producer.resumeProducing()
        elif self.producer is not None and not self.producerIsStreaming:
            self._pull()

    def _pull(self) -> None:
        """Ask for one piece after the other until one waits, or none came; in a loop, for it may come at once."""
        if self._isPulling:
            self._isWanted = True
            return
        self._isPulling = True
        try:
            self._isWanted = True
            while self._isWanted and self.producer is not None:
                self._isWanted = False  # `write` wants more, through `_refill`
                self.producer.resumeProducing()
        finally:
            self._isPulling = False
