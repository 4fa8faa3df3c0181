"""The memcache client against a real memcached."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from ropewalk.internet.endpoints import UNIXClientEndpoint, connectProtocol
from ropewalk.protocols.memcache import ClientError, MemCacheProtocol, ServerError
from support.reactors import run

pytestmark = pytest.mark.skipif(shutil.which("memcached") is None, reason="memcached is not installed")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The path of the socket on which a memcached listens."""
    with tempfile.TemporaryDirectory() as place:
        path = os.path.join(place, "socket")
        asRoot = ["-u", "root"] if os.geteuid() == 0 else []
        command = ["memcached", *asRoot, "-m", "16", "-s", path, "-vv"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as memcached:
            assert memcached.stderr is not None
            try:
                assert any(b"server listening" in line for line in memcached.stderr)
                # It goes on to tell what it does, and would wait for somebody to hear it.
                threading.Thread(target=memcached.stderr.read, daemon=True).start()
                yield path
            finally:
                memcached.kill()


def talk(reactor: Any, path: str, program: Any) -> Any:
    """Run a coroutine function with a client that is connected, on an empty cache."""

    async def main() -> Any:
        client = MemCacheProtocol()
        client.callLater = reactor.callLater  # type: ignore[method-assign]  # not the process's reactor
        await connectProtocol(UNIXClientEndpoint(reactor, path), client)
        await client.flushAll()
        try:
            return await program(client)
        finally:
            client.transport.abortConnection()  # type: ignore[attr-defined]  # every stream has it

    return run(reactor, main)


def test_stores(reactor: Any, server: str) -> None:
    """Every way to store and to fetch means to memcached what it means to us."""

    async def program(client: MemCacheProtocol) -> None:
        assert await client.get(b"k") == (0, None)
        assert not await client.replace(b"k", b"v")
        assert not await client.append(b"k", b"v")
        assert await client.add(b"k", b"middle", flags=7)
        assert not await client.add(b"k", b"other")
        assert await client.prepend(b"k", b"<")
        assert await client.append(b"k", b">\r\nEND\r\n")
        assert await client.get(b"k") == (7, b"<middle>\r\nEND\r\n")
        assert await client.replace(b"k", b"")
        assert await client.get(b"k") == (0, b"")
        assert await client.delete(b"k")
        assert not await client.delete(b"k")

    talk(reactor, server, program)


def test_checkAndSet(reactor: Any, server: str) -> None:
    """Only who has seen the last change may make the next."""

    async def program(client: MemCacheProtocol) -> None:
        await client.set(b"k", b"1")
        _, seen, _ = await client.get(b"k", withIdentifier=True)
        await client.set(b"k", b"2")
        assert not await client.checkAndSet(b"k", b"3", seen)
        many = await client.getMultiple([b"k", b"absent"], withIdentifier=True)
        assert many[b"k"][2] == b"2"
        assert many[b"absent"] == (0, b"", None)
        assert await client.checkAndSet(b"k", b"3", many[b"k"][1])
        assert not await client.checkAndSet(b"absent", b"3", seen)

    talk(reactor, server, program)


def test_counts(reactor: Any, server: str) -> None:
    """Counting works, down to 0 and with answers that memcached pads; what is no number is refused."""

    async def program(client: MemCacheProtocol) -> None:
        assert await client.increment(b"n") is False
        await client.set(b"n", b"99")
        assert await client.increment(b"n") == 100
        assert await client.decrement(b"n", 95) == 5
        assert await client.decrement(b"n", 95) == 0
        await client.set(b"word", b"x")
        with pytest.raises(ClientError, match="non-numeric"):
            await client.increment(b"word")

    talk(reactor, server, program)


def test_pipelined(reactor: Any, server: str) -> None:
    """A thousand commands without waiting, an answer to each."""

    async def program(client: MemCacheProtocol) -> None:
        stored = [client.set(b"k%d" % n, b"v%d" % n) for n in range(500)]
        fetched = [client.get(b"k%d" % n) for n in range(500)]
        assert [await one for one in stored] == [True] * 500
        assert [await one for one in fetched] == [(0, b"v%d" % n) for n in range(500)]
        many = await client.getMultiple([b"k%d" % n for n in range(100)])
        assert many == {b"k%d" % n: (0, b"v%d" % n) for n in range(100)}

    talk(reactor, server, program)


def test_largeValues(reactor: Any, server: str) -> None:
    """A value of a megabyte passes; one that memcached finds too large is refused, and the connection lives."""

    async def program(client: MemCacheProtocol) -> None:
        large = bytes(range(256)) * 4000
        assert await client.set(b"large", large)
        assert (await client.get(b"large"))[1] == large
        with pytest.raises(ServerError, match="too large"):
            await client.set(b"larger", large * 2)
        assert await client.get(b"larger") == (0, None)

    talk(reactor, server, program)


def test_aboutServer(reactor: Any, server: str) -> None:
    """Its version and its statistics, which tell the same version."""

    async def program(client: MemCacheProtocol) -> None:
        version = await client.version()
        assert (await client.stats())[b"version"] == version
        assert await client.stats(b"settings")
        assert await client.stats(b"reset") == {}

    talk(reactor, server, program)
