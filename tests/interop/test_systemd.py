"""Sockets passed by systemd's own ``systemd-socket-activate``: SD2, and names as of systemd 227."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.programs import freePort

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-socket-activate") is None, reason="systemd-socket-activate is not installed (systemd)"
)

# Serves one connection on each description, telling in which one it came, and what its own children would see.
SERVER = """
import os, sys
from ropewalk.internet import reactor
from ropewalk.internet.endpoints import serverFromString
from ropewalk.internet.protocol import Factory, Protocol

left = len(sys.argv) - 1

class Greet(Protocol):
    def connectionMade(self):
        seen = [name for name in os.environ if name.startswith("LISTEN_")]
        self.transport.write(f"{self.factory.which} {seen}".encode())
        self.transport.loseConnection()

    def connectionLost(self, reason):
        global left
        left -= 1
        if not left:
            reactor.stop()

for text in sys.argv[1:]:
    factory = Factory.forProtocol(Greet)
    factory.which = text
    serverFromString(reactor, text).listen(factory).addErrback(lambda failure: failure.printTraceback())
reactor.run()
"""


@contextmanager
def activated(descriptions: list[str], *options: str) -> Iterator[None]:
    """Have a server started by the first connection, with its sockets passed to it."""
    environment = [f"-E{name}={value}" for name, value in os.environ.items() if name in ("PYTHONPATH", "HOME", "PATH")]
    command = ["systemd-socket-activate", *options, *environment, sys.executable, "-c", SERVER, *descriptions]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        try:
            for _ in range(options.count("-l")):
                while not (line := server.stderr.readline()).startswith("Listening on"):
                    assert line, "systemd-socket-activate ended before it listened"
            yield
            _, errors = server.communicate(timeout=30)
            assert server.returncode == 0, errors
        finally:
            server.kill()


def greeting(family: int, address: str | tuple[str, int]) -> str:
    """Connect, and return all that comes."""
    with socket.socket(family) as client:
        client.settimeout(30)
        client.connect(address)
        data = b""
        while piece := client.recv(1000):
            data += piece
    return data.decode()


def test_byIndex() -> None:
    """SD2: ``systemd:domain=INET:index=0`` adopts the first socket that was passed."""
    port = freePort()
    with activated(["systemd:domain=INET:index=0"], "-l", f"127.0.0.1:{port}"):
        assert greeting(socket.AF_INET, ("127.0.0.1", port)) == "systemd:domain=INET:index=0 []"


def test_byName(tmp_path: Path) -> None:
    """A socket is found by the name that its unit gives it; UNIX sockets are taken, too (beyond SD3)."""
    web, control = str(tmp_path / "web"), str(tmp_path / "control")
    byName = ["systemd:domain=UNIX:name=web", "systemd:domain=UNIX:name=control"]
    with activated(byName, "-l", web, "-l", control, "--fdname=web:control"):
        assert greeting(socket.AF_UNIX, control) == f"{byName[1]} []"
        assert greeting(socket.AF_UNIX, web) == f"{byName[0]} []"
