"""Lists that are short, full, or without doubles."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    T = TypeVar("T")
    H = TypeVar("H", bound=Hashable)


class LineLog:
    """The last lines of something, as bytes."""

    def __init__(self, size: int = 10) -> None:
        """Keep this many lines."""
        self.log: list[bytes | None] = [None] * max(size, 0)
        self.size = size

    def append(self, line: bytes) -> None:
        """Add a line; the oldest goes when there are too many."""
        self.log = [*self.log[1:], line] if self.size else []

    def str(self) -> bytes:
        """Return the lines, joined."""
        return b"\n".join(line for line in self.log if line is not None)

    def __getitem__(self, item: Any) -> Any:
        """Return a line, or with a slice some, counted without the places that are still empty."""
        return [line for line in self.log if line is not None][item]

    def clear(self) -> None:
        """Drop all lines."""
        self.log = [None] * max(self.size, 0)


def uniquify(lst: Iterable[H]) -> list[H]:
    """Return the elements without those that came before, in order."""
    return list(dict.fromkeys(lst))


def padTo(n: int, seq: Iterable[T], default: Any = None) -> list[Any]:
    """Return a list of ``n`` elements: those of the sequence and then ``default``.

    Raises:
        ValueError: the sequence has more.
    """
    elements = list(seq)
    if len(elements) > n:
        raise ValueError(f"{len(elements)} elements do not fit into {n}")
    return elements + [default] * (n - len(elements))
