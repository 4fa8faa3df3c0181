"""The reactor in Qt's main loop, for programs with windows of Qt's (PySide6 or PyQt6)."""

from __future__ import annotations

from ._toolkits.qt import QtLoop, requireQt
from ._toolkits.reactor import ToolkitReactor

# Not only when one is made: lists of reactors find out by importing what there is.
requireQt("qtreactor")

__all__ = ["QtReactor", "install"]


class QtReactor(ToolkitReactor):
    """A reactor that serves Qt in its waits.

    The program makes its ``QApplication`` before `run`, and runs the reactor instead of ``app.exec()``. Nothing ends
    the reactor by itself: ``app.lastWindowClosed.connect(reactor.stop)``.

    Raises:
        ImportError: neither PySide6 nor PyQt6 is there.
    """

    def _makeToolkit(self) -> QtLoop:
        return QtLoop(type(self).__name__)


def install() -> QtReactor:
    """Make a new `QtReactor` the reactor of this process, and return it.

    Raises:
        ReactorAlreadyInstalledError: there is one already.
        ImportError: neither PySide6 nor PyQt6 is there.
    """
    from .main import installNew

    return installNew(QtReactor)
