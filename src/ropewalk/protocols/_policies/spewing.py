"""Every byte of every connection, in the log."""

from __future__ import annotations

from ropewalk.internet._wrapping import ProtocolWrapper, WrappingFactory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class SpewingProtocol(ProtocolWrapper):
    """Logs every byte."""

    def dataReceived(self, data: bytes) -> None:
        """Log and pass on."""
        _say(f"Received: {data!r}")
        super().dataReceived(data)

    def write(self, data: bytes) -> None:
        """Log and pass on."""
        _say(f"Sending: {data!r}")
        super().write(data)

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Log and pass on, as one."""
        self.write(b"".join(data))


class SpewingFactory(WrappingFactory[SpewingProtocol]):
    """Logs every byte of every connection. For debugging: that may be passwords."""

    protocol = SpewingProtocol


def _say(sentence: str) -> None:
    from ropewalk.python import log

    log.msg(sentence)
