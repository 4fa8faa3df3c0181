"""Symbolic constants: names, values and flags that belong together. They are those of the ``constantly`` library."""

from __future__ import annotations

from constantly import FlagConstant, Flags, NamedConstant, Names, ValueConstant, Values

__all__ = ["FlagConstant", "Flags", "NamedConstant", "Names", "ValueConstant", "Values"]
