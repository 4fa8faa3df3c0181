"""Listening: a port that accepts stream connections, and what all ports share.

**Batches.** A port accepts as many connections a turn as there were the last times, so that a busy one asks the
kernel rarely for nothing and a quiet one never does: asking for one more than there are costs a system call and an
exception.

**When there are no descriptors left** (EMFILE, ENFILE; likewise for memory) a port stops listening for a moment and
tries again; connections wait in the kernel's backlog meanwhile, and are served when something else is closed. It
says so once, not each time.
"""

from __future__ import annotations

import os
import socket
from _socket import socket as bareSocket
from errno import ECONNABORTED, EINTR, EPERM, EPROTO

from ropewalk.python.failure import Failure

from ..error import CannotListenError, ConnectionDone
from .descriptor import FileDescriptor, logPrefixOf, logTrouble, requireFactory
from .numeric import addressOf
from .stream import NOT_NOW, inherit
from .watching import watcherOf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextvars import Context
    from typing import Any, ClassVar

    from zope.interface import implementer

    from ..defer import Deferred
    from ..interfaces import IListeningPort
    from .watching import Watcher
else:
    from .._interfaces.later import IListeningPort, implementer

__all__ = ["BasePort", "StreamPort"]

# The most connections accepted in one turn; then others have their turn.
MOST_ACCEPTS = 64

# How long a port waits after the system had no descriptor or memory for a connection.
RETRY_SECONDS = 0.25

# The most connections accepted at the very end, by a port that wants those that wait. Backlogs are shorter.
MOST_WAITING = 65536

# The connection that was to be accepted has gone again, or a firewall forbids it: the next one may do.
HARMLESS = (ECONNABORTED, EPERM, EPROTO, EINTR)


class BasePort(FileDescriptor):
    """A socket that waits for others: what ports for streams and for datagrams share.

    Attributes:
        addressFamily: the ``AF_`` constant of the socket.
        socketType: its ``SOCK_`` constant.
    """

    addressFamily: int = None  # type: ignore[assignment]  # children say
    socketType: int = None  # type: ignore[assignment]  # children say

    socket: Any
    _fd = -1
    # What connections, or datagrams, are handled in; see `stream`.
    _context: Context | None = None

    def __init__(self, reactor: Any = None) -> None:
        super().__init__(reactor)
        self._poller: Watcher = watcherOf(self.reactor)

    def createInternetSocket(self) -> Any:
        """Make the socket; override to set options before it is bound."""
        skt = socket.socket(self.addressFamily, self.socketType)
        skt.setblocking(False)
        return skt

    def fileno(self) -> int:
        """Return the descriptor's number, or -1 when it is closed."""
        return self._fd

    def startReading(self) -> None:
        """Accept, or receive."""
        if self._fd >= 0:
            self._poller.watchRead(self._fd, self.doRead)

    def stopReading(self) -> None:
        """Leave what comes in the kernel."""
        self._poller.ignoreRead(self._fd)

    def startWriting(self) -> None:
        """A port has no buffer that would wait for room."""

    def stopWriting(self) -> None:
        """A port has no buffer that would wait for room."""

    def doWrite(self) -> Any:
        """A port never writes.

        Raises:
            RuntimeError: always.
        """
        raise RuntimeError(f"{self!r} does not write: it is a port, write to the transports of its connections")

    def _take(self, skt: Any) -> None:
        """Be open, with this socket."""
        self.socket = skt
        self._fd = skt.fileno()
        self._context = inherit()
        self.connected = True

    def _release(self) -> None:
        """Be closed."""
        self._poller.forget(self._fd)
        self._fd = -1
        self.connected = False
        if hasattr(self, "socket"):
            self.socket.close()
            del self.socket

    def _close(self, user: Any, done: Deferred[None] | None) -> None:
        """Be closed, stop the factory or protocol, and tell who waits for that, if anybody."""
        self._release()
        try:
            user.doStop()
        except Exception:
            failure = Failure()
            if done is None:
                logTrouble(f"while stopping {user!r}", failure)
            else:
                done.errback(failure)
        else:
            if done is not None:
                done.callback(None)


