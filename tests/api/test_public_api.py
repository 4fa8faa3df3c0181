"""The public names and signatures are those that ``tests/api/*.txt`` list."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).parents[2] / "tools" / "public_api.py"


def test_publicApiIsWhatIsListed() -> None:
    """A change of a public name or signature shows in its list, and so in review."""
    done = subprocess.run([sys.executable, str(TOOL)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
