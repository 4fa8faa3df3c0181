"""Look at running Python: find objects by name, methods by prefix, and paths to objects.

Dotted names are looked up through the import system, so that whatever finds modules (the stand-in for
``twisted`` names included) finds these too.
"""

from __future__ import annotations

import os
import sys
import types
import weakref
from collections import deque
from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "InvalidName",
    "ModuleNotFound",
    "ObjectNotFound",
    "QueueMethod",
    "accumulateClassDict",
    "accumulateClassList",
    "accumulateMethods",
    "addMethodNamesToDict",
    "filenameToModuleName",
    "findInstances",
    "fullFuncName",
    "fullyQualifiedName",
    "getClass",
    "isLike",
    "isOfType",
    "isSame",
    "modgrep",
    "namedAny",
    "namedClass",
    "namedModule",
    "namedObject",
    "objgrep",
    "prefixedMethodNames",
    "prefixedMethods",
    "qual",
    "requireModule",
    "safe_repr",
    "safe_str",
]


class InvalidName(ValueError):
    """A string that cannot be, or is not, the dotted name of a Python object."""


class ModuleNotFound(InvalidName):
    """A name without dots that no module has."""


class ObjectNotFound(InvalidName):
    """A dotted name whose beginning no module has."""


# -- Objects by name ---------------------------------------------------------------------------------------------------


def namedModule(name: str) -> types.ModuleType:
    """Import the module of this dotted name and return it, not its top-level package.

    Raises:
        ImportError: there is none.
        ValueError: the name is empty or starts with a dot.
    """
    __import__(name)
    return sys.modules[name]


def namedObject(name: str) -> Any:
    """Return attribute ``c`` of module ``a.b`` for the name ``"a.b.c"``.

    Raises:
        ImportError: there is no such module.
        AttributeError: it has no such attribute.
    """
    module, _, attribute = name.rpartition(".")
    return getattr(namedModule(module), attribute)


namedClass = namedObject


def namedAny(name: str) -> Any:
    """Return whatever a dotted name stands for: a package, a module, or an attribute of one at any depth.

    Modules are imported as needed. An error inside a module that exists is raised as it is, so that a
    broken module is never mistaken for a missing one.

    Raises:
        InvalidName: the name is empty or has an empty part.
        ModuleNotFound: the name has no dot and is no module's.
        ObjectNotFound: no module has the name's beginning.
        AttributeError: the modules are there, the rest is not.
    """
    if not name:
        raise InvalidName("an empty string names no object; give a dotted name such as 'package.module.Class'")
    parts = name.split(".")
    if "" in parts:
        raise InvalidName(f"{name!r} has an empty part; give a dotted name such as 'package.module.Class'")

    # The longest beginning that is a module; `getattr` walks from the top, as a reader of the name would.
    for end in range(len(parts), 0, -1):
        module = ".".join(parts[:end])
        try:
            __import__(module)
        except ModuleNotFoundError as problem:
            if not _isAtOrAbove(problem.name, module):
                raise
        else:
            break
    else:
        if len(parts) == 1:
            raise ModuleNotFound(f"no module is named {name!r}")
        raise ObjectNotFound(f"{name!r} names no object: there is no module {parts[0]!r}")

    found: Any = sys.modules[parts[0]]
    for part in parts[1:]:
        found = getattr(found, part)
    return found


def _isAtOrAbove(missing: str | None, module: str) -> bool:
    """Whether what the import system missed is the module that was asked for, or a package it would be in."""
    return missing is not None and (module + ".").startswith(missing + ".")


def requireModule(name: str, default: Any = None) -> Any:
    """Return the module of this name, or ``default`` when it or something it needs cannot be imported."""
    try:
        return namedModule(name)
    except ImportError:
        return default


# -- Names of objects --------------------------------------------------------------------------------------------------


def qual(clazz: Any) -> str:
    """Return ``"module.Name"`` of a class or function."""
    return f"{clazz.__module__}.{clazz.__name__}"


