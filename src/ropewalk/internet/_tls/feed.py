"""What a transport below TLS sees of a producer above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .layer import TLSMemoryBIOProtocol

__all__ = ["Feed"]


class Feed:
    """Stands for a producer, and knows who wants it to wait: the transport, or the handshake, or both.

    Args:
        layer: where the producer writes.
        producer: what is told.
        streaming: whether it is a push producer.
    """

    __slots__ = ("_asked", "_full", "_held", "_layer", "_producer", "_streaming")

    def __init__(self, layer: TLSMemoryBIOProtocol, producer: Any, streaming: Any) -> None:
        self._layer = layer
        self._producer = producer
        self._streaming = streaming
        # The transport has no room. The handshake lasts, and enough was written for the time after it.
        self._full = False
        self._held = False
        # A pull producer that was asked and has not written yet; what TLS itself writes is no answer of its.
        self._asked = False

    @property
    def isPaused(self) -> bool:
        return self._full or self._held

    def pauseProducing(self) -> None:
        """Hear from the transport that it has no room."""
        self._full = True
        if not self._held:
            self._producer.pauseProducing()

    def resumeProducing(self) -> None:
        """Hear from the transport that it has room; for a pull producer, that it is to produce once."""
        self._full = False
        if self._streaming:
            if not self._held:
                self._producer.resumeProducing()
        elif not self._asked and (self._layer._ready or not self._layer._out):
            self._asked = True
            self._producer.resumeProducing()

    def wrote(self) -> None:
        """The producer has written. The transport asks for more when that has left."""
        self._asked = False

    def stopProducing(self) -> None:
        """Hear from the transport that it is lost."""
        self._layer.producer = self._layer._feed = None
        self._producer.stopProducing()

    def hold(self) -> None:
        """Wait for the end of the handshake."""
        if not self._held and self._streaming:
            self._held = True
            if not self._full:
                self._producer.pauseProducing()

    def release(self) -> None:
        """The handshake has ended, and what was written has gone down."""
        if self._held:
            self._held = False
            if not self._full:
                self._producer.resumeProducing()
