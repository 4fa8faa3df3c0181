"""The reactor over select(2), which every system has."""

from __future__ import annotations

from ._loop.pollers.select import SelectPoller
from .posixbase import PosixReactorBase

__all__ = ["SelectReactor", "install"]


class SelectReactor(PosixReactorBase):
    """A reactor for descriptors below 1024."""

    def _makePoller(self) -> SelectPoller:
        return SelectPoller()

    def doSelect(self, timeout: float | None) -> None:
        """Do one turn; `doIteration` under its older name."""
        self.doIteration(timeout)


def install() -> None:
    """Make a new `SelectReactor` the reactor of this process.

    Raises:
        ReactorAlreadyInstalledError: there is one already.
    """
    from .main import installNew

    installNew(SelectReactor)
