"""What each connection says, in a file of its own."""

from __future__ import annotations

from ropewalk.internet._wrapping import ProtocolWrapper, WrappingFactory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO, Any

    from ropewalk.python.failure import Failure


class TrafficLoggingProtocol(ProtocolWrapper):
    """Writes to a file what a connection reads (``C``, from the client's side), writes (``S``, ``SV``) and how it ends.

    Args:
        factory: the wrapping factory.
        wrappedProtocol: the protocol within.
        logfile: takes text; closed with the connection.
        lengthLimit: longest piece of data written out, in bytes; `None` for any.
        number: the connection's number, in each line.
    """

    def __init__(
        self,
        factory: WrappingFactory[Any],
        wrappedProtocol: Any,
        logfile: IO[str],
        lengthLimit: int | None = None,
        number: int = 0,
    ) -> None:
        super().__init__(factory, wrappedProtocol)
        self._isFull = False  # the file took no more: a full disk must not cost the connection
        self.logfile = logfile
        self.lengthLimit = lengthLimit
        self._number = number

    def _log(self, line: str) -> None:
        if self._isFull:
            return
        try:
            self.logfile.write(line + "\n")
            self.logfile.flush()
        except OSError:
            from ropewalk.python import log

            self._isFull = True
            log.err(None, f"nothing more of connection {self._number} is written to {self.logfile!r}")

    def _shortened(self, data: bytes) -> str:
        if self.lengthLimit is None or len(data) <= self.lengthLimit:
            return repr(data)
        return f"{data[: self.lengthLimit]!r} <... {len(data) - self.lengthLimit} bytes elided>"

    def connectionMade(self) -> None:
        """Log, with a star."""
        self._log("*")
        super().connectionMade()

    def dataReceived(self, data: bytes) -> None:
        """Log and pass on."""
        self._log(f"C {self._number}: {self._shortened(data)}")
        super().dataReceived(data)

    def connectionLost(self, reason: Failure) -> None:
        """Log, close the log, and tell the wrapped protocol."""
        self._log(f"C {self._number}: {reason!r}")
        try:
            self.logfile.close()
        except OSError:
            pass  # what it could not write has been told of
        super().connectionLost(reason)

    def write(self, data: bytes) -> None:
        """Log and pass on."""
        self._log(f"S {self._number}: {self._shortened(data)}")
        super().write(data)

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """Log and pass on."""
        pieces = list(iovec)
        self._log(f"SV {self._number}: [{', '.join([self._shortened(piece) for piece in pieces])}]")
        super().writeSequence(pieces)

    def loseConnection(self) -> None:
        """Log, with a star, and pass on."""
        self._log(f"S {self._number}: *")
        super().loseConnection()


class TrafficLoggingFactory(WrappingFactory[TrafficLoggingProtocol]):
    """Writes what each connection says to a file of its own: ``PREFIX-1``, ``PREFIX-2``, and so on.

    Args:
        wrappedFactory: the factory whose connections are logged.
        logfilePrefix: what the files' names begin with.
        lengthLimit: longest piece of data written out, in bytes; `None` for any.
    """

    protocol = TrafficLoggingProtocol

    _counter: int = 0

    def __init__(self, wrappedFactory: Any, logfilePrefix: str, lengthLimit: int | None = None) -> None:
        super().__init__(wrappedFactory)
        self.logfilePrefix = logfilePrefix
        self.lengthLimit = lengthLimit

    def open(self, name: str) -> IO[str]:
        """Open a connection's file, overwriting what is there. Override to put it elsewhere."""
        return open(name, "w", encoding="utf-8")

    def _wrap(self, wrapped: Any) -> TrafficLoggingProtocol:
        self._counter += 1
        logfile = self.open(f"{self.logfilePrefix}-{self._counter}")
        return self.protocol(self, wrapped, logfile, self.lengthLimit, self._counter)

    def buildProtocol(self, addr: Any) -> TrafficLoggingProtocol | None:
        """Wrap the wrapped factory's protocol and open its file."""
        return super().buildProtocol(addr)

    def resetCounter(self) -> None:
        """Begin again with the first file."""
        self._counter = 0
