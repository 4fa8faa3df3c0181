"""A whole program as one function."""

from __future__ import annotations

import sys
from types import CoroutineType

from ...python.failure import Failure
from ..defer import Deferred, NotACoroutineError
from ..error import ReactorNotRunning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from typing import Any, NoReturn


def react(
    main: Callable[..., Deferred[Any] | Coroutine[Any, Any, Any]],
    argv: Iterable[object] = (),
    _reactor: Any = None,
) -> NoReturn:
    """Run the reactor for as long as a function takes, then end the process.

    A function whose Deferred never fires serves until somebody stops the reactor::

        async def main(reactor, name):
            ...

        react(main, sys.argv[1:])

    Args:
        main: called with the reactor and what is in ``argv``; a coroutine function, or one that returns a Deferred.
        argv: the arguments that follow the reactor.
        _reactor: run this one instead of the one installed.

    Raises:
        SystemExit: always, with code 0 when ``main`` succeeded or the reactor was stopped, with 1 when it failed (the
            failure was logged), and with its own code when it failed with a `SystemExit`.
        Exception: whatever ``main`` raises before it has returned anything; the reactor isn't run.
        NotACoroutineError: ``main`` returned neither a coroutine nor a Deferred.
        TypeError: ``main`` is what a function returned, and not the function.
    """
    if not callable(main):
        raise _notAFunction(main)
    if _reactor is None:
        from .. import reactor as _reactor

    program = _Program(_reactor)
    finished = _started(_reactor, main, main(_reactor, *argv))
    finished.addCallbacks(program.succeeded, program.failed).addBoth(program.end)
    _reactor.run()
    sys.exit(program.code)


def _notAFunction(given: object) -> TypeError:
    if isinstance(given, CoroutineType):
        name = given.__name__
        given.close()  # or there would be a warning, too, that nobody awaited it
        return TypeError(f"react was given what {name}() returned, a coroutine: pass the function: react({name})")
    return TypeError(f"react was given {given!r:.80}, which cannot be called: pass the function: react(main)")


def _started(reactor: Any, main: object, result: Any) -> Deferred[Any]:
    if isinstance(result, Deferred):
        return result
    if isinstance(result, CoroutineType):
        # Inside the loop, so that a coroutine's first line may use asyncio.
        finished: Deferred[Any] = Deferred()
        reactor.callWhenRunning(lambda: Deferred.fromCoroutine(result).chainDeferred(finished))
        return finished
    raise NotACoroutineError(
        f"{main!r} returned {result!r:.80}: make it 'async def', or return a Deferred that fires when the program ends"
    )


class _Program:
    """What `react` runs: how it ended, and whose end is whose."""

    def __init__(self, reactor: Any) -> None:
        self.reactor = reactor
        self.code: Any = 0  # whatever somebody gave to SystemExit
        self.stopping = False
        reactor.addSystemEventTrigger("before", "shutdown", self._shutdown)

    def _shutdown(self) -> None:
        self.stopping = True

    def succeeded(self, _result: object) -> None:
        """Nothing to tell: the code is zero already."""

    def failed(self, reason: Failure) -> None:
        if isinstance(reason.value, SystemExit):
            self.code = reason.value.code
            return
        from ...python import log

        log.err(reason, "the program's main function failed")
        self.code = 1

    def end(self, _result: object) -> None:
        """Stop the reactor, which may not have begun yet, or be stopping already."""
        if not self.stopping:
            self.reactor.callWhenRunning(self._stop)

    def _stop(self) -> None:
        try:
            self.reactor.stop()
        except ReactorNotRunning:
            pass  # somebody else stopped it while it was starting
