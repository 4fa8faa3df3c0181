"""Commands whose output nobody reads to its end, as behind ``| head -1``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = [
    "ropewalk --help",
    "ropewalk run --help",
    "ropewalk doctor --json",
    "trial --help",
    "trial --help-reporters",
    "trial unittest",
    "twistd --help",
    "twistd --version",
    "twistd --systemd-unit=x portforward --host=x",
    "twistd portforward --help",
    "twist --help",
    "pyhtmlizer --help",
    "pyhtmlizer --_shell-completion bash:script",
]


@pytest.mark.parametrize("buffering", ["buffered", "at once"])
@pytest.mark.parametrize("command", COMMANDS)
def test_readersMayLeave(command: str, buffering: str, tmp_path: Path) -> None:
    """A command whose reader has gone ends without a word; ``command | head -1`` shows one line and no traceback."""
    name, *words = command.split()
    module = {"pyhtmlizer": "htmlizer"}.get(name, name)
    script = f"import sys; sys.argv[0] = {name!r}; from ropewalk.scripts import {module} as m; "
    script += "sys.exit(m.main())" if name == "ropewalk" else "m.run()"
    env = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
    if buffering == "at once":
        env["PYTHONUNBUFFERED"] = "1"
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-c", script, *words],
            cwd=tmp_path, env=env, stdin=subprocess.DEVNULL, stdout=writing, stderr=subprocess.PIPE,
            text=True, timeout=50, check=False,
        )  # fmt: skip
    finally:
        os.close(writing)
    # What tests had to say is not known; everything else has done its work.
    assert (done.returncode, done.stderr) == (int(command == "trial unittest"), "")
