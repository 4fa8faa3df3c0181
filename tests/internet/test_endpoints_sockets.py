"""Endpoints over real sockets, on every reactor."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet import endpoints, error
from ropewalk.internet.address import IPv4Address, IPv6Address
from ropewalk.internet.defer import Deferred
from ropewalk.internet.protocol import Factory, Protocol
from ropewalk.internet.testing import AccumulatingProtocol
from support.reactors import reactor as reactor
from support.reactors import run


class Echo(Protocol):
    """Sends back what it gets."""

    def dataReceived(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(data)


async def talk(server: Any, clientFor: Any) -> bytes:
    """Listen, connect, say hello, hear it back, close everything."""
    port = await server.listen(Factory.forProtocol(Echo))
    closed: Deferred[None] = Deferred()
    heard: Deferred[bytes] = Deferred()

    class Client(AccumulatingProtocol):
        def dataReceived(self, data: bytes) -> None:
            super().dataReceived(data)
            if self.data == b"hello":
                heard.callback(self.data)

    client: Any = await endpoints.connectProtocol(clientFor(port.getHost()), Client())
    client.closedDeferred = closed
    client.transport.write(b"hello")
    answer = await heard
    client.transport.loseConnection()
    await closed
    await port.stopListening()
    return answer


def test_tcp(reactor: Any) -> None:
    """A server and a client endpoint talk over TCP (F049, F050, F051)."""
    server = endpoints.TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1")
    assert run(reactor, talk, server, lambda at: endpoints.TCP4ClientEndpoint(reactor, at.host, at.port)) == b"hello"


def test_tcp6(reactor: Any) -> None:
    """The same over IPv6."""
    server = endpoints.TCP6ServerEndpoint(reactor, 0, interface="::1")
    assert run(reactor, talk, server, lambda at: endpoints.TCP6ClientEndpoint(reactor, at.host, at.port)) == b"hello"


def test_strings(reactor: Any) -> None:
    """The same by descriptions (F053, F054)."""
    server = endpoints.serverFromString(reactor, "tcp:0:interface=127.0.0.1")
    assert run(reactor, talk, server, lambda at: endpoints.clientFromString(reactor, f"tcp:{at.host}:{at.port}")) == (
        b"hello"
    )


def test_unix(reactor: Any, tmp_path: Path) -> None:
    """The same over a UNIX socket, whose mode is the one described."""
    path = tmp_path / "socket"
    quoted = endpoints.quoteStringArgument(str(path))
    modes: list[int] = []

    def client(address: object) -> Any:
        modes.append(stat.S_IMODE(os.stat(path).st_mode))
        return endpoints.clientFromString(reactor, f"unix:{quoted}:lockfile=1")

    server = endpoints.serverFromString(reactor, f"unix:{quoted}:mode=600")
    assert run(reactor, talk, server, client) == b"hello"
    assert modes == [0o600]
    assert not path.exists()


def test_inheritedDescriptor(reactor: Any) -> None:
    """The same on a socket that listened before."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = endpoints.serverFromString(reactor, f"fd:{listening.detach()}")
    assert run(reactor, talk, server, lambda at: endpoints.TCP4ClientEndpoint(reactor, at.host, at.port)) == b"hello"


def test_hostname(reactor: Any) -> None:
    """The same by a name that the system resolves."""
    server = endpoints.TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1")
    assert run(reactor, talk, server, lambda at: endpoints.HostnameEndpoint(reactor, "localhost", at.port)) == b"hello"


def test_hostWhoseFirstAddressRefuses(reactor: Any) -> None:
    """When nothing listens at the first address the second is tried at once, not after the delay (wish 19)."""

    class Both:
        """Says that every host is at ::1 first and at 127.0.0.1 then."""

        def resolveHostName(self, receiver: Any, hostName: str, portNumber: int = 0, *more: Any) -> Any:
            receiver.resolutionBegan(endpoints.HostResolution(hostName))
            receiver.addressResolved(IPv6Address("TCP", "::1", portNumber))
            receiver.addressResolved(IPv4Address("TCP", "127.0.0.1", portNumber))
            receiver.resolutionComplete()

    reactor.installNameResolver(Both())
    server = endpoints.TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1")

    def client(address: Any) -> Any:
        # A head start much longer than the test may take.
        return endpoints.HostnameEndpoint(reactor, "both.example", address.port, attemptDelay=1000)

    assert run(reactor, talk, server, client) == b"hello"


