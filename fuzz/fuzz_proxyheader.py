"""PROXY headers: any bytes are a header or refused, the same however they are cut."""

from __future__ import annotations

from fuzzing import main, pieces

from ropewalk._wire.events import NEED_DATA, RemoteProtocolError
from ropewalk.protocols._wire.proxyheader import SIGNATURE, Reader, version1, version2

STARTS = [b"", b"PROXY ", b"PROXY TCP4 1.2.3.4 ", b"PROXY TCP6 ::1 ", SIGNATURE, SIGNATURE + b"\x21\x11\0\x0c"]


def found(parts: list[bytes]) -> object:
    reader = Reader()
    try:
        for part in parts:
            reader.feed(part)
            if (header := reader.next()) is not NEED_DATA:
                if header.source is None or header.source.port:
                    version1(header)
                version2(header)
                return header
    except RemoteProtocolError:
        return "refused"
    return None


def target(data: bytes) -> None:
    text = STARTS[data[0] % len(STARTS)] + data[1:] if data else data
    if text:
        assert found([text]) == found(pieces(text))


if __name__ == "__main__":
    main(target)
