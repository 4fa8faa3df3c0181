"""The TCP tables against Postfix's own lookup program."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import pytest

from ropewalk.internet.endpoints import TCP4ServerEndpoint
from ropewalk.internet.threads import deferToThreadPool
from ropewalk.protocols.postfix import PostfixTCPMapDictServerFactory, PostfixTCPMapServer
from support.reactors import run

POSTMAP = shutil.which("postmap", path="/usr/sbin:/usr/bin:/sbin:/bin")
pytestmark = pytest.mark.skipif(POSTMAP is None, reason="postmap (postfix) is not installed")


def lookups(reactor: Any, keys: bytes) -> Any:
    """Let postmap look up one key a line; return what it returned."""
    known = {b"bob@example.com": b"bob, alice", b"with space": b"100%\xc3\xa9"}

    class Server(PostfixTCPMapServer):
        timeout = None  # it would be the process's reactor's

    factory = PostfixTCPMapDictServerFactory(known)
    factory.protocol = Server

    async def main() -> Any:
        port: Any = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(factory)
        assert POSTMAP is not None
        command = [POSTMAP, "-q", "-", f"tcp:127.0.0.1:{port.getHost().port}"]
        try:
            return await deferToThreadPool(
                reactor,
                reactor.getThreadPool(),
                lambda: subprocess.run(command, input=keys, capture_output=True, timeout=4, check=False),
            )
        finally:
            await port.stopListening()

    return run(reactor, main)


def test_postmap(reactor: Any) -> None:
    """What is there is found, quoted bytes included, and what is not is not."""
    done = lookups(reactor, b"bob@example.com\nnobody@example.com\nwith space\n")
    assert done.stderr == b""
    assert done.stdout == b"bob@example.com\tbob, alice\nwith space\t100%\xc3\xa9\n"
