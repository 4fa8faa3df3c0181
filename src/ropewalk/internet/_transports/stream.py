"""A connected stream socket: the engine's hottest file.

**Reading.** The poller calls `doRead`; one ``recv``, and the protocol has its bytes: one frame of ours between the two.
A turn reads a bounded amount from one connection, so a peer that sends without pause starves nobody. Neither
``recv`` nor ``dataReceived`` is cached: the interpreter's own caches make ``self.protocol.dataReceived(data)`` faster
than a bound method in a slot (57 ns against 67), a program may replace either at any time, and an idle connection
saves 140 bytes.

**Writing is corked.** `write` appends to ``_out`` and returns. What a protocol writes while it handles its own bytes
leaves when ``dataReceived`` returns; what it writes at any other time leaves at the end of the turn, when the poller
calls `flush`. Either way all of it is one system call. ``_out`` says which:

    None        nothing is written, nobody will flush: the next `write` corks
    a list      somebody will flush: append, and that is all

Only when the kernel does not take everything is the rest kept in ``_rest`` and write interest asked for; then
`doWrite` sends it, and ``_out`` is joined to it.

**Everything else waits in one flag.** Closing, half-closing, aborting, producers, drainers: all of them look at the
buffer when it has been sent. They set ``_errand``, and `_settle` does what is due. So neither `write` nor `flush`
asks more than one question on their behalf, and nothing calls a protocol from inside a call that it made itself:
``connectionLost`` never comes out of ``loseConnection`` or ``abortConnection``. Producers and drainers are told that
there is room by `doWrite` only, so that a fast reader's producer gives every other connection its turn.

**Contexts.** A connection made under a context that holds variables has a copy of it, and its protocol is called
inside; see `inherit`. Others pay nothing.
"""

from __future__ import annotations

import os
import socket
import sys
from errno import EAGAIN, EINTR, ENOTCONN, EWOULDBLOCK

from ropewalk.python.failure import Failure

from ..error import ConnectionAborted, ConnectionDone, ConnectionLost
from .descriptor import FileDescriptor, asBytes, logPrefixOf, logTrouble
from .numeric import addressOf, named
from .watching import watcherOf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextvars import Context
    from typing import Any

    from zope.interface import implementer

    from ..defer import Deferred
    from ..interfaces import ISystemHandle, ITCPTransport, ITLSTransport
    from .watching import Watcher
else:
    from .._interfaces.later import ISystemHandle, ITCPTransport, ITLSTransport, implementer

__all__ = ["NOT_NOW", "Connection", "inherit"]

# The most that one turn reads from a connection. Streams in bulk move half as much again as with 64 KiB.
READ_SIZE = 262144
# glibc maps and unmaps a block of that size each time, until a larger one was given back: then it keeps them.
bytes(1 << 20)

# Pieces of up to this many bytes together are joined: one copy is cheaper than a list of vectors for the kernel.
JOIN_SIZE = 32768

# Pieces of which the first, the middle and the last are shorter than this are joined without being weighed.
SHORT = 4096

# The most pieces that one ``sendmsg`` takes everywhere (IOV_MAX is 1024 on every system that we know).
MOST_PIECES = 1024

# A close that we began reads what the peer sent in vain, up to this many bytes: closing a TCP socket with unread
# data makes the kernel send a reset, and that can destroy our last words on their way (RFC 2525 §2.17).
LAST_READ = 262144

# ``struct linger``: on, for no seconds.
RESET_ON_CLOSE = (1).to_bytes(4, sys.byteorder) + bytes(4)

# "Not now; the poller will say when."
NOT_NOW = (EAGAIN, EWOULDBLOCK, EINTR)


def inherit(context: Context | None = None) -> Context | None:
    """Return a context for what begins here: a copy of ``context``, or of the current one; `None` for an empty one."""
    from contextvars import copy_context

    copied = copy_context() if context is None else context.copy()
    return copied if len(copied) else None


def isHalfCloseable(protocol: Any) -> bool:
    """Whether a protocol wants to hear of each half of its connection that closes."""
    interfaces = sys.modules.get("ropewalk.internet.interfaces")
    if interfaces is None or not hasattr(protocol, "readConnectionLost"):
        return False  # nobody can have declared it
    return bool(interfaces.IHalfCloseableProtocol.providedBy(protocol))


def unsent(pieces: list[bytes | memoryview], count: int) -> list[bytes | memoryview]:
    """Drop the first ``count`` bytes from a list of pieces, in place, and return it."""
    done = 0
    for piece in pieces:
        if count < len(piece):
            break
        count -= len(piece)
        done += 1
    del pieces[:done]
    if count:
        pieces[0] = memoryview(pieces[0])[count:]
    return pieces


