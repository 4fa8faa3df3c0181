"""Make suites of names, files, packages, modules, classes and methods."""

from __future__ import annotations

import doctest
import importlib
import os
import pkgutil
import types
import unittest
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from ropewalk.python.failure import Failure
from ropewalk.python.reflect import namedAny, prefixedMethodNames

from .._cases.suites import TestSuite
from .._cases.verdicts import reasonToSkip
from .names import filenameToModule, isPackage, isPackageDirectory, isTestCase, name
from .suites import ErrorHolder, SkipHolder

__all__ = ["TestLoader"]

__unittest = True

# What a name may raise that is looked up and imported: anything, also a module's own exit.
LOADING = (Exception, SystemExit)


class TestLoader:
    """Finds tests.

    A module may say itself what its tests are: by a function ``test_suite`` (or ``testSuite``) that returns a suite, or
    by the standard library's ``load_tests``. Its ``__doctests__``, a list of modules or their names, are those whose
    docstrings are tests, too.

    Attributes:
        methodPrefix: of a class, the methods with this prefix are tests.
        modulePrefix: of a package, the modules with this prefix hold tests.
        sorter: what the order of tests and of classes goes by: a key, of the test or class.
        suiteFactory: makes a suite of a list of tests.
    """

    __slots__ = ("__weakref__", "sorter", "suiteFactory")

    __test__ = False  # for pytest: no tests are in here
    methodPrefix = "test"
    modulePrefix = "test_"

    def __init__(
        self, suiteFactory: Callable[[list[Any]], Any] = TestSuite, sorter: Callable[[Any], Any] = name
    ) -> None:
        self.suiteFactory = suiteFactory
        self.sorter = sorter

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TestLoader):
            return NotImplemented
        return (self.suiteFactory, self.sorter) == (other.suiteFactory, other.sorter)

    __hash__ = None  # type: ignore[assignment]  # it can be changed

    def sort(self, xs: Iterable[Any]) -> list[Any]:
        """Return things in the order in which they are to be run."""
        return sorted(xs, key=self.sorter)

    # By name

    def loadByNames(self, names: Iterable[str], recurse: bool = False) -> Any:
        """Return a suite of all these, each name once. What cannot be loaded is in it as an error."""
        return self.suiteFactory([self._loaded(one, recurse) for one in dict.fromkeys(names)])

    def loadByName(self, name: str, recurse: bool = False) -> Any:
        """Return a suite of what a name means: see `findByName`. What cannot be loaded is in it as an error."""
        return self.suiteFactory([self._loaded(name, recurse)])

    loadTestsFromName = loadByName

    def _loaded(self, name: str, recurse: bool) -> Any:
        return self._orHolder(name, lambda: self.findByName(name, recurse))

    def _orHolder(self, name: str, load: Callable[[], Any]) -> Any:
        """What is loaded, or if that fails something that tells so when it is run."""
        try:
            return load()
        except unittest.SkipTest as problem:
            return SkipHolder(name, reasonToSkip(problem))
        except LOADING:
            return ErrorHolder(name, Failure())

    def findByName(self, _name: str, recurse: bool = False) -> Any:
        """Return the tests that a name means.

        Args:
            _name: a file or directory, or a package, module, class or method by its full name.
            recurse: of a package, take the packages in it as well.

        Raises:
            Exception: there is none, or importing it failed.
        """
        if os.path.exists(_name) and (os.sep in _name or _name.endswith(".py") or not _isImportable(_name)):
            return self.loadFile(_name, recurse)
        obj = namedAny(_name)
        parentName, _, last = _name.rpartition(".")
        parent = None
        if not isinstance(obj, types.ModuleType) and parentName:
            parent = namedAny(parentName)
        return self.loadAnything(obj, recurse, parent, [parentName, last])

    def loadAnything(
        self, obj: Any, recurse: bool = False, parent: Any = None, qualName: list[str] | None = None
    ) -> Any:
        """Return the tests of any object that has some.

        Args:
            recurse: of a package, take the packages in it as well.
            parent: of a method, its class.
            qualName: of a method, its full name in parts.

        Raises:
            TypeError: it is no such object.
        """
        if isinstance(obj, types.ModuleType):
            return self.loadPackage(obj, recurse) if isPackage(obj) else self.loadTestsFromModule(obj)
        if isTestCase(obj):
            return self.loadTestsFromTestCase(obj)
        if isTestCase(parent) and qualName and callable(obj):
            return parent(qualName[-1])
        if isinstance(obj, (unittest.TestSuite, unittest.TestCase)):
            return obj
        raise TypeError(f"there are no tests in {obj!r}: it is no module, test case, or method of one")

    # By kind

    def loadFile(self, fileName: str, recurse: bool = False) -> Any:
        """Return the tests of a file, or of a directory: a package's, or if it is none those of its files.

        Raises:
            ValueError: there is no such file.
        """
        if not os.path.isdir(fileName):
            return self.loadTestsFromModule(filenameToModule(fileName))
        if isPackageDirectory(fileName):
            return self.loadPackage(filenameToModule(fileName), recurse)
        tests = []
        for entry in sorted(os.listdir(fileName)):
            path = os.path.join(fileName, entry)
            if (entry.startswith(self.modulePrefix) and entry.endswith(".py")) or (
                recurse and os.path.isdir(path) and isPackageDirectory(path)
            ):
                tests.append(self._orHolder(path, partial(self.loadFile, path, recurse)))
        return self.suiteFactory(tests)

    def loadPackage(self, package: types.ModuleType, recurse: bool = False) -> Any:
        """Return the tests of the modules of a package whose names begin with `modulePrefix`.

        Raises:
            TypeError: it is no package.
        """
        if not isPackage(package):
            raise TypeError(f"{package!r} is not a package")
        tests = []
        for found in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
            fullName = f"{package.__name__}.{found.name}"
            if found.ispkg and recurse:
                tests.append(self._orHolder(fullName, partial(self._import, fullName, self.loadPackage, True)))
            elif found.name.startswith(self.modulePrefix):
                tests.append(self._orHolder(fullName, partial(self._import, fullName, self.loadTestsFromModule)))
        return self.suiteFactory(tests)

    def _import(self, name: str, load: Callable[..., Any], *args: bool) -> Any:
        return load(importlib.import_module(name), *args)

    def loadTestsFromModule(self, module: types.ModuleType) -> Any:
        """Return the tests of a module.

        Raises:
            TypeError: it is no module.
        """
        if not isinstance(module, types.ModuleType):
            raise TypeError(f"{module!r} is not a module")
        for hook in ("testSuite", "test_suite"):
            if hasattr(module, hook):
                return getattr(module, hook)()
        suite = self.suiteFactory([self.loadTestsFromTestCase(cls) for cls in self.findTestClasses(module)])
        for documented in getattr(module, "__doctests__", []):
            suite.addTest(self.loadDoctests(documented))
        if hasattr(module, "load_tests"):
            return module.load_tests(unittest.defaultTestLoader, suite, None)
        return suite

    loadModule = loadTestsFromModule

    def findTestClasses(self, module: types.ModuleType) -> list[type[unittest.TestCase]]:
        """Return the classes of test cases that a module has, those included that it imported."""
        return self.sort({id(one): one for one in vars(module).values() if isTestCase(one)}.values())

    def loadTestsFromTestCase(self, klass: type[unittest.TestCase]) -> Any:
        """Return the tests of a class of test cases.

        Raises:
            TypeError: it is no class.
            ValueError: it is one, but not of test cases.
        """
        if not isinstance(klass, type):
            raise TypeError(f"{klass!r} is not a class")
        if not isTestCase(klass):
            raise ValueError(f"{klass!r} is not a test case")
        names = [self.methodPrefix + one for one in self.getTestCaseNames(klass)]
        return self.suiteFactory(self.sort([klass(one) for one in names]))

    loadClass = loadTestsFromTestCase

    def getTestCaseNames(self, klass: type[unittest.TestCase]) -> list[str]:
        """Return the names of a class's tests, without `methodPrefix`."""
        return prefixedMethodNames(klass, self.methodPrefix)

    def loadDoctests(self, module: types.ModuleType | str) -> Any:
        """Return the examples in the docstrings of a module, or of one with this name, as tests."""
        loaded = namedAny(module) if isinstance(module, str) else module
        suite = doctest.DocTestSuite(loaded)
        return self.suiteFactory(list(suite))


def _isImportable(name: str) -> bool:
    """Whether a name that is also a file's or directory's means a module."""
    import importlib.util

    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
