"""The reactor over poll(2): for systems without epoll and kqueue."""

from __future__ import annotations

from ._loop.pollers.poll import PollPoller
from .posixbase import PosixReactorBase

__all__ = ["PollReactor", "install"]


class PollReactor(PosixReactorBase):
    """A reactor that hands its whole table to the kernel each turn."""

    def _makePoller(self) -> PollPoller:
        return PollPoller()

    def doPoll(self, timeout: float | None) -> None:
        """Do one turn; `doIteration` under its older name."""
        self.doIteration(timeout)


def install() -> None:
    """Make a new `PollReactor` the reactor of this process.

    Raises:
        ReactorAlreadyInstalledError: there is one already.
    """
    from .main import installNew

    installNew(PollReactor)
