"""Every example runs twice: as it stands, and rewritten to import ``twisted`` under ``ropewalk run``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support.examples import EXAMPLES, Starter, asTwisted, runnable
from support.programs import Program, python


@pytest.fixture(params=["ropewalk", "twisted"])
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Starter:
    """A function that starts an example by its path below examples/, with arguments."""
    if request.param == "ropewalk":
        return lambda name, *arguments: Program(python(*runnable(EXAMPLES, name), *map(str, arguments)), EXAMPLES)

    def startAsTwisted(name: str, *arguments: object) -> Program:
        folder = tmp_path / "examples"
        if not folder.exists():
            shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("__pycache__"))
            for path in folder.rglob("*.py"):
                path.write_text(asTwisted(path.read_text()))
        return Program(python("-m", "ropewalk", "run", *runnable(folder, name), *map(str, arguments)), folder)

    return startAsTwisted
