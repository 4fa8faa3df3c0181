"""The fuzz target runs, and a bounded number of random inputs finds nothing."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

FUZZ = Path(__file__).resolve().parents[3] / "fuzz"


def test_randomBytesFindNothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand random inputs pass."""
    monkeypatch.syspath_prepend(str(FUZZ))
    fuzzing = importlib.import_module("fuzzing")
    fuzzing.smoke(importlib.import_module("fuzz_boxes").target, 1000, seed=26)
