"""Every promise of the documents' chapter on endpoints that needs no TLS: EP1 to EP22 without EP11, 12, 15 and 18."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ropewalk.application import strports
from ropewalk.internet.defer import Deferred
from ropewalk.internet.endpoints import (
    HostnameEndpoint,
    TCP4ClientEndpoint,
    TCP4ServerEndpoint,
    TCP6ServerEndpoint,
    UNIXClientEndpoint,
    UNIXServerEndpoint,
    clientFromString,
    connectProtocol,
    quoteStringArgument,
    serverFromString,
)
from ropewalk.internet.error import CannotListenError, ConnectingCancelledError, ConnectionRefusedError
from ropewalk.internet.protocol import ClientFactory, Factory, Protocol
from ropewalk.internet.task import deferLater
from support.reactors import epoll, fresh, run
from support.recording import Recorder


class Greet(Protocol):
    def connectionMade(self) -> None:
        self.transport.write(b"hello")


@pytest.fixture
def reactor() -> Iterator[Any]:
    with fresh(epoll) as one:
        yield one


@pytest.fixture
def place() -> Iterator[str]:
    """A directory whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory() as one:
        yield one


async def greeted(server: Any, client: Any) -> Recorder:
    """Listen, connect, and return the client's protocol when it was greeted."""
    await server.listen(Factory.forProtocol(Greet))
    recorder = Recorder()
    await connectProtocol(client, recorder)
    assert await recorder.got(5) == b"hello"
    return recorder


def test_listening(reactor: Any) -> None:
    """EP1, EP2, EP21: a taken port fails the Deferred and raises nothing; it is free when ``stopListening`` says."""

    async def main() -> None:
        port: Any = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(Factory.forProtocol(Greet))
        number = port.getHost().port
        second = TCP4ServerEndpoint(reactor, number, interface="127.0.0.1")
        attempt = second.listen(Factory.forProtocol(Greet))
        with pytest.raises(CannotListenError):
            await attempt
        await port.stopListening()
        await second.listen(Factory.forProtocol(Greet))

    run(reactor, main)


def test_oneAttempt(reactor: Any) -> None:
    """EP3, EP7: one attempt, without a retry; a ClientFactory's own notifications are not called."""
    called: list[str] = []

    class Client(ClientFactory[Protocol]):
        protocol = Recorder

        def clientConnectionFailed(self, connector: object, reason: object) -> None:
            called.append("failed")

        def clientConnectionLost(self, connector: object, reason: object) -> None:
            called.append("lost")

    async def main() -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))  # bound, and nobody listens
            nowhere = TCP4ClientEndpoint(reactor, "127.0.0.1", closed.getsockname()[1])
            with pytest.raises(ConnectionRefusedError):
                await nowhere.connect(Client())
        port: Any = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(Factory.forProtocol(Greet))
        client: Any = await TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port).connect(Client())
        assert isinstance(client, Recorder)
        client.transport.loseConnection()
        await client.lost

    run(reactor, main)
    assert called == []


def test_cancelled(reactor: Any) -> None:
    """EP4, EP5, EP6: ``connectProtocol`` connects a protocol that is there; cancelling gives the attempt up, and is
    harmless afterwards (F16)."""

    async def main() -> None:
        # A server whose queue is full neither takes a connection nor refuses it.
        with socket.socket() as full, socket.socket() as first, socket.socket() as second:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            for one in (first, second):
                one.setblocking(False)
                one.connect_ex(full.getsockname())
            attempt = connectProtocol(TCP4ClientEndpoint(reactor, *full.getsockname()), Recorder())
            reactor.callLater(0.05, attempt.cancel)
            with pytest.raises(ConnectingCancelledError):
                await attempt
        port: Any = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(Factory.forProtocol(Greet))
        recorder = Recorder()
        done: Deferred[Any] = connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port), recorder)
        assert await done is recorder
        done.cancel()
        assert await recorder.got(5) == b"hello"

    run(reactor, main)


def test_descriptions(reactor: Any) -> None:
    """EP8, EP10, EP16, EP22: a program connects where a text says (F19); names and places of arguments both do."""

    async def main() -> None:
        server = serverFromString(reactor, "tcp:port=0:interface=127.0.0.1:backlog=10")
        port: Any = await server.listen(Factory.forProtocol(Greet))
        number = port.getHost().port
        for text in (f"tcp:host=127.0.0.1:port={number}:timeout=15", f"tcp:127.0.0.1:{number}:bindAddress=127.0.0.2"):
            recorder = Recorder()
            await connectProtocol(clientFromString(reactor, text), recorder)
            assert await recorder.got(5) == b"hello"
        assert recorder.transport.getHost().host == "127.0.0.2"

    run(reactor, main)


