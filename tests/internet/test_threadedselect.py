"""A reactor that a foreign main loop drives, as the documents' threadedselect examples have it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ropewalk.internet._threadedselect import ThreadedSelectReactor
from ropewalk.internet.defer import Deferred, ensureDeferred
from ropewalk.internet.error import ReactorAlreadyRunning, ReactorNotRunning
from ropewalk.internet.protocol import ClientFactory, Factory, Protocol
from ropewalk.internet.task import deferLater
from support.carrier import Carried, Carrier


@pytest.fixture
def reactor() -> Iterator[ThreadedSelectReactor]:
    one = ThreadedSelectReactor()
    yield one
    one.close()


def drive(reactor: ThreadedSelectReactor, carrier: Carrier) -> None:
    """Run both until somebody stops the reactor."""
    reactor.addSystemEventTrigger("after", "shutdown", carrier.quit)
    reactor.interleave(carrier.callAfter, installSignalHandlers=False)
    carrier.mainLoop()


def lookouts() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "ropewalk lookout"]


def test_interleave(reactor: ThreadedSelectReactor) -> None:
    """``interleave`` returns at once, with the reactor running; what follows happens in the foreign loop's thread."""
    events: list[object] = []
    carrier = Carrier()
    reactor.callWhenRunning(events.append, "startup")
    reactor.callLater(0.01, lambda: events.append(threading.current_thread() is threading.main_thread()))
    reactor.callLater(0.02, reactor.stop)
    reactor.addSystemEventTrigger("during", "shutdown", events.append, "shutdown")
    reactor.addSystemEventTrigger("after", "shutdown", carrier.quit)
    reactor.interleave(carrier.callAfter, installSignalHandlers=False)
    assert events == ["startup"]
    assert reactor.running
    carrier.mainLoop()
    assert events == ["startup", True, "shutdown"]
    assert not reactor.running


class Echo(Protocol):
    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)


def test_connections(reactor: ThreadedSelectReactor) -> None:
    """Connections are served while the foreign loop runs, and a coroutine may await asyncio."""
    answers: list[bytes] = []

    class Ask(Protocol):
        def connectionMade(self) -> None:
            self.transport.write(b"ping")

        def dataReceived(self, data: bytes) -> None:
            answers.append(data)
            ensureDeferred(later())

    async def later() -> None:
        import asyncio

        await asyncio.sleep(0.01)
        await deferLater(reactor, 0.01)
        answers.append(b"later")
        reactor.stop()

    port = reactor.listenTCP(0, Factory.forProtocol(Echo), interface="127.0.0.1")
    reactor.connectTCP("127.0.0.1", port.getHost().port, ClientFactory.forProtocol(Ask))
    drive(reactor, Carrier())
    assert answers == [b"ping", b"later"]


def test_theForeignLoopsOwnCallbacks(reactor: ThreadedSelectReactor) -> None:
    """A callback of the foreign loop may plan calls and write to connections: the reactor wakes for it."""
    carrier = Carrier()
    received: list[bytes] = []

    class Take(Protocol):
        def dataReceived(self, data: bytes) -> None:
            received.append(data)
            reactor.stop()

    class Keep(Protocol):
        def connectionMade(self) -> None:
            # Nothing is left for the reactor to do: it sleeps for as long as it likes.
            carrier.callAfter(lambda: reactor.callLater(0, carrier.callAfter, lambda: self.transport.write(b"pressed")))

    port = reactor.listenTCP(0, Factory.forProtocol(Take), interface="127.0.0.1")
    reactor.connectTCP("127.0.0.1", port.getHost().port, ClientFactory.forProtocol(Keep))
    began = time.monotonic()
    drive(reactor, carrier)
    assert received == [b"pressed"]
    assert time.monotonic() - began < 5


def test_busyReactorLeavesTimeToTheForeignLoop(reactor: ThreadedSelectReactor) -> None:
    """However much the reactor has to do, the foreign loop's own events have their turn."""
    carrier = Carrier()
    spins = 0

    def spin() -> None:
        nonlocal spins
        spins += 1
        if reactor.running:
            reactor.callLater(0, spin)

    reactor.callLater(0, spin)
    reactor.callLater(0.01, carrier.callAfter, reactor.stop)
    drive(reactor, carrier)
    assert spins > 1


def test_fromThreads(reactor: ThreadedSelectReactor) -> None:
    """``callFromThread`` reaches the reactor in the foreign loop's thread."""
    seen: list[bool] = []

    def come() -> None:
        seen.append(threading.current_thread() is threading.main_thread())
        reactor.stop()

    thread = threading.Thread(target=reactor.callFromThread, args=[come])
    reactor.callWhenRunning(thread.start)
    drive(reactor, Carrier())
    thread.join()
    assert seen == [True]


