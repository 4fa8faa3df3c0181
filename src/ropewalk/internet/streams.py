"""Streams for coroutines: connect or serve, read, write, drain, close.

A conversation that is told from top to bottom needs no protocol class::

    async def talk(stream):
        async for data in stream:       # pieces as they come, until the peer is done
            stream.write(data)
            await stream.drain()        # waits while the peer is slow to read

    port = serve(talk, 8000)

    async with await connect("127.0.0.1", 8000) as stream:
        stream.write(b"hello\\n")
        line = await stream.readUntil(b"\\n")

It works in every coroutine: one that `Deferred.fromCoroutine` drives, or a plain asyncio task. A stream holds a
bounded amount of data that nobody has read; above that the transport is paused, and the peer feels it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, Self

from zope.interface import implementer

from ropewalk._doors import publish
from ropewalk.python.failure import Failure

from .defer import Deferred, ensureDeferred
from .error import ConnectionDone
from .interfaces import IHalfCloseableProtocol
from .protocol import ClientFactory, Factory, Protocol

if TYPE_CHECKING:
    from .interfaces import IListeningPort, IStreamClientEndpoint, IStreamServerEndpoint

__all__ = [
    "IncompleteRead",
    "SeparatorNotFound",
    "Stream",
    "StreamError",
    "connect",
    "connectTo",
    "connectUNIX",
    "serve",
    "serveAt",
    "serveUNIX",
]

# How many bytes that nobody has read a stream holds before it stops reading, if nothing else is said.
LIMIT = 2**16

# What `serve` takes: called with each stream, and the stream is closed when it is done.
Handler = Callable[["Stream"], Awaitable[object]]


class StreamError(Exception):
    """What was to be read did not come, though the connection did not break."""


class IncompleteRead(StreamError):
    """The peer was done before all of it had come.

    Attributes:
        partial: what had come.
        expected: how many bytes were to be read; `None` when it was up to a separator.
    """

    def __init__(self, partial: bytes, expected: int | None) -> None:
        wanted = "the separator" if expected is None else f"{expected} bytes"
        super().__init__(f"the stream ended after {len(partial)} bytes, before {wanted}")
        self.partial = partial
        self.expected = expected


class SeparatorNotFound(StreamError):
    """The separator did not come within the limit. What came is still there to be read.

    Attributes:
        limit: what was allowed, in bytes.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(f"no separator within the first {limit} bytes")
        self.limit = limit


