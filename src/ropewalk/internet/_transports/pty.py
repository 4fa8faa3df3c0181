"""Child processes on a pseudo-terminal: one descriptor, both directions, and a terminal's manners."""

from __future__ import annotations

import os

from ropewalk.python.failure import Failure

from ..error import ConnectionDone, ConnectionLost
from .child import BaseProcess
from .childstart import Command
from .pipe import READ_SIZE, Abortable, writeTo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from zope.interface import implementer

    from ..interfaces import IProcessTransport
    from .childstart import Text
else:
    from .._interfaces.later import IProcessTransport, implementer

__all__ = ["PTYProcess"]


@implementer(IProcessTransport)
class PTYProcess(Abortable, BaseProcess):
    """A child process that leads a session on a pseudo-terminal; see `IReactorProcess.spawnProcess`.

    Everything that it writes, to standard output or error, arrives as of its descriptor 1. Losing the connection
    hangs up, once the child has read what was typed, and aborting it does so at once: the child gets SIGHUP.

    Args:
        reactor: who watches.
        executable, args, environment, path, uid, gid: see `childstart.Command`.
        proto: who is told what happens.
        usePTY: true, or the terminal to use: master, slave and name. It is ours then, once the child runs.

    Raises:
        OSError: the child could not be started.
    """

    status: int | None = -1
    # Whether the child closed its terminal, and we wait for its exit before we do.
    _silent = False

    def __init__(
        self,
        reactor: Any,
        executable: Text,
        args: Sequence[Text],
        environment: Mapping[Any, Any] | None,
        path: Text | None,
        proto: Any,
        uid: int | None = None,
        gid: int | None = None,
        usePTY: Any = None,
    ) -> None:
        Abortable.__init__(self, reactor)
        BaseProcess.__init__(self, proto)
        command = Command(executable, args, environment, path, uid, gid)
        given = isinstance(usePTY, (tuple, list))
        terminal: tuple[int, int] = tuple(usePTY[:2]) if given else os.openpty()
        self.fd, slave = terminal
        try:
            if command.identity is not None and not given:
                os.fchown(slave, command.identity[0], -1)
            self.pid = command.startOnTerminal(slave)
        except BaseException:
            if not given:
                os.close(self.fd)
                os.close(slave)
            raise
        os.close(slave)
        os.set_blocking(self.fd, False)
        self.connected = 1
        self.startReading()
        self._begin(reactor)

    def fileno(self) -> int:
        """Return the master's descriptor, or -1 when it is closed."""
        return self.fd

    def doRead(self) -> BaseException | None:
        """Read once.

        A terminal that nobody has open is an error to read (EIO). That may be a moment before its child exits, or
        long before. Closing our side now would hang up on it and change how it ends, so we wait for that first.
        """
        try:
            data = os.read(self.fd, READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            if self.pid is None:
                return ConnectionLost()
            self._silent = True
            self.stopReading()
            return None
        if not data:
            return ConnectionDone()
        if self.proto is not None:
            self.proto.childDataReceived(1, data)
        return None

    def processEnded(self, status: int | None) -> None:
        """Take the child's exit status; what it has said last may still be read."""
        super().processEnded(status)
        if self._silent:
            self.resumeProducing()

    def writeSomeData(self, data: bytes) -> int | BaseException:
        """Type."""
        return writeTo(self.fd, data)

    def connectionLost(self, reason: Failure) -> None:
        """Hang up. Only the first call counts."""
        if self.fd < 0:
            return
        super().connectionLost(reason)
        fd, self.fd = self.fd, -1
        os.close(fd)
        self.maybeCallProcessEnded()

    def maybeCallProcessEnded(self) -> None:
        if self.fd < 0:
            BaseProcess.maybeCallProcessEnded(self)

    # A terminal has no ends that could be closed one by one.

    def closeStdin(self) -> None:
        """Do nothing: end a terminal's input by writing ``b"\\x04"``, its end-of-file character."""

    def closeStdout(self) -> None:
        """Do nothing; see `closeStdin`."""

    def closeStderr(self) -> None:
        """Do nothing; see `closeStdin`."""

    def closeChildFD(self, descriptor: int) -> None:
        """Refuse; see `closeStdin`."""
        raise NotImplementedError("a process on a terminal has one connection, which loseConnection closes")

    def writeToChild(self, childFD: int, data: bytes) -> None:
        """Refuse: there is one connection only."""
        raise NotImplementedError("a process on a terminal has one connection, which write writes to")

    def getHost(self) -> Any:
        """Refuse: a terminal has no address."""
        return BaseProcess.getHost(self)

    def getPeer(self) -> Any:
        """Refuse likewise."""
        return BaseProcess.getPeer(self)
