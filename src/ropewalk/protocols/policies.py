"""Policies for connections whatever they speak: limits, timeouts, throttling, traffic logs.

A policy stands between the transport and the protocol: a `WrappingFactory` takes the user's factory, and each of its
protocols, a `ProtocolWrapper`, is to the wrapped protocol its transport and to the transport its protocol.
"""

from __future__ import annotations

from sys import maxsize

from ropewalk._doors import publish
from ropewalk.internet._wrapping import ProtocolWrapper, WrappingFactory
from ropewalk.internet.protocol import ServerFactory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import IO, Any

    from ropewalk.internet.interfaces import (
        IDelayedCall,
        IPushProducer,
        ITransport,
    )
    from ropewalk.python.failure import Failure
else:
    Any = None  # a subscript of the bases below, and nothing more

__all__ = [
    "LimitConnectionsByPeer",
    "LimitTotalConnectionsFactory",
    "ProtocolWrapper",
    "SpewingFactory",
    "SpewingProtocol",
    "ThrottlingFactory",
    "ThrottlingProtocol",
    "TimeoutFactory",
    "TimeoutMixin",
    "TimeoutProtocol",
    "TrafficLoggingFactory",
    "TrafficLoggingProtocol",
    "WrappingFactory",
]


def _callLater(period: float, func: Callable[[], object]) -> IDelayedCall:
    """Call later by the reactor. Each policy's ``callLater`` is this, for tests to replace."""
    from ropewalk.internet import reactor

    call: IDelayedCall = reactor.callLater(period, func)
    return call


# Limits on the number of connections.


class LimitTotalConnectionsFactory(ServerFactory[Any]):
    """Makes protocols by itself, up to a limit, and does something else beyond.

    Attributes:
        connectionLimit: how many connections may be open; `None` for any number.
        overflowProtocol: the protocol class for those beyond, which should say sorry and close; `None` to refuse them.
            They count, too.
        connectionCount: how many connections are open.
    """

    connectionCount: int = 0
    connectionLimit: int | None = None
    overflowProtocol: Any = None

    def buildProtocol(self, addr: Any) -> Any:
        """Make the protocol, or the overflow's, wrapped so that its end is counted."""
        if self.connectionLimit is None or self.connectionCount < self.connectionLimit:
            return self._counted(super().buildProtocol(addr))
        if self.overflowProtocol is None:
            return None
        overflow = self.overflowProtocol()
        overflow.factory = self
        return self._counted(overflow)

    def _counted(self, protocol: Any) -> Any:
        if protocol is None:
            return None
        # The count goes up here, not in `registerProtocol`, which comes once the connection is made: a burst of
        # connections must not slip through in between.
        self.connectionCount += 1
        return ProtocolWrapper(self, protocol)  # type: ignore[arg-type]  # it registers as a wrapper's factory does

    def registerProtocol(self, p: ProtocolWrapper) -> None:
        """Do nothing: the connection has been counted."""

    def unregisterProtocol(self, p: ProtocolWrapper) -> None:
        """Count one connection less."""
        self.connectionCount -= 1


class LimitConnectionsByPeer(WrappingFactory[ProtocolWrapper]):
    """Refuses a host that has too many connections open already.

    Attributes:
        maxConnectionsPerPeer: how many that is.
        peerConnections: how many each host has.
    """

    maxConnectionsPerPeer: int = 5

    def __init__(self, wrappedFactory: Any) -> None:
        super().__init__(wrappedFactory)
        self.peerConnections: dict[Any, int] = {}
        # Whom each wrapper was counted for: when it is lost, its transport may no longer know.
        self._hosts: dict[ProtocolWrapper, Any] = {}

    def startFactory(self) -> None:
        """Begin to count."""
        self.peerConnections = {}

    def buildProtocol(self, addr: Any) -> ProtocolWrapper | None:
        """Wrap the wrapped factory's protocol, or refuse."""
        host = _host(addr)
        count = self.peerConnections.get(host, 0)
        if count >= self.maxConnectionsPerPeer:
            return None
        wrapper = super().buildProtocol(addr)
        if wrapper is not None:
            self.peerConnections[host] = count + 1
            self._hosts[wrapper] = host
        return wrapper

    def unregisterProtocol(self, p: ProtocolWrapper) -> None:
        """Count one connection less for its host."""
        super().unregisterProtocol(p)
        host = self._hosts.pop(p)
        left = self.peerConnections.get(host, 0) - 1
        if left > 0:
            self.peerConnections[host] = left
        else:
            self.peerConnections.pop(host, None)


def _host(addr: Any) -> Any:
    """What connections are counted by: an IP address without its port; the whole of other addresses."""
    host = getattr(addr, "host", None)
    if host is not None:
        return host
    return addr[0] if isinstance(addr, tuple) else addr