class Stream:
    """One connection, for one coroutine at a time that reads and any number that write.

    Args:
        limit: how many bytes that nobody has read it holds, about, before it stops reading.

    Attributes:
        transport: the transport below, for addresses and options.
    """

    transport: Any

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._paused = False
        # Whether the peer is done, and why the connection is over once it is.
        self._ended = False
        self._reason: Failure | None = None
        # Who waits for data, and who waits for the end.
        self._reader: Deferred[None] | None = None
        self._closers: list[Deferred[None]] = []

    # Reading.

    async def read(self, limit: int = LIMIT) -> bytes:
        """Return what is there, at least one byte and at most ``limit``; empty when the peer is done.

        Raises:
            ropewalk.internet.error.ConnectionLost: the connection broke, and all that came before was read.
        """
        while not self._buffer:
            if self._atEnd():
                return b""
            await self._more()
        return self._take(min(limit, len(self._buffer)))

    async def readExactly(self, size: int) -> bytes:
        """Return that many bytes, however they were cut on their way.

        Raises:
            IncompleteRead: the peer was done before.
            ropewalk.internet.error.ConnectionLost: the connection broke before.
        """
        while len(self._buffer) < size:
            if self._atEnd():
                raise IncompleteRead(self._take(len(self._buffer)), size)
            await self._more()
        return self._take(size)

    async def readUntil(self, separator: bytes = b"\n", limit: int = LIMIT) -> bytes:
        """Return everything up to a separator, and the separator.

        Args:
            separator: one byte or more.
            limit: the most that may come before it.

        Raises:
            SeparatorNotFound: more than that came without one.
            IncompleteRead: the peer was done before; at the very end of a stream ``partial`` is empty.
            ropewalk.internet.error.ConnectionLost: the connection broke before.
        """
        if not separator:
            raise ValueError("the separator must have at least one byte")
        searched = 0
        while True:
            found = self._buffer.find(separator, searched)
            if found >= 0 and found <= limit:
                return self._take(found + len(separator))
            if found > limit or len(self._buffer) > limit + len(separator) - 1:
                raise SeparatorNotFound(limit)
            # The separator may be cut: its beginning may be here already.
            searched = max(0, len(self._buffer) - len(separator) + 1)
            if self._atEnd():
                raise IncompleteRead(self._take(len(self._buffer)), None)
            await self._more()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield what comes, in pieces as they come, until the peer is done."""
        while data := await self.read():
            yield data

    def _take(self, size: int) -> bytes:
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        if self._paused and len(self._buffer) <= self._limit // 2:
            self._resume()
        return data

    def _resume(self) -> None:
        self._paused = False
        if not self._ended:
            self.transport.resumeProducing()

    def _atEnd(self) -> bool:
        """Whether no more comes.

        Raises:
            ConnectionLost: because the connection broke.
        """
        if self._reason is not None and not self._reason.check(ConnectionDone):
            raise self._reason.value
        return self._ended

    async def _more(self) -> None:
        """Wait until more has come, or the end."""
        if self._reader is not None:
            raise RuntimeError("another coroutine reads from this stream already; let one do it and share the result")
        if self._paused:
            self._resume()
        self._reader = Deferred()
        try:
            await self._reader
        finally:
            self._reader = None

    # Writing.

    def write(self, data: bytes) -> None:
        """Send bytes. Never waits: `drain` does."""
        self.transport.write(data)

    async def drain(self) -> None:
        """Wait while much of what was written has not left.

        Raises:
            ropewalk.internet.error.ConnectionClosed: the connection is over, and nothing will leave any more.
        """
        await self.transport.drain()

    def closeWriting(self) -> None:
        """Tell the peer that no more comes, once everything written has left; reading goes on."""
        self.transport.loseWriteConnection()

    # Ending.

    async def close(self) -> None:
        """Send what was written, close, and return when it is closed. May be called again."""
        if self._reason is None:
            self.transport.loseConnection()
            closed: Deferred[None] = Deferred()
            self._closers.append(closed)
            await closed

    def abort(self) -> None:
        """Close at once; what was written and has not left is dropped."""
        self.transport.abortConnection()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        """Close; after an exception, without waiting for the peer to take the rest."""
        if kind is not None:
            self.abort()
        await self.close()

    # What the protocol below hears.

    def _received(self, data: bytes) -> None:
        self._buffer += data
        if self._reader is None and not self._paused and len(self._buffer) > self._limit:
            self._paused = True
            self.transport.pauseProducing()
        self._wake()

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.called:
            self._reader.callback(None)

    def _over(self, reason: Failure) -> None:
        self._ended = True
        self._reason = reason
        self._wake()
        closers, self._closers = self._closers, []
        for closed in closers:
            if not closed.called:
                closed.callback(None)


@implementer(IHalfCloseableProtocol)
class _Below(Protocol):
    """Joins a stream and a transport."""

    def __init__(self, stream: Stream, ready: Callable[[Stream], object]) -> None:
        self._stream = stream
        self._ready = ready

    def connectionMade(self) -> None:
        self._stream.transport = self.transport
        self._ready(self._stream)

    def dataReceived(self, data: bytes) -> None:
        self._stream._received(data)

    def readConnectionLost(self) -> None:
        self._stream._ended = True
        self._stream._wake()

    def writeConnectionLost(self) -> None:
        pass

    def connectionLost(self, reason: Failure) -> None:
        self._stream._over(reason)


class _ConnectingFactory(ClientFactory[_Below]):
    """Makes one stream, and fires with it, or with the reason for which there is none."""

    noisy = False

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.connector: Any = None
        self.connected: Deferred[Stream] = Deferred(lambda _: self.connector.stopConnecting())

    def buildProtocol(self, addr: Any) -> _Below:
        return _Below(Stream(self._limit), self.connected.callback)

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        if not self.connected.called:
            self.connected.errback(reason)


class _ServingFactory(Factory[_Below]):
    """Makes a stream for each connection, and runs the handler with it."""

    noisy = False

    def __init__(self, handler: Handler, limit: int) -> None:
        self._handler = handler
        self._limit = limit

    def buildProtocol(self, addr: Any) -> _Below:
        return _Below(Stream(self._limit), self._begin)

    def _begin(self, stream: Stream) -> None:
        ensureDeferred(self._handle(stream)).addErrback(self._failed, stream)

    async def _handle(self, stream: Stream) -> None:
        async with stream:
            await self._handler(stream)

    def _failed(self, reason: Failure, stream: Stream) -> None:
        if stream._reason is not None and reason.value is stream._reason.value:
            return  # the peer left, and the handler did not mind
        from ropewalk.python import log

        log.err(reason, f"while {self._handler!r} served {stream.transport!r}, whose connection is aborted for it")


def _theReactor(reactor: Any) -> Any:
    if reactor is None:
        from ropewalk.internet import reactor
    return reactor


async def connect(
    host: str,
    port: int,
    *,
    timeout: float | None = 30.0,
    bindAddress: Any = None,
    limit: int = LIMIT,
    reactor: Any = None,
) -> Stream:
    """Connect over TCP.

    Args:
        host: a name or a numeric address.
        port: the port's number.
        timeout: seconds that it may take.
        bindAddress: the local address to connect from, ``(host, port)`` or from `tcp.makeBinding`.
        limit: how many bytes that nobody has read the stream holds, about.
        reactor: the installed one when there is none.

    Raises:
        ropewalk.internet.error.ConnectError: it failed; the message names the address.
    """
    factory = _ConnectingFactory(limit)
    factory.connector = _theReactor(reactor).connectTCP(host, port, factory, timeout, bindAddress)
    return await factory.connected


async def connectUNIX(path: str, *, timeout: float | None = 30.0, limit: int = LIMIT, reactor: Any = None) -> Stream:
    """Connect to a UNIX socket. Arguments and errors as for `connect`."""
    factory = _ConnectingFactory(limit)
    factory.connector = _theReactor(reactor).connectUNIX(path, factory, timeout)
    return await factory.connected


async def connectTo(endpoint: IStreamClientEndpoint, *, limit: int = LIMIT) -> Stream:
    """Connect to an endpoint: TLS, a child process, whatever `clientFromString` understands.

    Over TLS the handshake goes on when this returns. A peer that is refused is heard of by who reads or drains.

    Args:
        endpoint: where to.
        limit: how many bytes that nobody has read the stream holds, about.

    Raises:
        Exception: what the endpoint fails with.
    """
    factory = _ConnectingFactory(limit)
    await endpoint.connect(factory)
    return await factory.connected


async def serveAt(handler: Handler, endpoint: IStreamServerEndpoint, *, limit: int = LIMIT) -> IListeningPort:
    """Accept connections at an endpoint, and run a coroutine for each; see `serve`.

    Raises:
        Exception: what the endpoint fails with.
    """
    return await endpoint.listen(_ServingFactory(handler, limit))


def serve(
    handler: Handler,
    port: Any,
    *,
    interface: str = "",
    backlog: int = 50,
    limit: int = LIMIT,
    reactor: Any = None,
) -> IListeningPort:
    """Accept TCP connections, and run a coroutine for each.

    Args:
        handler: an ``async`` function, called with the stream. The stream is closed when it returns; when it raises,
            that is logged and the connection aborted. A peer that leaves is no reason for a log entry.
        port: the port's number, 0 for any, or what `tcp.makeBinding` returns.
        interface: the local IP address; empty for all IPv4 ones.
        backlog: how many connections may wait to be accepted.
        limit: how many bytes that nobody has read each stream holds, about.
        reactor: the installed one when there is none.

    Raises:
        ropewalk.internet.error.CannotListenError: the port is taken; the message names the address.
    """
    listener: IListeningPort = _theReactor(reactor).listenTCP(port, _ServingFactory(handler, limit), backlog, interface)
    return listener


def serveUNIX(
    handler: Handler, path: str, *, mode: int = 0o666, backlog: int = 50, limit: int = LIMIT, reactor: Any = None
) -> IListeningPort:
    """Accept connections on a UNIX socket, and run a coroutine for each. Arguments as for `serve`.

    Args:
        mode: the permission bits of the socket's file.
    """
    factory = _ServingFactory(handler, limit)
    listener: IListeningPort = _theReactor(reactor).listenUNIX(path, factory, backlog, mode)
    return listener


publish(__name__)
