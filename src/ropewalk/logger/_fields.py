"""The fields of a format string, with the extension ``{request.size()}``: read once, looked up often."""

from __future__ import annotations

import _string  # type: ignore[import-not-found]  # what `string.Formatter` is made of; it would import `re`

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

__all__ = ["Field", "Template", "callsSomething"]


def callsSomething(format: str) -> bool:
    """Whether any field of a format calls what it names, which `str.format_map` doesn't know."""
    return "()" in format


class Field:
    """What stands between braces.

    Attributes:
        name: what to look up, such as ``a.b[c].d()``.
        conversion: ``s``, ``r``, ``a`` or nothing.
        spec: how to format it, as `format` has it; may hold fields itself.
    """

    __slots__ = ("_first", "_steps", "conversion", "name", "spec")

    def __init__(self, name: str, conversion: str | None, spec: str) -> None:
        """
        Raises:
            ValueError: the name is malformed, or a position.
        """
        first, steps = _string.formatter_field_name_split(name)
        if not isinstance(first, str) or not first:
            raise ValueError(f"a field of a log format needs the name of a key, not {name!r}: events have no positions")
        if conversion not in (None, "s", "r", "a"):
            raise ValueError(f"unknown conversion {conversion!r} in a log format: use !s, !r or !a")
        self.name = name
        self.conversion = conversion
        self.spec = spec
        self._first = first
        self._steps = tuple(steps)

    def look(self, event: Mapping[str, Any]) -> object:
        """Return what the event has under this name.

        Raises:
            KeyError: the event lacks the key.
            Exception: whatever looking at an attribute, into a container or calling may raise.
        """
        first = self._first
        # ``Any``: whatever the event has; what cannot be done with it raises.
        value: Any = event[first[:-2]]() if first.endswith("()") else event[first]
        for isAttribute, step in self._steps:
            if not isAttribute:
                value = value[step]
            elif step.endswith("()"):
                value = getattr(value, step[:-2])()
            else:
                value = getattr(value, step)
        return value

    def text(self, value: object, event: Mapping[str, Any]) -> str:
        """Return a value, once found, as this field shows it."""
        if self.conversion == "r":
            value = repr(value)
        elif self.conversion == "s":
            value = str(value)
        elif self.conversion == "a":
            value = ascii(value)
        spec = self.spec
        if "{" in spec:
            spec = Template(spec).format(event)
        return format(value, spec)


class Template:
    """A format string, taken apart.

    Attributes:
        pieces: literal text, and the field that follows it if any, in order.
    """

    __slots__ = ("pieces",)

    def __init__(self, format: str) -> None:
        """
        Raises:
            ValueError: the format is malformed.
        """
        self.pieces: tuple[tuple[str, Field | None], ...] = tuple(_read(format))

    def format(self, event: Mapping[str, Any]) -> str:
        """Fill in what the event has.

        Raises:
            Exception: as `Field.look` and `Field.text`.
        """
        out = []
        for literal, field in self.pieces:
            out.append(literal)
            if field is not None:
                out.append(field.text(field.look(event), event))
        return "".join(out)


def _read(format: str) -> Iterator[tuple[str, Field | None]]:
    for literal, name, spec, conversion in _string.formatter_parser(format):
        yield literal, None if name is None else Field(name, conversion, spec or "")
