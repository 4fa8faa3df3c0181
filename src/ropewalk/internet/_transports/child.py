"""Child processes with pipes: `Process`, and what it shares with those on a terminal (`pty`).

How one is started is `childstart`, how its end is noticed `childreap`. Here is what a protocol sees of it: bytes
through pipes that are named by the child's descriptors, ``processExited`` as soon as the child was reaped, and
``processEnded`` when all the pipes are closed as well. A grandchild that keeps a pipe open delays the latter;
``loseConnection`` doesn't wait for it.
"""

from __future__ import annotations

import os
import signal

from ropewalk.python.failure import Failure

from ..error import ProcessDone, ProcessExitedAlready, ProcessTerminated
from .childreap import exitStatus, reapProcessHandlers, watchOver
from .childstart import Command
from .descriptor import logTrouble
from .pipe import ProcessReader, ProcessWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from zope.interface import implementer

    from ..interfaces import IProcessTransport, ITransport
    from .childstart import Text
else:
    from .._interfaces.later import IProcessTransport, ITransport, implementer

__all__ = ["BaseProcess", "Process"]

# What a child gets unless it is said otherwise, from our point of view.
STANDARD: Mapping[int, int | str] = {0: "w", 1: "r", 2: "r"}


class BaseProcess:
    """A child process, whatever it is connected to.

    Args:
        protocol: who is told what happens; `None` when nobody cares.

    Attributes:
        pid: the process id; `None` once it was reaped.
        status: how it ended, as ``os.waitpid`` says; -1 until then, `None` if that got lost.
        lostProcess: whether it was reaped.
        proto: the protocol, until it has been told ``processEnded``.
    """

    pid: int | None = None
    status: int | None = None
    lostProcess: Any = 0
    proto: Any = None

    def __init__(self, protocol: Any) -> None:
        self.proto = protocol

    def __repr__(self) -> str:
        return f"<{type(self).__name__} pid={self.pid} status={self.status}>"

    def _begin(self, reactor: Any) -> None:
        """The child runs: tell the protocol, and wait for the end."""
        self._tell("makeConnection", self)
        watchOver(reactor, self)

    def reapProcess(self) -> None:
        """See whether the child has ended. The reactor calls this when it has."""
        if self.pid is None:
            return
        ended, status = exitStatus(self.pid)
        if ended:
            reapProcessHandlers.pop(self.pid, None)
            self.processEnded(status)

    def processEnded(self, status: int | None) -> None:
        """Take the child's exit status; it has been reaped."""
        self.lostProcess = 1
        self.pid = None
        self.status = status
        self._tell("processExited", self._reason())
        self.maybeCallProcessEnded()

    def maybeCallProcessEnded(self) -> None:
        """Tell the protocol that all is over, if it is: the child reaped, and every pipe closed."""
        if self.lostProcess and self.proto is not None:
            self._tell("processEnded", self._reason())
            self.proto = None

    def _tell(self, what: str, *args: object) -> None:
        """Call a method of the protocol; the process goes on whatever that raises."""
        if self.proto is not None:
            try:
                getattr(self.proto, what)(*args)
            except Exception:
                logTrouble(f"in {what} of {self.proto!r}, which belongs to a child process")

    def _reason(self) -> Failure:
        status = self.status
        if status is None:
            return Failure(ProcessTerminated())
        if os.WIFSIGNALED(status):
            return Failure(ProcessTerminated(signal=os.WTERMSIG(status), status=status))
        code = os.waitstatus_to_exitcode(status)
        return Failure(ProcessTerminated(exitCode=code, status=status) if code else ProcessDone(status))

    def signalProcess(self, signalID: str | int) -> None:
        """Send a signal; see `IProcessTransport.signalProcess`. Names may begin with ``SIG``.

        Raises:
            ProcessExitedAlready: the child has been reaped.
            TypeError: there is no signal of that name.
        """
        number: Any = signalID
        if isinstance(signalID, str):
            name = signalID if signalID.startswith("SIG") else f"SIG{signalID}"
            number = getattr(signal, name, None)
            if not isinstance(number, signal.Signals):
                raise TypeError(f"{signalID!r} is no signal's name; 'HUP', 'INT', 'TERM' and 'KILL' are some")
        if self.pid is None:
            raise ProcessExitedAlready()
        # A zombie takes it without effect. The number cannot be another's: we have not reaped it.
        os.kill(self.pid, number)

    def getHost(self) -> Any:
        """Refuse: a pipe has no address."""
        raise NotImplementedError(f"{self!r} has no address, being connected by pipes")

    def getPeer(self) -> Any:
        """Refuse likewise."""
        raise NotImplementedError(f"{self!r} has no address, being connected by pipes")


