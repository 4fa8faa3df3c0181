"""The reactors, by the names that their plugins have always had.

The command lines know them without looking for plugins (`ropewalk.application.reactors`); here are, beside those, the
ones that cannot be had, which say why.
"""

from __future__ import annotations

from importlib.util import find_spec

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


class Elsewhere(Reactor):
    """A reactor that some systems have, or some versions of Ropewalk.

    Args:
        shortName, moduleName, description: as for `Reactor`.
        reason: said where there is no such module.
    """

    def __init__(self, shortName: str, moduleName: str, description: str, reason: str) -> None:
        super().__init__(shortName, moduleName, description)
        self.reason = reason

    def install(self) -> None:
        """Install it.

        Raises:
            ImportError: it isn't there; the message says why.
        """
        if find_spec(self.moduleName) is None:
            raise ImportError(self.reason)
        super().install()


_own = {reactor.shortName: reactor for reactor in OWN}

default = _own["default"]
asyncio = _own["asyncio"]
epoll = _own["epoll"]
gi = _own["gi"]
gtk3 = _own["gtk3"]
kqueue = _own["kqueue"]
poll = _own["poll"]
select = _own["select"]

cf = Elsewhere(
    "cf",
    "ropewalk.internet.cfreactor",
    "in the run loop of Core Foundation, on macOS",
    "there is no reactor on Core Foundation: use kqueue, or asyncio with a loop that runs in the toolkit",
)
glib2 = Elsewhere(
    "glib2",
    "ropewalk.internet.glib2reactor",
    "in the main loop of GLib 2, by PyGTK's bindings",
    "the bindings of PyGTK end with Python 2: use gi",
)
gtk2 = Elsewhere(
    "gtk2",
    "ropewalk.internet.gtk2reactor",
    "in the main loop of GTK 2",
    "the bindings of GTK 2 end with Python 2: use gtk3",
)
iocp = Elsewhere(
    "iocp",
    "ropewalk.internet.iocpreactor",
    "on the completion ports of Windows",
    "there are completion ports on Windows only: use default",
)
win32er = Elsewhere(
    "win32",
    "ropewalk.internet.win32eventreactor",
    "on the events of Windows",
    "this waits for 64 events at most, and on Windows only: use default",
)
wx = Elsewhere(
    "wx",
    "ropewalk.internet.wxreactor",
    "in the main loop of wxPython",
    "there is no asyncio loop for wxPython that is kept up: use asyncio, and call wx from a LoopingCall",
)
