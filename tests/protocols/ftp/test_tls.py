"""FTPS: server and client speak TLS on the control connection and on those for data (RFC 4217)."""

from __future__ import annotations

import io
import os
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet.ssl import optionsForClientTLS, optionsForServerTLS
from ropewalk.internet.streams import connect as connectStream
from ropewalk.protocols.ftp import CommandFailed, ConnectionLost, Remote, connect
from support.certificates import issue, trusted
from support.ftp import Site, serving
from support.reactors import run


def encrypted(reactor: Any, root: Path, test: Callable[[Site], Any], **settings: Any) -> None:
    """Run a test against a server with a certificate for localhost."""

    async def main() -> None:
        async with serving(root, reactor, contextFactory=optionsForServerTLS(issue("localhost")), **settings) as site:
            await test(site)

    run(reactor, main)


async def secured(site: Site, passive: bool = True, host: str = "localhost") -> Remote:
    """Log in as bob, encrypted."""
    return await connect(
        "127.0.0.1",
        "bob",
        "secret",
        port=site.port,
        contextFactory=optionsForClientTLS(host, trustRoot=trusted()),
        passive=passive,
        reactor=site.reactor,
    )


@pytest.mark.parametrize("passive", [True, False])
def test_transfers(reactor: Any, tmp_path: Path, passive: bool) -> None:
    """Files and listings go both ways encrypted, whoever opens the data connections."""

    async def test(site: Site) -> None:
        data = os.urandom(1_500_000)
        async with await secured(site, passive) as remote:
            await remote.upload(io.BytesIO(data), "f")
            assert (site.home / "f").read_bytes() == data
            file = io.BytesIO()
            await remote.download("f", file)
            assert file.getvalue() == data
            file = io.BytesIO()
            await remote.download("f", file, 1_499_999)
            assert file.getvalue() == data[-1:]
            assert [entry.name for entry in await remote.entries()] == ["f"]
            with pytest.raises(CommandFailed):
                await remote.download("nothing", io.BytesIO())
            await remote.upload(io.BytesIO(), "empty")
            await remote.download("empty", nothing := io.BytesIO())
            assert nothing.getvalue() == b""
            await remote.makeDirectory("d")
            assert await remote.entries("d") == []

    encrypted(reactor, tmp_path, test, tlsForLogins=True, tlsForData=True)


def test_wrongHost(reactor: Any, tmp_path: Path) -> None:
    """A server that shows another host's certificate is not told who we are."""

    async def test(site: Site) -> None:
        with pytest.raises(ConnectionLost):
            await secured(site, host="other.example")
        assert not any(each.shell for each in site.factory.instances)

    encrypted(reactor, tmp_path, test)


def test_required(reactor: Any, tmp_path: Path) -> None:
    """Where encryption is required users log in encrypted only, guests as they like; data goes encrypted."""

    async def test(site: Site) -> None:
        talk = await site.dial()
        assert " AUTH TLS" in (await talk.say("FEAT")).split("\n")
        assert (await talk.say("USER bob")).startswith("530 ")
        assert (await talk.say("PROT P")).startswith("503 ")
        assert (await talk.say("AUTH KERBEROS")).startswith("504 ")
        assert (await talk.say("USER anonymous")).startswith("331 ")
        assert (await talk.say("PASS x")).startswith("230 ")
        assert (await talk.say("EPSV")).startswith("229 ")
        assert (await talk.say("LIST")).startswith("521 ")
        async with await secured(site) as remote:
            for line in ("PROT C", "PROT S", "AUTH TLS"):
                with pytest.raises(CommandFailed):
                    await remote.client.queueStringCommand(line)

    encrypted(reactor, tmp_path, test, tlsForLogins=True, tlsForData=True)


def test_optional(reactor: Any, tmp_path: Path) -> None:
    """Where it is not, a client may do without, or encrypt the control connection only."""

    async def test(site: Site) -> None:
        (site.home / "f").write_bytes(b"hello")
        talk = await site.login()
        assert await talk.fetch("RETR f") == b"hello"
        async with await secured(site) as remote:
            await remote.client.queueStringCommand("PROT C")
            remote.client._isProtected = False
            file = io.BytesIO()
            await remote.download("f", file)
            assert file.getvalue() == b"hello"

    encrypted(reactor, tmp_path, test)


def test_nothingIsSlippedIn(reactor: Any, tmp_path: Path) -> None:
    """What comes in the clear behind AUTH TLS is not carried out as if it had come encrypted (CVE-2011-0411's kind)."""

    async def test(site: Site) -> None:
        stream = await connectStream("127.0.0.1", site.port, reactor=reactor)
        await stream.readUntil(b"\r\n")
        stream.write(b"AUTH TLS\r\nUSER anonymous\r\nPASS x\r\n")
        assert (await stream.readUntil(b"\r\n")).startswith(b"234 ")
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        tls = context.wrap_bio(incoming, outgoing)

        async def through(step: Callable[[], Any]) -> Any:
            while True:
                try:
                    done = step()
                except ssl.SSLWantReadError:
                    stream.write(outgoing.read())
                    incoming.write(await stream.read())
                else:
                    stream.write(outgoing.read())
                    return done

        await through(tls.do_handshake)
        tls.write(b"PWD\r\n")
        assert (await through(lambda: tls.read(1000))).startswith(b"530 ")
        stream.abort()

    encrypted(reactor, tmp_path, test)
