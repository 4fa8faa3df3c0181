"""A reactor whose `run` runs somebody else's main loop, and is carried along by that."""

from __future__ import annotations

from queue import SimpleQueue

from .._threadedselect import ThreadedSelectReactor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CarriedReactor"]


class CarriedReactor(ThreadedSelectReactor):
    """`ThreadedSelectReactor` for one known main loop. A coat says how that is run, left, and asked for a call.

    The two end together: `stop` leaves the main loop after the shutdown; a main loop that ends by itself, with its
    last window say, stops the reactor.
    """

    # Whether the main loop runs, and makes the calls it is asked for.
    _carried = False

    def _runHost(self) -> None:
        """Run the main loop until it is left."""
        raise NotImplementedError(f"{type(self).__name__} must define _runHost")

    def _leaveHost(self) -> None:
        """Have the main loop left, soon. Called in its own thread."""
        raise NotImplementedError(f"{type(self).__name__} must define _leaveHost")

    def _callInHost(self, func: Callable[[], None]) -> None:
        """Have the main loop make a call. Called in any thread."""
        raise NotImplementedError(f"{type(self).__name__} must define _callInHost")

    def run(self, installSignalHandlers: bool = True) -> None:
        """Run the main loop until `stop`; see `ReactorBase.run`."""
        # The visit that was asked for and not made yet. There is one at most: the next is asked for in it.
        waiting: list[Callable[[], None]] = []
        # Visits that are asked for when the main loop is over and the reactor is not.
        late: SimpleQueue[Callable[[], None]] = SimpleQueue()

        def make() -> None:
            if waiting:
                waiting.pop()()

        def call(func: Callable[[], None]) -> None:
            # In this order: a main loop that ends meanwhile leaves it to be found.
            waiting.append(func)
            if self._carried:
                self._callInHost(make)
            else:
                late.put(make)

        self._carried = True
        try:
            self.interleave(call, installSignalHandlers)
            if self._started:
                self._runHost()
            self._carried = False
            if self._started:
                self._stopOnce()
                make()
            while self._started:
                late.get()()
        finally:
            self._carried = False
            if self._started:
                self.crash()

    def _leave(self) -> None:
        super()._leave()
        if self._carried:
            self._leaveHost()
