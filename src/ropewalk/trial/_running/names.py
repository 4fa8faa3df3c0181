"""Names of tests, files and modules, and what is what."""

from __future__ import annotations

import importlib.util
import inspect
import os
import sys
import types
import unittest
from typing import Any, TypeGuard

from ropewalk.python.reflect import filenameToModuleName, fullyQualifiedName

__all__ = [
    "filenameToModule",
    "isPackage",
    "isPackageDirectory",
    "isTestCase",
    "lineOf",
    "loadLocalVariables",
    "name",
    "namesOfTests",
    "samefile",
]

__unittest = True


def name(thing: Any) -> str:
    """Return the name of a test, a class of tests or a module that is to be loaded.

    Raises:
        TypeError: it is none of these.
    """
    if isinstance(thing, str):
        return thing
    if isTestCase(thing):
        return fullyQualifiedName(thing)
    if callable(getattr(thing, "id", None)):
        return str(thing.id())
    if isinstance(getattr(thing, "name", None), str):
        return str(thing.name)
    raise TypeError(f"cannot name {thing!r}: it is neither a test nor a class of tests")


def isTestCase(obj: object) -> TypeGuard[type[unittest.TestCase]]:
    """Return whether an object is a class of test cases."""
    return isinstance(obj, type) and issubclass(obj, unittest.TestCase)


def isPackage(module: object) -> bool:
    """Return whether an object is a module, and a package."""
    return isinstance(module, types.ModuleType) and hasattr(module, "__path__")


def isPackageDirectory(dirname: str) -> str | bool:
    """Return the name of the file that makes a directory a package; false when none does."""
    return "__init__.py" if os.path.isfile(os.path.join(dirname, "__init__.py")) else False


def samefile(filename1: str, filename2: str) -> bool:
    """Return whether two paths, which need not exist, lead to the same file."""
    return os.path.realpath(filename1) == os.path.realpath(filename2)


def filenameToModule(fn: str) -> types.ModuleType:
    """Return the module in a file, or the package in a directory, imported under its full name.

    If it cannot be found under that name, the directory above its outermost package is added to ``sys.path``.

    Raises:
        ValueError: there is no such file.
        Exception: whatever importing it raises.
    """
    if not os.path.exists(fn):
        raise ValueError(f"{fn!r} does not exist, so no tests can be loaded from it")
    moduleName = filenameToModuleName(fn)
    source = os.path.join(fn, "__init__.py") if os.path.isdir(fn) else fn
    module = sys.modules.get(moduleName)
    if module is None or not samefile(module.__file__ or "", source):
        # Where the outermost package is, or a module that is in none.
        root = os.path.dirname(os.path.abspath(fn))
        for _ in range(moduleName.count(".")):
            root = os.path.dirname(root)
        if not _finds(moduleName, source):
            sys.path.insert(0, root)
            importlib.invalidate_caches()
    if "." in moduleName or _finds(moduleName, source):
        module = importlib.import_module(moduleName)
        if samefile(module.__file__ or "", source):
            return module
    return _loadedFrom(source, moduleName)


def _finds(moduleName: str, source: str) -> bool:
    """Whether importing a name would load this file."""
    try:
        spec = importlib.util.find_spec(moduleName)
    except (ImportError, ValueError):
        return False
    return spec is not None and samefile(spec.origin or "", source)


def _loadedFrom(source: str, moduleName: str) -> types.ModuleType:
    """A module whose name is that of another one on the path."""
    spec = importlib.util.spec_from_file_location(moduleName, source)
    if spec is None or spec.loader is None:
        raise ValueError(f"{source!r} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[moduleName] = module
    spec.loader.exec_module(module)
    return module


def loadLocalVariables(filename: str) -> dict[str, str]:
    """Return the variables that a file sets for its editor: ``-*- name: value; other: value -*-``.

    They stand in the first line that has such, of the first two.
    """
    with open(filename, encoding="utf-8", errors="replace") as source:
        lines = [source.readline() for _ in range(2)]
    for line in lines:
        _, begin, rest = line.partition("-*-")
        variables, end, _ = rest.partition("-*-")
        if begin and end:
            pairs = [one.partition(":") for one in variables.split(";")]
            return {key.strip(): value.strip() for key, colon, value in pairs if colon}
    return {}


def namesOfTests(fileName: str) -> list[str]:
    """Return what a source file says its tests are: its variable ``test-case-name``, names separated by commas."""
    names = loadLocalVariables(fileName).get("test-case-name", "")
    return [one.strip() for one in names.split(",") if one.strip()]


def lineOf(thing: Any) -> tuple[str, int]:
    """Where a test, or a class of tests, stands: for the order of the source."""
    method = getattr(thing, getattr(thing, "_testMethodName", ""), None)
    try:
        if method is not None:
            return type(thing).__module__, inspect.unwrap(method).__code__.co_firstlineno
        if isTestCase(thing):
            return thing.__module__, inspect.getsourcelines(thing)[1]
    except (AttributeError, OSError, TypeError):
        pass  # It has no source: it stands before all that have.
    return name(thing), 0
