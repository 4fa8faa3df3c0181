"""Files between the disk and a socket, moved by the kernel: the bytes never come up to Python.

A transport is used only from outside. To send, the connection has written nothing yet, so its descriptor is watched
for room here, and the transport closes it afterwards. To receive, the transport is paused, its descriptor is watched
here, and at the end the transport is resumed, so that it is the one that meets the end of the stream.

Where the system has no ``sendfile`` or ``splice``, or the transport is no plain socket (TLS, a test's), pieces are
copied through the program as ever.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from io import FileIO
from typing import TYPE_CHECKING, Any

from ropewalk.internet.defer import Deferred
from ropewalk.internet.interfaces import IReactorFDSet, ISSLTransport, ITCPTransport
from ropewalk.python.failure import Failure

from .._wire import ftpreplies as replies
from .errors import TransferError

if TYPE_CHECKING:
    from .data import DTP

__all__ = ["KernelReader", "KernelSender", "canBypass"]

# The most that one turn of the reactor moves for one connection, in bytes.
TURN = 2**19

_NOT_NOW = (errno.EAGAIN, errno.EINTR)


def canBypass(reactor: Any, transport: Any) -> bool:
    """Whether a transport is a socket that this reactor watches, with nothing between it and the wire."""
    return (
        hasattr(os, "sendfile")
        and getattr(transport, "reactor", None) is reactor
        and IReactorFDSet.providedBy(reactor)
        and ITCPTransport.providedBy(transport)
        and not ISSLTransport.providedBy(transport)
    )


class _Mover:
    """Watches the descriptor of a data connection in place of its transport."""

    def __init__(self, reactor: Any, dtp: DTP, file: FileIO) -> None:
        self.reactor = reactor
        self.dtp = dtp
        self.file = file
        self._fd = dtp.transport.fileno()
        self._done: Deferred[None] | None = Deferred()

    def fileno(self) -> int:
        """Return the descriptor."""
        return int(self._fd)

    def logPrefix(self) -> str:
        """Return the name that the log gives to what happens here."""
        return "DTP"

    def connectionLost(self, reason: Failure) -> None:
        """Stop: the reactor, or the connection, says that it is over."""
        self._finish(TransferError(replies.CNX_CLOSED_TXFR_ABORTED, reason.value))

    def _watch(self) -> Deferred[None]:
        raise NotImplementedError

    def _ignore(self) -> None:
        raise NotImplementedError

    def _finish(self, problem: BaseException | None = None) -> None:
        self._ignore()
        done, self._done = self._done, None
        if done is None:
            return
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
        self.reactor.addWriter(self)
        return done

    def _ignore(self) -> None:
        self.reactor.removeWriter(self)

    def doWrite(self) -> None:
        """Send as much as there is room for."""
        try:
            sent = os.sendfile(self._fd, self.file.fileno(), None, TURN)
        except OSError as problem:
            if problem.errno in _NOT_NOW:
                return
            self._finish(
                problem if problem.errno == errno.EIO else TransferError(replies.CNX_CLOSED_TXFR_ABORTED, problem)
            )
            return
        self.dtp.moved += sent
        if not sent:
            self._finish()


class KernelReader(_Mover):
    """Receives a file, until the client closes, through a pipe: the kernel wants one between two descriptors."""

    @classmethod
    def suits(cls, file: Any) -> bool:
        """Whether the kernel writes into such a file: one without a buffer, that is not only appended to."""
        import fcntl

        return (
            hasattr(os, "splice")
            and type(file) is FileIO
            and not fcntl.fcntl(file.fileno(), fcntl.F_GETFL) & os.O_APPEND
        )

    def start(self) -> Deferred[None]:
        """Begin; return a Deferred that fires once the transport may read on, to meet the end."""
        import fcntl

        self._from, self._into = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        with suppress(OSError):  # a user that has many pipes gets no larger ones
            fcntl.fcntl(self._into, fcntl.F_SETPIPE_SZ, TURN)
        done = self._done
        assert done is not None
        self.dtp.transport.pauseProducing()
        self.reactor.addReader(self)
        return done

    def _ignore(self) -> None:
        self.reactor.removeReader(self)
        if self._done is not None:
            os.close(self._from)
            os.close(self._into)

    def doRead(self) -> None:
        """Take what has come, and write all of it."""
        try:
            got = os.splice(self._fd, self._into, TURN, flags=os.SPLICE_F_MOVE | os.SPLICE_F_NONBLOCK)
        except OSError as problem:
            if problem.errno not in _NOT_NOW:
                # It broke. The transport would not hear of that any more: an error of a socket is told once.
                self._finish(TransferError(replies.CNX_CLOSED_TXFR_ABORTED, problem))
            return
        if not got:
            self._finish()
            return
        self.dtp.moved += got
        try:
            while got:
                got -= os.splice(self._from, self.file.fileno(), got, flags=os.SPLICE_F_MOVE)
        except OSError as problem:
            self._finish(problem)
