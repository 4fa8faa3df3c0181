"""Lines: the pulled reader and `LineReceiver` see the same lines in any bytes, and raise nothing unforeseen."""

from __future__ import annotations

from fuzzing import main, pieces

from ropewalk._wire.events import NEED_DATA, TooLong
from ropewalk._wire.lines import LineReader
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols.basic import LineReceiver

LIMIT = 24


class Lines(LineReceiver):
    """Keeps its lines; changes into raw mode and back, pauses and goes on, as the peer asks."""

    MAX_LENGTH = LIMIT

    def __init__(self) -> None:
        self.found: list[bytes] = []
        self.refused = False

    def lineReceived(self, line: bytes) -> None:
        self.found.append(line)
        if line[:1] == b"1":
            self.setRawMode()
        elif line[:1] == b"9":
            self.pauseProducing()
        elif line[:1] == b":":
            self.found.append(self.clearLineBuffer())

    def rawDataReceived(self, data: bytes) -> None:
        self.found.append(data[:2])
        self.setLineMode(data[2:])

    def lineLengthExceeded(self, line: bytes) -> None:
        assert len(line) > LIMIT
        self.refused = True
        super().lineLengthExceeded(line)


class PlainLines(Lines):
    """Keeps its lines and does nothing else."""

    def lineReceived(self, line: bytes) -> None:
        self.found.append(line)


def target(data: bytes) -> None:
    reader, plain, lively = LineReader(LIMIT), PlainLines(), Lines()
    for protocol in (plain, lively):
        protocol.makeConnection(StringTransport())
    found, refused = [], False
    for piece in pieces(data):
        try:
            reader.feed(piece)
            while not refused and (line := reader.next()) is not NEED_DATA:
                found.append(line)
        except TooLong:
            refused = True
        if not plain.refused:
            plain.dataReceived(piece)
        if not lively.refused:
            lively.dataReceived(piece)
            if lively.paused:
                lively.resumeProducing()
    assert found == plain.found, (found, plain.found)
    assert refused == plain.refused


if __name__ == "__main__":
    main(target)
