"""What the reactors that live in a graphical toolkit's main loop share."""

from __future__ import annotations

from threading import current_thread, main_thread

from .._loop.pollers.toolkit import ToolkitPoller
from .._loop.signals import Signals
from ..posixbase import PosixReactorBase

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._loop.pollers.toolkit import Toolkit

__all__ = ["ToolkitReactor"]


class ToolkitReactor(PosixReactorBase):
    """A reactor whose waits are a toolkit's. A coat says which."""

    _poller: ToolkitPoller

    def _makeToolkit(self) -> Toolkit:
        raise NotImplementedError(f"{type(self).__name__} must define _makeToolkit")

    def _makePoller(self) -> ToolkitPoller:
        return ToolkitPoller(self._makeToolkit())

    def _enter(self, installSignalHandlers: bool) -> None:
        if current_thread() is not main_thread():
            raise RuntimeError(
                f"{type(self).__name__} runs in the main thread only, where its toolkit lives; "
                "a thread of its own may run one of the reactors without a toolkit"
            )
        super()._enter(installSignalHandlers)
        if not installSignalHandlers:
            # A toolkit waits in C, and comes back for no signal; and Ctrl-C must not be raised inside it.
            self._signals = Signals({"SIGINT": self._poller.interrupt}, self._bell())
            self._signals.install()
