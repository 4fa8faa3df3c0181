"""Type checkers understand Deferreds: mypy, strict, over the two files beside this one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent


def complaints(name: str) -> tuple[list[tuple[int, str]], str]:
    """What mypy finds in a file here: (line, error code) of each error, and all it says."""
    api = pytest.importorskip("mypy.api")
    options = ["--config-file", str(PROJECT / "pyproject.toml"), "--show-error-codes", "--no-pretty"]
    told, problems, _ = api.run([*options, str(HERE / name)])
    assert not problems, problems
    errors = re.findall(rf"{re.escape(name)}:(\d+): error: .*\[([\w-]+)\]$", told, re.MULTILINE)
    return [(int(line), code) for line, code in errors], told


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_accepted() -> None:
    """Every type that is asserted in ``deferred_accepted.py`` is what mypy infers."""
    errors, told = complaints("deferred_accepted.py")
    assert errors == [], told


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_refused() -> None:
    """Exactly the lines marked so in ``deferred_refused.py`` are errors, of the kind that they say."""
    marked = [
        (number, line.rpartition("# refused: ")[2])
        for number, line in enumerate((HERE / "deferred_refused.py").read_text().splitlines(), 1)
        if "# refused: " in line
    ]
    errors, told = complaints("deferred_refused.py")
    assert sorted(errors) == marked, told
