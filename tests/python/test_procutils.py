"""Programs are found as a shell finds them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ropewalk.python.procutils import which


def test_theOrderOfThePath(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every directory's is found, in order, once, if it may be run."""
    for folder, mode in (("one", 0o755), ("two", 0o644), ("three", 0o755)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "tool").touch(mode)
    (tmp_path / "four" / "tool").mkdir(parents=True)
    folders = [str(tmp_path / name) for name in ("one", "two", "nosuch", "three", "one", "four")]
    monkeypatch.setenv("PATH", os.pathsep.join(folders))
    assert which("tool") == [str(tmp_path / "one" / "tool"), str(tmp_path / "three" / "tool")]
    assert len(which("tool", os.R_OK)) == 3
    assert which("other") == []


def test_aPathIsLookedAtItself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a directory in the name only that file counts; without a PATH nothing is found."""
    (tmp_path / "tool").touch(0o755)
    assert which(str(tmp_path / "tool")) == [str(tmp_path / "tool")]
    monkeypatch.delenv("PATH")
    assert which("tool") == []
