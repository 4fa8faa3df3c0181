"""`ropewalk.application._services.watched`: protocols that tell somebody when their connection ends."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from zope.interface import implementer

from ropewalk.application._services.watched import Watched, WatchingFactory
from ropewalk.internet.error import ConnectionDone
from ropewalk.internet.interfaces import IHalfCloseableProtocol, IProtocol, IProtocolFactory
from ropewalk.internet.protocol import Factory, Protocol
from ropewalk.internet.tcp import Port
from ropewalk.internet.testing import MemoryReactor, StringTransport, connectedPair
from ropewalk.python.failure import Failure

GONE = Failure(ConnectionDone())


@implementer(IHalfCloseableProtocol)
class Changing(Protocol):
    """A protocol that replaces its own ``dataReceived`` after the first chunk."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def connectionMade(self) -> None:
        self.heard.append("made")

    def dataReceived(self, data: bytes) -> None:
        self.heard.append(data)
        self.dataReceived = self.later  # type: ignore[method-assign]  # as old programs do

    def later(self, data: bytes) -> None:
        self.heard.append((data, "later"))

    def connectionLost(self, reason: Failure) -> None:
        self.heard.append("lost")

    def readConnectionLost(self) -> None:
        self.heard.append("read closed")

    def writeConnectionLost(self) -> None: ...


def test_passesEverythingOn() -> None:
    """The protocol hears what it would hear, half-closes and replaced methods included."""
    protocol, peer = Changing(), Protocol()
    heard: list[Any] = []
    watched: Any = Watched(protocol, lambda watched, reason: heard.append(reason.value))
    pump = connectedPair(watched, peer)
    for data in (b"one", b"two"):
        peer.transport.write(data)
        pump.settle()
    peer.transport.loseWriteConnection()  # type: ignore[attr-defined]  # it is a TCP transport
    pump.settle()
    assert protocol.heard == ["made", b"one", (b"two", "later"), "read closed"]
    assert heard == []
    protocol.transport.loseConnection()
    pump.settle()
    assert protocol.heard[-1] == "lost"
    assert len(heard) == 1


def test_providesWhatTheProtocolProvides() -> None:
    """Questions for interfaces are the protocol's, and the factory's, to answer."""
    assert IHalfCloseableProtocol.providedBy(Watched(Changing()))
    assert not IHalfCloseableProtocol.providedBy(Watched(Protocol()))
    assert IProtocol.providedBy(Watched(Protocol()))
    assert IProtocolFactory.providedBy(WatchingFactory(Factory[Any](), print))


def test_tellsWhateverTheProtocolDoes() -> None:
    """A connectionLost that raises is raised, and who wanted to know knows."""

    class Broken(Protocol):
        def connectionLost(self, reason: Failure) -> None:
            raise LookupError("broken")

    heard: list[Any] = []
    watched = Watched(Broken(), lambda *told: heard.append(told))
    with pytest.raises(LookupError):
        watched.connectionLost(GONE)
    assert heard == [(watched, GONE)]
    assert watched.lost is GONE


def test_endsGentlyWhereItCannotCut() -> None:
    """A transport without abortConnection is told to close; before and after the connection there is nothing to end."""

    class Gentle:
        closed = 0

        def loseConnection(self) -> None:
            self.closed += 1

    watched, transport = Watched(Protocol()), Gentle()
    watched.end("abortConnection")
    watched.makeConnection(transport)
    watched.end("abortConnection")
    assert transport.closed == 1
    watched.connectionLost(GONE)
    watched.end("abortConnection")
    assert transport.closed == 1


def test_factoryMayDecline() -> None:
    """A factory that makes no protocol has nothing watched; one that refuses isn't even asked."""
    begun: list[Watched] = []
    factory: Any = Factory.forProtocol(Protocol)
    watching: Any = WatchingFactory(factory, begun.append)
    watched = watching.buildProtocol(None)
    assert begun == [watched]
    assert watched.protocol.factory is factory
    watching.refusing = True
    assert watching.buildProtocol(None) is None
    factory.buildProtocol = lambda addr: None
    watching.refusing = False
    assert watching.buildProtocol(None) is None
    assert len(begun) == 1


def test_portIsCalledByItsFactory() -> None:
    """The log calls a port by the class of the factory that the program has written."""

    class Mine(Factory[Any]):
        pass

    reactor = MemoryReactor()
    port: Any = Port(0, WatchingFactory(Mine(), print), reactor=reactor)
    assert port.logPrefix().endswith("Mine")
    assert isinstance(WatchingFactory(Mine(), print), Mine)


def test_isCopied() -> None:
    """What asks an object that isn't filled yet for its methods, as ``copy`` does, gets an answer."""
    watched = Watched(Protocol())
    watched.makeConnection(StringTransport())
    assert copy.copy(watched).protocol is watched.protocol
    assert isinstance(copy.copy(WatchingFactory(Factory[Any](), print)), WatchingFactory)
