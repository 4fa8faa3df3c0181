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


class Piece:
    """Literal text and the field after it, with the keys under which the field is saved."""

    __slots__ = ("field", "literal", "textKey", "valueKey")

    def __init__(self, literal: str, field: Field, textKey: str, valueKey: str) -> None:
        self.literal = literal
        self.field = field
        self.textKey = textKey
        self.valueKey = valueKey


class Plan:
    """How a format's fields are saved.

    Attributes:
        pieces: literal text and fields, in order.
        end: the literal text after the last field.
    """

    __slots__ = ("end", "pieces")

    def __init__(self, format: str | bytes) -> None:
        """
        Raises:
            ValueError, AttributeError: it is no format.
        """
        text = format.decode("utf-8") if isinstance(format, bytes) else format
        seen: dict[str, int] = {}
        pieces = []
        literals = ""
        for literal, field in Template(text).pieces:
            literals += literal
            if field is None:
                continue
            textKey = f"{field.name}!{field.conversion or 's'}:{field.spec}"
            times = seen[textKey] = seen.get(textKey, 0) + 1
            repeat = f"/{times}" if times > 1 else ""
            pieces.append(Piece(literals, field, textKey + repeat, f"{field.name}!:{field.spec}{repeat}"))
            literals = ""
        self.pieces = tuple(pieces)
        self.end = literals


# Format -> plan. Emptied when full: formats are few unless somebody builds them, and those never recur.
_plans: dict[str | bytes, Plan] = {}
_PLANS_KEPT = 1024


def _planOf(format: str | bytes) -> Plan:
    """
    Raises:
        ValueError, AttributeError, TypeError: it is no format.
    """
    plan = _plans.get(format)
    if plan is None:
        plan = Plan(format)
        if len(_plans) >= _PLANS_KEPT:
            _plans.clear()
        _plans[format] = plan
    return plan


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
        pieces = _planOf(format).pieces
    except Exception:
        return None  # Not a format. `formatEvent` says so to whoever reads the event.
    found: dict[str, Any] = {}
    for piece in pieces:
        try:
            value = piece.field.look(event)
            found[piece.textKey] = piece.field.text(value, event)
            found[piece.valueKey] = value
        except Exception:
            continue  # `formatEvent` tells what is wrong with the event; the other fields are still worth keeping.
    return found or None


def flatFormat(event: LogEvent) -> str:
    """Return the message of an event that has been flattened.

    Raises:
        KeyError: a field is missing.
    """
    fields: dict[str, Any] = event["log_flattened"]
    plan = _planOf(event["log_format"])
    out = []
    for piece in plan.pieces:
        out.append(piece.literal)
        out.append(str(fields[piece.textKey]))
    out.append(plan.end)
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
