"""Signals stop a reactor while it runs, and belong to whoever had them again afterwards. On every reactor."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from ropewalk.internet.task import deferLater
from support.reactors import run
from support.recording import logLines, until

# `run` in tests/support installs no handlers: these tests run the reactor as programs do.


@pytest.mark.parametrize(("number", "name"), [(signal.SIGINT, "SIGINT"), (signal.SIGTERM, "SIGTERM")])
def test_signalStops(reactor: Any, number: signal.Signals, name: str) -> None:
    """Ctrl-C and SIGTERM stop the reactor in order (F006); which it was is kept for the program's exit."""
    seen: list[str] = []
    reactor.addSystemEventTrigger("during", "shutdown", seen.append, "shutdown")
    reactor.callWhenRunning(os.kill, os.getpid(), number)
    with logLines() as lines:
        reactor.run()
    assert seen == ["shutdown"]
    assert reactor._exitSignal == number
    assert f"Received {name}, shutting down." in lines


def test_handlersAreGivenBack(reactor: Any) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)]
    during: list[Any] = []
    reactor.callWhenRunning(
        lambda: during.extend(signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD))
    )
    reactor.callWhenRunning(reactor.stop)
    reactor.run()
    after = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)]
    assert before == after
    assert during[0] != before[0]
    assert during[1] != before[1]
    assert during[2] == before[2]


def test_noHandlersOnRequest(reactor: Any) -> None:
    before = signal.getsignal(signal.SIGTERM)
    during: list[Any] = []
    reactor.callWhenRunning(lambda: during.append(signal.getsignal(signal.SIGTERM)))
    reactor.callWhenRunning(reactor.stop)
    reactor.run(installSignalHandlers=False)
    assert during == [before]


def test_ownHandlerForCtrlCStays(reactor: Any) -> None:
    """A program that handles Ctrl-C itself goes on doing so."""
    seen: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    try:
        reactor.callWhenRunning(os.kill, os.getpid(), signal.SIGINT)
        reactor.callLater(0.02, reactor.stop)
        reactor.run()
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [signal.SIGINT]


def test_handlerSetMeanwhileStays(reactor: Any) -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        reactor.callWhenRunning(signal.signal, signal.SIGTERM, signal.SIG_IGN)
        reactor.callWhenRunning(reactor.stop)
        reactor.run()
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)


def test_secondSignalCutsItShort(reactor: Any) -> None:
    """A shutdown that waits for something is cut short by a second signal."""

    def wait() -> Any:
        reactor.callLater(0.01, os.kill, os.getpid(), signal.SIGTERM)
        return deferLater(reactor, 3600)

    reactor.addSystemEventTrigger("before", "shutdown", wait)
    reactor.callWhenRunning(os.kill, os.getpid(), signal.SIGTERM)
    with logLines() as lines:
        reactor.run()
    assert "Received SIGTERM again, stopping at once." in lines
    run(reactor, lambda: deferLater(reactor, 0))


def test_ctrlCWithoutHandlers(reactor: Any) -> None:
    """Without our handlers Ctrl-C is Python's KeyboardInterrupt; the reactor can run again afterwards."""
    import threading

    thread = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    reactor.callWhenRunning(thread.start)
    with pytest.raises(KeyboardInterrupt):
        reactor.run(installSignalHandlers=False)
    thread.join()
    assert not reactor.running
    run(reactor, lambda: deferLater(reactor, 0))


def test_storm(reactor: Any) -> None:
    """Hundreds of signals while bytes and timers come: each handler runs, nothing is lost."""
    count = 0

    def heard(number: int, frame: object) -> None:
        nonlocal count
        count += 1
        reactor.callFromThread(int)

    before = signal.signal(signal.SIGUSR1, heard)
    try:

        async def main() -> None:
            for _ in range(200):
                os.kill(os.getpid(), signal.SIGUSR1)
                await deferLater(reactor, 0)
            await until(reactor, lambda: count == 200)
            reactor.stop()

        from ropewalk.internet.defer import ensureDeferred

        reactor.callWhenRunning(lambda: ensureDeferred(main()))
        reactor.run()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert count == 200


def test_wakesAnIdleReactor(reactor: Any) -> None:
    """A signal is noticed at once though nothing else happens, in whichever thread the system delivers it."""
    import threading

    reactor.callWhenRunning(lambda: threading.Timer(0.05, signal.raise_signal, (signal.SIGTERM,)).start())
    late = reactor.callLater(30, lambda: pytest.fail("the signal was not noticed"))
    reactor.run()
    late.cancel()
