"""The SOCKS proxies against curl, and the endpoint against our own proxy."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import pytest

from ropewalk.internet.defer import Deferred
from ropewalk.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint, connectProtocol
from ropewalk.internet.protocol import Factory, Protocol
from ropewalk.internet.threads import deferToThreadPool
from ropewalk.protocols.socks import SOCKS5ClientEndpoint, SOCKSError, SOCKSv4, SOCKSv5Factory
from support.reactors import run

BODY = bytes(range(256)) * 8000

needsCurl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


class Page(Protocol):
    """Answers whatever it is asked with a page of two megabytes."""

    def dataReceived(self, data: bytes) -> None:
        if b"\r\n\r\n" in data:
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY)
            self.transport.loseConnection()


def proxies(reactor: Any, version: int, users: dict[bytes, bytes] | None) -> Factory[Any]:
    """Return the factory of a proxy of either version."""
    if version == 5:
        return SOCKSv5Factory(None, users, reactor)
    return Factory.forProtocol(lambda: SOCKSv4(None, reactor))


def browse(reactor: Any, version: int, users: dict[bytes, bytes] | None, host: str, *options: str) -> Any:
    """Fetch the page with curl through a proxy; return what curl returned."""

    async def main() -> Any:
        web: Any = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(Factory.forProtocol(Page))
        server = TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1")
        proxy: Any = await server.listen(proxies(reactor, version, users))
        where = f"127.0.0.1:{proxy.getHost().port}"
        command = ["curl", "-sS", "--noproxy", "", *options, where, f"http://{host}:{web.getHost().port}/"]
        try:
            return await deferToThreadPool(
                reactor, reactor.getThreadPool(), subprocess.run, command, capture_output=True, timeout=4
            )
        finally:
            await proxy.stopListening()
            await web.stopListening()

    return run(reactor, main)


@needsCurl
@pytest.mark.parametrize(
    ("version", "option", "host"),
    [
        (4, "--socks4", "127.0.0.1"),
        (4, "--socks4a", "localhost"),
        (5, "--socks5", "127.0.0.1"),
        (5, "--socks5-hostname", "localhost"),
    ],
)
def test_curl(reactor: Any, version: int, option: str, host: str) -> None:
    """Curl fetches a page through the proxy, whole, by address and by name."""
    done = browse(reactor, version, None, host, option)
    assert done.stderr == b""
    assert done.stdout == BODY


@needsCurl
def test_curlPassword(reactor: Any) -> None:
    """Curl gives its password."""
    users = {b"fred": b"secret"}
    assert browse(reactor, 5, users, "127.0.0.1", "--proxy-user", "fred:secret", "--socks5").stdout == BODY


@needsCurl
def test_curlWrongPassword(reactor: Any) -> None:
    """Curl understands that its password is wrong."""
    done = browse(reactor, 5, {b"fred": b"secret"}, "127.0.0.1", "--proxy-user", "fred:wrong", "--socks5")
    assert done.returncode == 97  # CURLE_PROXY
    assert b"rejected" in done.stderr


@needsCurl
def test_curlUnknownName(reactor: Any) -> None:
    """Curl understands that there is no such host."""
    done = browse(reactor, 5, None, "no-such-host.invalid", "--socks5-hostname")
    assert done.returncode == 97
    assert b"(4)" in done.stderr  # host unreachable


class Reading(Protocol):
    """Reads to the end."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.over: Deferred[bytes] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        self.heard += data

    def connectionLost(self, reason: object = None) -> None:
        self.over.callback(bytes(self.heard))


def test_endpoint(reactor: Any) -> None:
    """The endpoint connects through the proxy, with a password; what nobody listens at is refused with a sentence."""

    async def main() -> None:
        web: Any = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(Factory.forProtocol(Page))
        users = {b"fred": b"secret"}
        proxy: Any = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(proxies(reactor, 5, users))
        toProxy = TCP4ClientEndpoint(reactor, "127.0.0.1", proxy.getHost().port)
        port = web.getHost().port
        client = await connectProtocol(
            SOCKS5ClientEndpoint(reactor, "localhost", port, toProxy, b"fred", b"secret"), Reading()
        )
        client.transport.write(b"GET / HTTP/1.1\r\n\r\n")
        assert (await client.over).endswith(BODY)
        await web.stopListening()
        with pytest.raises(SOCKSError, match="the host refused") as refused:
            await connectProtocol(
                SOCKS5ClientEndpoint(reactor, "127.0.0.1", port, toProxy, b"fred", b"secret"), Reading()
            )
        assert refused.value.osError == 5
        await proxy.stopListening()

    run(reactor, main)
