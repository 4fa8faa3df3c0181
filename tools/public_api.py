"""List the public names and signatures of each public module, as ``tests/api/`` keeps them.

``python tools/public_api.py --write`` renews the lists, so that a change of the public API shows in review.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, NoneType

import ropewalk

LISTS = Path(__file__).parent.parent / "tests" / "api"

# An object in a module's place, whose class `base` lists; and modules of other systems and of toolkits.
ELSEWHERE = {
    f"ropewalk.internet.{name}"
    for name in (
        *("reactor", "kqreactor", "cfreactor", "iocpreactor", "win32eventreactor"),
        *("gireactor", "glib2reactor", "gtk2reactor", "gtk3reactor", "qtreactor", "wxreactor"),
    )
}


def publicModules() -> Iterator[str]:
    """Every module without an underscore in its path, apart from programs and what loads other programs."""
    for found in pkgutil.walk_packages(ropewalk.__path__, "ropewalk.", onerror=lambda name: None):
        parts = found.name.split(".")
        if any(part.startswith("_") for part in parts) or parts[1] in ("demo", "scripts", "as_twisted", "test"):
            continue
        if found.name not in ELSEWHERE:
            yield found.name


def describe(module: ModuleType) -> Iterator[str]:
    """A line for each public name: classes with their public methods, functions with their signatures."""
    names = getattr(module, "__all__", None) or [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]
    for name in sorted(names):
        value = getattr(module, name)
        if inspect.isclass(value):
            yield f"class {name}({', '.join(base.__name__ for base in value.__bases__)})"
            for attribute, member in sorted(vars(value).items()):
                if attribute == "__init__" or not attribute.startswith("_"):
                    yield f"  {attribute}{signature(member)}"
        elif callable(value) and not hasattr(value, "names"):
            yield f"def {name}{signature(value)}"
        elif hasattr(value, "names") and hasattr(value, "getName"):
            yield f"interface {name}: {', '.join(sorted(value.names(all=True)))}"
        else:
            yield f"{name}: {type(value).__name__}"


def signature(member: object) -> str:
    if isinstance(member, staticmethod | classmethod):
        member = member.__func__
    if not inspect.isroutine(member):
        return ""
    try:
        parameters = inspect.signature(member).parameters.values()
    except (TypeError, ValueError):
        return "(...)"
    # Annotations are left out, and defaults that are no plain values: the lists must read the same everywhere.
    return f"({', '.join(str(plain(parameter)) for parameter in parameters)})"


def plain(parameter: inspect.Parameter) -> inspect.Parameter:
    default = parameter.default
    isPlain = isinstance(default, bool | int | float | str | bytes | tuple | frozenset | NoneType) or default in (
        {},
        [],
    )
    if default is not inspect.Parameter.empty and not (isPlain and " at 0x" not in repr(default)):
        default = Elsewhere()
    return parameter.replace(annotation=inspect.Parameter.empty, default=default)


class Elsewhere:
    """A default that is an object."""

    def __repr__(self) -> str:
        return "..."


def listing(name: str) -> str:
    return "\n".join(describe(importlib.import_module(name))) + "\n"


def main() -> int:
    write = "--write" in sys.argv[1:]
    wanted = {LISTS / f"{name.removeprefix('ropewalk.')}.txt": listing(name) for name in publicModules()}
    stale = [path for path in LISTS.glob("*.txt") if path not in wanted]
    if write:
        LISTS.mkdir(exist_ok=True)
        for path in stale:
            path.unlink()
        for path, text in wanted.items():
            path.write_text(text)
        return 0
    changed = [path.name for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    for name in [*changed, *(path.name for path in stale)]:
        print(f"tests/api/{name} does not list what is there now; tools/public_api.py --write renews it")
    return 1 if changed or stale else 0


if __name__ == "__main__":
    sys.exit(main())