def test_runsAgain(reactor: ThreadedSelectReactor) -> None:
    """It may be a guest again, and its thread is gone when it is none."""
    before = len(lookouts())
    for _ in range(3):
        reactor.callLater(0, reactor.stop)
        drive(reactor, Carrier())
    # The last one has been told; it goes as soon as it is its turn.
    for thread in lookouts()[before:]:
        thread.join(5)
    assert len(lookouts()) == before


def test_runsByItself(reactor: ThreadedSelectReactor) -> None:
    """``run`` works as on any reactor, with no foreign loop."""
    seen: list[str] = []
    reactor.callLater(0.01, seen.append, "call")
    reactor.callLater(0.02, reactor.stop)
    reactor.run(installSignalHandlers=False)
    assert seen == ["call"]


def test_iterate(reactor: ThreadedSelectReactor) -> None:
    """A turn within a visit serves what is the engine's."""
    order: list[str] = []

    def outer() -> None:
        reactor.callLater(0, order.append, "inner")
        while not order:
            reactor.iterate(0.01)
        order.append("outer")
        reactor.stop()

    reactor.callLater(0, outer)
    drive(reactor, Carrier())
    assert order == ["inner", "outer"]


def test_iterateInTheForeignLoop(reactor: ThreadedSelectReactor) -> None:
    """A callback of the foreign loop may do a turn, too; what that plans comes in time."""
    carrier = Carrier()

    def pressed() -> None:
        reactor.callLater(0, reactor.callLater, 0.05, reactor.stop)
        for _ in range(3):
            reactor.iterate(0.01)

    reactor.callLater(0.01, carrier.callAfter, pressed)
    drive(reactor, carrier)
    assert not reactor.running


def test_crash(reactor: ThreadedSelectReactor) -> None:
    """``crash`` in a callback of the foreign loop ends the visit at once, and leaves connections alone."""
    carrier = Carrier()
    shutdowns: list[str] = []

    def end() -> None:
        reactor.crash()
        carrier.quit()

    reactor.addSystemEventTrigger("during", "shutdown", shutdowns.append, "no")
    reactor.callWhenRunning(carrier.callAfter, end)
    reactor.interleave(carrier.callAfter, installSignalHandlers=False)
    carrier.mainLoop()
    assert not reactor.running
    assert shutdowns == []


def test_mistakes(reactor: ThreadedSelectReactor) -> None:
    """Beginning twice, and stopping what doesn't run, are errors."""
    with pytest.raises(ReactorNotRunning):
        reactor.stop()
    carrier = Carrier()
    problems: list[BaseException] = []

    def again() -> None:
        try:
            reactor.interleave(carrier.callAfter)
        except ReactorAlreadyRunning as problem:
            problems.append(problem)
        reactor.stop()

    reactor.callLater(0, again)
    drive(reactor, carrier)
    assert len(problems) == 1


def test_aDeadHost(reactor: ThreadedSelectReactor) -> None:
    """When the waker raises that is logged, once, and nothing else breaks."""
    from ropewalk.python import log

    told: Deferred[Any] = Deferred()
    seen = threading.Event()

    def observe(event: dict[str, Any]) -> None:
        if event.get("isError"):
            told.callback(event["failure"].value)
            seen.set()

    def waker(func: object) -> None:
        raise RuntimeError("the window is gone")

    log.addObserver(observe)
    try:
        reactor.interleave(waker, installSignalHandlers=False)
        reactor.callLater(0, int)
        assert seen.wait(5)
    finally:
        log.removeObserver(observe)
        reactor.crash()
    assert str(told.result) == "the window is gone"


def test_theHostEndsFirst() -> None:
    """A main loop that ends by itself stops the reactor, in order: what shutdown waits for is waited for."""
    reactor = Carried()
    events: list[str] = []

    def closing() -> Deferred[None]:
        events.append("before")
        return deferLater(reactor, 0.05, events.append, "waited for")

    reactor.addSystemEventTrigger("before", "shutdown", closing)
    reactor.addSystemEventTrigger("after", "shutdown", events.append, "after")
    reactor.callLater(0.02, reactor.carrier.quit)
    reactor.run(installSignalHandlers=False)
    assert events == ["before", "waited for", "after"]
    assert not reactor.running
    reactor.close()


def test_stoppedAtItsStart() -> None:
    """A reactor that is stopped by its startup ends without having run the main loop for long, and may run again."""
    reactor = Carried()
    for _ in range(2):
        reactor.callWhenRunning(reactor.stop)
        reactor.run(installSignalHandlers=False)
        assert not reactor.running
    reactor.close()
