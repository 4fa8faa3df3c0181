"""A line of 40 bytes cut out of 4 KiB pieces by `LineReceiver`."""

from __future__ import annotations

from stopwatch import load, report

StringTransport = load("internet.testing").StringTransport
LineReceiver = load("protocols.basic").LineReceiver


class Reader(LineReceiver):  # type: ignore[misc, valid-type]  # of whichever package is under test
    def lineReceived(self, line: bytes) -> None:
        return None


LINES = 100
reader = Reader()
reader.makeConnection(StringTransport())
piece = (b"x" * 38 + b"\r\n") * LINES
report(lambda: reader.dataReceived(piece), each=LINES)
