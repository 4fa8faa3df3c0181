"""Cut a byte stream in every way that matters, for readers that must not care how it was cut."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from hypothesis import strategies as st

from ropewalk._wire.events import NEED_DATA


def everySize(data: bytes) -> Iterator[list[bytes]]:
    """Yield the data cut into pieces of 1, 2, 3 ... bytes, and whole."""
    for size in range(1, max(2, len(data) + 1)):
        yield [data[at : at + size] for at in range(0, len(data), size)]


def anyCuts(data: bytes) -> st.SearchStrategy[list[bytes]]:
    """Return a strategy of the data cut anywhere, empty pieces included."""

    def cut(places: list[int]) -> list[bytes]:
        edges = [0, *sorted(places), len(data)]
        return [data[a:b] for a, b in pairwise(edges)]

    return st.lists(st.integers(0, len(data)), max_size=8).map(cut)


def readAll(reader: object, pieces: list[bytes]) -> list[bytes]:
    """Feed a reader piece by piece and return all that it made of them."""
    found = []
    for piece in pieces:
        reader.feed(piece)  # type: ignore[attr-defined]  # any of the readers
        while (event := reader.next()) is not NEED_DATA:  # type: ignore[attr-defined]
            found.append(event)
    return found
