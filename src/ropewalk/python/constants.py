"""Symbolic constants: names, values and flags that belong together. They are those of the ``constantly`` library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constantly import FlagConstant as _FlagConstant
from constantly import Flags, NamedConstant, Names, ValueConstant, Values

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

__all__ = ["FlagConstant", "Flags", "NamedConstant", "Names", "ValueConstant", "Values"]


class FlagConstant(_FlagConstant):  # type: ignore[misc]  # the library has no types
    """A flag, or several that were combined. Combined ones are iterated over in the order of their names.

    The library's own iterate in an order that differs from one process to the next.
    """

    def __iter__(self) -> Iterator[Self]:
        """Go through the flags that are set, by name."""
        return iter(sorted(super().__iter__(), key=lambda flag: str(flag.name)))

    def __or__(self, other: Self) -> Self:
        return self._ours(super().__or__(other))

    def __and__(self, other: Self) -> Self:
        return self._ours(super().__and__(other))

    def __xor__(self, other: Self) -> Self:
        return self._ours(super().__xor__(other))

    def __invert__(self) -> Self:
        return self._ours(super().__invert__())

    def _ours(self, combined: Any) -> Self:
        """What the library made of several flags, as one of this class."""
        combined.__class__ = type(self)
        result: Self = combined
        return result
