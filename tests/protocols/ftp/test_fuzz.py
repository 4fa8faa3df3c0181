"""The fuzz target of FTP runs, and a bounded number of random inputs finds nothing."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

FUZZ = Path(__file__).resolve().parents[3] / "fuzz"


def test_randomBytesFindNothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some hundred random inputs pass the target."""
    monkeypatch.syspath_prepend(str(FUZZ))
    fuzzing = importlib.import_module("fuzzing")
    fuzzing.smoke(importlib.import_module("fuzz_ftp").target, 600, seed=26)
