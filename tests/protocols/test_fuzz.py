"""The fuzz targets of the small protocols run, and a bounded number of random inputs finds nothing."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

FUZZ = Path(__file__).resolve().parents[2] / "fuzz"
TARGETS = ["fuzz_dict", "fuzz_memcache", "fuzz_proxyheader", "fuzz_shoutcast", "fuzz_small_lines", "fuzz_socks"]


@pytest.mark.parametrize("name", TARGETS)
def test_randomBytesFindNothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand random inputs pass each target."""
    monkeypatch.syspath_prepend(str(FUZZ))
    fuzzing = importlib.import_module("fuzzing")
    fuzzing.smoke(importlib.import_module(name).target, 1000, seed=26)
