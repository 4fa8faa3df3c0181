"""The reactor over epoll(7): the default on Linux."""

from __future__ import annotations

from ._loop.pollers.epoll import EpollPoller
from .posixbase import PosixReactorBase

__all__ = ["EPollReactor", "install"]


class EPollReactor(PosixReactorBase):
    """A reactor whose turn costs what is ready, not what is open."""

    def _makePoller(self) -> EpollPoller:
        return EpollPoller()

    def doPoll(self, timeout: float | None) -> None:
        """Do one turn; `doIteration` under its older name."""
        self.doIteration(timeout)


def install() -> None:
    """Make a new `EPollReactor` the reactor of this process.

    Raises:
        ReactorAlreadyInstalledError: there is one already.
    """
    from .main import installNew

    installNew(EPollReactor)
