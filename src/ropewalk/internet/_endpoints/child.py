"""An endpoint that connects to a child process: its standard input and output are the connection."""

from __future__ import annotations

from ropewalk.logger._names import Constant, Names

from ...python.failure import Failure
from ..defer import Deferred, fail, succeed
from ..error import ConnectionDone, NoProtocol, ProcessDone
from ..protocol import ProcessProtocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from zope.interface import implementer

    from ..interfaces import IAddress, IProtocol, IProtocolFactory, IStreamClientEndpoint
else:
    from .._interfaces.later import IAddress, IStreamClientEndpoint, implementer

__all__ = ["ProcessEndpoint", "StandardErrorBehavior"]


class StandardErrorBehavior(Names):
    """What becomes of what a child writes to its standard error: it is logged, or dropped."""

    LOG = Constant()
    DROP = Constant()


@implementer(IAddress)
class _ProcessAddress:
    """The address of a child process, of which nothing is known."""

    def __repr__(self) -> str:
        return "a child process"


@implementer(IStreamClientEndpoint)
class ProcessEndpoint:
    """A program to start, and to talk to through its standard input and output.

    The connection is over when the program has ended and closed its output: with `ConnectionDone` when its exit code
    was 0, else with `ProcessTerminated`.

    Args:
        reactor: what to start it with.
        executable, args, env, path, uid, gid, usePTY, childFDs: see `IReactorProcess.spawnProcess`.
        errFlag: what becomes of its standard error.
    """

    def __init__(
        self,
        reactor: Any,
        executable: Any,
        args: Sequence[Any] = (),
        env: Mapping[Any, Any] | None = {},
        path: Any = None,
        uid: int | None = None,
        gid: int | None = None,
        usePTY: Any = 0,
        childFDs: Mapping[int, Any] | None = None,
        errFlag: Constant = StandardErrorBehavior.LOG,
    ) -> None:
        self._reactor = reactor
        self._executable = executable
        self._command = (executable, args, env, path, uid, gid, usePTY, childFDs)
        self._errFlag = errFlag

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """Start the program; see `IStreamClientEndpoint.connect`. Fails with an `OSError` when it can't be started."""
        try:
            protocol = protocolFactory.buildProtocol(_ProcessAddress())
            if protocol is None:
                return fail(NoProtocol(f"{protocolFactory!r} made no protocol for {self._executable!r}"))
            self._reactor.spawnProcess(_Wrapper(protocol, self._executable, self._errFlag), *self._command)
        except Exception:
            return fail(Failure())
        return succeed(protocol)


class _Wrapper(ProcessProtocol):
    """Lets a protocol for streams talk to a child process."""

    def __init__(self, protocol: Any, executable: Any, errFlag: Constant) -> None:
        self._protocol = protocol
        self._executable = executable
        self._errFlag = errFlag

    def logPrefix(self) -> str:
        prefix: str = self._protocol.logPrefix()
        return prefix

    def connectionMade(self) -> None:
        self._protocol.makeConnection(self.transport)

    def outReceived(self, data: bytes) -> None:
        self._protocol.dataReceived(data)

    def errReceived(self, data: bytes) -> None:
        if self._errFlag is StandardErrorBehavior.LOG:
            from ropewalk.python import log

            log.msg(
                format="%(executable)r wrote to its standard error, which %(protocol)r doesn't read: %(data)r",
                executable=self._executable,
                protocol=self._protocol,
                data=data,
            )

    def processEnded(self, reason: Failure) -> None:
        clean = isinstance(reason.value, ProcessDone)
        self._protocol.connectionLost(Failure(ConnectionDone()) if clean else reason)