@implementer(IProcessTransport, ITransport)
class Process(BaseProcess):
    """A child process with a pipe behind each descriptor; see `IReactorProcess.spawnProcess`.

    Args:
        reactor: who watches.
        executable, args, environment, path, uid, gid: see `childstart.Command`.
        proto: who is told what happens.
        childFDs: the child's descriptors: ``"r"`` is read by us, ``"w"`` written, a number is one of ours.

    Attributes:
        pipes: our ends, by the child's number.
        processReaderFactory, processWriterFactory: what our ends are made of.
        debug, debug_child: kept for programs that set them; they change nothing.

    Raises:
        OSError: the child could not be started.
    """

    status: int | None = -1
    debug = False
    debug_child = False
    processReaderFactory = ProcessReader
    processWriterFactory = ProcessWriter

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
        childFDs: Mapping[int, int | str] | None = None,
    ) -> None:
        super().__init__(proto)
        command = Command(executable, args, environment, path, uid, gid)
        self.pipes: dict[int, Any] = {}
        plan = STANDARD if childFDs is None else childFDs
        ours: dict[int, int] = {}
        theirs: dict[int, int] = {}
        made: list[int] = []
        try:
            try:
                for childFD, target in plan.items():
                    if target in ("r", "w"):
                        read, write = os.pipe()
                        made.append(write if target == "r" else read)
                        ours[childFD], theirs[childFD] = (read, write) if target == "r" else (write, read)
                    elif isinstance(target, int):
                        theirs[childFD] = target
                    else:
                        raise TypeError(f"childFDs[{childFD!r}] is 'r', 'w' or a descriptor, not {target!r}")
                self.pid = command.start(theirs)
            finally:
                for fd in made:
                    os.close(fd)
        except BaseException:
            for fd in ours.values():
                os.close(fd)
            raise
        for childFD, fd in ours.items():
            if plan[childFD] == "r":
                self.pipes[childFD] = self.processReaderFactory(reactor, self, childFD, fd)
            else:
                self.pipes[childFD] = self.processWriterFactory(reactor, self, childFD, fd, forceReadHack=False)
        self._begin(reactor)

    # What the pipes tell.

    def childDataReceived(self, name: int, data: bytes) -> None:
        """Take what the child wrote to one of its descriptors."""
        if self.proto is not None:
            self.proto.childDataReceived(name, data)

    def childConnectionLost(self, childFD: int, reason: Failure) -> None:
        """Hear that a pipe is closed."""
        self.pipes.pop(childFD, None)
        self._tell("childConnectionLost", childFD)
        self.maybeCallProcessEnded()

    def maybeCallProcessEnded(self) -> None:
        if not self.pipes:
            super().maybeCallProcessEnded()

    # Writing.

    def write(self, data: bytes) -> None:
        """Write to the child's standard input; dropped when that is closed."""
        if 0 in self.pipes:
            self.pipes[0].write(data)

    def writeSequence(self, seq: Iterable[bytes]) -> None:
        """Write several pieces to the child's standard input."""
        if 0 in self.pipes:
            self.pipes[0].writeSequence(seq)

    def writeToChild(self, childFD: int, data: bytes) -> None:
        """Write to one of the child's descriptors.

        Raises:
            KeyError: there is no pipe behind it, or none any more.
        """
        self.pipes[childFD].write(data)

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let a producer feed the child's standard input; it is stopped at once when that is closed."""
        if 0 in self.pipes:
            self.pipes[0].registerProducer(producer, streaming)
        else:
            producer.stopProducing()

    def unregisterProducer(self) -> None:
        """Let go of the producer."""
        if 0 in self.pipes:
            self.pipes[0].unregisterProducer()

    def pauseProducing(self) -> None:
        """Read nothing for now: a child that writes much will have to wait."""
        for pipe in self.pipes.values():
            pipe.pauseProducing()

    def resumeProducing(self) -> None:
        """Read again."""
        for pipe in self.pipes.values():
            pipe.resumeProducing()

    # Closing.

    def closeChildFD(self, childFD: int) -> None:
        """Close a pipe, once what was written to it has left; harmless when it is closed."""
        if childFD in self.pipes:
            self.pipes[childFD].loseConnection()

    def closeStdin(self) -> None:
        """Close the child's standard input, once what was written has left."""
        self.closeChildFD(0)

    def closeStdout(self) -> None:
        """Close our end of the child's standard output."""
        self.closeChildFD(1)

    def closeStderr(self) -> None:
        """Close our end of the child's standard error."""
        self.closeChildFD(2)

    def loseConnection(self) -> None:
        """Close the pipes of the child's standard input, output and error. The child itself is not told otherwise."""
        self.closeStdin()
        self.closeStderr()
        self.closeStdout()

    def abortConnection(self) -> None:
        """Close every pipe in a moment; what was written and has not left is dropped. (The documents lack this.)

        `loseConnection` waits for a reader, and a grandchild that inherited the pipe may never read.
        """
        for pipe in self.pipes.values():
            pipe.abortConnection()
