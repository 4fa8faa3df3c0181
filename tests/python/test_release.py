"""Shell commands of a release script."""

from __future__ import annotations

from pathlib import Path

import pytest

from ropewalk.python import release


def test_commands(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A command is shown and run; what it prints is shown only when asked for."""
    release.sh(f"echo hello; touch {tmp_path}/made")
    assert (tmp_path / "made").exists()
    assert capfd.readouterr().out == f"--$ echo hello; touch {tmp_path}/made\n"
    release.sh("echo hello", null=False)
    assert capfd.readouterr().out == "--$ echo hello\nhello\n"


def test_failure() -> None:
    """A command that fails stops the script, which learns the status."""
    with pytest.raises(release.CommandFailed, match="'exit 3' ended with exit status 3"):
        release.sh("exit 3")


@pytest.mark.parametrize(("answer", "runs"), [("yes", True), ("n", False), ("", False)])
def test_asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, runs: bool) -> None:
    """With a prompt nothing is run without a yes."""
    monkeypatch.setattr("builtins.input", lambda question: answer)
    release.sh(f"touch {tmp_path}/made", prompt=True)
    assert (tmp_path / "made").exists() is runs


def test_currentDirectory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function may change the current directory; afterwards it is the old one, also when the function fails."""
    monkeypatch.chdir(tmp_path)

    def wander(fail: bool) -> Path:
        import os

        os.chdir("/")
        if fail:
            raise ValueError("lost")
        return Path.cwd()

    assert release.runChdirSafe(wander, fail=False) == Path("/")
    with pytest.raises(ValueError, match="lost"):
        release.runChdirSafe(wander, True)
    assert Path.cwd() == tmp_path
