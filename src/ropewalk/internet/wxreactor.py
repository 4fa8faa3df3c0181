"""The reactor beside wxPython's main loop::

    from ropewalk.internet import wxreactor
    wxreactor.install()

    from ropewalk.internet import reactor
    app = wx.App()
    reactor.registerWxApp(app)
    reactor.run()

wx cannot watch descriptors for us, so a thread does, and has wx call. In wx's own callbacks no asyncio loop runs; begin
what needs one with ``reactor.callLater(0, ...)``.
"""

from __future__ import annotations

import signal
from importlib import import_module
from threading import current_thread, main_thread

from ._toolkits.carried import CarriedReactor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

try:
    wx: Any = import_module("wx")
except ImportError:
    raise ImportError(
        "wxreactor needs wxPython, which is not installed for this Python: pip install wxPython, or "
        "apt-get install python3-wxgtk4.0 for the system's; without a window the default reactor does the same"
    ) from None

__all__ = ["WxReactor", "install"]


class WxReactor(CarriedReactor):
    """A reactor that runs wx's main loop. It stops when that ends, and ends that when it stops."""

    _app: Any = None
    _window: Any = None

    def registerWxApp(self, wxapp: Any) -> None:
        """Say which application is run; without one `run` makes one.

        Raises:
            ReactorAlreadyRunning: too late, the reactor runs.
        """
        if self._started:
            from .error import ReactorAlreadyRunning

            raise ReactorAlreadyRunning("an application is registered before the reactor runs")
        self._app = wxapp

    def run(self, installSignalHandlers: bool = True) -> None:
        """Run wx until `stop`; see `ReactorBase.run`."""
        if self._app is None:
            self._app = wx.GetApp() or wx.App(redirect=False)
            # One that nobody made has no window, and would end at once for want of one. Nobody sees this.
            self._window = wx.Frame(None)
        super().run(installSignalHandlers)

    def _enter(self, installSignalHandlers: bool) -> None:
        # A wx.App that is made gives Ctrl-C to the system, which ends the process on the spot.
        if current_thread() is main_thread() and signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        super()._enter(installSignalHandlers)

    def _runHost(self) -> None:
        self._app.MainLoop()

    def _leaveHost(self) -> None:
        if self._app.IsMainLoopRunning():
            self._app.ExitMainLoop()

    def _callInHost(self, func: Callable[[], None]) -> None:
        wx.CallAfter(func)


def install() -> WxReactor:
    """Make a new `WxReactor` the reactor of this process, and return it.

    Raises:
        ReactorAlreadyInstalledError: there is one already.
    """
    from .main import installNew

    return installNew(WxReactor)
