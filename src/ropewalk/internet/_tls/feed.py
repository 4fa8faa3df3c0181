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

    __slots__ = ("_full", "_held", "_layer", "_producer", "_streaming")

    def __init__(self, layer: TLSMemoryBIOProtocol, producer: Any, streaming: Any) -> None:
        self._layer = layer
        self._producer = producer
        self._streaming = streaming
        # The transport has no room. The handshake lasts, and enough was written for the time after it.
        self._full = False
        self._held = False

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
        elif self._layer._ready or not self._layer._out:
            self._producer.resumeProducing()
        else:
            self._held = True

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
