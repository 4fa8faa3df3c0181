"""Strings behind their length: what comes out was in the bytes, and nothing unforeseen is raised."""

from __future__ import annotations

from struct import Struct

from fuzzing import main, pieces

from ropewalk._wire.events import NEED_DATA, TooLong
from ropewalk._wire.frames import FrameReader, frame
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols.basic import Int8StringReceiver, Int16StringReceiver, Int32StringReceiver, IntNStringReceiver

LIMIT = 40


def check(data: bytes, cls: type[IntNStringReceiver]) -> None:
    class Strings(cls):  # type: ignore[misc, valid-type]  # each of the three sizes
        MAX_LENGTH = LIMIT

        def stringReceived(self, string: bytes) -> None:
            found.append(string)

    prefix, found, expected, refused = Struct(cls.structFormat), [], [], False
    reader, protocol = FrameReader(prefix, LIMIT), Strings()
    transport = StringTransport()
    protocol.makeConnection(transport)
    for piece in pieces(data):
        protocol.dataReceived(piece)
        if refused:
            continue
        reader.feed(piece)
        try:
            while (string := reader.next()) is not NEED_DATA:
                expected.append(string)
        except TooLong:
            refused = True
    assert found == expected
    assert transport.disconnecting == refused
    assert data.startswith(b"".join([frame(prefix, string) for string in found]))


def target(data: bytes) -> None:
    for cls in (Int8StringReceiver, Int16StringReceiver, Int32StringReceiver):
        check(data, cls)


if __name__ == "__main__":
    main(target)
