"""The reactor in GTK 2's main loop: for programs that have not moved to GTK 3 yet.

PyGTK ended with Python 2. What is left is GTK 2 by PyGObject's introspection.
"""

from __future__ import annotations

from .gireactor import GIReactor

__all__ = ["Gtk2Reactor", "PortableGtkReactor", "install"]


class Gtk2Reactor(GIReactor):
    """A reactor that serves GTK 2's windows in its waits.

    Raises:
        ImportError: PyGObject, or GTK 2's introspection data, is missing.
        RuntimeError: there is no display.
    """

    _gtk = "2.0"

    def __init__(self, useGtk: bool = True) -> None:
        super().__init__(useGtk)


PortableGtkReactor = Gtk2Reactor


def install(useGtk: bool = True) -> Gtk2Reactor:
    """Make a new `Gtk2Reactor` the reactor of this process, and return it; see `Gtk2Reactor` for what can go wrong.

    Raises:
        ReactorAlreadyInstalledError: there is one already.
    """
    from .main import installNew

    return installNew(Gtk2Reactor, useGtk)
