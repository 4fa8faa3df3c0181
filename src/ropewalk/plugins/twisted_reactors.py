"""The reactors, by the names that their plugins have always had.

The command lines know most of them without looking for plugins (`ropewalk.application.reactors`); here are the others,
too, of which each says what it needs where that isn't there.
"""

from __future__ import annotations

from ropewalk.application.reactors import OWN, Reactor

__all__ = [
    "asyncio",
    "cf",
    "default",
    "epoll",
    "gi",
    "glib2",
    "gtk2",
    "gtk3",
    "iocp",
    "kqueue",
    "poll",
    "select",
    "win32er",
    "wx",
]

_own = {reactor.shortName: reactor for reactor in OWN}


def _known(shortName: str, module: str, description: str) -> Reactor:
    """The house's own plugin of that name; a new one when it has none."""
    return _own.get(shortName) or Reactor(shortName, f"ropewalk.internet.{module}", description)


default = _own["default"]
asyncio = _own["asyncio"]
epoll = _own["epoll"]
gi = _own["gi"]
gtk3 = _own["gtk3"]
kqueue = _own["kqueue"]
poll = _own["poll"]
select = _own["select"]
cf = _known("cf", "cfreactor", "in the run loop of Core Foundation, on macOS")
glib2 = _known("glib2", "glib2reactor", "in the main loop of GLib 2, by its older name")
gtk2 = _known("gtk2", "gtk2reactor", "in the main loop of GTK 2")
iocp = _known("iocp", "iocpreactor", "on the completion ports of Windows")
win32er = _known("win32", "win32eventreactor", "on the events of Windows")
wx = _known("wx", "wxreactor", "in the main loop of wxPython")
