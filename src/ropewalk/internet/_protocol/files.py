"""A file in the place of a transport."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from zope.interface import implementer

    from ..interfaces import ITransport
else:
    from .._interfaces.later import ITransport, implementer


@implementer(ITransport)
class FileWrapper:
    """A file, as a transport that a protocol can write to. Errors of the file are swallowed, see `handleException`.

    Args:
        file: takes bytes with ``write`` and has ``close``.

    Attributes:
        closed: 1 once `loseConnection` was called.
        producer: the producer registered at the moment.
        streamingProducer: whether that is a push producer.
    """

    closed: int = 0
    disconnecting: int = 0
    producer: Any = None  # whatever was registered; a pull producer and a push producer share no base
    streamingProducer: bool | int = 0

    def __init__(self, file: Any) -> None:
        self.file = file
        self._asking = False  # whether a pull producer is being asked, so that its `write` doesn't ask inside that
        self._wrote = False  # whether it has written since it was asked

    def write(self, data: bytes) -> None:
        """Write to the file. A pull producer whose piece this was is asked for the next one."""
        try:
            self.file.write(data)
        except Exception:
            self.handleException()
        self._wrote = True
        self._ask()

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """Write several pieces as one."""
        self.write(b"".join(iovec))

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let a producer write here; see `IConsumer.registerProducer`. The file is always ready for more."""
        self.producer = producer
        self.streamingProducer = streaming
        self._wrote = True
        self._ask()

    def unregisterProducer(self) -> None:
        """Forget the producer: it has written its last."""
        self.producer = None

    def _ask(self) -> None:
        """Ask a pull producer for as long as each answer comes at once; later answers ask from `write`."""
        if self._asking:
            return
        self._asking = True
        try:
            while self._wrote and self.producer is not None and not self.streamingProducer and not self.closed:
                self._wrote = False
                self.producer.resumeProducing()
        finally:
            self._asking = False

    def stopConsuming(self) -> None:
        """Forget the producer, and close."""
        self.unregisterProducer()
        self.loseConnection()

    def loseConnection(self) -> None:
        """Close the file."""
        self.closed = 1
        try:
            self.file.close()
        except Exception:
            self.handleException()

    def getPeer(self) -> Any:
        """Return a pair that says that this is a file: it has no address."""
        return "file", "file"

    def getHost(self) -> Any:
        """Return a text that says that this is a file: it has no address."""
        return "file"

    def handleException(self) -> None:
        """Override to hear, from inside ``except``, that the file failed to write or close."""

    def resumeProducing(self) -> None:
        """Do nothing: a file that is written to produces nothing."""

    def pauseProducing(self) -> None:
        """Do nothing: a file that is written to produces nothing."""

    def stopProducing(self) -> None:
        """Close."""
        self.loseConnection()
