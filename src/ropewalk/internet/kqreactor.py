"""The reactor over kqueue(2): the default on macOS and the BSDs."""

from __future__ import annotations

from ._loop.pollers.kqueue import KqueuePoller
from .posixbase import PosixReactorBase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from zope.interface import implementer

    from .interfaces import IReactorDaemonize
else:
    from ._interfaces.later import IReactorDaemonize, implementer

__all__ = ["KQueueReactor", "install"]


@implementer(IReactorDaemonize)
class KQueueReactor(PosixReactorBase):
    """A reactor whose table lives in the kernel."""

    def _makePoller(self) -> KqueuePoller:
        return KqueuePoller()

    def beforeDaemonize(self) -> None:
        """Nothing needs to be done before the process forks."""

    def afterDaemonize(self) -> None:
        """Watch everything anew: a child process does not inherit its parent's queue."""
        self._poller.reopen()


def install() -> None:
    """Make a new `KQueueReactor` the reactor of this process.

    Raises:
        ReactorAlreadyInstalledError: there is one already.
    """
    from .main import installNew

    installNew(KQueueReactor)
