"""Ask mypy what it says of a program, line by line, and compare it with what the program says in its comments."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def assertChecked(source: str, folder: Path) -> None:
    """Check a program strictly.

    Args:
        source: the program. A line that ends in ``# error: CODE`` or ``# type: TYPE`` has that error, or a
            ``reveal_type`` of that type; the others are fine.
        folder: an empty directory for it.
    """
    program = folder / "program.py"
    program.write_text(source)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--follow-imports=silent"]
    command += ["--cache-dir", str(folder / "cache"), "--config-file", str(ROOT / "pyproject.toml"), str(program)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=55, check=False)
    said = {}
    for line in done.stdout.splitlines():
        name, number, _, message = line.split(":", 3)
        if name.endswith("program.py"):
            kind, _, revealed = message.partition('Revealed type is "')
            said[int(number)] = f"type: {revealed[:-1]}" if revealed else "error: " + kind.rpartition("[")[2][:-1]
    expected = {
        number: line.partition("  # ")[2]
        for number, line in enumerate(source.splitlines(), 1)
        if "  # error: " in line or "  # type: " in line
    }
    assert said == expected, done.stdout
