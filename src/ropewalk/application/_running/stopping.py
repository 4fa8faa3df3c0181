"""The end of an application: its services stop in order before the process does.

SIGTERM, SIGINT (Ctrl-C) and ``reactor.stop()`` begin it. Then, one step after the other:

1. servers that let their connections end (``drainSeconds``) accept no more, and are waited for: whatever their answers
   need still runs;
2. the tree is stopped from its root, and its Deferreds are waited for;
3. the reactor closes what is left, and ends.

A second signal cuts all that short: the reactor ends at once.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ropewalk.internet.defer import Deferred, DeferredList, maybeDeferred
from ropewalk.logger import Logger

from .._services.contracts import IService, IServiceCollection
from .._services.listening import StreamServerEndpointService
from .._services.ports import StreamServer

if TYPE_CHECKING:
    from ropewalk.python.failure import Failure

    from .notify import Notifier

_log = Logger("ropewalk.application.app")

# What stops listening by itself. A child that overrides ``stopService`` has it called in the second step, once.
DRAINING = (StreamServerEndpointService, StreamServer)


class OrderlyStop:
    """Sees an application to its end when the reactor stops.

    Args:
        application: the root of the tree; something that provides `IService`, or can be adapted to it.
        reactor: what it runs in.
        notifier: what tells systemd; `None` for nobody.

    Attributes:
        isOver: whether everything has stopped in order.
    """

    def __init__(self, application: Any, reactor: Any, notifier: Notifier | None = None) -> None:
        self._root = IService(application)
        self._reactor = reactor
        self._notifier = notifier
        self.isOver = False

    def arm(self) -> None:
        """Have it happen before the reactor's shutdown."""
        self._reactor.addSystemEventTrigger("before", "shutdown", self.stop)

    def stop(self) -> Deferred[None]:
        """Stop everything; the Deferred fires when that is done, and never fails."""
        if self._notifier is not None:
            self._notifier.stopping()
        return Deferred.fromCoroutine(self._stop()).addErrback(_logUnstopped)

    async def _stop(self) -> None:
        draining = [maybeDeferred(_drain, service) for service in servicesIn(self._root) if _drains(service)]
        if draining:
            await DeferredList(draining, consumeErrors=True)
        await maybeDeferred(self._root.stopService)
        self.isOver = True

    def leave(self) -> None:
        """End the process as it deserves once the reactor has ended; return if that is an exit with status 0.

        It is after ``reactor.stop()``, and after a SIGTERM that was obeyed in order. After a second signal, the process
        dies of it; and always of SIGINT, so that a shell ends the script that the program was in.
        """
        if self._notifier is not None:
            self._notifier.stop()
        number: int | None = self._reactor._exitSignal
        if number is None or (number == signal.SIGTERM and self.isOver):
            return
        dieOf(number)


def dieOf(number: int) -> None:
    """End this process by a signal, as if nobody had handled it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            pass  # nobody reads it any more
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def servicesIn(service: Any) -> Iterator[Any]:
    """Go through a service and all that are below it."""
    yield service
    children = IServiceCollection(service, None)
    if children is not None:
        for child in children:
            yield from servicesIn(child)


def drainAll(application: Any, seconds: float) -> None:
    """Let the connections of every server of a tree end in good order, unless the server says how itself.

    Args:
        application: the root, not started.
        seconds: how long connections may take.
    """
    for service in servicesIn(IService(application)):
        if isinstance(service, DRAINING) and service.drainSeconds is None:
            service.drainSeconds = seconds


def _drains(service: Any) -> bool:
    return isinstance(service, DRAINING) and service.drainSeconds is not None


def _drain(service: Any) -> Any:
    """Do the class's own part of the stop."""
    home = StreamServerEndpointService if isinstance(service, StreamServerEndpointService) else StreamServer
    return home.stopService(service)


def _logUnstopped(failure: Failure) -> None:
    _log.failure("while the application stopped", failure)
