"""curl as the client of our FTP server: up and down, resumed, active and passive, in the clear and by TLS."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet.ssl import optionsForServerTLS
from ropewalk.internet.threads import deferToThreadPool
from support.certificates import authority, issue
from support.ftp import Site, serving
from support.reactors import run

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")

DATA = os.urandom(3_000_000)


def withCurl(reactor: Any, root: Path, test: Callable[[Site, Callable[..., Any]], Any], **settings: Any) -> None:
    """Run a test with a site and a function that runs curl, with options and a path."""

    async def main() -> None:
        async with serving(root, reactor, **settings) as site:

            async def curl(path: str, *options: str, scheme: str = "ftp") -> bytes:
                where = f"{scheme}://localhost:{site.port}/{path}"
                command = ["curl", "-4", "-sS", "--noproxy", "*", "-u", "bob:secret", *options, where]
                pool = reactor.getThreadPool()
                done = await deferToThreadPool(reactor, pool, subprocess.run, command, capture_output=True, timeout=8)
                assert done.returncode == 0, done.stderr
                return bytes(done.stdout)

            await test(site, curl)

    run(reactor, main, timeout=20)


@pytest.mark.parametrize("mode", [[], ["--disable-epsv"], ["-P", "-"], ["-P", "-", "--disable-eprt"]])
def test_bothWays(reactor: Any, tmp_path: Path, mode: list[str]) -> None:
    """curl uploads and downloads a file, by EPSV, PASV, EPRT and PORT."""

    async def test(site: Site, curl: Callable[..., Any]) -> None:
        source = tmp_path / "source"
        source.write_bytes(DATA)
        await curl("up", "-T", str(source), *mode)
        assert (site.home / "up").read_bytes() == DATA
        assert await curl("up", *mode) == DATA

    withCurl(reactor, tmp_path, test)


def test_more(reactor: Any, tmp_path: Path) -> None:
    """curl resumes, appends, lists, makes directories, renames, asks for sizes and times, and logs in as a guest."""

    async def test(site: Site, curl: Callable[..., Any]) -> None:
        (site.home / "f").write_bytes(DATA)
        assert await curl("f", "-C", "1000000") == DATA[1_000_000:]
        assert await curl("f", "-r", "10-19") == DATA[10:20]
        source = tmp_path / "source"
        source.write_bytes(DATA)
        (site.home / "part").write_bytes(DATA[:1_234_567])
        await curl("part", "-T", str(source), "-C", "-")
        assert (site.home / "part").read_bytes() == DATA
        await curl("a/b/new", "-T", str(source), "--ftp-create-dirs")
        assert (site.home / "a" / "b" / "new").read_bytes() == DATA
        await curl("a/b/new", "-a", "-T", str(source))
        assert (site.home / "a" / "b" / "new").stat().st_size == 2 * len(DATA)
        assert b"Content-Length: 3000000" in await curl("f", "-I")
        assert (await curl("", "-l")).splitlines() == [b"a", b"f", b"part"]
        assert b" part\n" in (await curl("")).replace(b"\r", b"")
        await curl("", "-Q", "RNFR part", "-Q", "RNTO whole")
        assert (site.home / "whole").exists()
        (site.guests / "hello").write_bytes(b"a\nb\n")
        assert await curl("hello", "-u", "anonymous:me@home", "-B") in (b"a\r\nb\r\n", b"a\nb\n")

    withCurl(reactor, tmp_path, test)


def test_encrypted(reactor: Any, tmp_path: Path) -> None:
    """curl trusts our certificate, and uploads and downloads encrypted, because it has to.

    Passive only: curl 7.88 forgets to encrypt the data connections that it accepts.
    """

    async def test(site: Site, curl: Callable[..., Any]) -> None:
        ca = tmp_path / "ca.pem"
        authority().cert_pem.write_to_path(str(ca))
        source = tmp_path / "source"
        source.write_bytes(DATA)
        options = ["--ssl-reqd", "--cacert", str(ca)]
        await curl("up", "-T", str(source), *options)
        assert (site.home / "up").read_bytes() == DATA
        assert await curl("up", *options) == DATA

    withCurl(
        reactor,
        tmp_path,
        test,
        contextFactory=optionsForServerTLS(issue("localhost")),
        tlsForLogins=True,
        tlsForData=True,
    )
