"""Every promise of the documents' chapter on reactors and toolkits: RG1 to RG18."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet.defer import Deferred
from ropewalk.internet.endpoints import SSL4ClientEndpoint, SSL4ServerEndpoint, connectProtocol
from ropewalk.internet.protocol import DatagramProtocol, Factory, Protocol
from ropewalk.internet.task import deferLater
from ropewalk.internet.threads import deferToThreadPool
from ropewalk.internet.utils import getProcessOutput
from support import toolkits
from support.reactors import run
from support.recording import Recorder
from support.toolkits import display as display


def printed(program: str, **environment: str) -> list[str]:
    """Run a program, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=toolkits.environment(**environment),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def installing(module: str, **environment: str) -> str:
    """Install a reactor as the documents do (F15), run it, stop it, and return its class's name."""
    program = (
        f"from ropewalk.internet import {module}\n{module}.install()\n"
        "from ropewalk.internet import reactor\n"
        "reactor.callLater(0, reactor.stop)\nreactor.run()\nprint(type(reactor).__name__)"
    )
    return printed(program, **environment)[0]


def test_oneNameForAll() -> None:
    """RG1: whichever is installed, ``internet.reactor`` is it; on Linux the default is epoll's."""
    assert installing("default") == "EPollReactor"
    assert installing("selectreactor") == "SelectReactor"


def test_installComesFirst() -> None:
    """RG2: using the reactor installs the default; after that ``install`` is too late."""
    program = """
from ropewalk.internet import reactor
reactor.callLater(1, int)
from ropewalk.internet import pollreactor
try: pollreactor.install()
except Exception as problem: print(type(problem).__name__)
"""
    assert printed(program) == ["ReactorAlreadyInstalledError"]


def test_chosenOnTheCommandLine(tmp_path: Path) -> None:
    """RG4: a command line's ``-r`` chooses one, and the program says nothing of it."""
    (tmp_path / "test_which.py").write_text(
        "from ropewalk.trial.unittest import TestCase\n"
        "class Which(TestCase):\n"
        "    def test_it(self):\n"
        "        from ropewalk.internet import reactor\n"
        "        reactor.callLater\n"
        "        self.assertEqual(type(reactor).__name__, 'PollReactor')\n"
    )
    command = [sys.executable, "-c", "from ropewalk.scripts.trial import run; run()", "-r", "poll", "test_which"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "name"),
    [("selectreactor", "SelectReactor"), ("pollreactor", "PollReactor"), ("epollreactor", "EPollReactor")],
)
def test_generalReactors(module: str, name: str) -> None:
    """RG5, RG6, RG7: select, poll and epoll, with the documents' lines (F15), also under Twisted's name."""
    assert installing(module) == name


def test_elsewhere() -> None:
    """RG8, RG9, RG10, RG11: what other systems have says so when it is imported, and installs nothing."""
    program = """
import sys
for name in ("kqreactor", "win32eventreactor", "iocpreactor", "cfreactor"):
    try: __import__("ropewalk.internet." + name)
    except ImportError as problem: print(name, "take the default reactor" in str(problem))
print("ropewalk.internet.reactor" in sys.modules)
"""
    if sys.platform != "linux":
        pytest.skip("what is elsewhere depends on where one is")
    assert printed(program) == [
        "kqreactor True",
        "win32eventreactor True",
        "iocpreactor True",
        "cfreactor True",
        "False",
    ]


def needs(package: str) -> None:
    if not toolkits.has(package):
        pytest.skip(f"{package} is not there; support/toolkits.py says where it is looked for")


def test_glib() -> None:
    """RG12, RG13: glib2's and gi's reactors need no display."""
    needs("gi")
    assert installing("glib2reactor", DISPLAY="", WAYLAND_DISPLAY="") == "Glib2Reactor"
    assert installing("gireactor", DISPLAY="", WAYLAND_DISPLAY="") == "GIReactor"


