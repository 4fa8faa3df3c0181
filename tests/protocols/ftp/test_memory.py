"""Large files take no memory, and are whole after the link was cut."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[3] / "benchmarks" / "ftpfiles.py"


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells how much memory is used")
def test_largeFiles(tmp_path: Path) -> None:
    """64 MB go up and down, cut in the middle and resumed; the server's memory grows by less than 40 MB (issue 4)."""
    command = [sys.executable, str(PROGRAM), "--size", "64", "--check", "--folder", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "resumed, whole" in done.stdout