# Throttling.


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
        return _callLater(period, func)

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


# Timeouts.


class TimeoutProtocol(ProtocolWrapper):
    """Closes a connection on which nothing is read or written for a while.

    Attributes:
        timeoutPeriod: for how many seconds; `None` for ever.
        timeoutCall: the call that is going to close it.
    """

    factory: Any

    def __init__(self, factory: TimeoutFactory, wrappedProtocol: Any, timeoutPeriod: float | None) -> None:
        super().__init__(factory, wrappedProtocol)
        self.timeoutCall: IDelayedCall | None = None
        self.timeoutPeriod: float | None = None
        self.setTimeout(timeoutPeriod)

    def setTimeout(self, timeoutPeriod: float | None = None) -> None:
        """Close after so many seconds, counted from now; `None` for never."""
        self.cancelTimeout()
        self.timeoutPeriod = timeoutPeriod
        if timeoutPeriod is not None:
            self.timeoutCall = self.factory.callLater(timeoutPeriod, self.timeoutFunc)

    def cancelTimeout(self) -> None:
        """Don't close, until `setTimeout`."""
        self.timeoutPeriod = None
        if self.timeoutCall is not None:
            self.timeoutCall.cancel()
            self.timeoutCall = None

    def resetTimeout(self) -> None:
        """Begin to count anew: something has happened."""
        if self.timeoutCall is not None:
            assert self.timeoutPeriod is not None
            self.timeoutCall.reset(self.timeoutPeriod)

    def write(self, data: bytes) -> None:
        """Pass on; counts as activity."""
        self.resetTimeout()
        super().write(data)

    def writeSequence(self, seq: Iterable[bytes]) -> None:
        """Pass on; counts as activity."""
        self.resetTimeout()
        super().writeSequence(seq)

    def dataReceived(self, data: bytes) -> None:
        """Pass on; counts as activity."""
        self.resetTimeout()
        super().dataReceived(data)

    def connectionLost(self, reason: Failure) -> None:
        """Count no longer, and tell the wrapped protocol."""
        self.cancelTimeout()
        super().connectionLost(reason)

    def timeoutFunc(self) -> None:
        """Close: the time is over. What was written goes out first, however slowly the peer takes it."""
        self.timeoutCall = None
        # A wrapper that was built and never connected has nothing to close.
        if self.transport is not None:
            self.loseConnection()


class TimeoutFactory(WrappingFactory[TimeoutProtocol]):
    """Closes connections on which nothing is read or written for a while.

    Args:
        wrappedFactory: the factory whose connections are watched.
        timeoutPeriod: for how many seconds.
    """

    protocol = TimeoutProtocol

    def __init__(self, wrappedFactory: Any, timeoutPeriod: float | None = 30 * 60) -> None:
        super().__init__(wrappedFactory)
        self.timeoutPeriod = timeoutPeriod

    def _wrap(self, wrapped: Any) -> TimeoutProtocol:
        return self.protocol(self, wrapped, timeoutPeriod=self.timeoutPeriod)

    def buildProtocol(self, addr: Any) -> TimeoutProtocol | None:
        """Wrap the wrapped factory's protocol; the count begins now."""
        return super().buildProtocol(addr)

    def callLater(self, period: float, func: Callable[[], object]) -> IDelayedCall:
        """Call later; tests override it with a clock's."""
        return _callLater(period, func)


class TimeoutMixin:
    """Gives a protocol a timeout: set it, reset it when something happens, and be told when it is over.

    Attributes:
        timeOut: the seconds in force; `None` for none.
    """

    if TYPE_CHECKING:
        transport: ITransport

    timeOut: float | None = None
    _timeoutCall: IDelayedCall | None = None

    def callLater(self, period: float, func: Callable[[], object]) -> IDelayedCall:
        """Call later; tests replace it with a clock's, on the class or on one protocol."""
        return _callLater(period, func)

    def resetTimeout(self) -> None:
        """Begin to count anew: something has happened. Does nothing while no timeout is set, or it is over."""
        if self._timeoutCall is not None and self.timeOut is not None:
            self._timeoutCall.reset(self.timeOut)

    def setTimeout(self, period: float | None) -> float | None:
        """Call `timeoutConnection` after so many seconds, counted from now.

        Args:
            period: seconds; `None` for never.

        Returns:
            What was in force until now.
        """
        before = self.timeOut
        self.timeOut = period
        if self._timeoutCall is not None:
            if period is not None:
                self._timeoutCall.reset(period)
            else:
                self._timeoutCall.cancel()
                self._timeoutCall = None
        elif period is not None:
            self._timeoutCall = self.callLater(period, self._timedOut)
        return before

    def _timedOut(self) -> None:
        self._timeoutCall = None
        self.timeoutConnection()

    def timeoutConnection(self) -> None:
        """Override to do something else than close the connection when the time is over."""
        self.transport.loseConnection()


