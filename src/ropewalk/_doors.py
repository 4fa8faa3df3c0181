"""Public modules are front doors: they re-export names that private packages define.

`publish` makes the door's path the one that users meet in tracebacks, pickles, ``repr`` and documentation.
"""

from __future__ import annotations

import sys

__all__ = ["publish"]


def publish(door: str) -> None:
    """Give every class and function in a module's ``__all__`` that module's name as its ``__module__``.

    Only objects defined inside ``ropewalk`` behind an underscore are renamed: what a door re-exports from
    another public module keeps its own home.

    Args:
        door: the public module's ``__name__``; it has defined ``__all__`` and imported every name in it.
    """
    module = sys.modules[door]
    for name in module.__all__:
        value = getattr(module, name)
        home = getattr(value, "__module__", None)
        if isinstance(home, str) and home.startswith("ropewalk.") and "._" in home:
            try:
                value.__module__ = door
            except (AttributeError, TypeError):
                pass  # an instance with slots or a builtin: it says where it comes from by itself
