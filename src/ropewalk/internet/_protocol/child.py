"""The protocol of a child process: what it writes, and how it ends."""

from __future__ import annotations

from .stream import BaseProtocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from zope.interface import implementer

    from ropewalk.python.failure import Failure

    from ..interfaces import IProcessProtocol, IProcessTransport
else:
    from .._interfaces.later import IProcessProtocol, implementer


@implementer(IProcessProtocol)
class ProcessProtocol(BaseProtocol):
    """What a child process is connected to: `connectionMade` says that it runs, the others what it does."""

    transport: IProcessTransport

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        """Pass on what the child wrote: to `outReceived` from its descriptor 1, to `errReceived` from 2.

        Override it for children with other pipes.
        """
        if childFD == 1:
            self.outReceived(data)
        elif childFD == 2:
            self.errReceived(data)

    def outReceived(self, data: bytes) -> None:
        """Override to take bytes from the child's standard output. They are read even so, and dropped."""

    def errReceived(self, data: bytes) -> None:
        """Override to take bytes from the child's standard error. They are read even so, and dropped."""

    def childConnectionLost(self, childFD: int) -> None:
        """Pass on which pipe was closed: to `inConnectionLost`, `outConnectionLost` or `errConnectionLost`."""
        if childFD == 0:
            self.inConnectionLost()
        elif childFD == 1:
            self.outConnectionLost()
        elif childFD == 2:
            self.errConnectionLost()

    def inConnectionLost(self) -> None:
        """Override to hear that the child's standard input is closed."""

    def outConnectionLost(self) -> None:
        """Override to hear that the child's standard output is closed."""

    def errConnectionLost(self) -> None:
        """Override to hear that the child's standard error is closed."""

    def processExited(self, reason: Failure) -> None:
        """Override to hear that the child has ended; output may still come.

        Args:
            reason: its ``value`` is a `ropewalk.internet.error.ProcessDone` or
                `ropewalk.internet.error.ProcessTerminated`, both with ``exitCode`` and ``signal``.
        """

    def processEnded(self, reason: Failure) -> None:
        """Override to hear that the child has ended and all its output has come: always the last call."""
