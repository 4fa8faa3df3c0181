"""`FileDescriptor`: what every transport over a descriptor shares, and what programs derive their own from.

It keeps three promises for anything that can be written to.

**Order.** Bytes leave in the order they were written, as fast as ``writeSomeData`` takes them.

**Backpressure.** A registered producer is paused by the write that lifts the buffer above ``bufferSize`` and
resumed once it has fallen to ``resumeSize``. Two marks, not one: with a single mark a fast producer would be paused
and resumed on every write. A pull producer is asked for its next piece when the buffer is empty. ``drain`` is the
same for coroutines.

**A close that can be relied on.** ``loseConnection`` closes when two things are true, in whichever order they come
about: everything written has left, and no producer is registered. Until then the producer is paused, resumed and
asked as ever, and what it writes is sent. Nothing else decides it: not whether the producer happens to be paused,
not how full the buffer happens to be. (The documents promise this, F028; the reference release closes under a
producer whenever the buffer runs empty.)

The classes for sockets (`stream`) are children that do the same with fewer steps per byte.
"""

from __future__ import annotations

from ropewalk.python.failure import Failure

from ..error import ConnectionDone, ConnectionLost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from zope.interface import implementer

    from ..defer import Deferred
    from ..interfaces import (
        IConsumer,
        IFileDescriptor,
        IHalfCloseableDescriptor,
        ILoggingContext,
        IProducer,
        IPushProducer,
        IReadDescriptor,
        IReadWriteDescriptor,
        ITransport,
        IWriteDescriptor,
    )
else:
    from .._interfaces.later import (
        IConsumer,
        IFileDescriptor,
        IHalfCloseableDescriptor,
        ILoggingContext,
        IProducer,
        IPushProducer,
        IReadDescriptor,
        IReadWriteDescriptor,
        ITransport,
        IWriteDescriptor,
        implementer,
    )

__all__ = ["FileDescriptor", "asBytes", "logPrefixOf", "logTrouble", "requireFactory"]


def asBytes(data: Any) -> bytes:
    """Take what can be sent and is not ``bytes`` already: a ``bytearray`` or ``memoryview`` is copied.

    Raises:
        TypeError: it cannot be sent; text most of all.
    """
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    if isinstance(data, str):
        raise TypeError(f"Data must be bytes, not str: encode the text first, as in {data[:20]!r}.encode()")
    raise TypeError(f"Data must be bytes, not {type(data).__name__}")


def requireFactory(factory: object) -> None:
    """Refuse what cannot make protocols: a protocol, or its class, most of all.

    Raises:
        TypeError: it is no factory; the message says how to make one.
    """
    if isinstance(factory, type) or not hasattr(factory, "doStart"):
        name = factory.__name__ if isinstance(factory, type) else type(factory).__name__
        raise TypeError(f"{factory!r} is no factory: pass an object that makes protocols, Factory.forProtocol({name})")


def logPrefixOf(thing: object) -> str:
    """Return how the log names a protocol or factory: what its ``logPrefix`` says, else its class's name."""
    prefix = getattr(thing, "logPrefix", None)
    return prefix() if prefix is not None else type(thing).__name__


def logTrouble(why: str, failure: Failure | None = None) -> None:
    """Log an exception that the engine survives.

    Args:
        why: what was being done, as a clause.
        failure: the exception; the one being handled when there is none.
    """
    from ropewalk.python import log  # here, not above: a program without trouble needs no log

    log.err(failure, why)


