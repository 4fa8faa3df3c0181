"""Transports that keep what is written to them, for tests that hold the other end by hand."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from zope.interface import implementer

from .. import error
from ..address import IPv4Address
from ..interfaces import IAddress, IConsumer, IProtocol, IPushProducer, ITransport


@implementer(ITransport, IConsumer, IPushProducer)
class StringTransport:
    """A transport that keeps everything a protocol writes.

    It records and never reacts: `loseConnection` sets a flag, and nobody calls ``connectionLost``
    (`StringTransportWithDisconnection` does). It plays the strict consumer and the strict producer: a misuse that a
    real transport might swallow raises here, where a test sees it.

    Args:
        hostAddress: what `getHost` returns; an address in 10.0.0.0/8 when not given.
        peerAddress: what `getPeer` returns; an address in 192.168.0.0/16 when not given.
        lenient: allow pausing and resuming after the connection was told to go, as real transports do.

    Attributes:
        disconnecting: `loseConnection` or `abortConnection` was called.
        disconnected: `abortConnection` was called.
        producer: the producer registered at the moment.
        streaming: whether that is a push producer.
        producerState: ``"producing"``, ``"paused"`` or ``"stopped"``: what the protocol, as the consumer of this
            transport's bytes, has told it last.
        io: where the bytes are kept.
    """

    disconnecting = False
    disconnected = False

    producer: Any = None  # whatever was registered; a pull producer and a push producer share no base
    streaming: bool | None = None
    producerState = "producing"

    hostAddr: IAddress | None = None
    peerAddr: IAddress | None = None

    def __init__(
        self, hostAddress: IAddress | None = None, peerAddress: IAddress | None = None, lenient: bool = False
    ) -> None:
        self.clear()
        if hostAddress is not None:
            self.hostAddr = hostAddress
        if peerAddress is not None:
            self.peerAddr = peerAddress
        self.connected = True
        self._lenient = lenient

    def value(self) -> bytes:
        """Return everything written since the start or the last `clear`."""
        return self.io.getvalue()

    def clear(self) -> None:
        """Forget what was written."""
        self.io = BytesIO()

    # What a protocol does with a transport.

    def write(self, data: bytes) -> None:
        """Keep the bytes.

        Raises:
            TypeError: ``data`` is anything but `bytes`: text must be encoded first, and a buffer that its owner may
                change later must be copied.
        """
        if not isinstance(data, bytes):
            raise TypeError(f"a transport takes bytes, not {type(data).__name__}: {data!r:.80}")
        self.io.write(data)

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Keep the bytes of each piece."""
        self.io.write(b"".join(data))

    def loseConnection(self) -> None:
        """Note that the protocol wants the connection closed."""
        self.disconnecting = True

    def abortConnection(self) -> None:
        """Note that the protocol wants the connection cut."""
        self.disconnected = True
        self.loseConnection()

    def getPeer(self) -> IAddress:
        """Return where the peer is said to be."""
        if self.peerAddr is None:
            return IPv4Address("TCP", "192.168.1.1", 54321)
        return self.peerAddr

    def getHost(self) -> IAddress:
        """Return where this end is said to be."""
        if self.hostAddr is None:
            return IPv4Address("TCP", "10.0.0.1", 12345)
        return self.hostAddr

    # The consumer of what the protocol's producer makes.

    def registerProducer(self, producer: object, streaming: bool) -> None:
        """Note the producer.

        Raises:
            RuntimeError: another one is registered.
        """
        if self.producer is not None:
            raise RuntimeError(
                f"cannot register {producer!r:.80}: {self.producer!r:.80} is registered, unregister it first"
            )
        self.producer = producer
        self.streaming = streaming

    def unregisterProducer(self) -> None:
        """Forget the producer.

        Raises:
            RuntimeError: none is registered.
        """
        if self.producer is None:
            raise RuntimeError("cannot unregister a producer: none is registered")
        self.producer = None
        self.streaming = None

    # The producer of the bytes that the protocol receives.

    def pauseProducing(self) -> None:
        """Note that the protocol wants no more bytes for now.

        Raises:
            RuntimeError: it had said never again, or (unless lenient) had closed the connection.
        """
        self._mustBeOpen("pause")
        self.producerState = "paused"

    def resumeProducing(self) -> None:
        """Note that the protocol wants bytes again.

        Raises:
            RuntimeError: it had said never again, or (unless lenient) had closed the connection.
        """
        self._mustBeOpen("resume")
        self.producerState = "producing"

    def stopProducing(self) -> None:
        """Note that the protocol wants no more bytes ever."""
        self.producerState = "stopped"

    def _mustBeOpen(self, wish: str) -> None:
        if self.disconnecting and not self._lenient:
            raise RuntimeError(f"cannot {wish} producing after loseConnection; StringTransport(lenient=True) allows it")
        if self.producerState == "stopped":
            raise RuntimeError(f"cannot {wish} producing after stopProducing")


class StringTransportWithDisconnection(StringTransport):
    """A `StringTransport` that tells its protocol at once when the connection is lost.

    Attributes:
        protocol: whose ``connectionLost`` is called; set it before the connection is closed.
    """

    protocol: IProtocol

    def loseConnection(self) -> None:
        """Close the connection: the protocol's ``connectionLost`` is called before this returns; once."""
        if self.connected:
            self.connected = False
            self.protocol.connectionLost(_closed())


def _closed() -> Any:
    """A `Failure` for a connection closed in good order. (`Any`: it is made late, to break no import order.)"""
    from ...python.failure import Failure

    return Failure(error.ConnectionDone("Bye."))
