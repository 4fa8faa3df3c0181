"""Reactors by short names, for command lines: ``twistd -r poll``.

Other packages add theirs with a plugin that provides `IReactorInstaller`; a `Reactor` does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from zope.interface import Attribute, Interface, implementer

from ropewalk.plugin import IPlugin, getPlugins
from ropewalk.python.reflect import namedAny

if TYPE_CHECKING:
    from ropewalk.internet.interfaces import IReactorCore

__all__ = ["IReactorInstaller", "NoSuchReactor", "Reactor", "getReactorTypes", "installReactor"]


class IReactorInstaller(Interface):
    """Makes a reactor the one of this process."""

    shortName: str = Attribute("The word that users type.")
    description: str = Attribute("A line for the list of what there is.")

    def install() -> None:
        """Install the reactor.

        Raises:
            ImportError: something that it needs isn't there.
            ReactorAlreadyInstalledError: the process has a reactor.
        """


class NoSuchReactor(KeyError):
    """There is no reactor of that short name."""

    def __str__(self) -> str:
        return f"there is no reactor {self.args[0]!r}" if self.args else "there is no such reactor"


@implementer(IPlugin, IReactorInstaller)
class Reactor:
    """A reactor with a module that has a function ``install``. The module is imported when it is needed.

    Args:
        shortName: the word that users type.
        moduleName: the module's full name.
        description: a line for users.
    """

    def __init__(self, shortName: str, moduleName: str, description: str) -> None:
        self.shortName = shortName
        self.moduleName = moduleName
        self.description = description

    def install(self) -> None:
        """Import the module, and let it install its reactor; see `IReactorInstaller.install`."""
        namedAny(self.moduleName).install()

    def __repr__(self) -> str:
        return f"Reactor({self.shortName!r}, {self.moduleName!r}, {self.description!r})"


class _Uvloop(Reactor):
    """uvloop's has no module of its own: it is the one for any loop, on a loop of that make."""

    def install(self) -> None:
        from ropewalk.internet.asyncioreactor import UvloopReactor, importedUvloop
        from ropewalk.internet.main import installNew

        importedUvloop()
        installNew(UvloopReactor)


# Those of the house. They are no plugins, so that ``-r poll`` needn't look for any.
OWN = (
    Reactor("asyncio", "ropewalk.internet.asyncioreactor", "on an asyncio event loop of the program's choice"),
    Reactor("default", "ropewalk.internet.default", "the best of this platform"),
    Reactor("epoll", "ropewalk.internet.epollreactor", "epoll(7), of Linux"),
    Reactor("gi", "ropewalk.internet.gireactor", "in the main loop of GLib, without windows"),
    Reactor("gtk3", "ropewalk.internet.gtk3reactor", "in the main loop of GTK 3"),
    Reactor("kqueue", "ropewalk.internet.kqreactor", "kqueue(2), of macOS and the BSDs"),
    Reactor("poll", "ropewalk.internet.pollreactor", "poll(2)"),
    Reactor("qt", "ropewalk.internet.qtreactor", "in the main loop of Qt, with PySide6 or PyQt6"),
    Reactor("select", "ropewalk.internet.selectreactor", "select(2), for fewer than 1024 descriptors"),
    _Uvloop("uvloop", "uvloop", "on uvloop's event loop, from the extra ropewalk[uvloop]"),
)


def getReactorTypes() -> Iterator[Any]:
    """Go through what can be installed: each provides `IReactorInstaller`. Those of the house come first."""
    yield from OWN
    # The house's are plugins, too, for those who look for plugins.
    yield from (installer for installer in getPlugins(IReactorInstaller) if installer not in OWN)


def installReactor(shortName: str) -> IReactorCore:
    """Install the reactor of a short name, and return it.

    Raises:
        NoSuchReactor: there is none of that name.
        Exception: what keeps it from working here; see `IReactorInstaller.install`.
    """
    for installer in getReactorTypes():
        if installer.shortName == shortName:
            installer.install()
            reactor: IReactorCore = sys.modules["ropewalk.internet.reactor"]  # type: ignore[assignment]  # it isn't one
            return reactor
    raise NoSuchReactor(shortName)
