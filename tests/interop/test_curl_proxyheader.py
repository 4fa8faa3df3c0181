"""The PROXY protocol against curl, which can send a header as a proxy does."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import pytest

from ropewalk.internet.endpoints import serverFromString
from ropewalk.internet.protocol import Factory, Protocol
from ropewalk.internet.threads import deferToThreadPool
from support.reactors import run

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


class WhoAmI(Protocol):
    """Answers with the client's address."""

    def dataReceived(self, data: bytes) -> None:
        peer: Any = self.transport.getPeer()
        body = f"{peer.host} {peer.port}".encode()
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        self.transport.loseConnection()


def browse(reactor: Any, *options: str) -> Any:
    async def main() -> Any:
        endpoint = serverFromString(reactor, "haproxy:tcp:0:interface=127.0.0.1")
        port: Any = await endpoint.listen(Factory.forProtocol(WhoAmI))
        url = f"http://127.0.0.1:{port.getHost().port}/"
        command = ["curl", "-sS", "--noproxy", "*", *options, "-w", " %{local_port}", url]
        try:
            return await deferToThreadPool(
                reactor,
                reactor.getThreadPool(),
                lambda: subprocess.run(command, capture_output=True, timeout=4, check=False),
            )
        finally:
            await port.stopListening()

    return run(reactor, main)


def test_header(reactor: Any) -> None:
    """The server sees what curl says about its connection."""
    host, told, real = browse(reactor, "--haproxy-protocol").stdout.split()
    assert (host, told) == (b"127.0.0.1", real)


def test_noHeader(reactor: Any) -> None:
    """A client that is no proxy is closed on, without an answer."""
    assert browse(reactor).returncode != 0
