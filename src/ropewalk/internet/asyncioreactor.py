"""The reactor on any asyncio event loop: uvloop's, say, or the one that a program runs already.

`epollreactor` and kin bring asyncio's own loop with them; this one is for loops that are made elsewhere.
"""

from __future__ import annotations

from ._loop.drivers import HostedDriver
from ._loop.pollers.hosted import HostedPoller, runningLoop
from .posixbase import PosixReactorBase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import AsyncGenerator
    from types import ModuleType

__all__ = ["AsyncioSelectorReactor", "UvloopReactor", "importedUvloop", "install"]


class AsyncioSelectorReactor(PosixReactorBase):
    """A reactor on somebody else's loop.

    If that loop runs already, so does the reactor from the moment it is made: `run` is not called. When the
    program's ``asyncio.run`` ends, the reactor shuts down in order, "before shutdown" triggers waited for.

    Args:
        eventloop: any loop with ``add_reader``; by default the one that runs in this thread, else the thread's current
            one, else a new one.

    Raises:
        TypeError: the loop cannot watch descriptors, as Windows's proactor loop cannot.
    """

    _reportsTurns = False
    _isRunning = False

    def __init__(self, eventloop: AbstractEventLoop | None = None) -> None:
        # One that nobody chose goes along when the program makes another.
        self._roams = eventloop is None
        self._loop = eventloop = eventloop or runningLoop() or _currentLoop()
        # While we are guests of a running loop: what it closes when it ends.
        self._farewell: AsyncGenerator[None, None] | None = None
        super().__init__()
        if eventloop.is_running():
            self._join(eventloop)

    @property
    def _asyncioEventloop(self) -> AbstractEventLoop:
        """The loop, under the name by which programs look for it."""
        loop: AbstractEventLoop = self._poller.loop
        return loop

    @property
    def running(self) -> bool:
        """Whether the reactor runs: because `run` was called, or because a loop runs that it can be hosted on."""
        if not self._isRunning and self._roams:
            self._poller.host()
        return self._isRunning

    @running.setter
    def running(self, isRunning: bool) -> None:
        self._isRunning = isRunning

    def _makePoller(self) -> HostedPoller:
        try:
            return HostedPoller(self._loop, self._join if self._roams else None)
        except NotImplementedError:
            raise TypeError(f"{self._loop!r} cannot watch descriptors; use a selector event loop or uvloop") from None

    def _makeDriver(self) -> HostedDriver:
        return HostedDriver(self._poller)

    def iterate(self, timeout: float = 0.0) -> None:
        """Do one turn of at most ``timeout`` seconds; see `PosixReactorBase.iterate`."""
        self.doIteration(timeout)

    def run(self, installSignalHandlers: bool = True) -> None:
        """Run the loop until `stop`; see `ReactorBase.run`."""
        loop = self._poller.loop
        if self._farewell is not None and not loop.is_running():
            # The program's loop, which we joined, ended without telling us.
            self._farewell = None
            self._ended()
        if self._roams and loop.is_closed():
            self._poller.move(_currentLoop())
        super().run(installSignalHandlers)

    def _join(self, loop: AbstractEventLoop) -> None:
        """Be running, because the loop is; and hear of its end."""
        if not loop.is_running():
            return
        self._started = False
        self.startRunning(installSignalHandlers=False)
        # asyncio.run closes what generators are left before it closes the loop: our chance to end in order.
        self._farewell = self._untilTheEnd()
        try:
            self._farewell.__anext__().send(None)
        except StopIteration:
            pass  # that is how a generator says that it stands at its yield

    async def _untilTheEnd(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            if not self._stopped:
                self.stop()
            if self._started:
                from .defer import Deferred

                over: Deferred[None] = Deferred()
                self.addSystemEventTrigger("after", "shutdown", over.callback, None)
                await over
            self._farewell = None
            self._ended()


def importedUvloop() -> ModuleType:
    """Return the module `uvloop`.

    Raises:
        ImportError: it isn't installed. The sentence says how to get it.
    """
    try:
        import uvloop
    except ImportError as problem:
        raise ImportError(
            "this reactor needs uvloop, which is not installed for this Python: pip install 'ropewalk[uvloop]'"
        ) from problem
    return uvloop


class UvloopReactor(AsyncioSelectorReactor):
    """A reactor on a new loop of uvloop's, which is an extra: ``pip install ropewalk[uvloop]``."""

    def __init__(self) -> None:
        super().__init__(importedUvloop().new_event_loop())


def _currentLoop() -> AbstractEventLoop:
    """Return the thread's current loop; a new one when it has none, or a closed one."""
    import asyncio
    import warnings

    try:
        with warnings.catch_warnings():
            # Asking is deprecated where there is none; the answer is what we want either way.
            warnings.simplefilter("ignore", DeprecationWarning)
            loop = asyncio.get_event_loop_policy().get_event_loop()
        if not loop.is_closed():
            return loop
    except RuntimeError:
        pass
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    return loop


def install(eventloop: AbstractEventLoop | None = None) -> None:
    """Make a reactor on this loop the reactor of this process.

    Raises:
        ReactorAlreadyInstalledError: there is one already.
    """
    from .main import installNew

    installNew(AsyncioSelectorReactor, eventloop)
