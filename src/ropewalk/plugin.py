"""Plugins: objects that a program finds without knowing them.

A plugin is an object at the top level of a module in a *plugin package*, and provides `IPlugin` and the interface
that the program looks for. The package may be spread over several directories of the same name
(`pluginPackagePaths`), so whoever writes a plugin needs no access to the program's own.

To look for plugins without importing every module each time, what each directory holds is kept in a file
``dropin.cache`` in it: JSON, with the times and sizes of the modules it is true for. It is written anew when it is not
true any longer; where that is not allowed, looking takes longer and finds the same.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from zope.interface import Interface, providedBy

from .python.components import getAdapterFactory
from .python.reflect import namedAny, namedModule, qual

if TYPE_CHECKING:
    from types import ModuleType

    from zope.interface.interface import InterfaceClass

__all__ = ["CachedDropin", "CachedPlugin", "IPlugin", "getCache", "getPlugIns", "getPlugins", "pluginPackagePaths"]

CACHE = "dropin.cache"

# Of the cache's form. Another number, or no number, is not true.
FORM = 1


class IPlugin(Interface):
    """Every plugin provides this besides the interface it is a plugin for."""


class CachedDropin:
    """A module of a plugin package.

    Attributes:
        moduleName: its full name.
        description: its docstring.
        plugins: what it holds, a list of `CachedPlugin`.
    """

    def __init__(self, moduleName: str, description: str | None) -> None:
        self.moduleName = moduleName
        self.description = description
        self.plugins: list[CachedPlugin] = []


class CachedPlugin:
    """A plugin that may not be loaded yet. An interface that it provides, called with it, loads it.

    Attributes:
        dropin: its module.
        name: its name there.
        description: its docstring.
        provided: the interfaces it provides.
    """

    def __init__(
        self, dropin: CachedDropin, name: str, description: str | None, provided: list[InterfaceClass]
    ) -> None:
        self.dropin = dropin
        self.name = name
        self.description = description
        self.provided = provided
        dropin.plugins.append(self)

    def __repr__(self) -> str:
        names = ", ".join(interface.__name__ for interface in self.provided)
        return f"<CachedPlugin {self.name!r}/{self.dropin.moduleName!r} (provides {names!r})>"

    def load(self) -> Any:
        """Import the module and return the plugin itself."""
        return namedAny(f"{self.dropin.moduleName}.{self.name}")

    def __conform__(self, interface: Any, registry: object = None, default: Any = None) -> Any:
        for provided in self.provided:
            if provided.isOrExtends(interface):
                return self.load()
            if getAdapterFactory(provided, interface, None) is not None:
                return interface(self.load(), default)
        return default

    def getComponent(self, interface: Any, registry: object = None, default: Any = None) -> Any:
        """Return the plugin if it provides an interface or an adapter is registered; otherwise ``default``.

        Args:
            registry: not used.
        """
        return self.__conform__(interface, registry, default)


def getPlugins(interface: Any, package: ModuleType | None = None) -> Iterator[Any]:
    """Find the plugins that provide an interface, or can be adapted to it.

    The directories are looked at anew each time, so plugins that were added meanwhile are found. One that cannot be
    loaded is logged, and the others are found.

    Args:
        package: the plugin package; `ropewalk.plugins` when not given.
    """
    for dropin in getCache(package or namedModule("ropewalk.plugins")).values():
        for plugin in dropin.plugins:
            try:
                adapted = interface(plugin, None)
            except Exception:
                # It may be anybody's code: the program can do without it.
                _report(f"{dropin.moduleName}.{plugin.name}")
                continue
            if adapted is not None:
                yield adapted


getPlugIns = getPlugins


def getCache(module: ModuleType) -> dict[str, CachedDropin]:
    """Return the modules of a plugin package by their names in it, and write the caches anew that are not true.

    A module that cannot be imported is logged, once for each state of its file, and left out.
    """
    found: dict[str, CachedDropin] = {}
    for folder in module.__path__:
        for name, dropin in _dropins(module.__name__, folder).items():
            # The import system takes the first of a name, and so do we.
            found.setdefault(name, dropin)
    return found


def pluginPackagePaths(name: str) -> list[str]:
    """Return the directories that may belong to a plugin package, besides its own.

    A plugin package says ``__path__.extend(pluginPackagePaths(__name__))`` in its ``__init__.py``, and ``__all__ =
    []``.

    Args:
        name: the package's full name. For ``"a.plugins"`` these are the directories ``a/plugins`` below each entry of
            ``sys.path``, without those that have an ``__init__.py``, which are packages of their own. They need not
            exist.
    """
    tail = name.split(".")
    folders = (os.path.abspath(os.path.join(entry, *tail)) for entry in sys.path)
    return [folder for folder in folders if not os.path.exists(os.path.join(folder, "__init__.py"))]


# -- One directory -----------------------------------------------------------------------------------------------------

# What a module's file is known by, and where it is.
Stamp = tuple[int, int]

# What could not be loaded and was logged already: a module's file in its state, or a plugin's name.
_reported: set[object] = set()


def _dropins(package: str, folder: str) -> dict[str, CachedDropin]:
    """The modules in a directory of a plugin package."""
    stamps = _stamps(folder)
    if not stamps:
        return {}
    kept = _read(folder)
    true = {name: kept[name] for name, stamp in stamps.items() if kept.get(name, {}).get("stamp") == list(stamp)}
    entries = {name: true.get(name) or _inspect(package, name, folder, stamp) for name, stamp in stamps.items()}
    written = {name: entry for name, entry in entries.items() if entry is not None}
    if written != kept:
        _write(folder, written)
    found = {}
    for name, entry in written.items():
        try:
            found[name] = _dropin(f"{package}.{name}", entry)
        except Exception:
            # An interface that it provides cannot be imported: nobody can look for it.
            _report((folder, name, stamps[name]))
    return found


def _stamps(folder: str) -> dict[str, Stamp]:
    """The names of the modules in a directory, with what tells whether one has changed."""
    stamps = {}
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return {}
    for name in names:
        base, extension = os.path.splitext(name)
        path = os.path.join(folder, name)
        if extension == "" and base.isidentifier():
            path = os.path.join(path, "__init__.py")
        elif extension != ".py" or base == "__init__" or not base.isidentifier():
            continue
        try:
            status = os.stat(path)
        except OSError:
            continue
        stamps[base] = (status.st_mtime_ns, status.st_size)
    return stamps


def _inspect(package: str, name: str, folder: str, stamp: Stamp) -> dict[str, Any] | None:
    """What the cache says of a module, found by importing it; `None` for one that cannot be."""
    try:
        module = namedAny(f"{package}.{name}")
        plugins = [
            {
                "name": attribute,
                "description": getattr(value, "__doc__", None),
                "provided": [qual(interface) for interface in providedBy(value)],
            }
            for attribute, value in vars(module).items()
            if IPlugin.providedBy(value)
        ]
    except Exception:
        _report((folder, name, stamp))
        return None
    return {"stamp": list(stamp), "description": module.__doc__, "plugins": plugins}


def _dropin(moduleName: str, entry: dict[str, Any]) -> CachedDropin:
    """Make of an entry in the cache what callers are given."""
    dropin = CachedDropin(moduleName, entry["description"])
    for plugin in entry["plugins"]:
        provided = [namedAny(interface) for interface in plugin["provided"]]
        CachedPlugin(dropin, plugin["name"], plugin.get("description"), provided)
    return dropin


def _read(folder: str) -> dict[str, dict[str, Any]]:
    """The modules in a directory's cache; none if it is not there, not readable, or not of our making."""
    import json

    try:
        with open(os.path.join(folder, CACHE), encoding="utf-8") as file:
            content = json.load(file)
        entries = content["modules"].items() if content["form"] == FORM else ()
        return {name: entry for name, entry in entries if _isWhole(entry)}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _isWhole(entry: Any) -> bool:
    """Whether an entry in a cache has everything that we put there."""
    try:
        plugins = entry["plugins"]
        return {"stamp", "description"} <= entry.keys() and all(
            isinstance(word, str) for plugin in plugins for word in (plugin["name"], *plugin["provided"])
        )
    except (TypeError, KeyError, AttributeError):
        return False


def _write(folder: str, modules: dict[str, dict[str, Any]]) -> None:
    """Write a directory's cache, all at once; where that is not allowed, log it once and do without."""
    import json

    path = os.path.join(folder, CACHE)
    beside = f"{path}.{os.getpid()}"
    try:
        with open(beside, "w", encoding="utf-8") as file:
            json.dump({"form": FORM, "modules": modules}, file, indent=1)
        os.replace(beside, path)
    except OSError as problem:
        try:
            os.unlink(beside)
        except OSError:
            pass  # it was never made, or can't be removed any more than written
        if path not in _reported:
            _reported.add(path)
            from .python import log

            log.msg(f"cannot write {path}: {problem.strerror}; looking for plugins there takes longer")


def _report(what: object) -> None:
    """Log the exception being handled, unless the same was logged before."""
    if what not in _reported:
        _reported.add(what)
        from .python import log

        log.err(
            None, f"plugin {what!r} cannot be loaded" if isinstance(what, str) else "a plugin module cannot be loaded"
        )
