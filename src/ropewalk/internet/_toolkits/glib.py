"""GLib's main loop, which is GTK's, too: a watch and a timer of ours in the default context.

Needs PyGObject, whose import name is ``gi``.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["GLibLoop", "requireGLib", "requireGtk"]

WANTED = (
    "{what} needs PyGObject, which is not installed for this Python: apt-get install python3-gi for the system's "
    "Python, or pip install PyGObject; without a window the default reactor does the same and needs nothing"
)


class GLibLoop:
    """The default main context, a round at a time; see `toolkit.Toolkit`."""

    def __init__(self, what: str) -> None:
        """Take hold of GLib; ``what`` needs it, and is named in the ``ImportError`` if it is missing."""
        self._glib: Any = requireGLib(what)
        self._context = self._glib.MainContext.default()
        # Numbers of GLib's, zero for none. (A `GLib.Source` of our own would need neither to be made anew, and is freed
        # twice by the collector with the PyGObject of 2022.)
        self._watch = self._timer = 0

    def attach(self, fd: int, wake: Callable[[], object], ring: Callable[[], object]) -> None:
        self._fd = fd
        self._wake = wake
        self._ring = ring

    def watch(self, isOn: bool) -> None:
        if self._watch:
            self._glib.source_remove(self._watch)
            self._watch = 0
        if isOn:
            # Below everything that draws: our turn looks at the descriptor after each round anyway, so that a busy
            # network cannot freeze the windows, nor they the network.
            glib = self._glib
            self._watch = glib.unix_fd_add_full(glib.PRIORITY_LOW, self._fd, glib.IOCondition.IN, self._ready)
            # A dialog may be opened by what we call: then its loop serves us, too.
            self._context.find_source_by_id(self._watch).set_can_recurse(True)

    def _ready(self, fd: int, condition: object) -> bool:
        watch = self._watch
        self._wake()
        return self._watch == watch

    def alarm(self, seconds: float) -> None:
        self._quiet()
        # Up, to whole milliseconds: too early would be for nothing.
        milliseconds = int(seconds * 1000) + 1 if seconds else 0
        self._timer = self._glib.timeout_add(milliseconds, self._over, priority=self._glib.PRIORITY_LOW)

    def _over(self) -> bool:
        self._timer = 0
        self._ring()
        return False

    def _quiet(self) -> None:
        if self._timer:
            self._glib.source_remove(self._timer)
            self._timer = 0

    def round(self, mayWait: bool) -> None:
        # A new source ends a wait, too. Then nothing was served, and nothing is to be done.
        while not self._context.iteration(mayWait) and mayWait:
            pass

    def close(self) -> None:
        self.watch(False)
        self._quiet()


def requireGtk(version: str, what: str) -> None:
    """Settle on a version of GTK before anybody imports another, and open the display.

    Raises:
        ImportError: PyGObject or this version of GTK is missing.
        RuntimeError: there is no display.
    """
    requireGLib(what)
    try:
        import_module("gi").require_version("Gtk", version)
    except ValueError as problem:
        raise ImportError(f"{what} needs GTK {version} with its introspection data: {problem}") from None
    gtk: Any = import_module("gi.repository.Gtk")
    # GTK 4 takes no arguments and gives no result unless there is no display.
    isOpen = gtk.init_check() if version >= "4" else gtk.init_check([])[0]
    if not isOpen:
        raise RuntimeError(f"{what} cannot open a display; set DISPLAY or WAYLAND_DISPLAY, or run under xvfb-run")


def requireGLib(what: str) -> Any:
    """Return GLib. ``ImportError`` when PyGObject is missing, which ``what`` needs."""
    try:
        return import_module("gi.repository.GLib")
    except ImportError:
        raise ImportError(WANTED.format(what=what)) from None
