"""A connection of AMP may go on as something else: another protocol, or TLS; and files may pass over it."""

from __future__ import annotations

import os
from typing import Any

import pytest

from ropewalk.internet.error import ConnectionLost
from ropewalk.internet.protocol import ClientFactory, Protocol
from ropewalk.internet.testing import StringTransport, connectedPair
from ropewalk.protocols import amp
from ropewalk.python.failure import Failure
from support.reactors import run
from support.recording import UNIX, Connecting, Serving, logged, until


class Refused(Exception):
    """An error that `Upgrade` lists."""


class Upgrade(amp.ProtocolSwitchCommand):
    arguments = [(b"to", amp.Unicode())]
    errors = {Refused: b"REFUSED"}


class Upper(Protocol):
    """Answers in capitals."""

    lost = False

    def __init__(self) -> None:
        self.heard = b""

    def dataReceived(self, data: bytes) -> None:
        self.heard += data
        if data.islower():
            self.transport.write(data.upper())

    def connectionLost(self, reason: Any = None) -> None:
        self.lost = True


class Server(amp.AMP):
    inner: Any = None

    @Upgrade.responder
    def upgrade(self, to: str) -> Any:
        if to == "nothing":
            raise Refused("not today")
        if to == "number":
            return 7
        self.inner = Upper()
        return self.inner


class Upgrading(ClientFactory[Any]):
    protocol = Upper
    failed: Any = None
    over: Any = None

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        assert connector is None
        self.failed = reason.value

    def clientConnectionLost(self, connector: Any, reason: Failure) -> None:
        assert connector is None
        self.over = reason.value


def test_switch() -> None:
    """After the answer both sides speak the other protocol, and hear of the end of the connection."""
    server, client, factory = Server(), amp.AMP(), Upgrading()
    pump = connectedPair(server, client)
    got: list[Any] = []
    client.callRemote(Upgrade, factory, to="upper").addCallback(got.append)
    with pytest.raises(amp.ProtocolSwitched):
        client.callRemoteString(b"x")
    pump.settle()
    assert got == [{}]
    inner = client.innerProtocol
    assert inner.factory is client.innerProtocolClientFactory is factory
    inner.transport.write(b"hello")
    pump.settle()
    assert (server.inner.heard, inner.heard) == (b"hello", b"HELLO")
    for side in (server, client):
        with pytest.raises(amp.ProtocolSwitched):
            side.callRemoteString(b"x")
    client.transport.loseConnection()
    pump.settle()
    assert server.inner.lost
    assert inner.lost
    assert factory.over is not None


def test_bytesBehindTheAnswer() -> None:
    """What came in one piece with the last box belongs to the new protocol."""
    client, factory, transport = amp.AMP(), Upgrading(), StringTransport()
    client.makeConnection(transport)
    client.callRemote(Upgrade, factory, to="upper")
    client.dataReceived(amp.Box(_answer=b"1").serialize() + b"tail")
    client.dataReceived(b" and more")
    assert client.innerProtocol.heard == b"tail and more"


@pytest.mark.parametrize(("to", "error"), [("nothing", Refused), ("number", amp.UnknownRemoteError)])
def test_refused(to: str, error: type[Exception]) -> None:
    """When the peer doesn't switch, the factory hears so, and boxes can be sent again."""
    server, client, factory = Server(), amp.AMP(), Upgrading()
    pump = connectedPair(server, client)
    got: list[Any] = []
    client.callRemote(Upgrade, factory, to=to).addErrback(got.append)
    with logged(*[amp.BadLocalReturn] if to == "number" else []):
        pump.settle()
    assert type(got[0].value) is error
    assert isinstance(factory.failed, ConnectionLost)
    if to == "nothing":
        client.callRemoteString(b"x").addErrback(got.append)
        pump.settle()
        assert len(got) == 2


def test_lostMeanwhile() -> None:
    """When the connection is lost before the answer, the factory hears of it, and so does the caller."""
    client, factory, transport = amp.AMP(), Upgrading(), StringTransport()
    client.makeConnection(transport)
    got: list[Any] = []
    client.callRemote(Upgrade, factory, to="upper").addErrback(got.append)
    client.connectionLost(Failure(ConnectionLost("gone")))
    assert got[0].value is factory.failed


def test_factoryThatFails() -> None:
    """A factory that raises when it hears of the loss does not keep it from the others that wait."""

    class Failing(Upgrading):
        def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
            raise KeyError("a mistake of the program's")

    client, transport = amp.AMP(), StringTransport()
    client.makeConnection(transport)
    got: list[Any] = []
    client.callRemoteString(b"x").addErrback(got.append)
    client.callRemote(Upgrade, Failing(), to="upper").addErrback(got.append)
    with logged(KeyError):
        client.connectionLost(Failure(ConnectionLost("gone")))
    assert len(got) == 2


class Pass(amp.Command):
    arguments = [(b"first", amp.Descriptor()), (b"second", amp.Descriptor(optional=True))]
    response = [(b"read", amp.ListOf(amp.String()))]


class Receiving(amp.AMP):
    @Pass.responder
    def take(self, first: int, second: int | None) -> dict[str, list[bytes]]:
        found = []
        for descriptor in (first, second):
            if descriptor is not None:
                found.append(os.read(descriptor, 100))
                os.close(descriptor)
        return {"read": found}


def test_descriptors(reactor: Any) -> None:
    """Descriptors pass over a UNIX socket, each to its own argument, however many calls are under way."""

    async def main() -> None:
        network, client, server = UNIX(), amp.AMP(), Receiving()
        port = network.listen(reactor, Serving(server))
        network.connect(reactor, port, Connecting(client))
        await until(reactor, lambda: client.boxSender is not None)
        calls, pipes = [], []
        for number in range(6):
            read, write = os.pipe()
            os.write(write, b"%d" % number)
            pipes += [read, write]
        calls.append(client.callRemote(Pass, first=pipes[0], second=pipes[2]))
        calls.append(client.callRemote(Pass, first=pipes[4]))
        calls.append(client.callRemote(Pass, second=pipes[6], first=pipes[8]))
        assert [(await call)["read"] for call in calls] == [[b"0", b"1"], [b"2"], [b"4", b"3"]]
        for descriptor in pipes:
            os.close(descriptor)
        client.transport.loseConnection()
        await port.stopListening()
        await until(reactor, lambda: server.transport is None and client.transport is None)

    run(reactor, main)


def test_descriptorsNeedSockets() -> None:
    """Without a UNIX socket a descriptor is refused where it is sent; one that never came, where it is read."""
    protocol, transport = Receiving(), StringTransport()
    protocol.makeConnection(transport)
    with pytest.raises(TypeError, match="UNIX sockets only"):
        protocol.callRemote(Pass, first=0)
    with logged(amp.MalformedAmpBox):
        protocol.dataReceived(amp.Box(_ask=b"1", _command=b"Pass", first=b"0").serialize())
    assert b"UNKNOWN" in transport.value()