def test_gtk(display: str) -> None:
    """RG13: gtk3's reactor opens the display; without one it says so. RG12: GTK 2's says what it needs."""
    needs("gi")
    assert installing("gtk3reactor", DISPLAY=display) == "Gtk3Reactor"
    program = """
from ropewalk.internet import {0}
try: {0}.install()
except (RuntimeError, ImportError) as problem: print(problem)
else: print("GTK is there")
"""
    without = printed(program.format("gtk3reactor"), DISPLAY="", WAYLAND_DISPLAY="")
    assert "Gtk3Reactor cannot open a display; set DISPLAY or WAYLAND_DISPLAY" in without[0]
    old = printed(program.format("gtk2reactor"), DISPLAY=display)
    assert old == ["GTK is there"] or "Gtk2Reactor needs GTK 2.0" in old[0]


def test_pyui() -> None:
    """RG17: PyUI ended with Python 2; its support module is not there, in the reference release neither."""
    with pytest.raises(ImportError):
        __import__("ropewalk.internet.pyuisupport")


class Echo(Protocol):
    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)


class DatagramEcho(DatagramProtocol):
    def datagramReceived(self, data: bytes, addr: Any) -> None:
        self.transport.write(data, addr)


class DatagramAsk(DatagramProtocol):
    def __init__(self, port: int) -> None:
        self.answer: Deferred[bytes] = Deferred()
        self._port = port

    def startProtocol(self) -> None:
        self.transport.connect("127.0.0.1", self._port)
        self.transport.write(b"datagram")

    def datagramReceived(self, data: bytes, addr: Any) -> None:
        self.answer.callback(data)


@pytest.fixture(scope="module")
def identity() -> tuple[Any, Any]:
    """A server's options, and a client's that trust it."""
    trustme = pytest.importorskip("trustme")
    pytest.importorskip("OpenSSL")
    from ropewalk.internet import ssl

    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    pem = issued.private_key_pem.bytes() + b"".join(one.bytes() for one in issued.cert_chain_pems)
    server = ssl.PrivateCertificate.loadPEM(pem).options()
    trusted = ssl.Certificate.loadPEM(authority.cert_pem.bytes())
    return server, ssl.optionsForClientTLS("localhost", trusted)


def test_matrix(reactor: Any, identity: tuple[Any, Any]) -> None:
    """RG18: each reactor does TCP, SSL, UDP, threads, processes and scheduling. (RG3: it starts, and stops.)"""

    async def main() -> None:
        # TCP
        port = reactor.listenTCP(0, Factory.forProtocol(Echo), interface="127.0.0.1")
        client = Recorder()
        reactor.adoptStreamConnection(
            socket.create_connection(("127.0.0.1", port.getHost().port)).detach(), socket.AF_INET, Once(client)
        )
        await client.made
        client.transport.write(b"stream")
        assert await client.got(6) == b"stream"
        client.transport.loseConnection()

        # SSL
        server, options = identity
        endpoint = SSL4ServerEndpoint(reactor, 0, server, interface="127.0.0.1")
        secure: Any = await endpoint.listen(Factory.forProtocol(Echo))
        secured = Recorder()
        await connectProtocol(SSL4ClientEndpoint(reactor, "127.0.0.1", secure.getHost().port, options), secured)
        secured.transport.write(b"secret")
        assert await secured.got(6) == b"secret"
        secured.transport.loseConnection()
        await secured.lost

        # UDP
        echo = reactor.listenUDP(0, DatagramEcho(), interface="127.0.0.1")
        ask = DatagramAsk(echo.getHost().port)
        reactor.listenUDP(0, ask, interface="127.0.0.1")
        assert await ask.answer == b"datagram"

        # Threading
        elsewhere = await deferToThreadPool(reactor, reactor.getThreadPool(), threading.get_ident)
        assert elsewhere != threading.get_ident()

        # Processes
        assert await getProcessOutput("/bin/echo", ["child"], reactor=reactor) == b"child\n"

        # Scheduling
        assert await deferLater(reactor, 0.01, os.getpid) == os.getpid()

    run(reactor, main, timeout=20)


class Once(Factory[Protocol]):
    """Gives one protocol that is there."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol

    def buildProtocol(self, addr: object) -> Protocol:
        return self._protocol
