"""Standard input and output as a transport, so that a protocol talks to a terminal, a file or the next in a pipeline.

    StandardIO(MyProtocol())
    reactor.run()

The two are made non-blocking, and whoever shares a terminal with us (the shell that started us) shares that mode: it
is put back when the connection is over.
"""

from __future__ import annotations

import os

from zope.interface import implementer

from ropewalk._doors import publish
from ropewalk.python.failure import Failure

from ._transports.descriptor import logTrouble
from ._transports.pipe import ProcessReader, ProcessWriter
from .error import ConnectionDone
from .interfaces import IAddress, IConsumer, IHalfCloseableDescriptor, IHalfCloseableProtocol, IProducer, ITransport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .defer import Deferred

__all__ = ["PipeAddress", "StandardIO"]


@implementer(IAddress)
class PipeAddress:
    """The address of both ends of standard input and output, of which nothing is known."""

    def __repr__(self) -> str:
        return "PipeAddress()"


@implementer(ITransport, IProducer, IConsumer, IHalfCloseableDescriptor)
class StandardIO:
    """Connect a protocol to standard input and output, or to two other descriptors.

    The end of the input ends the connection, once everything written has left; a protocol that provides
    `IHalfCloseableProtocol` hears ``readConnectionLost`` instead and may write on. When whoever reads the output has
    left, the connection is over, likewise ``writeConnectionLost``. Both descriptors are closed then.

    Args:
        proto: the protocol; it is connected when this returns.
        stdin: the descriptor to read.
        stdout: the descriptor to write. May be the same.
        reactor: who watches; the installed one when there is none.

    Attributes:
        protocol: whom the bytes go to.
        disconnecting: whether `loseConnection` was called and is not done.
        disconnected: whether the connection is over.

    Raises:
        OSError: one of the two is not open.
    """

    disconnected = False
    disconnecting = False
    _reader: ProcessReader | None = None
    _writer: ProcessWriter | None = None

    def __init__(self, proto: Any, stdin: int = 0, stdout: int = 1, reactor: Any = None) -> None:
        if reactor is None:
            from . import reactor
        self.protocol = proto
        _mustBeOpen(stdin=stdin, stdout=stdout)
        # Copies of the descriptors of terminals, to put their mode back.
        self._terminals = [os.dup(fd) for fd in {stdin, stdout} if os.isatty(fd) and os.get_blocking(fd)]
        if stdin == stdout:
            stdout = os.dup(stdout)
        self._writer = ProcessWriter(reactor, self, "write", stdout)
        self._reader = ProcessReader(reactor, self, "read", stdin)
        try:
            proto.makeConnection(self)
        except Exception:
            logTrouble(f"in makeConnection of {proto!r}, which was to talk to standard input and output")
            self.loseConnection()

    # What the descriptors tell.

    def childDataReceived(self, fd: str, data: bytes) -> None:
        """Take what was read."""
        self.protocol.dataReceived(data)

    def childConnectionLost(self, fd: str, reason: Failure) -> None:
        """Hear that one of the two is closed, ``"read"`` or ``"write"``."""
        if fd == "read":
            self._reader = None
        else:
            self._writer = None
        if self.disconnected:
            return
        if not reason.check(ConnectionDone):
            # The reactor stops, the terminal is gone, or whoever read our output has left.
            if fd == "write" and self._tell("writeConnectionLost") and self._reader is not None:
                return
            self.connectionLost(reason)
        elif self._writer is None and (self.disconnecting or self._reader is None):
            self.connectionLost(reason)
        elif fd == "read":
            self.readConnectionLost(reason)
        else:
            self.writeConnectionLost(reason)

    def readConnectionLost(self, reason: Failure) -> None:
        """The input has ended."""
        if not self._tell("readConnectionLost"):
            self.loseConnection()

    def writeConnectionLost(self, reason: Failure) -> None:
        """The output is closed, as `loseWriteConnection` asked."""
        self._tell("writeConnectionLost")

    def connectionLost(self, reason: Failure) -> None:
        """Close what is open, and tell the protocol. Only the first call counts."""
        if self.disconnected:
            return
        self.disconnected = True
        for pipe in (self._reader, self._writer):
            if pipe is not None:
                pipe.connectionLost(reason)
        for fd in self._terminals:
            os.set_blocking(fd, True)
            os.close(fd)
        self._terminals.clear()
        try:
            self.protocol.connectionLost(reason)
        except Exception:
            logTrouble(f"in connectionLost of {self.protocol!r}, which talked to standard input and output")

    def _tell(self, what: str) -> bool:
        """Tell a protocol that knows halves of connections; return whether it does."""
        if not IHalfCloseableProtocol.providedBy(self.protocol):
            return False
        try:
            getattr(self.protocol, what)()
        except Exception:
            logTrouble(f"in {what} of {self.protocol!r}, which talks to standard input and output")
            self.loseConnection()
        return True

    # Writing.

    def write(self, data: bytes) -> None:
        """Write to the output, in order, never blocking; dropped once that is closed."""
        if self._writer is not None:
            self._writer.write(data)

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Write several pieces."""
        if self._writer is not None:
            self._writer.writeSequence(data)

    def drain(self) -> Deferred[None]:
        """Wait until there is room for more; see `FileDescriptor.drain`."""
        from .defer import fail

        if self._writer is None:
            return fail(ConnectionDone("the output is closed, and nothing drains any more"))
        return self._writer.drain()

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let a producer feed the output; it is stopped at once when that is closed."""
        if self._writer is not None:
            self._writer.registerProducer(producer, streaming)
        else:
            producer.stopProducing()

    def unregisterProducer(self) -> None:
        """Let go of the producer."""
        if self._writer is not None:
            self._writer.unregisterProducer()

    # Closing.

    def loseConnection(self) -> None:
        """Close both, once everything written has left. May be called again."""
        if self.disconnected or self.disconnecting:
            return
        self.disconnecting = True
        self.stopReading()
        if self._writer is not None:
            self._writer.loseConnection()
        elif self._reader is not None:
            self._reader.loseConnection()

    def loseWriteConnection(self) -> None:
        """Close the output, once everything written has left; reading goes on."""
        if self._writer is not None:
            self._writer.loseConnection()

    # Reading.

    def startReading(self) -> None:
        """Read, if that was stopped."""
        if self._reader is not None and not self.disconnecting:
            self._reader.startReading()

    def stopReading(self) -> None:
        """Read nothing for now."""
        if self._reader is not None:
            self._reader.stopReading()

    def pauseProducing(self) -> None:
        """Read nothing for now: whoever writes our input will feel it."""
        self.stopReading()

    def resumeProducing(self) -> None:
        """Read again."""
        self.startReading()

    def stopProducing(self) -> None:
        """Close; see `loseConnection`."""
        self.loseConnection()

    def getPeer(self) -> PipeAddress:
        """Return an address that says that it is a pipe, or a file, or a terminal."""
        return PipeAddress()

    def getHost(self) -> PipeAddress:
        """Return the like."""
        return PipeAddress()


def _mustBeOpen(**descriptors: int) -> None:
    """Refuse descriptors that are closed, before anything is done with the others."""
    for name, fd in descriptors.items():
        try:
            os.fstat(fd)
        except OSError as problem:
            raise OSError(problem.errno, f"descriptor {fd}, given as {name}, is not open") from None


publish(__name__)