def fullyQualifiedName(obj: Any) -> str:
    """Return the dotted name of a module, class, function or method, with the classes it is nested in.

    Builtins have no module in front. Raises `AttributeError` for an object without a name.
    """
    if isinstance(obj, types.ModuleType):
        return obj.__name__
    try:
        name: str = obj.__qualname__
    except AttributeError:
        name = obj.__name__
    module = getattr(obj, "__module__", None)
    return name if module in (None, "builtins") else f"{module}.{name}"


def fullFuncName(func: Callable[..., object]) -> str:
    """Return ``"module.name"`` of a function that can be found again under that name.

    Raises:
        LookupError: that name is another object's.
        AttributeError: that name is nobody's: the function is nested in something.
    """
    name = qual(func)
    if namedObject(name) is not func:
        raise LookupError(f"{func!r} is not what {name} names")
    return name


def getClass(obj: object) -> type:
    """Return the object's class."""
    return type(obj)


def filenameToModuleName(fn: str | bytes) -> str:
    """Return the dotted name of the module in a file, judging by the ``__init__.py`` files beside and above it."""
    path = os.path.abspath(os.fsdecode(fn))
    folder, file = os.path.split(path)
    parts = [os.path.splitext(file)[0]]
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        parts.insert(0, package)
    return ".".join(parts)


# -- Text that never fails ---------------------------------------------------------------------------------------------


def safe_repr(o: object) -> str:
    """Return ``repr(o)``, or a description of the object and of what went wrong. Never raises."""
    try:
        return repr(o)
    except BaseException:
        return _describeBroken(o, "repr")


def safe_str(o: object) -> str:
    """Return ``str(o)``, UTF-8 bytes decoded, or a description of what went wrong. Never raises."""
    if isinstance(o, bytes):
        try:
            return o.decode("utf-8")
        except UnicodeDecodeError:
            pass
    try:
        return str(o)
    except BaseException:
        return _describeBroken(o, "str")


def _describeBroken(o: object, what: str) -> str:
    """Describe an object whose ``repr`` or ``str`` is raising right now, trusting nothing of it."""
    import traceback

    try:
        kind = type(o).__name__
    except BaseException:
        kind = "an object of a broken class"
    try:
        details = traceback.format_exc()
    except BaseException:
        details = "(its traceback cannot be printed either)"
    return f"<{kind} instance at 0x{id(o):x} with {what} error:\n {details}>"


# -- Methods and class attributes --------------------------------------------------------------------------------------


def prefixedMethodNames(classObj: type, prefix: str) -> list[str]:
    """Return the names, without the prefix, of a class's methods (inherited ones too) that start with it."""
    found: dict[str, int] = {}
    addMethodNamesToDict(classObj, found, prefix)
    return list(found)


def addMethodNamesToDict(classObj: type, dict: dict[str, int], prefix: str, baseClass: type | None = None) -> None:
    """Enter the names, without the prefix, of a class's methods that start with it, base classes' first.

    Args:
        dict: gets ``1`` under each name.
        baseClass: only take methods of classes that derive directly from this one.
    """
    for base in classObj.__bases__:
        addMethodNamesToDict(base, dict, prefix, baseClass)
    if baseClass is None or baseClass in classObj.__bases__:
        for name, value in classObj.__dict__.items():
            if isinstance(value, types.FunctionType) and name.startswith(prefix):
                dict[name[len(prefix) :]] = 1


def prefixedMethods(obj: object, prefix: str = "") -> list[Callable[..., Any]]:
    """Return the object's bound methods whose names start with the prefix."""
    found: dict[str, Callable[..., Any]] = {}
    accumulateMethods(obj, found, prefix)
    return list(found.values())


def accumulateMethods(
    obj: object, dict: dict[str, Callable[..., Any]], prefix: str = "", curClass: type | None = None
) -> None:
    """Enter the object's bound methods that start with the prefix, under their names without it.

    Args:
        curClass: take the methods of this class and its bases instead of those of the object's class.
    """
    for name in prefixedMethodNames(curClass or type(obj), prefix):
        dict[name] = getattr(obj, prefix + name)


def accumulateClassDict(classObj: type, attr: str, adict: dict[Any, Any], baseClass: type | None = None) -> None:
    """Merge the dictionaries that a class and its bases keep under one attribute; the class's own win.

    Args:
        baseClass: take the class's own only when it derives directly from this one.
    """
    for base in classObj.__bases__:
        accumulateClassDict(base, attr, adict)
    if baseClass is None or baseClass in classObj.__bases__:
        adict.update(classObj.__dict__.get(attr, {}))