# Watching.


class SpewingProtocol(ProtocolWrapper):
    """Logs every byte."""

    def dataReceived(self, data: bytes) -> None:
        """Log and pass on."""
        _say(f"Received: {data!r}")
        super().dataReceived(data)

    def write(self, data: bytes) -> None:
        """Log and pass on."""
        _say(f"Sending: {data!r}")
        super().write(data)

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Log and pass on, as one."""
        self.write(b"".join(data))


class SpewingFactory(WrappingFactory[SpewingProtocol]):
    """Logs every byte of every connection. For debugging: that may be passwords."""

    protocol = SpewingProtocol


def _say(sentence: str) -> None:
    from ropewalk.python import log

    log.msg(sentence)


class TrafficLoggingProtocol(ProtocolWrapper):
    """Writes to a file what a connection reads (``C``, from the client's side), writes (``S``, ``SV``) and how it ends.

    Args:
        factory: the wrapping factory.
        wrappedProtocol: the protocol within.
        logfile: takes text; closed with the connection.
        lengthLimit: longest piece of data written out, in bytes; `None` for any.
        number: the connection's number, in each line.
    """

    def __init__(
        self,
        factory: WrappingFactory[Any],
        wrappedProtocol: Any,
        logfile: IO[str],
        lengthLimit: int | None = None,
        number: int = 0,
    ) -> None:
        super().__init__(factory, wrappedProtocol)
        self._isFull = False  # the file took no more: a full disk must not cost the connection
        self.logfile = logfile
        self.lengthLimit = lengthLimit
        self._number = number

    def _log(self, line: str) -> None:
        if self._isFull:
            return
        try:
            self.logfile.write(line + "\n")
            self.logfile.flush()
        except OSError:
            from ropewalk.python import log

            self._isFull = True
            log.err(None, f"nothing more of connection {self._number} is written to {self.logfile!r}")

    def _shortened(self, data: bytes) -> str:
        if self.lengthLimit is None or len(data) <= self.lengthLimit:
            return repr(data)
        return f"{data[: self.lengthLimit]!r} <... {len(data) - self.lengthLimit} bytes elided>"

    def connectionMade(self) -> None:
        """Log, with a star."""
        self._log("*")
        super().connectionMade()

    def dataReceived(self, data: bytes) -> None:
        """Log and pass on."""
        self._log(f"C {self._number}: {self._shortened(data)}")
        super().dataReceived(data)

    def connectionLost(self, reason: Failure) -> None:
        """Log, close the log, and tell the wrapped protocol."""
        self._log(f"C {self._number}: {reason!r}")
        try:
            self.logfile.close()
        except OSError:
            pass  # what it could not write has been told of
        super().connectionLost(reason)

    def write(self, data: bytes) -> None:
        """Log and pass on."""
        self._log(f"S {self._number}: {self._shortened(data)}")
        super().write(data)

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """Log and pass on."""
        pieces = list(iovec)
        self._log(f"SV {self._number}: [{', '.join([self._shortened(piece) for piece in pieces])}]")
        super().writeSequence(pieces)

    def loseConnection(self) -> None:
        """Log, with a star, and pass on."""
        self._log(f"S {self._number}: *")
        super().loseConnection()


class TrafficLoggingFactory(WrappingFactory[TrafficLoggingProtocol]):
    """Writes what each connection says to a file of its own: ``PREFIX-1``, ``PREFIX-2``, and so on.

    Args:
        wrappedFactory: the factory whose connections are logged.
        logfilePrefix: what the files' names begin with.
        lengthLimit: longest piece of data written out, in bytes; `None` for any.
    """

    protocol = TrafficLoggingProtocol

    _counter: int = 0

    def __init__(self, wrappedFactory: Any, logfilePrefix: str, lengthLimit: int | None = None) -> None:
        super().__init__(wrappedFactory)
        self.logfilePrefix = logfilePrefix
        self.lengthLimit = lengthLimit

    def open(self, name: str) -> IO[str]:
        """Open a connection's file, overwriting what is there. Override to put it elsewhere."""
        return open(name, "w", encoding="utf-8")

    def _wrap(self, wrapped: Any) -> TrafficLoggingProtocol:
        self._counter += 1
        logfile = self.open(f"{self.logfilePrefix}-{self._counter}")
        return self.protocol(self, wrapped, logfile, self.lengthLimit, self._counter)

    def buildProtocol(self, addr: Any) -> TrafficLoggingProtocol | None:
        """Wrap the wrapped factory's protocol and open its file."""
        return super().buildProtocol(addr)

    def resetCounter(self) -> None:
        """Begin again with the first file."""
        self._counter = 0


publish(__name__)
