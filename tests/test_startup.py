"""The start-up path stays short: what a server does not use, it does not load."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "asyncio",
    "concurrent.futures",
    "dataclasses",
    "inspect",
    "json",
    "logging",
    "re",
    "ssl",
    "traceback",
    "typing",
    "zope.interface",
}

IMPORTS = "from ropewalk.internet import reactor, protocol, defer\n"
SERVER = """
class Echo(protocol.Protocol):
    def dataReceived(self, data):
        self.transport.write(data)
        self.transport.loseConnection()

port = reactor.listenTCP(0, protocol.Factory.forProtocol(Echo), interface="127.0.0.1")

class Ask(protocol.Protocol):
    def connectionMade(self):
        self.transport.write(b"hello")
    def connectionLost(self, reason=protocol.connectionDone):
        reactor.stop()

class AskFactory(protocol.ClientFactory):
    protocol = Ask

reactor.connectTCP("127.0.0.1", port.getHost().port, AskFactory())
reactor.callLater(0.01, lambda: None)
reactor.run()
"""


@pytest.mark.parametrize("program", [IMPORTS, IMPORTS + SERVER], ids=["import", "serve"])
def test_nothingHeavyIsLoaded(program: str) -> None:
    """Neither importing the engine nor serving a connection loads asyncio, zope.interface or typing."""
    show = "\nimport sys; print(*sys.modules)"
    # -S -E: what `site` and .pth files of this environment load is not ours to answer for.
    code = f"import sys; sys.path[:0] = {sys.path!r}\n{program}{show}"
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", code], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not HEAVY & set(done.stdout.split())
