"""Formats whose fields are plain keys, filled in at the speed of an f-string: twice that of `str.format_map`.

Nearly all formats are like ``"{peer} sent {count} bytes: {data!r}"``. What such a format needs is an f-string that
looks up the keys; formats with as many fields, literals in the same places and the same conversions need the same
code. So code is made once for each such *shape*, with numbered names in place of keys and literals, and a format is
that code with its own keys and literals as globals. No text of a format ever becomes code.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import CodeType, FunctionType
    from typing import Any

    from ._fields import Template
else:
    FunctionType = type(lambda: None)  # `types` is one more module to import.

__all__ = ["plainFormatter"]

# Source -> code. There are as many as shapes in use, which are few; emptied when somebody's formats have all of them.
_code: dict[str, CodeType] = {}
_CODE_KEPT = 256


def plainFormatter(template: Template) -> Callable[[Mapping[str, Any]], str] | None:
    """Return a function that does what ``template.format`` does; `None` if not every field is a plain key."""
    names: dict[str, object] = {}
    source = ""
    for number, (literal, field) in enumerate(template.pieces):
        if literal:
            names[f"l{number}"] = literal
            source += f"{{l{number}}}"
        if field is None:
            continue
        if field.spec or not field.name.isidentifier():
            return None
        names[f"k{number}"] = field.name
        source += f"{{e[k{number}]{'!' + field.conversion if field.conversion else ''}}}"
    code = _code.get(source)
    if code is None:
        if len(_code) >= _CODE_KEPT:
            _code.clear()
        code = _code[source] = compile(f'lambda e: f"{source}"', "<log format>", "eval").co_consts[0]
    formatter: Callable[[Mapping[str, Any]], str] = FunctionType(code, names)
    return formatter
