"""Look at modules without importing them: which there are, where their files are, and what lies beside them.

``getModule(__name__).filePath.sibling("data.txt")`` is a file beside the calling module, however that was started.
What is in directories and ZIP archives on a path is told. For another kind of place somebody registers an adapter from
its importer to `IPathImportMapper`.
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any
from zipimport import zipimporter

from zope.interface import Interface, implementer

from .components import registerAdapter
from .filepath import FilePath
from .reflect import namedAny

if TYPE_CHECKING:
    from typing import TypeAlias

    from .zippath import ZipPath

    # Where a module or a package is. Whatever a mapper returns besides has to offer the same.
    Place: TypeAlias = FilePath[str] | ZipPath[str]

    # Modules by name: `sys.modules`, or what a test puts in its place.
    Modules: TypeAlias = Mapping[str, Any]

__all__ = [
    "OPTIMIZED_MODE",
    "PYTHON_EXTENSIONS",
    "IPathImportMapper",
    "PathEntry",
    "PythonAttribute",
    "PythonModule",
    "PythonPath",
    "getModule",
    "iterModules",
    "theSystemPath",
    "walkModules",
]

# Whether Python was told to leave assertions out.
OPTIMIZED_MODE = not __debug__

# How the names of files end that hold Python code.
PYTHON_EXTENSIONS = [".py", ".pyc"]

_required: Any = object()  # stands for a default that was not given


class IPathImportMapper(Interface):
    """Says for an importer of `sys.path_hooks` what kind of path an entry of ``sys.path`` is."""

    def mapPath(pathLikeString: str) -> Place:
        """Return the path that an entry stands for: a `FilePath`, or something like it."""


@implementer(IPathImportMapper)
class ArchiveMapper:
    """Says what is in a ZIP archive.

    Args:
        importer: which imports from it.
    """

    def __init__(self, importer: zipimporter) -> None:
        self._importer = importer

    def mapPath(self, pathLikeString: str) -> Place:
        from .zippath import ZipArchive

        return ZipArchive(self._importer.archive).child(self._importer.prefix.strip(os.sep).replace(os.sep, "/"))


registerAdapter(ArchiveMapper, zipimporter, IPathImportMapper)


class ModuleHolder:
    """Something that modules lie in: a directory on the path, or a package."""

    if TYPE_CHECKING:

        def _folders(self) -> Iterable[Place]: ...
        def _fullName(self, name: str) -> str: ...
        def _entry(self) -> PathEntry: ...

    def iterModules(self) -> Iterator[PythonModule]:
        """Go through the modules and packages directly in this, without importing them, in the order of their names."""
        seen: set[str] = set()
        for folder in self._folders():
            if not folder.isdir():
                continue
            children: list[Place] = [*folder.children()]
            for child in sorted(children, key=lambda child: child.path):
                name, file = _moduleIn(child)
                if file is not None and name not in seen:
                    seen.add(name)
                    yield PythonModule(self._fullName(name), file, self._entry())

    def walkModules(self, importPackages: bool = False) -> Iterator[PythonModule]:
        """Go through the modules in this at any depth, each package before what is in it.

        Args:
            importPackages: import each package before looking into it, because it may add to its ``__path__``.
        """
        for module in self.iterModules():
            yield from module.walkModules(importPackages)

    def __getitem__(self, modname: str) -> PythonModule:
        """Return a module directly in this by its own name. Raises `KeyError`."""
        for module in self.iterModules():
            if module.name == self._fullName(modname):
                return module
        raise KeyError(modname)

    def __iter__(self) -> Iterator[PythonModule]:
        """Not offered: say whether you mean `iterModules` or `walkModules`."""
        raise NotImplementedError("use iterModules() for the modules directly in this, walkModules() for all below")


def _moduleIn(path: Place) -> tuple[str, Place | None]:
    """The name and the file of the module that a file or directory is; no file when it is none."""
    name, extension = os.path.splitext(path.basename())
    if not name.isidentifier() or name == "__init__":
        return name, None
    if extension in PYTHON_EXTENSIONS:
        return name, path
    if extension == "":
        for ending in PYTHON_EXTENSIONS:
            file = path.child("__init__" + ending)
            if file.exists():
                return name, file
    return name, None


class PathEntry(ModuleHolder):
    """A directory, or an archive, on the path.

    Attributes:
        filePath: where it is.
        pythonPath: the path it is on.
    """

    def __init__(self, filePath: Place, pythonPath: PythonPath) -> None:
        self.filePath = filePath
        self.pythonPath = pythonPath

    def __repr__(self) -> str:
        return f"PathEntry<{self.filePath!r}>"

    def _folders(self) -> Iterable[Place]:
        return [self.filePath]

    def _fullName(self, name: str) -> str:
        return name

    def _entry(self) -> PathEntry:
        return self


class PythonModule(ModuleHolder):
    """A module or package, imported or not.

    Attributes:
        name: its full name.
        filePath: its file; of a package that of its ``__init__``.
        pathEntry: the directory on the path that it was found below.
    """

    def __init__(self, name: str, filePath: Place, pathEntry: PathEntry) -> None:
        self.name = name
        self.filePath = filePath
        self.pathEntry = pathEntry

    def __repr__(self) -> str:
        return f"PythonModule<{self.name!r}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PythonModule):
            return NotImplemented
        return self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def isLoaded(self) -> bool:
        """Whether it has been imported."""
        return self.pathEntry.pythonPath.moduleDict.get(self.name) is not None

    def isPackage(self) -> bool:
        """Whether modules can lie in it."""
        return os.path.splitext(self.filePath.basename())[0] == "__init__"

    def load(self, default: Any = _required) -> Any:
        """Import the module and return it.

        Args:
            default: returned instead when importing it raises anything.
        """
        try:
            return self.pathEntry.pythonPath.moduleLoader(self.name)
        except Exception:
            if default is _required:
                raise
            return default

    def iterAttributes(self) -> Iterator[PythonAttribute]:
        """Go through what is in the module. Raises `NotImplementedError` when it has not been imported."""
        if not self.isLoaded():
            raise NotImplementedError(f"{self.name} has to be imported before its attributes can be told; call load()")
        return _attributes(self.name, self, self.load())

    def walkModules(self, importPackages: bool = False) -> Iterator[PythonModule]:
        """Go through this module and, if it is a package, those in it at any depth.

        Args:
            importPackages: import each package before looking into it.
        """
        if importPackages and self.isPackage():
            self.load()
        yield self
        yield from super().walkModules(importPackages)

    def _folders(self) -> Iterable[Place]:
        if not self.isPackage():
            return []
        if self.isLoaded():
            return map(self.pathEntry.pythonPath._place, self.load().__path__)
        return [self.filePath.parent()]

    def _fullName(self, name: str) -> str:
        return f"{self.name}.{name}"

    def _entry(self) -> PathEntry:
        return self.pathEntry


class PythonAttribute:
    """Something in a module, or in something that is.

    Attributes:
        name: its full name, the module's included.
        onObject: the `PythonModule` or `PythonAttribute` it is an attribute of.
        pythonValue: what it is.
    """

    def __init__(self, name: str, onObject: PythonModule | PythonAttribute, loaded: bool, pythonValue: Any) -> None:
        self.name = name
        self.onObject = onObject
        self._loaded = loaded
        self.pythonValue = pythonValue

    def __repr__(self) -> str:
        return f"PythonAttribute<{self.name!r}>"

    def isLoaded(self) -> bool:
        """Whether its module has been imported."""
        return self._loaded

    def load(self, default: Any = _required) -> Any:
        """Return the value."""
        return self.pythonValue

    def iterAttributes(self) -> Iterator[PythonAttribute]:
        """Go through the value's own attributes."""
        return _attributes(self.name, self, self.load())


