"""Wait for a Deferred: run the reactor until it fires, or until its time is over.

The reactor is left as a crash leaves it, without a shutdown event: what the test listens on and is connected to stays,
for the next step of the same test.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ropewalk.internet.defer import Deferred
from ropewalk.internet.error import ReactorAlreadyRunning
from ropewalk.python.failure import Failure

__all__ = ["ReactorStopped", "outcome", "outcomeInside"]

__unittest = True


class ReactorStopped(Exception):
    """The test ended the reactor's run before its Deferred fired."""


def outcome(deferred: Deferred[Any], seconds: float, late: Callable[[], BaseException]) -> Any:
    """Return what a Deferred fires with: a result or a Failure.

    Args:
        seconds: how long that may take. Then the Deferred is cancelled, whatever comes of it.
        late: makes the exception for that case.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed.
    """
    results: list[Any] = []
    deferred.addBoth(results.append)
    return results[0] if results else _run(lambda: deferred, results, seconds, late)


def outcomeInside(start: Callable[[], Deferred[Any]], seconds: float, late: Callable[[], BaseException]) -> Any:
    """The same for a Deferred that is made when the reactor runs: of a coroutine that may use asyncio.

    asyncio is loaded before, because its tasks are there in a run that began with it.
    """
    import asyncio  # noqa: F401

    return _run(start, [], seconds, late)


def _run(
    start: Callable[[], Deferred[Any]], results: list[Any], seconds: float, late: Callable[[], BaseException]
) -> Any:
    from ropewalk.internet import reactor

    if reactor.running:
        raise ReactorAlreadyRunning(
            "the reactor runs already, so trial cannot wait for the test's Deferred; start the tests outside of it"
        )
    started: list[Deferred[Any]] = []

    def begin() -> None:
        deferred = start()
        started.append(deferred)
        deferred.addBoth(over)

    def over(result: Any) -> None:
        if not results:
            # What has been waiting for this Deferred all along has put the result there already.
            results.append(result)
        reactor.crash()

    def expire() -> None:
        if not results:
            results.append(Failure(late()))
        for deferred in started:
            deferred.cancel()
        reactor.crash()

    alarm = reactor.callLater(seconds, expire)
    trigger = reactor.callWhenRunning(begin)
    try:
        with _interruptible(reactor):
            reactor.run(installSignalHandlers=False)
    finally:
        if alarm.active():
            alarm.cancel()
        if not started and trigger is not None:
            reactor.removeSystemEventTrigger(trigger)
    if not results:
        results.append(Failure(ReactorStopped("the test stopped the reactor before its Deferred fired")))
    return results[0]


@contextmanager
def _interruptible(reactor: Any) -> Iterator[None]:
    """Let Ctrl-C end the reactor's run, and then everything, as it would without a reactor.

    The reactor logs what its callbacks raise and goes on, a KeyboardInterrupt included.
    """
    inMain = threading.current_thread() is threading.main_thread()
    if not inMain or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    interrupted = []

    def interrupt(number: int, frame: object) -> None:
        interrupted.append(number)
        reactor.callFromThread(reactor.crash)

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if interrupted:
        raise KeyboardInterrupt