@implementer(ITLSTransport, ITCPTransport, ISystemHandle)
class Connection(FileDescriptor):
    """A stream socket that is, or will be, connected.

    Args:
        skt: the socket; it is made non-blocking, and is ours to close.
        protocol: whom the bytes go to; `None` until it is known.
        reactor: who watches; the installed one when there is none.

    Attributes:
        protocol: whom the bytes go to from now on; assign another at any time. `None` once the connection is lost.
        socket: the socket. It may be a bare ``_socket.socket``: ask `getHandle` for one with all of its methods.
    """

    __slots__ = (
        "_closing",
        "_errand",
        "_fd",
        "_out",
        "_poller",
        "_rest",
        "_shut",
        "connected",
        "disconnecting",
        "protocol",
        "reactor",
        "socket",
    )

    # What a connection's log prefix was called in the past; `logPrefix` tells it.
    logstr = "Uninitialized"

    protocol: Any
    socket: Any
    _poller: Watcher
    _fd: int
    # See the module's text. `_shut`: nothing that is written can be sent (any more). `_closing`: `loseConnection` was
    # called; so says `disconnecting`, but to programs, and of a connection that speaks TLS it is TLS's to say.
    _closing: bool
    _out: list[bytes] | None
    _rest: list[bytes | memoryview] | None
    _errand: bool
    _shut: bool

    # Rare, so kept in the instance's dictionary when they differ from this.
    _context: Context | None = None
    _entered = False
    _aborting = False
    _readClosed = False
    # `_settle` asked for write interest on behalf of those who wait for room.
    _roomWanted = False
    # How many bytes have not left; kept only while somebody waits for room.
    _heavy = 0

    def __init__(self, skt: Any, protocol: Any, reactor: Any = None) -> None:
        if reactor is None:
            from ropewalk.internet import reactor
        skt.setblocking(False)
        self.socket = skt
        self.protocol = protocol
        self.reactor = reactor
        self._fd = skt.fileno()
        self._poller = watcherOf(reactor)
        self._out = self._rest = None
        self._errand = False
        self._shut = True
        self.connected = False
        self.disconnecting = self._closing = False

    def _inherit(self, context: Context) -> None:
        """Call the protocol inside this context from now on; the caller is inside it, and says when it has left."""
        self._context = context
        self._entered = True
        if self.connected:
            self.startReading()

    def _open(self) -> None:
        """Be connected: read, and let write."""
        self.connected = True
        self._shut = False
        self.startReading()

    # Reading.

    def doRead(self) -> None:
        """Give the protocol what has arrived. The poller calls this."""
        if self._closing:
            return
        try:
            data = self.socket.recv(READ_SIZE)
        except OSError as problem:
            if problem.errno not in NOT_NOW:
                self._break(problem)
            return
        if not data:
            self._readEnded()
            return

        # What the protocol writes now leaves as soon as it returns.
        if self._out is None:
            self._out = []
        try:
            self.protocol.dataReceived(data)
        except BaseException:
            self._protocolFailed("dataReceived")
            return
        if self._out:
            self.flush()
        else:
            self._out = None
            if self._errand:
                self._settle()

    def _doReadInContext(self) -> None:
        """`doRead`, for a connection that has a context."""
        self._tell(self.doRead)

    def _tell(self, method: Callable[..., object], *arguments: object) -> None:
        """Call into the program, inside the connection's context."""
        context = self._context
        if context is None or self._entered:
            method(*arguments)
            return
        self._entered = True
        try:
            context.run(method, *arguments)
        finally:
            self._entered = False

    def _readEnded(self) -> None:
        """The peer sends no more."""
        if self._out:
            self.flush()  # written in this turn, by somebody else: it may still arrive
            if self.disconnected:
                return
        self.readConnectionLost(Failure(ConnectionDone()))

    def readConnectionLost(self, reason: Failure) -> None:
        """Hear that the peer sends no more: the end, unless the protocol is half-closeable and we can send yet."""
        if self._readClosed or not isHalfCloseable(self.protocol):
            self.connectionLost(reason)
            return
        self._readClosed = True
        self.stopReading()
        try:
            self._tell(self.protocol.readConnectionLost)
        except BaseException:
            self._protocolFailed("readConnectionLost")
            return
        if self._writeDisconnected:
            self.connectionLost(reason)

    def _protocolFailed(self, method: str) -> None:
        """A protocol's method raised: log it and drop this connection; everybody else goes on (F018)."""
        failure = Failure()
        if isinstance(failure.value, KeyboardInterrupt):
            raise failure.value  # it is meant for the program, whatever was being called; SystemExit was a callback's
        logTrouble(f"while calling {method} of {self.protocol!r}, whose connection is closed for it", failure)
        self.connectionLost(failure)

    # Writing.

    def write(self, data: bytes) -> None:
        """Send bytes: at the end of this turn, or as soon as the peer takes them. Never blocks.

        A ``bytearray`` or ``memoryview`` is copied first. Bytes written once the connection is gone, or its sending
        half is closed, are dropped. After ``loseConnection`` they are sent as long as it has not closed yet; rely on
        that with a registered producer only.

        Raises:
            TypeError: it is text, or something else that is no bytes.
        """
        if type(data) is not bytes:
            data = asBytes(data)
        out = self._out
        if out is not None:
            out.append(data)
        elif self._shut or not data:
            return
        else:
            self._out = [data]
            self._poller.cork(self)
        if self._errand:
            self._weigh(len(data))

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """Send several pieces, as if joined.

        Raises:
            TypeError: one of them is no bytes; then none is sent.
        """
        pieces = [piece if type(piece) is bytes else asBytes(piece) for piece in iovec]
        out = self._out
        if out is not None:
            out += pieces
        elif self._shut or not pieces:
            return
        else:
            self._out = pieces
            self._poller.cork(self)
        if self._errand:
            self._weigh(sum(map(len, pieces)))

    def flush(self) -> None:
        """Send what was written. The poller calls this at the end of a turn, `doRead` at its own end."""
        out = self._out
        if out is None:
            return
        self._out = None
        if out and not self._shut:
            data = out[0]
            if self._rest is not None:
                # The kernel was full already. Few large pieces are better to keep than many small ones.
                self._rest.append(data if len(out) == 1 else b"".join(out))
            elif len(out) == 1 or (len(data) < SHORT and len(out[-1]) < SHORT and len(out[len(out) // 2]) < SHORT):
                # The fields of a message: joining them costs less than weighing each. A large body would stand last,
                # or between the head and the end of its chunk.
                if len(out) > 1:
                    data = b"".join(out)
                try:
                    sent = self.socket.send(data)
                except OSError as problem:
                    if problem.errno not in NOT_NOW:
                        self._break(problem)
                        return
                    sent = 0
                if sent != len(data):
                    self._keep([memoryview(data)[sent:]])
            elif not self._sendPieces(out):
                return
        if self._errand:
            self._settle()

    def _sendPieces(self, out: list[bytes]) -> bool:
        """Send several pieces with one call; false when the connection broke."""
        pieces: list[bytes | memoryview] = [b"".join(out)] if sum(map(len, out)) <= JOIN_SIZE else [*out]
        try:
            sent = self._sendSome(pieces)
        except OSError as problem:
            if problem.errno not in NOT_NOW:
                self._break(problem)
                return False
            sent = 0
        if unsent(pieces, sent):
            self._keep(pieces)
        return True

    def _sendSome(self, pieces: list[bytes | memoryview]) -> int:
        """Hand the kernel as much as it takes; return how many bytes that was."""
        if len(pieces) == 1:
            return int(self.socket.send(pieces[0]))
        return int(self.socket.sendmsg(pieces[:MOST_PIECES]))

    def _keep(self, rest: list[bytes | memoryview]) -> None:
        """The kernel is full: keep the rest until it has room."""
        self._rest = rest
        self._poller.watchWrite(self._fd, self.doWrite)

    def doWrite(self) -> None:
        """Send what the kernel had no room for; then tell those who wait for room. The poller calls this."""
        self._roomWanted = False
        rest = self._rest
        if rest is not None:
            try:
                sent = self._sendSome(rest)
            except OSError as problem:
                if problem.errno not in NOT_NOW:
                    self._break(problem)
                return
            self._rest = unsent(rest, sent) or None
        if self._errand:
            self._heavy = self._unsent()
            if self._heavy <= self.resumeSize:
                if self._out is None:
                    self._out = []
                try:
                    self._tell(self._roomAgain)
                except BaseException:
                    self._protocolFailed("resumeProducing, or what awaited drain(),")
                    return
        # Also when nothing was written just now: a poller that cannot cork calls `doWrite` in place of `flush`.
        self.flush()
        if not self.disconnected and self._rest is None and not self._roomWanted:
            self.stopWriting()

    def writeSomeData(self, data: bytes) -> int | BaseException:
        """Send as much as the kernel takes now, past the buffer.

        Returns:
            How many bytes it took, or a `ConnectionLost`.
        """
        try:
            return int(self.socket.send(data))
        except OSError as problem:
            return 0 if problem.errno in NOT_NOW else self._lostBy(problem)

    # What waits for the buffer to be sent.

    def _runErrand(self) -> None:
        """Have `_settle` called: at the end of the `doRead` that is under way, or else of the turn."""
        if not self._errand:
            self._errand = True
            self._heavy = self._unsent()
        if self._out is None:
            self._out = []
            self._poller.cork(self)

    def _settle(self) -> None:
        """The buffer has been sent as far as it goes: do what waited for that."""
        if self._aborting:
            self.connectionLost(Failure(ConnectionAborted()))
            return
        if self._rest is None and self.producer is None:
            if self._closing:
                self.connectionLost(Failure(ConnectionDone()))
                return
            if self._writeDisconnecting and not self._writeDisconnected:
                self._closeWriteConnection()
                if self.disconnected:
                    return
        if self._closing:
            self.stopReading()

        self._heavy = self._unsent()
        mustAsk = self.producer is not None and not self.streamingProducer and self._answered
        if (mustAsk or self.producerPaused or self._drainers is not None) and self._heavy <= self.resumeSize:
            self._roomWanted = True
            self._poller.watchWrite(self._fd, self.doWrite)
        self._errand = (
            self.producer is not None
            or self._drainers is not None
            or self._closing
            or (self._writeDisconnecting and not self._writeDisconnected)
        )

    def _weigh(self, size: int) -> None:
        """Somebody waits for room, and ``size`` bytes were written."""
        self._heavy += size
        self._answered = True
        if (
            self._heavy > self.bufferSize
            and self.producer is not None
            and self.streamingProducer
            and not self.producerPaused
        ):
            self.producerPaused = True
            self.producer.pauseProducing()

    def _unsent(self) -> int:
        return sum(map(len, self._rest or ())) + sum(map(len, self._out or ()))

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let a producer feed this connection; see `IConsumer.registerProducer`."""
        if self.producer is None and not self.disconnected and not self._errand:
            self._errand = True
            self._heavy = self._unsent()
        super().registerProducer(producer, streaming)

    def unregisterProducer(self) -> None:
        """Let go of the producer; a close that waited for it goes on."""
        self.producer = None
        self.producerPaused = False
        if self.connected and (self._closing or self._writeDisconnecting):
            self._runErrand()

    def drain(self) -> Deferred[None]:
        """Wait until no more than ``resumeSize`` bytes have not left; see `FileDescriptor.drain`."""
        waiter = super().drain()
        if not waiter.called:
            self._runErrand()
        return waiter

    # Ending.

    def loseConnection(self) -> None:
        """Close in good order: once everything written has left and no producer is registered.

        Nothing is read from here on. May be called again.
        """
        if self.connected and not self._closing:
            self.disconnecting = self._closing = True
            self._runErrand()

    def loseWriteConnection(self) -> None:
        """Close the sending half once everything written has left and no producer is registered; read on."""
        if self.connected and not self._writeDisconnecting:
            self._writeDisconnecting = True
            self._runErrand()

    def _closeWriteConnection(self) -> None:
        """Tell the peer that no more comes."""
        self._writeDisconnected = True
        self._shut = True
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the peer is gone; reading will say so
        if isHalfCloseable(self.protocol):
            try:
                self._tell(self.protocol.writeConnectionLost)
            except BaseException:
                self._protocolFailed("writeConnectionLost")
                return
        if self._readClosed:
            self.connectionLost(Failure(ConnectionDone()))

    def abortConnection(self) -> None:
        """Close at once, with a reset: what has not left is dropped, a producer is not waited for.

        The protocol hears ``connectionLost`` with a `ConnectionAborted` a moment later, never from inside this call.
        """
        if not self.connected or self._aborting:
            return
        self._aborting = True
        self._shut = True
        self._rest = None
        self.stopReading()
        self.stopWriting()
        if self._out is not None:
            self._out.clear()
        self._runErrand()

    def connectionLost(self, reason: Failure) -> None:
        """End: forget what was not sent, tell producer and protocol, close the socket."""
        if self.disconnected:
            return
        self._out = self._rest = None
        self._errand = False
        self._shut = True
        self._poller.forget(self._fd)
        self._end(reason)
        self._hangUp()
        # Closed only when the protocol has heard: it may ask for our address, and only an open socket knows it.
        protocol = self.protocol
        try:
            if protocol is not None:
                self._tell(protocol.connectionLost, reason)
        except Exception:
            logTrouble(f"while calling connectionLost of {protocol!r}")
        finally:
            # The protocol refers to its transport; the other way ends here, so that no cycle is left.
            self.protocol = None
            self._fd = -1
            skt = self.socket
            del self.socket
            skt.close()

    def _hangUp(self) -> None:
        """Let the peer know."""
        skt = self.socket
        try:
            if self._aborting:
                skt.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            elif not self._closing:
                # Not left to the close: a child process that was forked may hold a copy of the socket, and the peer
                # would wait for that one, too.
                skt.shutdown(socket.SHUT_RDWR)
            else:
                skt.shutdown(socket.SHUT_WR)
                for _ in range(LAST_READ // READ_SIZE):
                    if not skt.recv(READ_SIZE):
                        break
        except OSError:
            pass  # nothing more to read, or nobody there

    def _break(self, problem: OSError) -> None:
        """The kernel says that the connection is broken."""
        self.connectionLost(Failure(self._lostBy(problem)))

    def _lostBy(self, problem: OSError) -> ConnectionLost:
        try:
            where = f", with {named(self.getPeer())} at the other end"
        except Exception:  # broken before anybody knew who that is
            where = ""
        lost = ConnectionLost(
            f"{os.strerror(problem.errno)} [errno {problem.errno}]{where}" if problem.errno else problem
        )
        lost.__cause__ = problem
        return lost

    # TLS is a layer of its own, on top of any transport; nothing of it is in this file.

    # Whether this connection speaks TLS.
    TLS = False
    # Which side of the handshake is ours, unless a program says otherwise.
    _isClient = False

    def startTLS(self, ctx: Any, normal: bool = True) -> None:
        """Speak TLS from here on: what was written before leaves in clear, what is written after, encrypted.

        Args:
            ctx: how; see `TLSMemoryBIOFactory`.
            normal: who connected is the client of the handshake; false for the other way round.

        Raises:
            TypeError: ``ctx`` does not say how to speak TLS.
            ImportError: it can only be done by pyOpenSSL, which isn't installed.
        """
        from .._tls.starting import startTLS

        startTLS(self, ctx, self._isClient if normal else not self._isClient)

    # Options of TCP.

    def getTcpNoDelay(self) -> bool:
        """Whether small writes leave at once."""
        return bool(self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Choose whether small writes leave at once, or wait for the peer to confirm earlier ones.

        What is written within one turn leaves together in any case.
        """
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, bool(enabled))

    def getTcpKeepAlive(self) -> bool:
        """Whether the system probes the connection while it is idle."""
        return bool(self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))

    def setTcpKeepAlive(self, enabled: bool) -> None:
        """Choose whether the system probes the connection while it is idle, and drops it when nobody answers."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, bool(enabled))

    # Interest, past `addReader` and kin.

    def startReading(self) -> None:
        """Give the protocol what arrives."""
        if not self._readClosed and self._fd >= 0:
            self._poller.watchRead(self._fd, self.doRead if self._context is None else self._doReadInContext)

    def stopReading(self) -> None:
        """Leave what arrives in the kernel; the peer will feel it once that is full."""
        self._poller.ignoreRead(self._fd)

    def startWriting(self) -> None:
        """Have `doWrite` called once there is room in the kernel."""
        if self._fd >= 0:
            self._poller.watchWrite(self._fd, self.doWrite)

    def stopWriting(self) -> None:
        """Stop that."""
        self._poller.ignoreWrite(self._fd)

    # What it is.

    def fileno(self) -> int:
        """Return the descriptor's number; -1 once the connection is lost."""
        return self._fd

    def getHandle(self) -> socket.socket:
        """Return the socket, for options that have no method here. Don't read, write or close it."""
        skt = self.socket
        if not isinstance(skt, socket.socket):
            # Accepted connections have a bare one, which is smaller and quicker to make.
            self.socket = skt = socket.socket(skt.family, skt.type, skt.proto, skt.detach())
            skt.setblocking(False)
        return skt

    def getHost(self) -> Any:
        """Return the address of this end. It can be asked until ``connectionLost`` has returned."""
        try:
            skt = self.socket
        except AttributeError:
            raise OSError(
                ENOTCONN, "the connection is closed: ask for its address before, or in connectionLost"
            ) from None
        return addressOf(skt.family, skt.getsockname())

    def getPeer(self) -> Any:
        """Return the address of the other end."""
        return addressOf(self.socket.family, self.socket.getpeername())

    def logPrefix(self) -> str:
        """Return the name that the log gives to what happens here."""
        return self.logstr if self.protocol is None else logPrefixOf(self.protocol)
