"""What an event's format refers to, as data that survives JSON: `flattened`, `extractField`.

An event in memory holds objects; ``{log_source.value}`` looks at one of them. Saved as JSON most objects are lost, but
the fields that the format names can be kept: as text, so that the event reads as it did, and as values, so that
`extractField` gives what it gave. They stand under ``log_flattened`` with the keys that Twisted's files have too:

    ``name!conversion:spec``     the text, as the field shows it; conversion is ``s`` when the format has none
    ``name!:spec``               the value
    ``.../2``, ``.../3``         the same field again: calling it may have given something else
"""

from __future__ import annotations

from ._fields import Field, Template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._events import LogEvent

__all__ = ["extractField", "flatFormat", "flattened"]

_templates: dict[str, Template] = {}
_TEMPLATES_KEPT = 1024


def _templateOf(format: str | bytes) -> Template:
    """
    Raises:
        ValueError, TypeError: it is no format.
    """
    text = format.decode("utf-8") if isinstance(format, bytes) else format
    template = _templates.get(text)
    if template is None:
        template = Template(text)
        if len(_templates) >= _TEMPLATES_KEPT:
            _templates.clear()
        _templates[text] = template
    return template


class Keys:
    """Names the flattened fields of one event, in the order in which the format has them."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def of(self, field: Field) -> tuple[str, str]:
        """Return the keys of the next field: of its text, and of its value."""
        textKey = f"{field.name}!{field.conversion or 's'}:{field.spec}"
        valueKey = f"{field.name}!:{field.spec}"
        times = self._seen[textKey] = self._seen.get(textKey, 0) + 1
        if times > 1:
            return f"{textKey}/{times}", f"{valueKey}/{times}"
        return textKey, valueKey


def flattened(event: LogEvent) -> dict[str, Any] | None:
    """Return the fields that an event's format names; `None` when it names none.

    Never raises: a field that cannot be looked up or shown is left out.
    """
    known: dict[str, Any] | None = event.get("log_flattened")
    if known is not None:
        return known
    format = event.get("log_format")
    if format is None:
        return None
    try:
        pieces = _templateOf(format).pieces
    except Exception:
        return None  # Not a format. `formatEvent` says so to whoever reads the event.
    found: dict[str, Any] = {}
    keys = Keys()
    for _, field in pieces:
        if field is None:
            continue
        textKey, valueKey = keys.of(field)
        try:
            value = field.look(event)
            found[textKey] = field.text(value, event)
            found[valueKey] = value
        except Exception:
            continue  # `formatEvent` tells what is wrong with the event; the other fields are still worth keeping.
    return found or None


def flatFormat(event: LogEvent) -> str:
    """Return the message of an event that has been flattened.

    Raises:
        KeyError: a field is missing.
    """
    fields: dict[str, Any] = event["log_flattened"]
    keys = Keys()
    out = []
    for literal, field in _templateOf(event["log_format"]).pieces:
        out.append(literal)
        if field is not None:
            out.append(str(fields[keys.of(field)[0]]))
    return "".join(out)


def extractField(field: str, event: LogEvent) -> Any:
    """Return what a format field refers to, the same from an event in memory and from one that was saved as JSON.

    Of a saved event, that is any field that its format names, and its keys; of one in memory, any field at all.

    Args:
        field: what stands between the braces: ``request.uri``, ``a.b[c].d()``. With a conversion (``a!r``) it is
            text.
        event: where to look.

    Returns:
        The value itself, not its text: a number is a number. What JSON cannot hold is a placeholder once reloaded.

    Raises:
        KeyError: the event has nothing there.
        ValueError: that is not the name of a field.
    """
    pieces = Template("{" + field + "}").pieces
    wanted = pieces[0][1]
    if len(pieces) != 1 or wanted is None:
        raise ValueError(f"extractField wants what stands between the braces of a format, not {field!r}")
    saved: dict[str, Any] = event.get("log_flattened") or {}
    key = f"{wanted.name}!{wanted.conversion or ''}:{wanted.spec}"
    if key in saved:
        return saved[key]
    if not wanted.conversion:
        # The format may have it with another spec, which changes the text but not the value.
        for other, value in saved.items():
            if other.startswith(f"{wanted.name}!:"):
                return value
    try:
        value = wanted.look(event)
        return wanted.text(value, event) if wanted.conversion else value
    except Exception as problem:
        raise KeyError(f"{field}: {problem!r}") from problem
