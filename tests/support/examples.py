"""Find the programs of examples/, and rewrite them to import ``twisted``."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from .programs import Program

EXAMPLES = Path(__file__).parents[2] / "examples"

Starter = Callable[..., Program]


def runnable(folder: Path, name: str) -> list[str]:
    """How Python is told to run a program: by file, or by module when the name has no ``.py``."""
    return [str(folder / name)] if name.endswith(".py") else ["-m", name]


def asTwisted(source: str) -> str:
    """The same program with its imports under Twisted's name."""
    return re.sub(r"^((?:from|import) )ropewalk\b", r"\1twisted", source, flags=re.MULTILINE)
