"""The reactor over kqueue(2): the default on macOS and the BSDs."""

from __future__ import annotations

from ._loop.pollers.kqueue import KqueuePoller  # type: ignore[attr-defined]  # where there is kqueue
from .posixbase import PosixReactorBase

__all__ = ["KQueueReactor", "install"]


class KQueueReactor(PosixReactorBase):
    """A reactor whose table lives in the kernel."""

    def _makePoller(self) -> KqueuePoller:
        return KqueuePoller()


def install() -> None:
    """Make a new `KQueueReactor` the reactor of this process.

    Raises:
        ReactorAlreadyInstalledError: there is one already.
    """
    from .main import installNew

    installNew(KQueueReactor)