def test_refusedConnectionNamesTheAddress(reactor: Any) -> None:
    """The error of a refused connection says who refused."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    async def main() -> None:
        await endpoints.TCP4ClientEndpoint(reactor, "127.0.0.1", port).connect(Factory.forProtocol(Protocol))

    with pytest.raises(error.ConnectionRefusedError, match=f"127.0.0.1:{port}"):
        run(reactor, main)


def test_takenPortNamesTheAddress(reactor: Any) -> None:
    """The error of a port that is taken says which."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        async def main() -> None:
            await endpoints.serverFromString(reactor, f"tcp:{port}:interface=127.0.0.1").listen(Factory())

        with pytest.raises(error.CannotListenError, match=f"127.0.0.1:{port}"):
            run(reactor, main)


def test_sharedPort(reactor: Any) -> None:
    """Two servers listen at one port when both say ``reusePort`` (wish 20)."""

    async def main() -> None:
        one: Any = await endpoints.serverFromString(reactor, "tcp:0:interface=127.0.0.1:reusePort=yes").listen(
            Factory()
        )
        number = one.getHost().port
        description = f"tcp:{number}:interface=127.0.0.1:reusePort=yes"
        two: Any = await endpoints.serverFromString(reactor, description).listen(Factory())
        assert two.getHost().port == number
        await one.stopListening()
        await two.stopListening()

    run(reactor, main)


def test_cancelledConnectIsGone(reactor: Any) -> None:
    """A cancelled connect fails at once, and leaves neither socket nor delayed call (F052)."""

    async def main() -> list[Any]:
        port: Any = await endpoints.TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(Factory())
        connecting = endpoints.HostnameEndpoint(reactor, "127.0.0.1", port.getHost().port).connect(
            Factory.forProtocol(Protocol)
        )
        connecting.cancel()
        with pytest.raises(error.ConnectingCancelledError):
            await connecting
        await port.stopListening()
        return list(reactor.getDelayedCalls())

    # What is left is the alarm of this test itself.
    assert len(run(reactor, main)) == 1


def test_serverThatNeverAnswers(reactor: Any) -> None:
    """A server whose backlog is full runs into the timeout, with an error that names it."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))

        async def main() -> None:
            await endpoints.TCP4ClientEndpoint(reactor, "127.0.0.1", port, timeout=0.05).connect(
                Factory.forProtocol(Protocol)
            )

        try:
            with pytest.raises(error.TimeoutError, match=f"127.0.0.1:{port}"):
                run(reactor, main)
        finally:
            for filler in fillers:
                filler.close()


@pytest.mark.parametrize("mistake", ["declines", "buildProtocol", "connectionMade"])
def test_clientThatCannotBegin(reactor: Any, mistake: str) -> None:
    """A factory that declines or raises, or a protocol that does, fails the Deferred; the socket is closed (F051)."""

    class Broken(Protocol):
        def connectionMade(self) -> None:
            raise ZeroDivisionError("in connectionMade")

    class Breaking(Factory[Protocol]):
        def buildProtocol(self, addr: object) -> Protocol | None:
            if mistake == "buildProtocol":
                raise ZeroDivisionError("in buildProtocol")
            return Broken() if mistake == "connectionMade" else None

    async def main() -> None:
        server = AccumulatingProtocol()
        server.closedDeferred = closed = Deferred[None]()
        serving = Factory[Protocol]()
        serving.buildProtocol = lambda addr: server  # type: ignore[method-assign]  # as programs do
        port: Any = await endpoints.serverFromString(reactor, "tcp:0:interface=127.0.0.1").listen(serving)
        client = endpoints.clientFromString(reactor, f"tcp:127.0.0.1:{port.getHost().port}")
        with pytest.raises(error.NoProtocol if mistake == "declines" else ZeroDivisionError):
            await client.connect(Breaking())
        await closed
        await port.stopListening()

    run(reactor, main)
