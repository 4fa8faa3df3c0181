"""Connections that are over leave nothing behind, without the help of the garbage collector."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ropewalk.internet.protocol import Factory, Protocol
from ropewalk.internet.task import Clock
from ropewalk.internet.testing import connectedPair
from ropewalk.protocols import basic, policies, portforward


@pytest.fixture(autouse=True)
def noCollector() -> Iterator[None]:
    """Garbage in cycles stays where it is."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


class Lines(basic.LineReceiver):
    def lineReceived(self, line: bytes) -> None:
        self.sendLine(line)
        if line == b"close":
            self.transport.loseConnection()


class Strings(basic.Int8StringReceiver):
    def stringReceived(self, string: bytes) -> None:
        self.transport.loseConnection()


class Netstrings(basic.NetstringReceiver):
    def stringReceived(self, string: bytes) -> None:
        self.transport.loseConnection()


def wrapped(cls: Any, *args: Any) -> Callable[[], Any]:
    def make() -> Any:
        factory = cls(Factory.forProtocol(Lines), *args)
        factory.callLater = Clock().callLater
        return factory.buildProtocol(("10.0.0.1", 1))

    make.__name__ = cls.__name__
    return make


MAKERS: list[Callable[[], Any]] = [
    Lines,
    Strings,
    Netstrings,
    wrapped(policies.WrappingFactory),
    wrapped(policies.TimeoutFactory),
    wrapped(policies.LimitConnectionsByPeer),
    wrapped(policies.ThrottlingFactory, 5, 100, 100),
]


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
@pytest.mark.parametrize(
    "wire", [b"a\r\nclose\r\n", b"\1a", b"1:a,", b"x" * 20000], ids=["lines", "string", "net", "bad"]
)
def test_nothingIsLeft(make: Callable[[], Any], wire: bytes) -> None:
    """When a connection is over its protocol, its wrapper and its transport are gone."""
    protocol, client = make(), Protocol()
    pump = connectedPair(protocol, client)
    gone = [weakref.ref(thing) for thing in (protocol, getattr(protocol, "wrappedProtocol", protocol))]
    client.transport.write(wire)
    pump.settle()
    client.transport.loseConnection()
    pump.settle()
    del protocol, client, pump
    assert [reference() for reference in gone] == [None, None]


def test_forwardedConnectionsAreGone() -> None:
    """Both sides of a forwarded connection are gone when it is over."""

    class Now:
        def connectTCP(self, host: str, port: int, factory: Any) -> None:
            self.pump = connectedPair(Protocol(), factory.buildProtocol(None))

    server: Any = portforward.ProxyFactory("host", 1).buildProtocol(None)
    network = server.reactor = Now()
    client = Protocol()
    pump = connectedPair(server, client)
    gone = [weakref.ref(server), weakref.ref(server.peer)]
    client.transport.loseConnection()
    while pump.turn() or network.pump.turn():
        pass
    server.reactor = None
    del server, client, pump, network
    assert [reference() for reference in gone] == [None, None]
