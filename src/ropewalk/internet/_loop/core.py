"""The reactor core."""

from __future__ import annotations

from time import time

from .pollers.epoll import EpollPoller


class ReactorBase:
    """Minimal, for now: run, stop, callLater."""

    def __init__(self) -> None:
        self._poller = EpollPoller()
        self.running = False

    seconds = staticmethod(time)

    def callLater(self, delay, callable, *args, **kw):
        return self._poller.timers.add(delay, callable, args, kw)

    def callWhenRunning(self, callable, *args, **kw):
        self.callLater(0, callable, *args, **kw)

    def run(self, installSignalHandlers=True):
        self.running = True
        while self.running:
            self._poller.select(None)

    def stop(self):
        self.callLater(0, self._halt)

    def _halt(self):
        self.running = False
