"""Where records end, however the bytes are cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ropewalk.internet._tls._wire.records import Records


def record(size: int) -> bytes:
    return b"\x17\x03\x03" + size.to_bytes(2, "big") + bytes(size)


def test_aRecordAtATime() -> None:
    """A record that comes whole is one, and the stream is whole after it."""
    records = Records()
    for size in (0, 1, 100, 16640):
        assert records.feed(record(size)) == 1
        assert records.whole
    assert records.feed(b"") == 0


def test_aHeaderThatIsCut() -> None:
    """Nothing is known before its fifth byte."""
    records = Records()
    whole = record(3)
    assert [records.feed(whole[at : at + 1]) for at in range(len(whole))] == [0] * 7 + [1]
    assert records.feed(whole[:4]) == 0
    assert not records.whole
    assert records.feed(whole[4:] + whole + whole[:2]) == 2
    assert not records.whole


@given(st.lists(st.integers(0, 600), max_size=8), st.lists(st.integers(1, 700), max_size=20))
def test_anySplit(sizes: list[int], cuts: list[int]) -> None:
    """As many records are counted however the stream is cut, also as views."""
    stream = b"".join(map(record, sizes))
    records, counted, at = Records(), 0, 0
    for cut in [*cuts, len(stream)]:
        counted += records.feed(memoryview(stream)[at : at + cut])
        at = min(at + cut, len(stream))
    assert counted == len(sizes)
    assert records.whole
