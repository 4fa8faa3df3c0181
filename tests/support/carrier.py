"""A main loop that knows nothing of reactors, and a reactor that is carried along by it."""

from __future__ import annotations

import queue
from collections.abc import Callable

from ropewalk.internet._toolkits.carried import CarriedReactor

# Longer than any test waits: then something is wrong, and the test shall end.
PATIENCE = 30.0


class Carrier:
    """A foreign main loop: makes the calls that any thread gives it, in its own."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._going = False

    def callAfter(self, func: Callable[[], object]) -> None:
        """Have a function called soon. Thread-safe."""
        self._calls.put(func)

    def quit(self) -> None:
        """Leave `mainLoop` after this call."""
        self._going = False

    def mainLoop(self) -> None:
        """Make calls until told to quit."""
        self._going = True
        while self._going:
            self._calls.get(timeout=PATIENCE)()


class Carried(CarriedReactor):
    """A reactor that brings a carrier with it, so that suites run it as they run the others."""

    def __init__(self) -> None:
        self.carrier = Carrier()
        super().__init__()

    def _runHost(self) -> None:
        self.carrier.mainLoop()

    def _leaveHost(self) -> None:
        self.carrier.quit()

    def _callInHost(self, func: Callable[[], None]) -> None:
        self.carrier.callAfter(func)
