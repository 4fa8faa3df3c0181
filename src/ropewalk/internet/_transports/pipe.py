"""One end of a pipe: what a child process writes to us, what we write to a child; standard input and output, too.

A pipe has one direction. `ProcessReader` and `ProcessWriter` tell an owner, which gave the pipe a name, what comes and
when it is over: ``childDataReceived(name, data)``, ``childConnectionLost(name, reason)``.
"""

from __future__ import annotations

import os
import select

from ropewalk.python.failure import Failure

from ..error import ConnectionAborted, ConnectionDone, ConnectionLost
from .descriptor import FileDescriptor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    class Owner(Protocol):
        """Who a pipe belongs to. The names are the owner's own: numbers for a child, words for standard I/O."""

        def childDataReceived(self, name: Any, data: bytes) -> object: ...
        def childConnectionLost(self, name: Any, reason: Failure) -> object: ...


__all__ = ["READ_SIZE", "Abortable", "ProcessReader", "ProcessWriter", "writeTo"]

# The most that one read takes: what a pipe holds on Linux.
READ_SIZE = 65536


class Abortable(FileDescriptor):
    """A descriptor that can be closed whether or not somebody reads what was written. (The documents lack this.)"""

    def abortConnection(self) -> None:
        """Close the descriptor in a moment; what was written and has not left is dropped."""
        if self.connected:
            self.stopReading()
            self.stopWriting()
            self.reactor.callLater(0, self.connectionLost, Failure(ConnectionAborted()))


class _Pipe(Abortable):
    """What both ends share: whose they are, and how they are closed.

    Args:
        reactor: who watches.
        proc: who is told.
        name: what the owner calls this pipe.
        fileno: the descriptor. It is ours from here on: made non-blocking, and closed when this is over.
    """

    connected: Any = 1

    def __init__(self, reactor: Any, proc: Owner, name: Any, fileno: int) -> None:
        super().__init__(reactor)
        os.set_blocking(fileno, False)
        self.proc = proc
        self.name = name
        self.fd = fileno

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r} of {self.proc!r}>"

    def fileno(self) -> int:
        """Return the descriptor's number, or -1 when it is closed."""
        return self.fd

    def connectionLost(self, reason: Failure) -> None:
        """Close the descriptor, and tell the owner. Only the first call counts."""
        if self.fd < 0:
            return
        super().connectionLost(reason)
        fd, self.fd = self.fd, -1
        os.close(fd)
        self.proc.childConnectionLost(self.name, reason)


class ProcessReader(_Pipe):
    """Our end of a pipe that we read. It reads from the start; `pauseProducing` makes the writer feel that we don't.

    See `_Pipe` for the arguments.
    """

    def __init__(self, reactor: Any, proc: Owner, name: Any, fileno: int) -> None:
        super().__init__(reactor, proc, name, fileno)
        self.startReading()

    def doRead(self) -> BaseException | None:
        """Read once; the rest is there in the next turn."""
        try:
            data = os.read(self.fd, READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            return ConnectionLost()
        if not data:
            return ConnectionDone()
        self.dataReceived(data)
        return None

    def dataReceived(self, data: bytes) -> None:
        """Hand the owner what came."""
        self.proc.childDataReceived(self.name, data)

    def writeSomeData(self, data: bytes) -> BaseException:
        """End: what is only read cannot be written to."""
        return ConnectionLost()

    def loseConnection(self) -> None:
        """Close our end, in a moment: whoever writes to it then is told so by the system."""
        if self.connected and not self.disconnecting:
            self.disconnecting = 1
            self.stopReading()
            self.reactor.callLater(0, self.connectionLost, Failure(ConnectionDone()))


class ProcessWriter(_Pipe):
    """Our end of a pipe that we write.

    The reader's leaving is noticed at once where the system tells (``enableReadHack``), else with the next write.

    Args:
        forceReadHack: the descriptor is known to be such that it only becomes readable when the reader leaves.

    See `_Pipe` for the others.
    """

    enableReadHack = False
    # What a pipe takes at most, as a rule: more would be copied for nothing.
    SEND_LIMIT = 65536

    def __init__(self, reactor: Any, proc: Owner, name: Any, fileno: int, forceReadHack: bool = False) -> None:
        super().__init__(reactor, proc, name, fileno)
        self.enableReadHack = forceReadHack or _becomesReadableAtTheEnd(fileno)
        if self.enableReadHack:
            self.startReading()

    def writeSomeData(self, data: bytes) -> int | BaseException:
        """Write what fits."""
        return writeTo(self.fd, data)

    def doRead(self) -> BaseException | None:
        """The pipe is readable, which no writing end is: the reader has left."""
        return ConnectionLost() if _events(self.fd) & (select.POLLERR | select.POLLHUP | select.POLLNVAL) else None

    def resumeProducing(self) -> None:
        """Do nothing: there is nothing to read here."""

    def pauseProducing(self) -> None:
        """Do nothing likewise."""


def writeTo(fd: int, data: bytes) -> int | BaseException:
    """Write what fits, and return how much that was; or `ConnectionLost` when nobody reads any more, or else why."""
    try:
        return os.write(fd, data)
    except (BlockingIOError, InterruptedError):
        return 0
    except BrokenPipeError:
        return ConnectionLost()
    except OSError as problem:
        return ConnectionLost(str(problem))  # a full disk, say, when it is a file


def _events(fd: int) -> int:
    """Return what poll(2) says about a descriptor now, asked whether it can be read."""
    poller = select.poll()
    poller.register(fd, select.POLLIN)
    return next((events for _, events in poller.poll(0)), 0)


def _becomesReadableAtTheEnd(fd: int) -> bool:
    """Return whether a descriptor is the writing end of a pipe, and the system reports its reader's leaving.

    Linux reports an error to those who wait for anything at all; some other systems let a writing end be readable
    all the time. A terminal or a socket is readable when something comes, which is not ours to read.
    """
    import fcntl
    import stat

    writing = fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY
    return writing and stat.S_ISFIFO(os.fstat(fd).st_mode) and not _events(fd) & select.POLLIN
