"""A reactor that a main loop of somebody else's carries along: for toolkits that have no reactor of their own here.

The only thing asked of the toolkit is a way to have a function called in its main thread from another one:
``callAfter``, ``post_event``, whatever it is called there::

    from ropewalk.internet import _threadedselect
    _threadedselect.install()

    from ropewalk.internet import reactor
    reactor.interleave(toolkit.callAfter)    # returns at once, and the reactor runs
    toolkit.mainLoop()

To end both, stop the reactor, and leave the toolkit's loop in its last trigger::

    reactor.addSystemEventTrigger("after", "shutdown", toolkit.quit)
    reactor.stop()
"""

from __future__ import annotations

from ._loop.guest import GuestDriver, GuestPoller, Lookout
from .posixbase import PosixReactorBase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._loop.guest import Waker

__all__ = ["ThreadedSelectReactor", "install"]


class ThreadedSelectReactor(PosixReactorBase):
    """A reactor that a foreign loop drives, by `interleave`. `run` works as everywhere, without one.

    Everything happens in the thread that calls `interleave`, which must be the one that calls what the waker is given.
    Coroutines may use asyncio in whatever the reactor calls. In the toolkit's own callbacks no asyncio loop runs: begin
    there with ``reactor.callLater(0, ...)``.

    Args:
        waker: what `interleave` will be given; may be left out.
    """

    _poller: GuestPoller
    _driver: GuestDriver

    def __init__(self, waker: Waker | None = None) -> None:
        self._waker = waker
        self._lookout: Lookout | None = None
        super().__init__()

    def _makePoller(self) -> GuestPoller:
        return GuestPoller()

    def _makeDriver(self) -> GuestDriver:
        return GuestDriver(self._poller, self.callFromThread)

    def interleave(self, waker: Waker, installSignalHandlers: bool = True) -> None:
        """Begin to run as a guest: the startup event happens here, everything else in what ``waker`` has called.

        Args:
            waker: called in another thread, with a function without arguments that the foreign loop is to call
                soon, in its own thread.
            installSignalHandlers: let Ctrl-C, SIGTERM and SIGBREAK stop the reactor.

        Raises:
            ReactorAlreadyRunning: it runs already.
        """
        self._enter(installSignalHandlers)
        self._waker = waker
        self._poller.knock = self.wakeUp

        def call() -> None:
            waker(visit)

        def visit() -> None:
            # Not if that run was over before the foreign loop came to it.
            if self._lookout is lookout:
                self._visit()

        lookout = self._lookout = Lookout(self._poller.fileno(), call)
        self._driver.begin(self._start)
        self._goOn(0.0)

    def _visit(self) -> None:
        """Do what there is to do, and ask the lookout for the next time."""
        self._goOn(self._driver.visit())

    def _goOn(self, rest: float | None) -> None:
        """Have the next visit in so many seconds, unless the run is over."""
        if self._lookout is None:
            return
        if self._started:
            self._lookout.ask(rest)
        else:
            self._leave()

    def crash(self) -> None:
        super().crash()
        # In a visit its end is the run's, too.
        if self._lookout is not None and not self._driver.visiting:
            self._leave()

    def _leave(self) -> None:
        """Be nobody's guest any longer."""
        lookout, self._lookout = self._lookout, None
        self._poller.knock = None
        if lookout is not None:
            lookout.dismiss()
            self.wakeUp()
        self._ended()


def install(waker: Waker | None = None) -> ThreadedSelectReactor:
    """Make a new `ThreadedSelectReactor` the reactor of this process, and return it.

    Raises:
        ReactorAlreadyInstalledError: there is one already.
    """
    from .main import installNew

    return installNew(ThreadedSelectReactor, waker)