@implementer(IListeningPort)
class StreamPort(BasePort):
    """A port that accepts stream connections and makes a transport and a protocol for each.

    Children say in ``_listeningSocket`` what they listen at, and in ``_closedMessage`` how the log calls that.

    Attributes:
        transport: the class of the transports; a `tcp.Server` or a child of one.
        sessionno: the number of the latest connection.
        numberAccepts: how many connections the next turn accepts.
        acceptsLast: whether connections that wait in the backlog when the port closes are accepted yet. Otherwise the
            system resets them, though their peers take them for made.
    """

    socketType = socket.SOCK_STREAM
    transport: ClassVar[Any]

    sessionno = 0
    numberAccepts = 1
    acceptsLast = False

    factory: Any = None
    deferred: Deferred[None] | None = None

    # The delayed call that ends a pause in which the system had no descriptor left.
    _resume: Any = None
    _complained = False

    # Opening.

    def startListening(self) -> None:
        """Open the port, start the factory, accept.

        Raises:
            CannotListenError: it cannot be opened, because something else listens there, say. The message names
                the address.
            TypeError: its factory is none.
        """
        # Loaded now: when there are no descriptors left, no module can be loaded to say so.
        from ropewalk.python import log

        requireFactory(self.factory)
        self._take(self._listeningSocket())
        try:
            if getattr(self.factory, "noisy", True):
                log.msg(f"{logPrefixOf(self.factory)} starting on {self._placeName()}")
            self.factory.doStart()
        except BaseException:
            self._release()
            raise
        self.disconnected = self.disconnecting = 0
        self.startReading()

    def _listeningSocket(self) -> Any:
        raise NotImplementedError

    def _placeName(self) -> object:
        """What the log calls the place it listens at."""
        raise NotImplementedError

    def _closedMessage(self) -> str:
        raise NotImplementedError

    def _buildAddr(self, name: Any) -> Any:
        """Say as an address what ``accept`` returned for the peer."""
        return addressOf(self.addressFamily, name)

    # Accepting.

    def doRead(self) -> None:
        """Accept connections that wait. The poller calls this."""
        accept = self.socket._accept
        for accepted in range(self.numberAccepts):
            try:
                fd, name = accept()
            except OSError as problem:
                if problem.errno in NOT_NOW:
                    self.numberAccepts = accepted or 1
                    return
                if problem.errno in HARMLESS:
                    continue
                self._pause(problem)
                return
            if self._context is None:
                self._admit(fd, name, None)
            else:
                # Each connection has a copy of its own: what one sets the others don't see.
                own = self._context.copy()
                own.run(self._admit, fd, name, own)
            if self.disconnecting or not self.connected:
                return
        # All that were hoped for were there; there may be more.
        self.numberAccepts = min(2 * self.numberAccepts, MOST_ACCEPTS)
        self._complained = False

    def _admit(self, fd: int, name: Any, context: Context | None) -> None:
        """Make the transport and the protocol of a connection."""
        try:
            protocol = self.factory.buildProtocol(self._buildAddr(name))
        except Exception:
            logTrouble(f"while building a protocol with {self.factory!r}; the connection is closed")
            protocol = None
        if protocol is None:
            os.close(fd)
            return
        self.sessionno = number = self.sessionno + 1
        skt = bareSocket(self.addressFamily, self.socketType, 0, fd)
        transport = self.transport(skt, protocol, name, self, number - 1, self.reactor)
        if context is not None:
            transport._inherit(context)
        try:
            protocol.makeConnection(transport)
        except BaseException:
            transport._protocolFailed("makeConnection")
        finally:
            if context is not None:
                transport._entered = False

    def _pause(self, problem: OSError) -> None:
        """The system cannot give us the connection now: try again in a moment, and don't spin until then."""
        self.stopReading()
        if self._resume is None:
            self._resume = self.reactor.callLater(RETRY_SECONDS, self._goOn)
        if not self._complained:
            self._complained = True
            from ropewalk.python import log

            log.msg(
                f"{self!r} could not accept a connection: {problem.strerror} [errno {problem.errno}]; it tries again "
                f"every {RETRY_SECONDS:g} s, and connections wait in the system's backlog until then"
            )

    def _goOn(self) -> None:
        self._resume = None
        if self.connected and not self.disconnecting:
            self.numberAccepts = 1
            self.startReading()

    # Closing.

    def loseConnection(self, connDone: Failure | None = None) -> Deferred[None] | None:  # type: ignore[override]
        """Close the port; connections accepted before live on.

        Returns:
            A Deferred that fires when it is closed and the factory has stopped; `None` when it is closed already.
        """
        self.disconnecting = True
        self.stopReading()
        if not self.connected:
            return None
        if self.deferred is None:
            from ..defer import Deferred

            self.deferred = Deferred()
            self.reactor.callLater(0, self.connectionLost, connDone or Failure(ConnectionDone()))
        return self.deferred

    def stopListening(self, connDone: Failure | None = None) -> Deferred[None] | None:
        """Close the port; see `loseConnection`."""
        return self.loseConnection(connDone)

    def connectionLost(self, reason: Failure) -> None:
        """Be closed: the reactor calls this, a moment after `stopListening` or when it stops."""
        if not self.connected:
            return
        if getattr(self.factory, "noisy", True):
            from ropewalk.python import log

            log.msg(self._closedMessage())
        if self._resume is not None:
            self._resume.cancel()
            self._resume = None
        if self.acceptsLast:
            self.acceptsLast = False
            self._acceptWaiting()
        self._end(reason)
        done, self.deferred = self.deferred, None
        self._close(self.factory, done)

    def _acceptWaiting(self) -> None:
        self.numberAccepts = MOST_WAITING
        # A port that closes accepts one at a time.
        self.disconnecting = False
        self.doRead()
        self.disconnecting = True

    # What it is.

    def getHost(self) -> Any:
        """Return the address that it listens at."""
        return addressOf(self.addressFamily, self._listening().getsockname())

    def _listening(self) -> Any:
        try:
            return self.socket
        except AttributeError:
            raise OSError(f"{self!r} has no address: it does not listen") from None

    def getPeer(self) -> Any:
        """A port has no peer.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(f"{self!r} is a port and has no peer; ask the transport of a connection")

    def logPrefix(self) -> str:
        """Return the name that the log gives to what happens here."""
        factory = self.factory.__class__
        return f"{factory.__module__}.{factory.__qualname__}"


def cannotListen(interface: Any, port: Any, problem: OSError) -> CannotListenError:
    """Say why a port could not be opened."""
    error = CannotListenError(interface, port, problem)
    error.__cause__ = problem
    return error
