"""lftp as the client of our FTP server: it mirrors trees, resumes, renames, and encrypts."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet.ssl import optionsForServerTLS
from ropewalk.internet.threads import deferToThreadPool
from support.certificates import authority, issue
from support.ftp import serving
from support.reactors import run

pytestmark = pytest.mark.skipif(shutil.which("lftp") is None, reason="lftp is not installed")

DATA = os.urandom(2_000_000)


@pytest.mark.parametrize("isEncrypted", [False, True])
@pytest.mark.parametrize("isPassive", ["on", "off"])
def test_lftp(reactor: Any, tmp_path: Path, isEncrypted: bool, isPassive: str) -> None:
    """lftp mirrors a tree up and down, resumes a file, renames, lists and removes; in the clear and encrypted."""
    tree = tmp_path / "tree"
    (tree / "sub" / "empty").mkdir(parents=True)
    (tree / "large").write_bytes(DATA)
    (tree / "sub" / "Grüße").write_text("hello")
    (tmp_path / "part").write_bytes(DATA[:700_000])
    ca = tmp_path / "ca.pem"
    authority().cert_pem.write_to_path(str(ca))
    script = ";".join(
        [
            "set cmd:fail-exit on",
            "set net:max-retries 1",
            "set net:timeout 5",
            "set dns:order inet",
            f"set ftp:passive-mode {isPassive}",
            f"set ftp:ssl-force {'on' if isEncrypted else 'off'}",
            "set ftp:ssl-protect-data on",
            f"set ssl:ca-file {ca}",
            f"mirror -R {tree} up",
            f"mirror up {tmp_path / 'down'}",
            f"get -c up/large -o {tmp_path / 'part'}",
            "mv up/large up/moved",
            "cls -1 up",
            "rm -r up/sub",
            "bye",
        ]
    )
    settings: dict[str, Any] = {}
    if isEncrypted:
        settings = {"contextFactory": optionsForServerTLS(issue("localhost")), "tlsForLogins": True}

    async def main() -> None:
        async with serving(tmp_path / "site", reactor, **settings) as site:
            command = ["lftp", "--norc", "-u", "bob,secret", "-p", str(site.port), "-e", script, "localhost"]
            environment = {**os.environ, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
            done = await deferToThreadPool(
                reactor,
                reactor.getThreadPool(),
                subprocess.run,
                command,
                capture_output=True,
                timeout=15,
                env=environment,
            )
            assert done.returncode == 0, done.stderr
            assert done.stdout.decode().split() == ["up/moved", "up/sub/"]
            assert (site.home / "up" / "moved").read_bytes() == DATA
            assert not (site.home / "up" / "sub").exists()

    run(reactor, main, timeout=25)
    assert (tmp_path / "down" / "large").read_bytes() == DATA
    assert (tmp_path / "down" / "sub" / "Grüße").read_text() == "hello"
    assert (tmp_path / "part").read_bytes() == DATA
