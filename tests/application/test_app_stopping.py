"""How an application comes to its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ropewalk.application import internet, service
from ropewalk.application._running.stopping import OrderlyStop, drainAll, servicesIn
from ropewalk.internet import endpoints, protocol
from ropewalk.internet.defer import Deferred
from ropewalk.internet.testing import MemoryReactorClock, StringTransport
from ropewalk.logger import capturedLogs


class Recorder(service.Service):
    """Writes down when it stops; takes as long as its Deferred."""

    def __init__(self, events: list[str], slow: Deferred[None] | None = None) -> None:
        self.events = events
        self.slow = slow

    def stopService(self) -> Deferred[None] | None:
        super().stopService()
        self.events.append("stopped")
        return self.slow


class Triggers:
    """A reactor's triggers, and its exit."""

    _exitSignal: int | None = None

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, Callable[[], Any]]] = []

    def addSystemEventTrigger(self, phase: str, event: str, call: Callable[[], Any]) -> None:
        self.calls.append((phase, event, call))


def test_waitsForTheTree() -> None:
    """It is over when every Deferred of the tree has fired (AP2, AP10)."""
    events: list[str] = []
    slow: Deferred[None] = Deferred()
    application = service.Application("it")
    Recorder(events, slow).setServiceParent(application)
    Recorder(events).setServiceParent(application)
    service.IService(application).startService()
    reactor = Triggers()
    stop = OrderlyStop(application, reactor)
    stop.arm()
    [(phase, event, call)] = reactor.calls
    assert (phase, event) == ("before", "shutdown")
    done = call()
    assert events == ["stopped", "stopped"]
    assert not done.called
    assert not stop.isOver
    slow.callback(None)
    assert done.called
    assert stop.isOver


def test_aFailureDoesNotKeepItFromItsEnd() -> None:
    """What stopping raises is logged."""

    class Bad(service.Service):
        def stopService(self) -> None:
            raise ValueError("won't stop")

    with capturedLogs() as logs:
        done = OrderlyStop(Bad(), Triggers()).stop()
    assert done.called
    assert "won't stop" in str(logs[-1]["log_failure"].value)


def test_aCoroutineStops() -> None:
    """``stopService`` may be a coroutine function, at the root, too."""

    class Slow(service.Service):
        async def stopService(self) -> None:
            pass

    stop = OrderlyStop(Slow(), Triggers())
    stop.stop()
    assert stop.isOver


class Session(protocol.Protocol):
    """Wants to know when its server stops."""

    told = False

    def drainStarted(self) -> None:
        self.told = True


def server(clock: Any, kind: str) -> Any:
    """A service of either kind, at port 8000 of a reactor in memory."""
    factory = protocol.ServerFactory.forProtocol(Session)
    if kind == "named":
        return internet.TCPServer(8000, factory=factory, reactor=clock)
    if kind == "plain":
        return internet.TCPServer(8000, factory, reactor=clock)
    made = internet.StreamServerEndpointService(endpoints.TCP4ServerEndpoint(clock, 8000), factory)
    made.clock = clock
    return made


@pytest.mark.parametrize("kind", ["plain", "named", "endpoint"])
def test_serversDrainFirst(kind: str) -> None:
    """Connections end before anything that their answers may need is stopped; each protocol is told."""
    clock = MemoryReactorClock()
    events: list[str] = []
    application = service.Application("it")
    Recorder(events).setServiceParent(application)
    serving = server(clock, kind)
    serving.setServiceParent(application)
    drainAll(application, 30.0)
    assert serving.drainSeconds == 30.0
    root = service.IService(application)
    root.privilegedStartService()
    root.startService()
    session = clock.tcpServers[0][1].buildProtocol(None)
    session.makeConnection(StringTransport())
    stop = OrderlyStop(application, Triggers())
    stop.stop()
    assert session.told
    assert events == []
    session.connectionLost(None)
    assert events == ["stopped"]
    assert stop.isOver


@pytest.mark.parametrize("kind", ["plain", "endpoint"])
def test_drainingEnds(kind: str) -> None:
    """After the time, and not before, connections that are left are cut."""
    clock = MemoryReactorClock()
    serving = server(clock, kind)
    serving.drainSeconds = 10.0
    serving.startService()
    session = clock.tcpServers[0][1].buildProtocol(None)
    transport = StringTransport()
    session.makeConnection(transport)
    OrderlyStop(serving, Triggers()).stop()
    clock.advance(9.9)
    assert not transport.disconnected
    clock.advance(0.1)
    assert transport.disconnected


def test_ownTimesAreKept() -> None:
    """A server that says itself how long it drains is left alone."""
    clock = MemoryReactorClock()
    serving = server(clock, "plain")
    serving.drainSeconds = 1.0
    drainAll(serving, 30.0)
    assert serving.drainSeconds == 1.0


def test_servicesIn() -> None:
    """The tree is walked from the root."""
    root, branch, leaf = service.MultiService(), service.MultiService(), service.Service()
    branch.setServiceParent(root)
    leaf.setServiceParent(branch)
    assert list(servicesIn(root)) == [root, branch, leaf]


def test_leaveReturnsAfterAnOrderlyEnd() -> None:
    """After SIGTERM, obeyed in order, and after ``reactor.stop()`` the process goes on to its exit."""
    import signal

    for number in (None, signal.SIGTERM):
        reactor = Triggers()
        reactor._exitSignal = number
        stop = OrderlyStop(service.MultiService(), reactor)
        stop.stop()
        stop.leave()
