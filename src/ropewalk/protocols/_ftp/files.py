"""Files that are open for a client, and the consumers between them and its data connection."""

from __future__ import annotations

from typing import Any, BinaryIO

from zope.interface import implementer

from ropewalk.internet.defer import Deferred, succeed
from ropewalk.internet.interfaces import IConsumer
from ropewalk.protocols.basic import FileSender

from .interfaces import IReadFile, IWriteFile

__all__ = ["ASCIIConsumerWrapper", "FileConsumer", "FileSender256", "LocalLines", "OpenFile", "OpenForWriting"]

# Read and sent at once, in bytes. The engine's transports take such pieces whole.
CHUNK_SIZE = 2**18


class FileSender256(FileSender):
    """Sends a file in pieces of 256 KiB."""

    CHUNK_SIZE = CHUNK_SIZE


@implementer(IReadFile)
class OpenFile:
    """A file to be sent.

    Args:
        file: is read from where it stands, and closed at the end.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.fObj = file

    def send(self, consumer: Any) -> Deferred[Any]:
        """Send it. A consumer that takes files whole, by a method ``sendFile``, is handed the file."""
        whole = getattr(consumer, "sendFile", None)
        sent: Deferred[Any] | None = None if whole is None else whole(self.fObj)
        if sent is None:
            sent = FileSender256().beginFileTransfer(self.fObj, consumer)
        return sent.addBoth(self._close)

    def close(self) -> None:
        """Close it; it was not sent, maybe. May be called again."""
        self.fObj.close()

    def _close(self, result: Any) -> Any:
        self.close()
        return result


@implementer(IWriteFile)
class OpenForWriting:
    """A file to be received.

    Args:
        file: is written to where it stands, and closed at the end.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.fObj = file

    def receive(self) -> Deferred[FileConsumer]:
        """Return a Deferred of what writes into it."""
        return succeed(FileConsumer(self.fObj))

    def close(self) -> Deferred[None]:
        """Close it; what can't be written in the end is an error of the transfer."""
        self.fObj.close()
        return succeed(None)


@implementer(IConsumer)
class FileConsumer:
    """Writes all it gets into a file, and closes that when its producer is unregistered.

    Args:
        fObj: an open file.
    """

    producer: Any = None

    def __init__(self, fObj: Any) -> None:
        self.fObj = fObj

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Take a push producer.

        Raises:
            RuntimeError: there is one, or it is none.
        """
        if self.producer is not None:
            raise RuntimeError(f"{self.producer!r} is registered already, unregister it before {producer!r}")
        if not streaming:
            raise RuntimeError(f"{producer!r} would have to be asked for each piece, and a file doesn't ask")
        self.producer = producer

    def unregisterProducer(self) -> None:
        """Let go of the producer, and close the file."""
        self.producer = None
        self.fObj.close()

    def write(self, bytes: bytes) -> None:
        """Write a piece, whole."""
        written = self.fObj.write(bytes)
        while written is not None and written < len(bytes):
            # A file without a buffer writes what fits; the next call says why it was not all.
            bytes = bytes[written:]
            written = self.fObj.write(bytes)


class _Between:
    """Stands before a consumer and changes what is written to it."""

    def __init__(self, cons: Any) -> None:
        self.cons = cons

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let a producer feed the consumer."""
        self.cons.registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        """Let go of the producer."""
        self.cons.unregisterProducer()


@implementer(IConsumer)
class ASCIIConsumerWrapper(_Between):
    """Turns the line ends of this system into those of the net (RFC 959 §3.1.1.1). Those that are right stay.

    Args:
        cons: who gets the bytes.
    """

    _endedInCR = False

    def write(self, bytes: bytes) -> None:
        """Pass a piece on."""
        joined = bytes.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        if self._endedInCR and bytes[:1] == b"\n":
            joined = joined[1:]  # a line end that was cut in two: its first half has been sent
        if bytes:
            self._endedInCR = bytes[-1:] == b"\r"
        self.cons.write(joined)


@implementer(IConsumer)
class LocalLines(_Between):
    """Turns the line ends of the net into those of this system.

    Args:
        cons: who gets the bytes.
    """

    _held = b""  # a CR that may be half of a line end

    def write(self, bytes: bytes) -> None:
        """Pass a piece on."""
        joined = (self._held + bytes).replace(b"\r\n", b"\n")
        self._held = b""
        if joined[-1:] == b"\r":
            self._held = b"\r"
            joined = joined[:-1]
        if joined:
            self.cons.write(joined)

    def unregisterProducer(self) -> None:
        """Pass on what was held back, and let go of the producer."""
        held, self._held = self._held, b""
        if held:
            self.cons.write(held)
        super().unregisterProducer()