def _attributes(name: str, holder: PythonModule | PythonAttribute, value: object) -> Iterator[PythonAttribute]:
    for attribute, inner in inspect.getmembers(value):
        yield PythonAttribute(f"{name}.{attribute}", holder, True, inner)


class PythonPath:
    """A list of directories that modules are found in.

    Attributes:
        moduleDict: the modules that have been imported.
        moduleLoader: imports a module by its full name.
    """

    def __init__(
        self,
        sysPath: Sequence[str] | None = None,
        moduleDict: Modules = sys.modules,
        sysPathHooks: Sequence[Callable[[str], Any]] = sys.path_hooks,
        importerCache: MutableMapping[str, Any] = sys.path_importer_cache,
        moduleLoader: Callable[[str], ModuleType] = namedAny,
        sysPathFactory: Callable[[], Sequence[str]] | None = None,
    ) -> None:
        """Describe a path.

        Args:
            sysPath: its directories.
            sysPathFactory: called for the directories each time they are needed, in place of ``sysPath``.
            sysPathHooks: find the importer of an entry that is no directory.
            importerCache: the importers that are known already.
        """
        given = list(sysPath or ())
        self._sysPath: Callable[[], Sequence[str]] = sysPathFactory or (lambda: given)
        self.moduleDict = moduleDict
        self.sysPathHooks = sysPathHooks
        self.importerCache = importerCache
        self.moduleLoader = moduleLoader

    @property
    def sysPath(self) -> Sequence[str]:
        """The directories at this moment."""
        return self._sysPath()

    def __repr__(self) -> str:
        return f"PythonPath({list(self.sysPath)!r})"

    def iterEntries(self) -> Iterator[PathEntry]:
        """Go through the directories and archives, in order."""
        for entry in self.sysPath:
            yield PathEntry(self._place(entry), self)

    def _place(self, entry: str) -> Place:
        """The path that an entry, or a directory of a package, stands for."""
        if not os.path.isdir(entry):
            mapper = IPathImportMapper(self._importer(entry), None)
            if mapper is not None:
                place: Place = mapper.mapPath(entry)
                return place
        return FilePath(entry)

    def _importer(self, entry: str) -> Any:
        """What imports from an entry, or `None`."""
        if entry in self.importerCache:
            return self.importerCache[entry]
        for hook in self.sysPathHooks:
            try:
                return hook(entry)
            except ImportError:
                continue
        return None

    def iterModules(self) -> Iterator[PythonModule]:
        """Go through the modules at the top of each directory."""
        for entry in self.iterEntries():
            yield from entry.iterModules()

    def walkModules(self, importPackages: bool = False) -> Iterator[PythonModule]:
        """Go through all modules at any depth.

        Args:
            importPackages: import each package before looking into it.
        """
        for entry in self.iterEntries():
            yield from entry.walkModules(importPackages)

    def __contains__(self, module: str) -> bool:
        """Whether there is a module of this full name."""
        try:
            self[module]
        except KeyError:
            return False
        return True

    def __getitem__(self, modname: str) -> PythonModule:
        """Return a module by its full name, without importing it.

        Raises:
            KeyError: there is none, or it has no file.
        """
        loaded = self.moduleDict.get(modname)
        if loaded is not None:
            return self._loaded(modname, loaded)
        package, _, name = modname.rpartition(".")
        holders: Iterable[ModuleHolder] = [self[package]] if package else self.iterEntries()
        for holder in holders:
            try:
                return holder[name]
            except KeyError:
                continue
        raise KeyError(modname)

    def _loaded(self, name: str, module: ModuleType) -> PythonModule:
        """Describe a module that has been imported, by the file it says it has."""
        file = getattr(module, "__file__", None)
        if file is None:
            raise KeyError(f"{name} has no file: it is built in, or a namespace")
        path = self._place(os.path.dirname(os.path.abspath(file))).child(os.path.basename(file))
        # Up from the file, past its package if it is one's ``__init__``, and past each package around that.
        top = path.parent()
        for _ in range(name.count(".") + hasattr(module, "__path__")):
            top = top.parent()
        return PythonModule(name, path, PathEntry(top, self))


# What ``import`` looks at.
theSystemPath = PythonPath(sysPathFactory=lambda: sys.path)


def getModule(moduleName: str) -> PythonModule:
    """Return a module by its full name, such as the caller's ``__name__``. Raises `KeyError` if there is none."""
    return theSystemPath[moduleName]


def iterModules() -> Iterator[PythonModule]:
    """Go through all modules and packages at the top of the system's path."""
    return theSystemPath.iterModules()


def walkModules(importPackages: bool = False) -> Iterator[PythonModule]:
    """Go through all modules on the system's path, at any depth."""
    return theSystemPath.walkModules(importPackages)
