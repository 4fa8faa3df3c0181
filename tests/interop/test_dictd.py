"""The dictionary client against a real dictd, with a dictionary of our own."""

from __future__ import annotations

import os
import shutil
import socket
import string
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from ropewalk.protocols.dict import DictClient, DictError
from support.reactors import run

DICTD = shutil.which("dictd", path="/usr/sbin:/usr/bin:/sbin:/bin")
pytestmark = pytest.mark.skipif(DICTD is None, reason="dictd is not installed")

ENTRIES = [("rope", "rope\n  a strong line\n.dotted\n"), ("rope burn", "rope burn\n  ouch\n"), ("walk", "walk\n")]
DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"


def number(value: int) -> str:
    """Write a number as dictd's index wants it, in base 64."""
    return (number(value // 64) if value >= 64 else "") + DIGITS[value % 64]


def dictionary(place: Path) -> Path:
    """Write a dictionary and a configuration for it; return the latter's path."""
    text, index = "", []
    for word, entry in [("00databaseshort", "00-database-short\n  Ropes and such\n"), *ENTRIES]:
        index.append(f"{word}\t{number(len(text))}\t{number(len(entry))}\n")
        text += entry
    (place / "ropes.dict").write_text(text)
    (place / "ropes.index").write_text("".join(sorted(index)))
    configuration = place / "dictd.conf"
    configuration.write_text(f"database ropes {{ data {place}/ropes.dict\n index {place}/ropes.index }}\n")
    return configuration


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that dictd may read, who changes into a user of its own."""
    with tempfile.TemporaryDirectory() as path:
        os.chmod(path, 0o755)
        yield Path(path)


def test_dictd(reactor: Any, place: Path) -> None:
    """Words are defined and matched, what isn't there is nothing, what is wrong is refused."""
    assert DICTD is not None
    command = [DICTD, "-i", "-c", str(dictionary(place)), "--locale", "C.UTF-8"]

    async def main(listening: socket.socket) -> None:
        client = DictClient()
        await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", listening.getsockname()[1]), client)
        # As inetd does it: the connection is the standard input and output of a server of its own.
        connection, _ = listening.accept()
        with connection:
            ends = connection.fileno()
            dictd = subprocess.Popen(command, stdin=ends, stdout=ends, stderr=subprocess.DEVNULL)
        try:
            await converse(client)
        finally:
            client.transport.abortConnection()  # type: ignore[attr-defined]  # every stream has it
            dictd.kill()
            dictd.wait()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        run(reactor, main, listening)


async def converse(client: DictClient) -> None:
    """Ask for all that there is."""
    assert await client.databases() == [("ropes", "Ropes and such")]
    (found,) = await client.define("rope")
    assert (found.word, found.database, found.title) == ("rope", "ropes", "Ropes and such")
    assert found.text.splitlines() == ["rope", "  a strong line", ".dotted"]
    assert await client.match("rope", "prefix") == [("ropes", "rope"), ("ropes", "rope burn")]
    assert await client.define("nothing like it") == []
    assert "prefix" in dict(await client.strategies())
    with pytest.raises(DictError) as refused:
        await client.define("rope", "nowhere")
    assert refused.value.code == 550
