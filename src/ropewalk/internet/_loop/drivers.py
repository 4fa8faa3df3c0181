"""Who calls the turns.

`NativeDriver` drives one of our own pollers. As long as nobody has imported asyncio that is a bare loop. When asyncio
is there, or comes in the middle of a turn, the same poller becomes the selector of an
``asyncio.SelectorEventLoop``, and that loop calls the turns from then on.

`HostedDriver` has no say: the loop is somebody else's. It runs that loop if it is asked to run at all.

Both offer: ``run(begin)``, until ``stop()``, with ``begin`` called first, inside the loop; ``turn(delay)``: one turn of
at most that long, also inside another; ``close()``.
"""

from __future__ import annotations

from _thread import get_ident

from .arrival import AsyncioFinder, isHere

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable
    from typing import Protocol

    from .pollers.hosted import HostedPoller
    from .pollers.native import NativePoller

    class Driver(Protocol):
        """See the module's text."""

        # Whether a signal must be told to the loop through our bell: the loop has no way of its own.
        wantsBell: bool

        @property
        def loop(self) -> AbstractEventLoop | None: ...
        def run(self, begin: Callable[[], object]) -> None: ...
        def stop(self) -> None: ...
        def turn(self, delay: float) -> None: ...
        def close(self) -> None: ...


__all__ = ["HostedDriver", "NativeDriver"]


class NativeDriver:
    """Turn one of our pollers, under asyncio as soon as there is asyncio.

    Args:
        poller: what to turn.
        callFromThread: how to get from another thread into this one.

    Attributes:
        loop: asyncio's, once it was needed. Never unset.
    """

    wantsBell = True

    def __init__(self, poller: NativePoller, callFromThread: Callable[[Callable[[], object]], object]) -> None:
        self._poller = poller
        self._callFromThread = callFromThread
        self.loop: AbstractEventLoop | None = None
        self._going = False
        self._thread = 0

    def run(self, begin: Callable[[], object]) -> None:
        """Turn until `stop` is called.

        Raises:
            RuntimeError: asyncio runs another loop in this thread.
        """
        self._going = True
        if not isHere():
            self._runBare(begin)
        else:
            refuseRunningLoop()
            self._adopt().call_soon(begin)
        if self._going:
            self._adopt().run_forever()

    def stop(self) -> None:
        """Make `run` return after this turn."""
        self._going = False
        if self.loop is not None and self.loop.is_running():
            self.loop.stop()

    def turn(self, delay: float) -> None:
        """Do one turn of at most ``delay`` seconds. Inside another, asyncio's own business waits for that one's end."""
        if not isHere():
            self._poller.select(delay)
            return
        loop = self._adopt()
        if loop.is_running() or self._thread:
            self._poller.select(delay)
            return
        # One round of asyncio's: its wait is no longer than until its next timer, which is ours.
        alarm = loop.call_later(delay, int)
        self._poller.endTurn = loop.stop
        try:
            loop.run_forever()
        finally:
            self._poller.endTurn = None
            alarm.cancel()

    def close(self) -> None:
        """Close the poller, and asyncio's loop with it."""
        if self.loop is not None:
            self.loop.close()
        else:
            self._poller.close()

    def _runBare(self, begin: Callable[[], object]) -> None:
        """Turn without asyncio, until it comes."""
        finder = AsyncioFinder(self._arrived)
        turn = self._poller.select
        self._thread = get_ident()
        finder.watch()
        try:
            begin()
            while self._going and self.loop is None:
                turn(None)
        finally:
            finder.leave()
            self._thread = 0
            if self.loop is not None:
                from asyncio.events import _set_running_loop

                _set_running_loop(None)

    def _arrived(self) -> None:
        """Somebody imported asyncio in the middle of a turn: from now on there is a running loop.

        It is asyncio's function for event loops, though its name begins with an underscore. What is scheduled on the
        loop before the turn ends is run when `run` goes on with it.
        """
        if self._thread and get_ident() != self._thread:
            self._callFromThread(self._provideLoop)
        else:
            self._provideLoop()

    def _provideLoop(self) -> None:
        # The bare loop may be over by now: then the next run begins with asyncio.
        if self._thread and self.loop is None:
            from asyncio.events import _set_running_loop

            _set_running_loop(self._adopt())

    def _adopt(self) -> AbstractEventLoop:
        """Return the asyncio loop over our poller."""
        if self.loop is None:
            import asyncio
            import weakref

            self.loop = asyncio.SelectorEventLoop(self._poller)  # type: ignore[arg-type]  # a look-alike of BaseSelector
            # asyncio complains of loops that nobody closed, at the latest when the interpreter ends.
            weakref.finalize(self, closeIdle, self.loop)
        return self.loop


def refuseRunningLoop() -> None:
    """Raise ``RuntimeError`` if asyncio runs a loop in this thread: a second one cannot be run inside it."""
    from asyncio import _get_running_loop

    loop = _get_running_loop()
    if loop is not None:
        raise RuntimeError(
            f"cannot run this reactor inside {loop!r}, which runs in this thread; take AsyncioSelectorReactor, "
            "which is hosted on that loop, or run the reactor instead of the loop"
        )


def closeIdle(loop: AbstractEventLoop) -> None:
    """Close a loop unless it runs, or is closed."""
    if not loop.is_running():
        loop.close()


class HostedDriver:
    """Run somebody else's loop, unless it runs already."""

    def __init__(self, poller: HostedPoller) -> None:
        self._poller = poller
        self._running = False
        # asyncio's own loops don't hear of signals while they wait; others (uvloop) use the interpreter's wake-up
        # descriptor.
        self.wantsBell = type(poller.loop).__module__.partition(".")[0] == "asyncio"

    @property
    def loop(self) -> AbstractEventLoop:
        """The loop we are on now."""
        return self._poller.loop

    def run(self, begin: Callable[[], object]) -> None:
        """Run the loop until `stop` is called."""
        self._running = True
        self._poller.loop.call_soon(begin)
        try:
            self._poller.loop.run_forever()
        finally:
            self._running = False

    def stop(self) -> None:
        """Make `run` return. A loop that its owner runs goes on."""
        if self._running:
            self._poller.loop.stop()

    def turn(self, delay: float) -> None:
        """Let the loop run for ``delay`` seconds; inside it, do a turn of our own."""
        loop = self._poller.host() or self._poller.loop
        if loop.is_running():
            self._poller.select(delay)
            return
        loop.call_later(delay, loop.stop)
        loop.run_forever()

    def close(self) -> None:
        """Let go of the loop; it is its owner's to close."""
        self._poller.close()