def test_service(reactor: Any) -> None:
    """EP9: a description's service listens from its start to its stop."""

    async def main() -> None:
        service = strports.service("tcp:0:interface=127.0.0.1", Factory.forProtocol(Greet), reactor=reactor)
        service.startService()
        waiting: Any = service._waitingForPort
        port = await waiting
        number = port.getHost().port
        client = TCP4ClientEndpoint(reactor, "127.0.0.1", number)
        recorder = Recorder()
        await connectProtocol(client, recorder)
        assert await recorder.got(5) == b"hello"
        await service.stopService()
        with pytest.raises(ConnectionRefusedError):
            await connectProtocol(client, Recorder())

    run(reactor, main)


def test_unix(reactor: Any, place: str) -> None:
    """EP13, EP19: UNIX sockets with permissions and a lock file, which a client may have checked (F19)."""
    path = os.path.join(place, "web:sock")

    async def main() -> None:
        quoted = quoteStringArgument(path)
        server = serverFromString(reactor, f"unix:address={quoted}:lockfile=1:mode=660:backlog=5")
        assert isinstance(server, UNIXServerEndpoint)
        client = clientFromString(reactor, f"unix:path={quoted}:timeout=9:checkPID=1")
        assert isinstance(client, UNIXClientEndpoint)
        await greeted(server, client)
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o660
        assert os.path.lexists(path + ".lock")

    run(reactor, main)


def test_hostname(reactor: Any) -> None:
    """EP14: of the addresses that a name has, the one that answers first is taken: here one that refuses is not."""

    class Names:
        """A resolver that knows two addresses, of which one has nobody."""

        def resolveHostName(self, receiver: Any, hostName: str, portNumber: int = 0, *_: Any, **__: Any) -> Any:
            from ropewalk.internet.address import IPv4Address, IPv6Address

            receiver.resolutionBegan(self)
            receiver.addressResolved(IPv6Address("TCP", "::1", portNumber))
            receiver.addressResolved(IPv4Address("TCP", "127.0.0.1", portNumber))
            receiver.resolutionComplete()
            return receiver

    async def main() -> None:
        port: Any = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(Factory.forProtocol(Greet))
        reactor.installNameResolver(Names())
        recorder = Recorder()
        await connectProtocol(HostnameEndpoint(reactor, "example.com", port.getHost().port), recorder)
        assert recorder.transport.getPeer().host == "127.0.0.1"

    run(reactor, main)


def test_tcp6(reactor: Any) -> None:
    r"""EP17: an IPv6 address in a description has its colons escaped (F19)."""

    async def main() -> None:
        server = serverFromString(reactor, r"tcp6:port=0:interface=\:\:1")
        assert isinstance(server, TCP6ServerEndpoint)
        port: Any = await server.listen(Factory.forProtocol(Greet))
        assert port.getHost().host == "::1"

    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            pytest.skip("there is no IPv6 here")
    run(reactor, main)


def test_systemd(tmp_path: Path) -> None:
    """EP20, SD2: ``index`` counts among the sockets that systemd passed, whatever their numbers (F19)."""
    program = """
import os, socket, sys
from ropewalk.internet import reactor
from ropewalk.internet.endpoints import serverFromString
from ropewalk.internet.protocol import Factory

family = socket.AF_INET
# What systemd does: sockets from descriptor 3 on, and variables that say how many.
kept = [socket.socket(family) for _ in range(4)]
for place, one in enumerate(kept):
    one.bind(("127.0.0.1", 0))
    one.listen()
    os.dup2(one.fileno(), 100 + place)
names = [one.getsockname()[1] for one in kept]
for one in kept:
    one.close()
for place in range(4):
    os.dup2(100 + place, 3 + place)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="4")

def listening(port):
    print(port.getHost().port == names[3], "LISTEN_FDS" in os.environ)
    reactor.stop()

def listen():
    serverFromString(reactor, "systemd:domain=INET:index=3").listen(Factory()).addCallback(listening)

listen()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert done.stdout == "True False\n", done.stderr


def test_noImpliedTimeout(reactor: Any) -> None:
    """EP6: nothing but the endpoint's own timeout ends an attempt: what is slow is waited for."""

    async def main() -> None:
        port: Any = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(Factory.forProtocol(Greet))
        attempt = connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port), Recorder())
        alarm = reactor.callLater(30, attempt.cancel)
        await attempt
        alarm.cancel()
        await deferLater(reactor, 0)

    run(reactor, main)
