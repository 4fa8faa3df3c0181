"""The reactor in GTK 3's main loop."""

from __future__ import annotations

from .gireactor import GIReactor

__all__ = ["Gtk3Reactor", "PortableGtk3Reactor", "install"]


class Gtk3Reactor(GIReactor):
    """A reactor that serves GTK 3's windows in its waits.

    Raises:
        ImportError: PyGObject or GTK 3 is missing.
        RuntimeError: there is no display.
    """

    def __init__(self, useGtk: bool = True) -> None:
        super().__init__(useGtk)


PortableGtk3Reactor = Gtk3Reactor


def install(useGtk: bool = True) -> Gtk3Reactor:
    """Make a new `Gtk3Reactor` the reactor of this process, and return it; see `Gtk3Reactor` for what can go wrong.

    Raises:
        ReactorAlreadyInstalledError: there is one already.
    """
    from .main import installNew

    return installNew(Gtk3Reactor, useGtk)
