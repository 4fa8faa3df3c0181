"""Secrets that OpenSSL wants as files."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ropewalk.internet._tls.memory import asFile
from ropewalk.internet.ssl import optionsForClientTLS
from support.certificates import issue, shakeStdlib, trusted


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="this system has no files in memory")
def test_inMemory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has files in memory, a secret is in one, and never in a directory."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with asFile(b"secret") as path:
        assert Path(path).read_bytes() == b"secret"
        assert list(tmp_path.iterdir()) == []
    assert not Path(path).exists()


def test_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere it is in a file that only its owner may read, for as long as it takes, and OpenSSL reads it there."""
    monkeypatch.delattr(os, "memfd_create", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with asFile(b"secret") as path:
        assert Path(path).read_bytes() == b"secret"
        assert Path(path).parent == tmp_path
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert list(tmp_path.iterdir()) == []
    server = issue("a.example").options()
    assert shakeStdlib(server, optionsForClientTLS("a.example", trusted()))[1].refusal is None
    assert list(tmp_path.iterdir()) == []


def test_afterAnError(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever happens, nothing stays behind."""
    monkeypatch.delattr(os, "memfd_create", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(RuntimeError), asFile(b"secret"):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []
