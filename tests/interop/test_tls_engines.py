"""What both engines must do right once TLS is agreed upon, with OpenSSL's and GnuTLS's programs at the other end."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet.defer import Deferred
from ropewalk.internet.endpoints import ProcessEndpoint
from ropewalk.internet.error import ConnectionDone, ConnectionLost
from ropewalk.internet.protocol import Factory, ProcessProtocol
from ropewalk.internet.task import deferLater
from ropewalk.python.failure import Failure
from support.programs import freePort
from support.reactors import epoll, fresh, run
from support.recording import Connecting, Recorder, Serving
from support.tlsnetworks import ENGINES, files, wrapping

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

PATIENCE = 20.0


@pytest.fixture
def reactor() -> Iterator[Any]:
    with fresh(epoll) as one:
        yield one


@pytest.fixture(params=ENGINES, ids=lambda engine: engine.name)
def engine(request: pytest.FixtureRequest) -> Any:
    return request.param


class Program(ProcessProtocol):
    """A program of others, and all that it says on standard output and error."""

    transport: Any

    def __init__(self) -> None:
        self.said = b""
        self.ended: Deferred[int | None] = Deferred()
        self._waiting: list[tuple[bytes, Deferred[None]]] = []

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        self.said += data
        for words, waiter in list(self._waiting):
            if words in self.said:
                self._waiting.remove((words, waiter))
                waiter.callback(None)

    def hears(self, words: bytes) -> Deferred[None]:
        """Fire once the program has said these words."""
        waiter: Deferred[None] = Deferred()
        if words in self.said:
            waiter.callback(None)
        else:
            self._waiting.append((words, waiter))
        return waiter

    def processEnded(self, reason: Failure) -> None:
        self.ended.callback(reason.value.exitCode)  # type: ignore[attr-defined]  # of both kinds


@asynccontextmanager
async def program(reactor: Any, *words: str, where: Path | None = None) -> Any:
    """Run a program as long as the block lasts."""
    child = Program()
    reactor.spawnProcess(child, words[0], words, env=os.environ, path=None if where is None else str(where))
    try:
        yield child
    finally:
        if not child.ended.called:
            child.transport.signalProcess("KILL")
        await child.ended


class Echoing(Recorder):
    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)
        self.transport.write(data.upper())


@asynccontextmanager
async def serving(reactor: Any, engine: Any, **options: Any) -> Any:
    """Listen with TLS; gives the port and the protocol of the one connection."""
    protocol = Echoing()
    port = reactor.listenSSL(0, Serving(protocol), engine.server(**options), interface="127.0.0.1")
    try:
        yield port.getHost().port, protocol
    finally:
        await port.stopListening()


def sClient(port: int, *options: str) -> list[str]:
    root = files()[1]
    return ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", root, "-verify_return_error", *options]


def test_keysAreUpdated(reactor: Any, engine: Any) -> None:
    """RFC 8446 §4.6.3: the peer may ask for new keys at any time; what follows is read, and answered, with those."""

    async def main() -> None:
        async with serving(reactor, engine) as (port, server), program(reactor, *sClient(port)) as client:
            for turn in range(3):
                client.transport.write(b"line %d\n" % turn)
                await client.hears(b"LINE %d" % turn)
                said = len(client.said)
                client.transport.write(b"K\n")  # update ours, and ask for theirs
                while b"KEYUPDATE" not in client.said[said:]:
                    await deferLater(reactor, 0.01)
            client.transport.write(b"the end\n")
            await client.hears(b"THE END")
            client.transport.write(b"Q\n")
            assert type((await server.lost).value) is ConnectionDone

    run(reactor, main, timeout=PATIENCE)


def test_nobodyRenegotiates(reactor: Any, engine: Any) -> None:
    """A peer of TLS 1.2 that wishes to begin anew is refused; it costs no handshake, and nobody else is disturbed."""

    async def main() -> None:
        async with (
            serving(reactor, engine, tls12=True) as (port, server),
            program(reactor, *sClient(port, "-tls1_2")) as client,
        ):
            client.transport.write(b"first\n")
            await client.hears(b"FIRST")
            client.transport.write(b"R\n")
            await client.hears(b"no renegotiation")
            assert "handshake failure" in str((await server.lost).value)  # the client's word for it
            assert server.received == b"first\n"

    run(reactor, main, timeout=PATIENCE)


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
@pytest.mark.parametrize("size", [1, 5_000_000])
def test_everythingArrivesAndTheEndIsClean(reactor: Any, engine: Any, version: str, size: int, tmp_path: Path) -> None:
    """What OpenSSL's server sends, and its farewell, whatever the version."""
    page = os.urandom(size)
    (tmp_path / "page.bin").write_bytes(page)

    async def main() -> None:
        number = freePort()
        both, _ = files()
        command = ["openssl", "s_server", "-accept", f"127.0.0.1:{number}", "-cert", both, "-key", both, version]
        async with program(reactor, *command, "-WWW", where=tmp_path) as server:
            await server.hears(b"ACCEPT")
            factory = Connecting(client := Recorder())
            reactor.connectSSL("127.0.0.1", number, factory, engine.client())
            await client.made
            client.transport.write(b"GET /page.bin HTTP/1.0\r\n\r\n")
            assert type((await client.lost).value) is ConnectionDone
            assert bytes(client.received.partition(b"\r\n\r\n")[2]) == page

    run(reactor, main, timeout=PATIENCE)


def test_aServerThatIsKilledCutsItOff(reactor: Any, engine: Any) -> None:
    """The system closes a dead server's socket, without a farewell: that is told from an end."""

    async def main() -> None:
        number = freePort()
        both, _ = files()
        command = ["openssl", "s_server", "-accept", f"127.0.0.1:{number}", "-cert", both, "-key", both]
        async with program(reactor, *command) as server:
            await server.hears(b"ACCEPT")
            factory = Connecting(client := Recorder())
            reactor.connectSSL("127.0.0.1", number, factory, engine.client())
            await client.made
            client.transport.write(b"are you there?")
            await server.hears(b"are you there?")
            server.transport.write(b"half of the truth\n")
            await client.got(18)
            server.transport.signalProcess(signal.SIGKILL)
            reason = (await client.lost).value
            assert type(reason) is ConnectionLost
            assert "close_notify" in str(reason)

    run(reactor, main, timeout=PATIENCE)


@pytest.mark.skipif(shutil.which("socat") is None, reason="socat is not installed")
def test_overTheStandardInputAndOutputOfAProgram(reactor: Any, engine: Any) -> None:
    """A child process is a transport like any other: socat carries our TLS to OpenSSL's server."""

    async def main() -> None:
        number = freePort()
        both, _ = files()
        command = ["openssl", "s_server", "-accept", f"127.0.0.1:{number}", "-cert", both, "-key", both, "-rev"]
        async with program(reactor, *command) as server:
            await server.hears(b"ACCEPT")
            socat = shutil.which("socat")
            tunnel = ProcessEndpoint(reactor, socat, ["socat", "-", f"TCP:127.0.0.1:{number}"])
            await tunnel.connect(wrapping(engine.client(), True, Connecting(client := Recorder())))
            client.transport.write(b"ropewalk\n")
            assert await client.got(9) == b"klawepor\n"
            client.transport.loseConnection()
            await client.lost

    run(reactor, main, timeout=PATIENCE)


@pytest.mark.skipif(shutil.which("gnutls-serv") is None, reason="gnutls-serv is not installed")
@pytest.mark.parametrize("priority", ["NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3"])
def test_gnutlsEchoes(reactor: Any, engine: Any, priority: str) -> None:
    """A server by another library, with small records and its own habits at the end."""

    async def main() -> None:
        number = freePort()
        both, _ = files()
        command = ["gnutls-serv", "--echo", "--port", str(number), "--x509certfile", both, "--x509keyfile", both]
        async with program(reactor, *command, "--priority", priority) as server:
            await server.hears(b"done")
            factory = Connecting(client := Recorder())
            reactor.connectSSL("127.0.0.1", number, factory, engine.client())
            await client.made
            sent = b""
            for turn in range(20):
                line = b"%d " % turn * 300 + b"\n"
                client.transport.write(line)
                sent += line
                assert await client.got(len(sent)) == sent
            client.transport.loseConnection()
            assert type((await client.lost).value) is ConnectionDone

    run(reactor, main, timeout=PATIENCE)


@pytest.mark.skipif(shutil.which("gnutls-cli") is None, reason="gnutls-cli is not installed")
def test_gnutlsResumesNothingAndRehandshakesNever(reactor: Any, engine: Any) -> None:
    """``gnutls-cli --resume`` connects twice, and both times it is served."""

    async def main() -> None:
        _, root = files()
        factory: Factory[Any] = Factory.forProtocol(Echoing)
        factory.noisy = False
        port = reactor.listenSSL(0, factory, engine.server(), interface="127.0.0.1")
        number = str(port.getHost().port)
        command = ["gnutls-cli", "--resume", "--x509cafile", root, "--verify-hostname", "localhost", "-p", number]
        async with program(reactor, *command, "127.0.0.1") as client:
            await client.hears(b"Simple Client Mode")
            client.transport.write(b"hello\n")
            await client.hears(b"HELLO")
            client.transport.closeStdin()
            assert await client.ended == 0
        await port.stopListening()

    run(reactor, main, timeout=PATIENCE)


# The reference release, as the other end: it speaks by pyOpenSSL, and has its own ideas of when to close.
PEER = Path(__file__).resolve().parents[2] / ".peers" / "twisted" / "bin" / "python"
TWISTED = """
import sys
from twisted.internet import protocol, reactor, ssl

role, number, pem, root = sys.argv[1:]

class Echo(protocol.Protocol):
    def dataReceived(self, data):
        self.transport.write(data.upper())
        self.transport.loseConnection()
    def connectionLost(self, reason):
        print("lost", reason.type.__name__, flush=True)
        reactor.stop()

class Ask(Echo):
    said = b""
    def connectionMade(self):
        self.transport.write(b"hello" * 50000)
    def dataReceived(self, data):
        self.said += data
        if len(self.said) == 250000:
            print("heard", set(self.said.split(b"HELLO")), flush=True)
            self.transport.loseConnection()

if role == "server":
    with open(pem) as file:
        options = ssl.PrivateCertificate.loadPEM(file.read()).options()
    port = reactor.listenSSL(0, protocol.Factory.forProtocol(Echo), options, interface="127.0.0.1")
    reactor.callWhenRunning(lambda: print("port", port.getHost().port, flush=True))
else:
    factory = protocol.ClientFactory.forProtocol(Ask)
    with open(root) as file:
        options = ssl.optionsForClientTLS("localhost", ssl.Certificate.loadPEM(file.read()))
    reactor.connectSSL("127.0.0.1", int(number), factory, options)
reactor.run()
"""
needsTwisted = pytest.mark.skipif(
    not PEER.exists(), reason="Twisted is not in .peers/twisted: benchmarks/run.py puts it there"
)


@needsTwisted
def test_theReferenceAsClient(reactor: Any, engine: Any) -> None:
    """It verifies us, is answered, closes, and both hear of a clean end."""

    async def main() -> None:
        async with (
            serving(reactor, engine) as (port, server),
            program(reactor, str(PEER), "-c", TWISTED, "client", str(port), *files()) as client,
        ):
            await client.hears(b"lost ConnectionDone")
            assert b"heard {b''}" in client.said
            assert type((await server.lost).value) is ConnectionDone
            assert len(server.received) == 250_000

    run(reactor, main, timeout=PATIENCE)


@needsTwisted
def test_theReferenceAsServer(reactor: Any, engine: Any) -> None:
    """It answers, and closes at once after that; what it wrote before is complete, and the end is clean."""

    async def main() -> None:
        async with program(reactor, str(PEER), "-c", TWISTED, "server", "0", *files()) as server:
            await server.hears(b"\n")
            number = int(server.said.split()[1])
            reactor.connectSSL("127.0.0.1", number, Connecting(client := Recorder()), engine.client())
            await client.made
            client.transport.write(b"ropewalk")
            assert type((await client.lost).value) is ConnectionDone
            assert client.received == b"ROPEWALK"
            await server.hears(b"lost ConnectionDone")

    run(reactor, main, timeout=PATIENCE)