@implementer(
    IPushProducer,
    IReadWriteDescriptor,
    IConsumer,
    ITransport,
    IHalfCloseableDescriptor,
    ILoggingContext,
    IReadDescriptor,
    IWriteDescriptor,
    IFileDescriptor,
    IProducer,
)
class FileDescriptor:
    """A descriptor that a reactor watches, with a write buffer in front.

    Derive from it to serve a device, a pipe, a packet socket: override ``fileno``, ``doRead`` and
    ``writeSomeData``, set ``connected`` once it is open, and call ``startReading``.

    Args:
        reactor: whose ``addReader`` and ``addWriter`` are used; the installed one when there is none.

    Attributes:
        connected: whether it is open.
        disconnecting: whether ``loseConnection`` was called and is not done.
        disconnected: whether it is closed for good.
        producer: what is registered, or `None`.
        streamingProducer: whether that is a push producer.
        producerPaused: whether the push producer was paused, by us, and not resumed since.
        bufferSize: the high mark: a push producer is paused when more bytes than this wait.
        resumeSize: the low mark: it is resumed when no more than this wait.
        SEND_LIMIT: the most that ``writeSomeData`` is given at a time, roughly.
    """

    connected: Any = 0
    disconnected: Any = 0
    disconnecting: Any = 0

    producer: Any = None
    streamingProducer: Any = False
    producerPaused: Any = False

    bufferSize = 2**16
    resumeSize = 2**14
    SEND_LIMIT = 128 * 1024

    # What is being sent, from `offset` on; what was written since waits in `_later`.
    dataBuffer: bytes = b""
    offset = 0

    _writeDisconnecting = False
    _writeDisconnected = False
    # Who awaits `drain`.
    _drainers: list[Deferred[None]] | None = None
    # Whether a pull producer has written since it was asked: it is asked once for each piece.
    _answered = True

    reactor: Any

    def __init__(self, reactor: Any = None) -> None:
        if reactor is None:
            from ropewalk.internet import reactor
        self.reactor = reactor
        self._later: list[bytes] = []
        self._laterSize = 0

    # For children to override.

    def fileno(self) -> int:
        """Return the descriptor's number, or -1 when it is closed."""
        return -1

    def doRead(self) -> BaseException | Failure | None:
        """Read: the descriptor is readable.

        Returns:
            `None`, or the reason for which the connection is over.
        """
        raise NotImplementedError(f"{type(self).__qualname__} does not define doRead, which startReading needs")

    def writeSomeData(self, data: bytes) -> int | BaseException:
        """Write as much as the descriptor takes without waiting.

        Returns:
            How many bytes it took; 0 when none fit now; an exception when the connection is over.
        """
        raise NotImplementedError(f"{type(self).__qualname__} does not define writeSomeData, which write needs")

    def connectionLost(self, reason: Failure) -> None:
        """Be closed. Children close the descriptor and tell their protocol after calling this.

        The reactor calls it when ``doRead`` or ``doWrite`` returned a reason.
        """
        self._end(reason)
        self.stopReading()
        self.stopWriting()

    def _end(self, reason: Failure) -> None:
        """Be disconnected, and tell those who write here."""
        self.disconnected = 1
        self.connected = 0
        if self.producer is not None:
            producer, self.producer = self.producer, None
            try:
                producer.stopProducing()
            except Exception:
                logTrouble(f"while telling the producer {producer!r} that its connection is lost")
        if self._drainers is not None:
            self._tellDrainers(reason)

    def readConnectionLost(self, reason: Failure) -> None:
        """Hear that the peer will send no more. Unless overridden the connection is over."""
        self.connectionLost(reason)

    def writeConnectionLost(self, reason: Failure) -> None:
        """Hear that we can send no more. Unless overridden the connection is over."""
        self.connectionLost(reason)

    def _closeWriteConnection(self) -> None:
        """Tell the peer that no more comes, where the descriptor has a way to."""

    def getHost(self) -> Any:
        """Return the address of this end."""
        raise NotImplementedError(f"{type(self).__qualname__} does not say its address")

    def getPeer(self) -> Any:
        """Return the address of the other end."""
        raise NotImplementedError(f"{type(self).__qualname__} does not say its peer's address")

    def logPrefix(self) -> str:
        """Return the name that the log gives to what happens here."""
        return "-"

    # Writing.

    def write(self, data: bytes) -> None:
        """Send bytes, in order, as the descriptor takes them. Never blocks.

        A ``bytearray`` or ``memoryview`` is copied first. Bytes are dropped when the connection is gone.

        Raises:
            TypeError: it is text, or something else that is no bytes.
        """
        if type(data) is not bytes:
            data = asBytes(data)
        if not self.connected or self._writeDisconnected or not data:
            return
        self._later.append(data)
        self._laterSize += len(data)
        self._answered = True
        self._pauseIfFull()
        self.startWriting()

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """Send several pieces, as if joined.

        Raises:
            TypeError: one of them is no bytes; then none is sent.
        """
        self.write(b"".join([piece if type(piece) is bytes else asBytes(piece) for piece in iovec]))

    def doWrite(self) -> BaseException | Failure | None:
        """Write: the descriptor is writable.

        Returns:
            `None`, or the reason for which the connection is over.
        """
        if len(self.dataBuffer) - self.offset < self.SEND_LIMIT and self._later:
            rest = self.dataBuffer[self.offset :]
            # A big piece that comes alone is taken as it is: to join it with nothing would copy it.
            self.dataBuffer = b"".join([rest, *self._later] if rest else self._later)
            self.offset = 0
            self._later.clear()
            self._laterSize = 0
        waiting = len(self.dataBuffer) - self.offset
        if waiting:
            limit = self.offset + self.SEND_LIMIT
            whole = self.offset == 0 and waiting <= self.SEND_LIMIT
            taken = self.writeSomeData(self.dataBuffer if whole else self.dataBuffer[self.offset : limit])
            if isinstance(taken, BaseException):
                return taken
            if taken < 0:
                return ConnectionLost()
            self.offset += taken
            if self.offset == len(self.dataBuffer):
                self.dataBuffer = b""
                self.offset = 0
        if self._unsent() <= self.resumeSize:
            self._roomAgain()
        return None if self._unsent() else self._emptied()

    def _unsent(self) -> int:
        """Return how many bytes have not left."""
        return len(self.dataBuffer) - self.offset + self._laterSize

    def _emptied(self) -> BaseException | Failure | None:
        """Everything has left: stop watching, and close if that was waited for."""
        self.stopWriting()
        if self.producer is None:
            if self.disconnecting:
                return self._postLoseConnection()
            if self._writeDisconnecting:
                self._writeDisconnected = True
                self._closeWriteConnection()
        return None

    def _postLoseConnection(self) -> BaseException | Failure:
        """Return the reason with which a close that was asked for ends."""
        return ConnectionDone()

    # Closing.

    def loseConnection(self) -> None:
        """Close in good order: once everything written has left and no producer is registered.

        Nothing is read from here on. May be called again.
        """
        if not self.connected or self.disconnecting:
            return
        self.disconnecting = 1
        self.stopReading()
        self.startWriting()

    def loseWriteConnection(self) -> None:
        """Close the sending half in good order; reading goes on."""
        self._writeDisconnecting = True
        self.startWriting()

    # Backpressure.

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let a producer feed this transport; see `IConsumer.registerProducer`.

        Raises:
            RuntimeError: another one is registered.
        """
        if self.producer is not None:
            raise RuntimeError(
                f"Cannot register producer {producer!r}, because producer {self.producer!r} was never unregistered."
            )
        if self.disconnected:
            producer.stopProducing()
            return
        self.producer = producer
        self.streamingProducer = streaming
        self.producerPaused = False
        if not streaming:
            self._answered = False
            producer.resumeProducing()

    def unregisterProducer(self) -> None:
        """Let go of the producer; a close that waited for it goes on."""
        self.producer = None
        if self.connected and (self.disconnecting or self._writeDisconnecting):
            self.startWriting()

    def stopConsuming(self) -> None:
        """Take no more: let go of the producer, and close."""
        self.unregisterProducer()
        self.loseConnection()

    def _pauseIfFull(self) -> None:
        """Pause a push producer that has just lifted the buffer above the high mark."""
        if (
            self.producer is not None
            and self.streamingProducer
            and not self.producerPaused
            and self._unsent() > self.bufferSize
        ):
            self.producerPaused = True
            self.producer.pauseProducing()

    def _roomAgain(self) -> None:
        """The buffer fell to the low mark: tell those who wait for that."""
        if self.producer is not None:
            if self.producerPaused:
                self.producerPaused = False
                self.producer.resumeProducing()
            elif not self.streamingProducer and self._answered and not self._unsent():
                self._answered = False
                self.producer.resumeProducing()
        if self._drainers is not None:
            self._tellDrainers(None)

    def drain(self) -> Deferred[None]:
        """Wait until the buffer has fallen to ``resumeSize``; a coroutine that writes much awaits this now and then.

        Returns:
            A Deferred that fires then, at once when there is room now. It fails with the reason if the connection is
            lost meanwhile, and with `ConnectionLost` if it is gone already. Cancelling it stops the waiting only.
        """
        from ..defer import Deferred, fail, succeed

        if not self.connected:
            return fail(ConnectionLost("it is gone already, and nothing drains any more"))
        if self._unsent() <= self.resumeSize:
            return succeed(None)
        if self._drainers is None:
            self._drainers = []
        waiter: Deferred[None] = Deferred()
        self._drainers.append(waiter)
        return waiter

    def _tellDrainers(self, reason: Failure | None) -> None:
        waiters, self._drainers = self._drainers, None
        for waiter in waiters or ():
            if not waiter.called:  # somebody cancelled it
                if reason is None:
                    waiter.callback(None)
                else:
                    waiter.errback(reason)

    # Being a producer: what arrives here feeds somebody else.

    def pauseProducing(self) -> None:
        """Read no more for now: the peer will feel it."""
        self.stopReading()

    def resumeProducing(self) -> None:
        """Read again."""
        if self.connected and not self.disconnecting:
            self.startReading()

    def stopProducing(self) -> None:
        """Close; see `loseConnection`."""
        self.loseConnection()

    # Interest.

    def startReading(self) -> None:
        """Have `doRead` called whenever the descriptor is readable."""
        self.reactor.addReader(self)

    def stopReading(self) -> None:
        """Stop that."""
        self.reactor.removeReader(self)

    def startWriting(self) -> None:
        """Have `doWrite` called whenever the descriptor is writable."""
        self.reactor.addWriter(self)

    def stopWriting(self) -> None:
        """Stop that."""
        self.reactor.removeWriter(self)
