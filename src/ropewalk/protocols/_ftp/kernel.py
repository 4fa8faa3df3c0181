"""Files between the disk and a socket, moved by the kernel: the bytes never come up to Python.

A transport is used only from outside. To send, the connection has written nothing yet, so its descriptor is watched
for room here, and the transport closes it afterwards. To receive, the transport is paused, its descriptor is watched
here, and at the end the transport is resumed, so that it is the one that meets the end of the stream.

Where the system has no ``sendfile`` or ``splice``, or the transport is no plain socket (TLS, a test's), pieces are
copied through the program as ever. That costs half as much CPU again to send, and up to a third more to receive; there
the kernel still copies once, into its cache of the disk.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from io import FileIO
from stat import S_ISREG
from typing import TYPE_CHECKING, Any, BinaryIO

from ropewalk.internet.defer import Deferred
from ropewalk.internet.interfaces import IReactorFDSet, ISSLTransport, ITCPTransport
from ropewalk.python.failure import Failure

from .._wire import ftpreplies as replies
from .errors import TransferError

if TYPE_CHECKING:
    from .data import DTP

__all__ = ["KernelReceiver", "KernelSender", "canBypass", "canReceive"]

# The most that one turn of the reactor moves by one connection, in bytes.
TURN = 2**18

_NOT_NOW = (errno.EAGAIN, errno.EINTR)

# What a connection says when it is broken. Anything else is the file's.
_BROKEN = (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN, errno.ETIMEDOUT, errno.EBADF)


def canBypass(reactor: Any, transport: Any) -> bool:
    """Whether a transport is a socket that this reactor watches, with nothing between it and the wire."""
    return (
        hasattr(os, "sendfile")
        and getattr(transport, "reactor", None) is reactor
        and IReactorFDSet.providedBy(reactor)
        and ITCPTransport.providedBy(transport)
        and not ISSLTransport.providedBy(transport)
    )


def canReceive(file: Any) -> bool:
    """Whether the kernel writes into a file: a regular one without a buffer, that is not only appended to."""
    if not hasattr(os, "splice") or type(file) is not FileIO:
        return False
    import fcntl

    isAppended = fcntl.fcntl(file.fileno(), fcntl.F_GETFL) & os.O_APPEND
    return S_ISREG(os.fstat(file.fileno()).st_mode) and not isAppended


class _Mover:
    """Watches the descriptor of a data connection in place of its transport.

    Args:
        reactor: watches it.
        dtp: the connection.
        file: an open file, without a buffer.
    """

    def __init__(self, reactor: Any, dtp: DTP, file: BinaryIO) -> None:
        self._reactor = reactor
        self._dtp = dtp
        self._file = file
        self._fd: int = dtp.transport.fileno()
        self._done: Deferred[None] | None = Deferred()

    def fileno(self) -> int:
        """Return the connection's descriptor."""
        return self._fd

    def logPrefix(self) -> str:
        """Return the name that the log gives to what happens here."""
        return "DTP"

    def connectionLost(self, reason: Failure) -> None:
        """Stop: the connection is gone, or the reactor stops."""
        self._finish(TransferError(replies.CNX_CLOSED_TXFR_ABORTED, reason.value))

    def _ignore(self) -> None:
        raise NotImplementedError

    def _finish(self, problem: BaseException | None = None) -> None:
        done, self._done = self._done, None
        if done is None:
            return
        self._ignore()
        if problem is None:
            done.callback(None)
        else:
            done.errback(problem)


class KernelSender(_Mover):
    """Sends a file from where it stands to its end."""

    def start(self) -> Deferred[None]:
        """Begin; return a Deferred that fires when the kernel has got it all."""
        done = self._done
        assert done is not None
        self._reactor.addWriter(self)
        return done

    def _ignore(self) -> None:
        self._reactor.removeWriter(self)

    def doWrite(self) -> None:
        """Send as much as there is room for."""
        try:
            sent = os.sendfile(self._fd, self._file.fileno(), None, TURN)
        except OSError as problem:
            if problem.errno in _NOT_NOW:
                return
            isBroken = problem.errno in _BROKEN
            self._finish(TransferError(replies.CNX_CLOSED_TXFR_ABORTED, problem) if isBroken else problem)
            return
        self._dtp.moved += sent
        if not sent:
            self._finish()


class KernelReceiver(_Mover):
    """Receives a file until the client closes; through a pipe, for the kernel wants one between two descriptors."""

    def start(self) -> Deferred[None]:
        """Begin; return a Deferred that fires once the transport may read on, to meet the end.

        Raises:
            OSError: there are no more descriptors.
        """
        import fcntl

        self._outlet, self._inlet = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        with suppress(OSError):  # a user that has many pipes gets no larger ones
            fcntl.fcntl(self._inlet, fcntl.F_SETPIPE_SZ, TURN)
        done = self._done
        assert done is not None
        self._dtp.transport.pauseProducing()
        self._reactor.addReader(self)
        return done

    def _ignore(self) -> None:
        self._reactor.removeReader(self)
        os.close(self._outlet)
        os.close(self._inlet)

    def doRead(self) -> None:
        """Take what has come, and write all of it."""
        try:
            size = os.splice(self._fd, self._inlet, TURN, flags=os.SPLICE_F_MOVE | os.SPLICE_F_NONBLOCK)
        except OSError as problem:
            if problem.errno not in _NOT_NOW:
                # The transport would not hear of it any more: an error of a socket is told once.
                self._finish(TransferError(replies.CNX_CLOSED_TXFR_ABORTED, problem))
            return
        self._dtp.moved += size
        if not size:
            self._finish()
        try:
            while size:
                size -= os.splice(self._outlet, self._file.fileno(), size, flags=os.SPLICE_F_MOVE)
        except OSError as problem:
            self._finish(problem)
