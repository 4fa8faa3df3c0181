"""What a TLS client says first, and where records end: any bytes give an answer, the same however they are cut."""

from __future__ import annotations

from fuzzing import main, pieces

from ropewalk._wire.events import NEED_DATA
from ropewalk.internet._tls._wire.hello import HelloReader
from ropewalk.internet._tls._wire.records import Records


def offered(parts: list[bytes]) -> object:
    reader = HelloReader()
    answer: object = NEED_DATA
    for part in parts:
        reader.feed(part)
        answer = reader.next()
        if answer is not NEED_DATA:
            break
    return answer


def ends(parts: list[bytes]) -> tuple[int, bool]:
    records = Records()
    return sum([records.feed(part) for part in parts]), records.whole


def hello(data: bytes) -> bytes:
    """A hello whose extensions are these bytes: else they would hardly ever be reached."""
    extensions = b"\0\x10" + len(data).to_bytes(2, "big") + data
    body = bytes(34) + b"\0" + b"\0\0" + b"\0" + len(extensions).to_bytes(2, "big") + extensions
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + len(message).to_bytes(2, "big") + message


def target(data: bytes) -> None:
    stream = hello(data) if data[:1] < b"\x80" else data
    assert offered([stream]) == offered(pieces(stream))
    assert ends([stream]) == ends(pieces(stream))


if __name__ == "__main__":
    main(target)
