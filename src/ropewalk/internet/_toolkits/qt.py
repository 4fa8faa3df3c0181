"""Qt's main loop: a socket notifier and a timer of ours in the thread's event dispatcher.

Needs PySide6, or PyQt6 where that is what a program imported.
"""

from __future__ import annotations

import sys
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["QtLoop", "requireQt"]

WANTED = (
    "{what} needs Qt for Python, which is not installed: pip install PySide6-Essentials (or PyQt6); "
    "without a window the default reactor does the same and needs nothing"
)
BROKEN = (
    "{binding} {version} ends this Python after a while, by a fault in how it counts references: "
    "pip install 'PySide6-Essentials<6.12', or use Python 3.12 or later"
)

# How often a method is called to see that.
CALLS = 64


class QtLoop:
    """The thread's event dispatcher, a round at a time; see `toolkit.Toolkit`.

    A program makes its ``QApplication`` before the reactor runs; one that has none by then gets a ``QCoreApplication``.
    """

    def __init__(self, what: str) -> None:
        """Take hold of Qt; ``what`` needs it, and is named in the ``ImportError`` if it is missing."""
        self._core = core = requireQt(what)
        self._everything = core.QEventLoop.ProcessEventsFlag.AllEvents
        self._orWait = core.QEventLoop.ProcessEventsFlag.WaitForMoreEvents
        self._deletions = core.QEvent.Type.DeferredDelete.value
        # All of it is made in the first round: an application of ours would be in the way of the program's own.
        self._application: Any = None
        self._dispatcher: Any = None
        self._notifier: Any = None
        self._timer: Any = None

    def attach(self, fd: int, wake: Callable[[], object], ring: Callable[[], object]) -> None:
        self._fd = fd
        self._wake = wake
        self._ring = ring

    def _begin(self) -> None:
        """Make what needs an application to be there."""
        core = self._core
        self._application = core.QCoreApplication.instance() or core.QCoreApplication(sys.argv[:1])
        self._dispatcher = core.QAbstractEventDispatcher.instance()
        self._notifier = core.QSocketNotifier(self._fd, core.QSocketNotifier.Type.Read)
        self._notifier.setEnabled(False)
        self._notifier.activated.connect(lambda *_: self._wake())
        self._timer = core.QTimer()
        self._timer.setSingleShot(True)
        self._timer.setTimerType(core.Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: self._ring())

    def watch(self, isOn: bool) -> None:
        if self._notifier is None:
            self._begin()
        self._notifier.setEnabled(isOn)

    def alarm(self, seconds: float) -> None:
        # Up, to whole milliseconds: too early would be for nothing.
        self._timer.start(int(seconds * 1000) + 1 if seconds else 0)

    def round(self, mayWait: bool) -> None:
        # A wait may end for nothing. Then nothing is to be done.
        while not self._dispatcher.processEvents(self._orWait if mayWait else self._everything) and mayWait:
            pass
        # What Qt puts off until the end of a round of the main loop it knows: objects to delete.
        self._core.QCoreApplication.sendPostedEvents(None, self._deletions)

    def close(self) -> None:
        if self._notifier is not None:
            self._timer.stop()
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
            self._notifier = self._timer = None


def requireQt(what: str) -> Any:
    """Return the module ``QtCore`` of the binding in use, or that is installed; ``what`` needs it.

    Raises:
        ImportError: there is none, or one that does not work.
    """
    # The two are alike in all that is asked here; mixing them in one process is what must not happen.
    for binding in sorted(("PySide6", "PyQt6"), key=lambda name: f"{name}.QtCore" not in sys.modules):
        try:
            core = import_module(f"{binding}.QtCore")
        except ImportError:
            continue
        if _losesNone(core):
            raise ImportError(BROKEN.format(binding=binding, version=getattr(core, "__version__", "")))
        return core
    raise ImportError(WANTED.format(what=what))


def _losesNone(core: Any) -> bool:
    """Return whether methods without a result give away references to ``None`` that aren't theirs.

    PySide6 6.12.0 does, which Python 3.12 and later don't mind; 3.11 dies when the last one is gone.
    """
    if sys.version_info >= (3, 12):
        return False
    probe = core.QObject()
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        probe.setObjectName("")
    return before - sys.getrefcount(None) > CALLS // 2
