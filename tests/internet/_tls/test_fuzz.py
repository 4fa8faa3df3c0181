"""The fuzz targets of what TLS's bytes say run, and a bounded number of random inputs finds nothing."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

FUZZ = Path(__file__).resolve().parents[3] / "fuzz"


@pytest.mark.parametrize("target", ["fuzz_tls_hello", "fuzz_certificates"])
def test_randomBytesFindNothing(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand random inputs pass."""
    monkeypatch.syspath_prepend(str(FUZZ))
    fuzzing = importlib.import_module("fuzzing")
    fuzzing.smoke(importlib.import_module(target).target, 1000, seed=26)
