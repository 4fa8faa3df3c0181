"""vsftpd as the server of our FTP client: passive and active, in the clear and by TLS."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet.ssl import optionsForClientTLS
from ropewalk.protocols.ftp import CommandFailed, ConnectionLost, connect
from support.certificates import authority, pemOf, trusted
from support.programs import freePort
from support.reactors import run

VSFTPD = "/usr/sbin/vsftpd"

pytestmark = [
    pytest.mark.skipif(shutil.which(VSFTPD) is None, reason="vsftpd is not installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="vsftpd is started by root only"),
]

DATA = os.urandom(2_000_000)

CONFIGURATION = """
listen=YES
listen_address=127.0.0.1
listen_port={port}
background=NO
anonymous_enable=YES
no_anon_password=NO
anon_root={root}
write_enable=YES
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_world_readable_only=NO
anon_umask=022
connect_from_port_20=NO
secure_chroot_dir={empty}
seccomp_sandbox=NO
xferlog_enable=NO
ssl_enable={tls}
allow_anon_ssl=YES
force_anon_logins_ssl={tls}
force_anon_data_ssl={tls}
require_ssl_reuse=NO
rsa_cert_file={pem}
rsa_private_key_file={pem}
"""


@contextmanager
def vsftpd(folder: Path, tls: bool) -> Iterator[tuple[int, Path]]:
    """Run vsftpd; give its port, and the directory that guests may change."""
    root, empty, pem = folder / "root", folder / "empty", folder / "server.pem"
    for each in (root, empty, root / "pub"):
        each.mkdir()
    # Guests are the user ftp, who has to get there; vsftpd refuses a root that they can write to.
    for each in (folder, *folder.parents):
        if each == Path("/tmp"):
            break
        each.chmod(0o755)
    shutil.chown(root / "pub", "ftp")
    pem.write_bytes(pemOf(authority().issue_cert("localhost")))
    port = freePort()
    configuration = folder / "vsftpd.conf"
    settings = {"port": port, "root": root, "empty": empty, "pem": pem, "tls": "YES" if tls else "NO"}
    configuration.write_text(CONFIGURATION.format(**settings))
    process = subprocess.Popen([VSFTPD, str(configuration)], stdin=subprocess.DEVNULL)
    try:
        yield port, root / "pub"
    finally:
        process.kill()
        process.wait()


async def reach(reactor: Any, port: int, passive: bool, tls: bool) -> Any:
    """Log in as a guest, as soon as vsftpd listens."""
    from ropewalk.internet.error import ConnectError
    from ropewalk.internet.task import deferLater

    context = optionsForClientTLS("localhost", trustRoot=trusted()) if tls else None
    patience = time.monotonic() + 8
    while True:
        try:
            return await connect("127.0.0.1", port=port, contextFactory=context, passive=passive, reactor=reactor)
        except ConnectError:
            assert time.monotonic() < patience, "vsftpd does not listen"
            await deferLater(reactor, 0.05)


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("passive", [True, False])
def test_vsftpd(reactor: Any, tmp_path: Path, passive: bool, tls: bool) -> None:
    """Files go up and down and are resumed, directories are made, listed and removed; refusals are told."""

    async def main(port: int, pub: Path) -> None:
        async with await reach(reactor, port, passive, tls) as remote:
            await remote.client.cwd("pub")
            assert await remote.client.getDirectory() == "/pub"
            await remote.upload(io.BytesIO(DATA), "up")
            assert (pub / "up").read_bytes() == DATA
            file = io.BytesIO()
            await remote.download("up", file)
            assert file.getvalue() == DATA
            rest = io.BytesIO()
            await remote.download("up", rest, 1_500_000)
            assert rest.getvalue() == DATA[1_500_000:]
            (pub / "part").write_bytes(DATA[:999_999])
            shutil.chown(pub / "part", "ftp")
            source = io.BytesIO(DATA)
            source.seek(await remote.size("part"))
            await remote.upload(source, "part", 999_999)
            assert (pub / "part").read_bytes() == DATA
            await remote.makeDirectory("d")
            entries = {entry.name: entry for entry in await remote.entries()}
            assert set(entries) == {"d", "part", "up"}
            assert entries["d"].kind == "dir"
            assert entries["up"].size == len(DATA)
            await remote.removeDirectory("d")
            await remote.rename("up", "moved")
            await remote.remove("moved")
            with pytest.raises(CommandFailed, match="550"):
                await remote.download("nothing", io.BytesIO())
            assert [entry.name for entry in await remote.entries()] == ["part"]

    with vsftpd(tmp_path, tls) as (port, pub):
        run(reactor, main, port, pub, timeout=20)


def test_insists(reactor: Any, tmp_path: Path) -> None:
    """A server that wants TLS refuses a client without, and its words come through."""

    async def main(port: int, pub: Path) -> None:
        with pytest.raises(ConnectionLost) as lost:
            await reach(reactor, port, True, False)
        assert "encryption" in str(lost.value.args[1])

    with vsftpd(tmp_path, True) as (port, pub):
        run(reactor, main, port, pub, timeout=20)
