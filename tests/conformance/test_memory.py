"""The pair in memory (`testing.connectedPair`) keeps what every stream transport promises.

A stand-in is trusted because it passes the suite of the real thing: these are the tests of `test_streams` that take a
network, with the memory as the network.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from conformance import test_streams
from ropewalk.internet.defer import Deferred, succeed
from ropewalk.internet.task import LoopingCall
from ropewalk.internet.testing import MemoryPump, connectedPair
from support.reactors import epoll, fresh, poll

# What a pair has not got: descriptors that the reactor watches, and a client's factory to tell of the loss.
NOT_PAIRS = {
    "test_aProtocolThatRaisesInConnectionLostIsStillClosed",
    "test_nothingReadsOrWritesAfterTheEnd",
    "test_theReactorsEndIsEverybodysEnd",
}

globals().update(
    {
        name: test
        for name, test in vars(test_streams).items()
        if name.startswith("test_") and "network" in inspect.signature(test).parameters and name not in NOT_PAIRS
    }
)


class Port:
    """Where the memory network listens, until it is told to stop."""

    def __init__(self, reactor: Any, factory: Any) -> None:
        self.factory = factory
        self.pumps: list[MemoryPump] = []
        # The reactor's turns are the pump's.
        self._turning = LoopingCall(self._turn)
        self._turning.clock = reactor
        self._turning.start(0)

    def _turn(self) -> None:
        for pump in self.pumps:
            pump.turn()

    def stopListening(self) -> Deferred[None]:
        self._turning.stop()
        return succeed(None)


class Memory:
    """Streams in memory, pumped by the turns of a reactor."""

    def listen(self, reactor: Any, factory: Any) -> Port:
        return Port(reactor, factory)

    def connect(self, reactor: Any, port: Port, factory: Any, **options: Any) -> None:
        server = port.factory.buildProtocol(None)
        client = factory.buildProtocol(None)
        port.pumps.append(connectedPair(server, client, clock=reactor))


@pytest.fixture
def network() -> Memory:
    return Memory()


@pytest.fixture(params=[epoll, poll], ids=lambda make: make.__name__)
def reactor(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A reactor, for its turns alone."""
    with fresh(request.param) as one:
        yield one
