"""`callFromThread`, a thousand calls in a row from another thread, each run by the reactor."""

from __future__ import annotations

from threading import Event, Thread

from stopwatch import load, report

reactor = load("internet.reactor")
callFromThread = reactor.callFromThread
CALLS = 1000
done = Event()


def nothing() -> None:
    return None


def once() -> None:
    for _ in range(CALLS - 1):
        callFromThread(nothing)
    callFromThread(done.set)
    done.wait()
    done.clear()


def work() -> None:
    try:
        report(once, each=CALLS)
    finally:
        callFromThread(reactor.stop)


reactor.callWhenRunning(Thread(target=work).start)
reactor.run()
