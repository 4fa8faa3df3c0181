"""Every reactor, for suites that must pass on each of them.

A test that takes the fixture ``reactor`` (`tests/conftest.py` has it for all) runs on each, always on a fresh one::

    def test_something(reactor):
        async def main():
            ...
        assert run(reactor, main) == 3
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ropewalk.internet.defer import Deferred, maybeDeferred
from ropewalk.python.failure import Failure
from support import toolkits


def epoll() -> Any:
    """The default on Linux."""
    from ropewalk.internet.epollreactor import EPollReactor

    return EPollReactor()


def poll() -> Any:
    from ropewalk.internet.pollreactor import PollReactor

    return PollReactor()


def select() -> Any:
    from ropewalk.internet.selectreactor import SelectReactor

    return SelectReactor()


def asyncio() -> Any:
    """Hosted on a plain asyncio loop."""
    from asyncio import new_event_loop

    from ropewalk.internet.asyncioreactor import AsyncioSelectorReactor

    return AsyncioSelectorReactor(new_event_loop())


def uvloop() -> Any:
    """Hosted on uvloop."""
    from uvloop import new_event_loop

    from ropewalk.internet.asyncioreactor import AsyncioSelectorReactor

    return AsyncioSelectorReactor(new_event_loop())


def gi() -> Any:
    """In GLib's main loop."""
    from ropewalk.internet.gireactor import GIReactor

    return GIReactor()


def qt() -> Any:
    """In Qt's main loop; a loop of its own, not that of GLib, which `gi` has in this process."""
    os.environ["QT_NO_GLIB"] = "1"
    from ropewalk.internet.qtreactor import QtReactor

    return QtReactor()


def guest() -> Any:
    """Carried along by a main loop of somebody else's, which only makes the calls it is given."""
    from support.carrier import Carried

    return Carried()


# Those whose toolkit is installed.
FOREIGN = [make for make, package in ((gi, "gi"), (qt, "PySide6")) if toolkits.has(package)]
NATIVE: list[Callable[[], Any]] = [epoll, poll, select]
REACTORS: list[Callable[[], Any]] = [*NATIVE, asyncio, uvloop, guest, *FOREIGN]


class TimedOut(AssertionError):
    """A test's main function did not come to its end in time."""


def run(reactor: Any, main: Callable[..., Any], *args: Any, timeout: float = 5.0) -> Any:
    """Run a function on a reactor until what it returns is there: a value, a Deferred or a coroutine.

    Args:
        reactor: is run, and stopped at the end; it may be run again.
        main: called when the reactor runs, with ``args``.
        timeout: seconds that this may take.

    Returns:
        The result.

    Raises:
        TimedOut: it took too long. The message shows what the reactor was waiting for.
        BaseException: whatever the function raised, or its Deferred failed with.
    """
    results: list[Any] = []

    def late() -> None:
        results.append(Failure(TimedOut(f"not done after {timeout} seconds\n{reactor.dumpState()}")))
        reactor.stop()

    def over(result: object) -> None:
        if not results:
            results.append(result)
        if alarm.active():
            alarm.cancel()
            if reactor.running and not reactor._stopped:
                reactor.stop()

    def begin() -> None:
        deferred: Deferred[Any] = maybeDeferred(main, *args)
        deferred.addBoth(over)

    alarm = reactor.callLater(timeout, late)
    reactor.callWhenRunning(begin)
    reactor.run(installSignalHandlers=False)
    if not results:
        raise AssertionError("the reactor stopped before the test's main function was done")
    if isinstance(results[0], Failure):
        results[0].raiseException()
    return results[0]


@contextmanager
def fresh(make: Callable[[], Any]) -> Iterator[Any]:
    """Give a new reactor, and release what it holds afterwards; a hosted one's loop is closed, too."""
    reactor = make()
    try:
        yield reactor
    finally:
        loop = getattr(reactor, "_asyncioEventloop", None)
        reactor.close()
        if loop is not None:
            loop.close()


@pytest.fixture(params=REACTORS, ids=lambda make: make.__name__)
def reactor(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A fresh reactor of each kind."""
    with fresh(request.param) as one:
        yield one
