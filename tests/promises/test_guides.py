"""Programs of docs/ that need more than a block of Python: they work as they are printed.

Blocks fenced as ``python run`` are run by ``tools/check_docs.py``; the guide to twistd by its own tests.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.programs import PATIENCE, Caller, Program, freePort

DOCS = Path(__file__).parents[2] / "docs"


def blocks(page: str, fence: str = "python") -> list[str]:
    """What stands between the fences of a page, first to last."""
    return re.findall(rf"^```{fence}\n(.*?)^```", (DOCS / page).read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="OpenSSL's program isn't installed")
def test_theFirstTryOfTLS(tmp_path: Path) -> None:
    """The certificate, the server and the client at the top of docs/tls.md."""
    commands = re.search(r"    \$ (mkdir live\n(?:    .*\n)+)", (DOCS / "tls.md").read_text())
    assert commands is not None
    shell = commands[1].replace("\n    $ ", "\n")
    subprocess.run(["sh", "-ec", shell], cwd=tmp_path, check=True, capture_output=True, timeout=PATIENCE)
    (tmp_path / "first.py").write_text(blocks("tls.md")[0].replace("8443", str(freePort())))
    done = subprocess.run(
        [sys.executable, "first.py"], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (done.stdout, done.returncode) == ("b'HELLO\\n'\n", 0), done.stderr


def test_thePluginForTwist(tmp_path: Path) -> None:
    """The two files of docs/twist.md are a command of `twist`."""
    plugin, module = blocks("twist.md")
    (tmp_path / "ropewalk" / "plugins").mkdir(parents=True)
    (tmp_path / "ropewalk" / "plugins" / "hello_plugin.py").write_text(plugin)
    (tmp_path / "hello.py").write_text(module)
    port = freePort()
    command = [sys.executable, "-m", "ropewalk.application.twist", "hello", "--listen", f"tcp:{port}"]
    with Program(command, tmp_path) as program, Caller(port, program) as caller:
        assert caller.rest() == b"hello\r\n"


def test_theFirstProgram(tmp_path: Path) -> None:
    """The echo server of the README."""
    source = re.findall(r"^```python\n(.*?)^```", (DOCS.parent / "README.md").read_text(), re.MULTILINE | re.DOTALL)[0]
    port = freePort()
    (tmp_path / "echo.py").write_text(source.replace("8000", str(port)))
    with Program([sys.executable, "echo.py"], tmp_path) as program:
        program.line(containing="listening on")
        with Caller(port, program) as caller:
            caller.send(b"hello\n")
            assert caller.file.readline() == b"hello\n"
