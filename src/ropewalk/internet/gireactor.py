"""The reactor in GLib's main loop, by way of PyGObject's introspection: for programs with GObject libraries.

`gtk3reactor` is the same with windows.
"""

from __future__ import annotations

from ._toolkits.glib import GLibLoop, requireGLib, requireGtk
from ._toolkits.reactor import ToolkitReactor
from .error import ReactorAlreadyRunning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Not only when one is made: lists of reactors find out by importing what there is.
requireGLib("gireactor")

__all__ = ["GIReactor", "PortableGIReactor", "install"]


class GIReactor(ToolkitReactor):
    """A reactor whose waits are GLib's: what GLib and GTK have to do is done in them.

    Args:
        useGtk: open a display for GTK, too.

    Raises:
        ImportError: PyGObject is missing.
        RuntimeError: a display was asked for, and there is none.
    """

    # What a child of ours that opens windows opens them with.
    _gtk = "3.0"

    def __init__(self, useGtk: bool = False) -> None:
        if useGtk:
            requireGtk(self._gtk, type(self).__name__)
        self._application: Any = None
        super().__init__()

    def _makeToolkit(self) -> GLibLoop:
        return GLibLoop(type(self).__name__)

    def registerGApplication(self, app: Any) -> None:
        """Let a ``Gio.Application`` or ``Gtk.Application`` live as long as the reactor runs: it is activated when the
        reactor starts, and shut down when that stops. Its ``quit`` stops the reactor, and so does the end of its last
        window. When another process is the application already that one is activated, and this one stops.

        Raises:
            ReactorAlreadyRunning: too late, the reactor runs.
            RuntimeError: one is registered already.
        """
        if self._started:
            raise ReactorAlreadyRunning("an application is registered before the reactor runs")
        if self._application is not None:
            raise RuntimeError(f"{self._application!r} is registered already; a process has one GApplication")
        self._application = app
        self.addSystemEventTrigger("before", "startup", self._activate, app)
        self.addSystemEventTrigger("after", "shutdown", self._quit, app)

    def _activate(self, app: Any) -> None:
        app.register(None)
        # The application's own `quit` ends its own `run`, which nobody called.
        app.quit = self._stopOnce
        if hasattr(type(app), "get_windows"):
            app.connect_after("window-removed", self._windowRemoved)
        app.activate()
        if app.get_is_remote():
            self.callWhenRunning(self._stopOnce)

    def _windowRemoved(self, app: Any, window: object) -> None:
        if not app.get_windows():
            self._stopOnce()

    def _quit(self, app: Any) -> None:
        # The rest of what `run` would do at its end.
        del app.quit
        if not app.get_is_remote():
            app.emit("shutdown")


# The reference release has another one for systems without descriptors; here it is the same.
PortableGIReactor = GIReactor


def install(useGtk: bool = False) -> GIReactor:
    """Make a new `GIReactor` the reactor of this process, and return it.

    Raises:
        ReactorAlreadyInstalledError: there is one already.
        ImportError: PyGObject is missing.
    """
    from .main import installNew

    return installNew(GIReactor, useGtk)