def accumulateClassList(classObj: type, attr: str, listObj: list[Any], baseClass: type | None = None) -> None:
    """Join the lists that a class and its bases keep under one attribute, the bases' first.

    Args:
        baseClass: take the class's own only when it derives directly from this one.
    """
    for base in classObj.__bases__:
        accumulateClassList(base, attr, listObj)
    if baseClass is None or baseClass in classObj.__bases__:
        listObj.extend(classObj.__dict__.get(attr, []))


class QueueMethod:
    """Stands in for a method and notes its calls as ``(name, arguments)``."""

    def __init__(self, name: str, calls: list[tuple[str, tuple[Any, ...]]]) -> None:
        self.name = name
        self.calls = calls

    def __call__(self, *args: Any) -> None:
        self.calls.append((self.name, args))


# -- Paths to objects --------------------------------------------------------------------------------------------------


def isSame(a: object, b: object) -> bool:
    """Whether both are one object."""
    return a is b


def isLike(a: object, b: object) -> bool:
    """Whether both are equal."""
    return a == b


def isOfType(start: object, goal: type) -> bool:
    """Whether the object's class is exactly this one."""
    return type(start) is goal


def findInstances(start: object, t: type) -> list[str]:
    """Return the paths from an object to the instances of a class that it holds, at any depth."""
    return objgrep(start, t, isOfType)


def modgrep(goal: object) -> list[str]:
    """Return the paths to an object (or to its equals) from all imported modules."""
    return objgrep(sys.modules, goal, isLike, "sys.modules")


def objgrep(
    start: Any,
    goal: Any,
    eq: Callable[[Any, Any], bool] = isLike,
    path: str = "",
    paths: list[str] | None = None,
    seen: dict[int, Any] | None = None,
    showUnknowns: bool | int = 0,
    maxDepth: int | None = None,
) -> list[str]:
    """Search an object and what it holds, and return every path that leads to the goal.

    Dictionaries, sequences, sets, instances, modules, bound methods and weak references are looked into.

    Args:
        eq: called with each object found and the goal; true when it is one of those wanted.
        path: put in front of each path.
        paths: the list to add to; it is also what is returned.
        seen: objects not to look into again, by their ``id``.
        showUnknowns: print the objects that cannot be looked into.
        maxDepth: how many steps deep to look; no limit when not given.
    """
    if paths is None:
        paths = []
    if seen is None:
        seen = {}
    if eq(start, goal):
        paths.append(path)
    if id(start) in seen or maxDepth == 0:
        return paths
    # The object is kept, not only its number: the number of one that is freed meanwhile may be used again.
    seen[id(start)] = start
    depth = None if maxDepth is None else maxDepth - 1

    steps = _steps(start, path)
    if steps is None:
        if showUnknowns:
            print("cannot look into", type(start), safe_repr(start), "at", path)
        return paths
    for step, value in steps:
        objgrep(value, goal, eq, step, paths, seen, showUnknowns, depth)
    return paths


def _steps(start: Any, path: str) -> list[tuple[str, Any]] | None:
    """The objects one step away with their paths; `None` for an object that cannot be looked into."""
    if isinstance(start, dict):
        steps = []
        for key, value in list(start.items()):
            steps += [(f"{path}{{{safe_repr(value)}}}", key), (f"{path}[{safe_repr(key)}]", value)]
        return steps
    if isinstance(start, (list, tuple, deque)):
        return [(f"{path}[{i}]", value) for i, value in enumerate(list(start))]
    if isinstance(start, (set, frozenset)):
        return [(f"{path}{{{safe_repr(value)}}}", value) for value in list(start)]
    if isinstance(start, weakref.ReferenceType):
        return [(f"{path}()", start())]
    if isinstance(start, types.MethodType):
        return [
            (f"{path}.__self__", start.__self__),
            (f"{path}.__func__", start.__func__),
        ]
    if hasattr(start, "__dict__"):
        return [(f"{path}.{name}", value) for name, value in list(vars(start).items())]
    return None
