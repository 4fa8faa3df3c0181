"""What a client offers, out of real hellos and of broken ones."""

from __future__ import annotations

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk._wire.events import NEED_DATA
from ropewalk.internet._tls._wire.hello import LONGEST, HelloReader


def hello(*protocols: str, host: str = "example.org") -> bytes:
    """What the standard library's client says first."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(list(protocols))
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname=host).do_handshake()
    return outgoing.read()


def read(data: bytes, pieceSize: int | None = None) -> object:
    reader = HelloReader()
    answer: object = NEED_DATA
    for at in range(0, len(data), pieceSize or len(data) or 1):
        reader.feed(data[at : at + (pieceSize or len(data))])
        answer = reader.next()
        if answer is not NEED_DATA:
            break
    return answer


@pytest.mark.parametrize("pieceSize", [None, 1, 50])
def test_theProtocolsAreInTheirOrder(pieceSize: int | None) -> None:
    """However the bytes are cut, the names come out as they were offered (RFC 7301 §3.1)."""
    assert read(hello("h2", "http/1.1"), pieceSize) == (b"h2", b"http/1.1")


def test_aClientThatOffersNothing() -> None:
    """It knows nothing of ALPN."""
    assert read(hello()) is None


def test_aHelloInSeveralRecords() -> None:
    """A message may be cut into records (RFC 8446 §5.1)."""
    whole = hello("h2")
    body = whole[5:]
    cut = b"".join(
        b"\x16\x03\x01" + len(piece).to_bytes(2, "big") + piece for piece in (body[:3], body[3:90], body[90:])
    )
    assert read(cut, 7) == (b"h2",)


def test_whatIsNoHello() -> None:
    """It is left to the TLS library to refuse: another record, another message, lengths that lie."""
    whole = hello("h2")
    assert read(b"GET / HTTP/1.1\r\n\r\n") is None
    assert read(whole[:5] + b"\x02" + whole[6:]) is None
    assert read(whole[:80] + b"\xff" * (len(whole) - 80)) is None


@pytest.mark.parametrize(("extra", "answer"), [(0, NEED_DATA), (1, None)])
def test_aHelloHasALimit(extra: int, answer: object) -> None:
    """More than LONGEST bytes are not kept."""
    size = LONGEST - 4 + extra
    assert read(b"\x16\x03\x01\x00\x04\x01" + size.to_bytes(3, "big")) is answer


def test_recordsHaveALimitToo() -> None:
    """Nor are records that never make a message."""
    assert read((b"\x16\x03\x01\x40\x00" + b"\x01\x00\xff\x00" + bytes(16380)) * 5) is None


@given(st.binary(max_size=300), st.integers(1, 40))
def test_anyBytes(data: bytes, pieceSize: int) -> None:
    """Nothing but an answer comes out of any bytes, the same however they are cut."""
    start = b"\x16\x03\x01" + len(data).to_bytes(2, "big")
    assert read(start + data) == read(start + data, pieceSize)
