"""Serve wxPython's windows from any reactor, fifty times a second::

    app = wx.App()
    wxsupport.install(app)
    reactor.run()

`wxreactor` does the same without the fiftieth of a second, and lets dialogs open.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .task import LoopingCall

__all__ = ["install", "wxRunner"]

# Seconds between two looks at wx's events.
PACE = 0.02


class wxRunner:
    """Serves one application.

    Args:
        app: a ``wx.App``.

    Raises:
        ImportError: wxPython is missing.
    """

    def __init__(self, app: Any) -> None:
        try:
            wx: Any = import_module("wx")
        except ImportError:
            raise ImportError(
                "wxsupport needs wxPython, which is not installed for this Python: pip install wxPython"
            ) from None
        self.app = app
        self._activator: Any = wx.EventLoopActivator
        self._loop: Any = wx.GUIEventLoop()

    def run(self) -> None:
        """Serve what has happened until now."""
        # While it is the active loop what it calls may ask wx about it.
        active = self._activator(self._loop)
        while self._loop.Pending():
            self._loop.Dispatch()
        self.app.ProcessPendingEvents()
        self._loop.ProcessIdle()
        del active


def install(app: Any) -> LoopingCall:
    """Serve an application's windows from now on, while the reactor runs.

    Returns:
        What does it; its ``stop`` ends that.

    Raises:
        ImportError: wxPython is missing.
    """
    from .task import LoopingCall

    serving = LoopingCall(wxRunner(app).run)
    serving.start(PACE, now=False)
    return serving
