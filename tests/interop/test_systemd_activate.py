"""``twistd`` under systemd's own tools: sockets that are handed over, unit files, and what a service reports."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.programs import PATIENCE, Caller, Program, freePort
from support.twistd import EMPTY, TWISTD, outcome

ACTIVATE = shutil.which("systemd-socket-activate")
ANALYZE = shutil.which("systemd-analyze")

NAMED = """\
from ropewalk.application import internet, service
from ropewalk.internet import endpoints, protocol, reactor
from ropewalk.python.systemd import ListenFDs
import os, socket

class Says(protocol.Protocol):
    def connectionMade(self):
        self.transport.write(b"%s of %d\\r\\n" % (self.factory.name, os.getpid()))
        self.transport.loseConnection()

application = service.Application("activated")
for name, descriptor in ListenFDs.fromEnvironment().inheritedNamedDescriptors().items():
    factory = protocol.Factory.forProtocol(Says)
    factory.name = name.encode()
    endpoint = endpoints.AdoptedStreamServerEndpoint(reactor, descriptor, socket.AF_INET)
    internet.StreamServerEndpointService(endpoint, factory).setServiceParent(application)
"""


DESCRIBED = """\
from ropewalk.application import service, strports
from ropewalk.internet import protocol
import os

class Says(protocol.Protocol):
    def connectionMade(self):
        self.transport.write(b"%s of %d\\r\\n" % (self.factory.name, os.getpid()))
        self.transport.loseConnection()

application = service.Application("activated")
for name, description in [("http", "systemd:domain=INET:index=0"), ("admin", "systemd:domain=INET:name=admin")]:
    factory = protocol.Factory.forProtocol(Says)
    factory.name = name.encode()
    strports.service(description, factory).setServiceParent(application)
"""


@pytest.mark.skipif(ACTIVATE is None, reason="systemd-socket-activate is not installed")
@pytest.mark.parametrize("tac", [NAMED, DESCRIBED], ids=["descriptors", "endpoints"])
def test_twoNamedSockets(tmp_path: Path, tac: str) -> None:
    """The first connection starts the service, which then answers at each socket by its name (SD2).

    The log tells the real ports, which the program has only seen as descriptors (SD5).
    """
    http, admin = freePort(), freePort()
    (tmp_path / "named.tac").write_text(tac)
    listen = [f"--listen=127.0.0.1:{http}", f"--listen=127.0.0.1:{admin}", "--fdname=http:admin"]
    command = [str(ACTIVATE), *listen, "--setenv=PYTHONUNBUFFERED=1", *TWISTD, "-n", "--pidfile=", "-y", "named.tac"]
    with Program(command, tmp_path) as program:
        pid = program.process.pid
        with Caller(admin, program) as caller:
            assert caller.rest() == b"admin of %d\r\n" % pid
        with Caller(http, program) as caller:
            assert caller.rest() == b"http of %d\r\n" % pid
        program.process.send_signal(signal.SIGTERM)
        assert program.wait() == 0
    assert any(f"starting on {http}" in line for line in program.output)
    assert any(f"starting on {admin}" in line for line in program.output)


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[socket.socket]:
    """What systemd listens at."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(PATIENCE)
        yield heard


def test_reportsToSystemd(tmp_path: Path, heard: socket.socket) -> None:
    """It says when it is ready, and then lives for the watchdog, and when it stops; SIGTERM is success (SD1, SD4)."""
    (tmp_path / "empty.tac").write_text(EMPTY)
    env = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "20000"}
    with Program([*TWISTD, "--nodaemon", "--pidfile=", "-y", "empty.tac"], tmp_path, env) as program:
        assert heard.recv(4096).decode().splitlines() == ["READY=1", f"MAINPID={program.process.pid}"]
        assert [heard.recv(4096) for _ in range(3)] == [b"WATCHDOG=1"] * 3
        program.process.send_signal(signal.SIGTERM)
        while (told := heard.recv(4096)) == b"WATCHDOG=1":
            pass
        assert told == b"STOPPING=1"
        assert program.wait() == 0
    assert list(tmp_path.glob("*.pid")) == []


def test_notReadyWhenItDoesNotStart(tmp_path: Path, heard: socket.socket) -> None:
    """A service that cannot start says nothing but its exit status."""
    tac = (
        EMPTY + "class Bad(service.Service):\n    def startService(self): 1 / 0\nBad().setServiceParent(application)\n"
    )
    (tmp_path / "bad.tac").write_text(tac)
    env = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
    assert outcome(tmp_path, "-n", "-y", "bad.tac", env=env).returncode == 70
    heard.setblocking(False)
    with pytest.raises(BlockingIOError):
        heard.recv(4096)


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("sockets", [[], ["http=80", "admin=/run/hello.sock", "[::1]:8080"]])
def test_unitFilesAreAccepted(tmp_path: Path, sockets: list[str]) -> None:
    """systemd finds nothing to say about the units that are printed, and little to worry about (TW11, SD1)."""
    (tmp_path / "empty.tac").write_text(EMPTY)
    words = [word for one in sockets for word in ("--systemd-socket", one)]
    done = outcome(tmp_path, "--systemd-unit", "units/hello", *words, "--drain=5", "-y", "empty.tac")
    assert done.returncode == 73
    (tmp_path / "units").mkdir()
    done = outcome(tmp_path, "--systemd-unit", "units/hello", *words, "--drain=5", "-y", "empty.tac")
    assert done.returncode == 0
    files = done.stdout.splitlines()
    assert len(files) == 1 + len(sockets)
    checked = subprocess.run(
        [str(ANALYZE), "verify", "--man=no", *files],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    rated = subprocess.run(
        [str(ANALYZE), "security", "--offline=true", "--threshold=30", files[0]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert rated.returncode == 0, rated.stdout
