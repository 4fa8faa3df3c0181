"""An FTP server of ours on a loopback port, and a client that says exactly what a test wants to be said."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ropewalk.cred.checkers import AllowAnonymousAccess, InMemoryUsernamePasswordDatabaseDontUse
from ropewalk.cred.portal import Portal
from ropewalk.internet.streams import Stream, connect
from ropewalk.protocols.ftp import FTPFactory, FTPRealm


def factoryFor(root: Path, reactor: Any, **settings: Any) -> FTPFactory:
    """Return a factory: guests see ``root/guests``; bob, whose password is secret, ``root/home/bob``."""
    (root / "guests").mkdir(parents=True, exist_ok=True)
    (root / "home" / "bob").mkdir(parents=True, exist_ok=True)
    realm = FTPRealm(str(root / "guests"), str(root / "home"))
    checkers = [AllowAnonymousAccess(), InMemoryUsernamePasswordDatabaseDontUse(bob=b"secret")]
    factory = FTPFactory(Portal(realm, checkers))
    factory.reactor = reactor
    for name, value in settings.items():
        assert hasattr(factory, name), name
        setattr(factory, name, value)
    return factory


@asynccontextmanager
async def serving(root: Path, reactor: Any, **settings: Any) -> AsyncIterator[Site]:
    """Serve directories below ``root``; see `factoryFor`."""
    site = Site(root, reactor, factoryFor(root, reactor, **settings))
    try:
        yield site
    finally:
        for talk in site.talks:
            talk.control.abort()
        await site.listener.stopListening()


class Site:
    """A server that listens.

    Attributes:
        home: bob's directory.
        guests: that of guests.
        factory: the server's.
        port: where it listens.
    """

    def __init__(self, root: Path, reactor: Any, factory: FTPFactory, interface: str = "127.0.0.1") -> None:
        self.home = root / "home" / "bob"
        self.guests = root / "guests"
        self.reactor = reactor
        self.factory = factory
        self.listener = reactor.listenTCP(0, factory, interface=interface)
        self.interface = interface
        self.port: int = self.listener.getHost().port
        self.talks: list[Talk] = []

    async def dial(self) -> Talk:
        """Connect, and hear the greeting."""
        talk = Talk(await connect(self.interface, self.port, reactor=self.reactor), self)
        self.talks.append(talk)
        assert (await talk.reply()).startswith("220 ")
        return talk

    async def login(self, user: str = "bob", password: str = "secret") -> Talk:
        """Connect and log in, bob if nobody else is named."""
        talk = await self.dial()
        assert (await talk.say(f"USER {user}")).startswith("331 ")
        assert (await talk.say(f"PASS {password}")).startswith("230 ")
        return talk


class Talk:
    """A control connection, from the client's side.

    Attributes:
        control: its stream.
    """

    def __init__(self, control: Stream, site: Site) -> None:
        self.control = control
        self.site = site

    async def say(self, line: str | bytes) -> str:
        """Send a command; return the reply, its lines joined with line feeds."""
        self.send(line)
        return await self.reply()

    def send(self, *lines: str | bytes) -> None:
        """Send commands without waiting for replies."""
        for line in lines:
            self.control.write((line if isinstance(line, bytes) else line.encode()) + b"\r\n")

    async def reply(self) -> str:
        """Return the next reply."""
        lines = []
        while True:
            line = (await self.control.readUntil(b"\r\n")).decode("utf-8", "surrogateescape").rstrip("\r\n")
            lines.append(line)
            if re.match(r"\d{3} ", line) and (len(lines) == 1 or line[:3] == lines[0][:3]):
                return "\n".join(lines)

    async def data(self) -> Stream:
        """Open a data connection, by EPSV."""
        told = await self.say("EPSV")
        found = re.search(r"\|\|\|(\d+)\|", told)
        assert found, told
        return await connect(self.site.interface, int(found[1]), reactor=self.site.reactor)

    async def fetch(self, command: str) -> bytes:
        """Do a whole transfer from the server; return what came."""
        stream = await self.data()
        assert (await self.say(command))[:3] in ("125", "150")
        received = b"".join([piece async for piece in stream])
        await stream.close()
        assert await self.reply() == "226 The transfer is complete"
        return received

    async def put(self, command: str, data: bytes) -> str:
        """Do a whole transfer to the server; return its last reply."""
        stream = await self.data()
        begun = await self.say(command)
        if begun[0] != "1":
            stream.abort()
            return begun
        stream.write(data)
        await stream.close()
        return await self.reply()
