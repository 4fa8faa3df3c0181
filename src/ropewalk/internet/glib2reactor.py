"""The reactor in GLib's main loop, under its oldest name: `gireactor`, which new programs take."""

from __future__ import annotations

from .gireactor import GIReactor

__all__ = ["Glib2Reactor", "install"]


class Glib2Reactor(GIReactor):
    """`GIReactor`. There is no display, and no window."""

    def __init__(self) -> None:
        super().__init__(useGtk=False)


def install() -> Glib2Reactor:
    """Make a new `Glib2Reactor` the reactor of this process, and return it.

    Raises:
        ReactorAlreadyInstalledError: there is one already.
        ImportError: PyGObject is missing.
    """
    from .main import installNew

    return installNew(Glib2Reactor)
