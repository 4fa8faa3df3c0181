"""A file on its way to a socket, sent by the kernel: the bytes never come up to Python.

The transport is used only from outside: the connection has written nothing yet, so its descriptor can be watched for
room here, and the transport closes it afterwards. Where the system has no ``sendfile``, or the transport is no plain
socket (TLS, a test's), a file is sent in pieces as ever.

(There is no such thing for the other way. ``splice`` was tried: through a pipe into ext4 it costs more than ``recv``
and ``write`` with pieces of 256 KiB, which fit into the processor's cache, 593 against 936 MB for a CPU second; into
memory it costs less. What is left is the kernel's: copying, and finding room in its cache of the disk.)
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any, BinaryIO

from ropewalk.internet.defer import Deferred
from ropewalk.internet.interfaces import IReactorFDSet, ISSLTransport, ITCPTransport
from ropewalk.python.failure import Failure

from .._wire import ftpreplies as replies
from .errors import TransferError

if TYPE_CHECKING:
    from .data import DTP

__all__ = ["KernelSender", "canBypass"]

# The most that one turn of the reactor sends by one connection, in bytes.
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


class KernelSender:
    """Sends a file from where it stands to its end.

    Args:
        reactor: watches the connection.
        dtp: the connection.
        file: an open file, without a buffer.
    """

    def __init__(self, reactor: Any, dtp: DTP, file: BinaryIO) -> None:
        self._reactor = reactor
        self._dtp = dtp
        self._file = file
        self._fd: int = dtp.transport.fileno()
        self._done: Deferred[None] | None = Deferred()

    def start(self) -> Deferred[None]:
        """Begin; return a Deferred that fires when the kernel has got it all."""
        done = self._done
        assert done is not None
        self._reactor.addWriter(self)
        return done

    def fileno(self) -> int:
        """Return the connection's descriptor."""
        return self._fd

    def logPrefix(self) -> str:
        """Return the name that the log gives to what happens here."""
        return "DTP"

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

    def connectionLost(self, reason: Failure) -> None:
        """Stop: the connection is gone, or the reactor stops."""
        self._finish(TransferError(replies.CNX_CLOSED_TXFR_ABORTED, reason.value))

    def _finish(self, problem: BaseException | None = None) -> None:
        self._reactor.removeWriter(self)
        done, self._done = self._done, None
        if done is None:
            return
        if problem is None:
            done.callback(None)
        else:
            done.errback(problem)
