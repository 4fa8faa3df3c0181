"""Modules are found and described without being imported."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ropewalk.python import modules
from ropewalk.python.components import registerAdapter
from ropewalk.python.filepath import FilePath
from ropewalk.python.modules import PythonPath, getModule
from ropewalk.python.zippath import ZipArchive


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PythonPath]:
    """A path of one directory, with a module and a package of three; it is on the system's path as well."""
    files = {
        "topmodule.py": "",
        "hostpackage/__init__.py": "",
        "hostpackage/plain.py": "import os\n\nclass Class:\n    inner = 5\n",
        "hostpackage/broken.py": "1 // 0\n",
        "hostpackage/deep/__init__.py": "",
        "hostpackage/not-a-name.py": "",
        "hostpackage/data.txt": "data",
        "folder/nopackage.py": "",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield PythonPath([str(tmp_path)])
    for name in list(sys.modules):
        if name.split(".")[0] in ("hostpackage", "topmodule"):
            del sys.modules[name]


def names(found: Iterator[modules.PythonModule]) -> list[str]:
    return [module.name for module in found]


def test_whatLiesWhere(place: PythonPath) -> None:
    """Modules and packages are found at the top, in packages, and at any depth; other files aren't."""
    assert names(place.iterModules()) == ["hostpackage", "topmodule"]
    assert names(place["hostpackage"].iterModules()) == [
        "hostpackage.broken",
        "hostpackage.deep",
        "hostpackage.plain",
    ]
    assert names(place.walkModules()) == [
        "hostpackage",
        "hostpackage.broken",
        "hostpackage.deep",
        "hostpackage.plain",
        "topmodule",
    ]
    assert not any(name.startswith("hostpackage") for name in sys.modules)


def test_modulesByName(place: PythonPath) -> None:
    """By the full name from the path, by its own name from the package; otherwise KeyError."""
    plain = place["hostpackage.plain"]
    assert plain == place["hostpackage"]["plain"]
    assert plain.filePath.sibling("data.txt").getContent() == b"data"
    assert plain.pathEntry.filePath == FilePath(place.sysPath[0])
    assert (plain.isPackage(), place["hostpackage"].isPackage()) == (False, True)
    assert "hostpackage.deep" in place
    for name in ("nosuch", "hostpackage.nosuch", "nosuch.deeper", "hostpackage.plain.deeper"):
        assert name not in place
    with pytest.raises(KeyError, match="nosuch"):
        place["hostpackage"]["nosuch"]


def test_loading(place: PythonPath) -> None:
    """A module is imported when asked for, and then its attributes are told."""
    plain = place["hostpackage.plain"]
    assert not plain.isLoaded()
    with pytest.raises(NotImplementedError, match="call load"):
        plain.iterAttributes()
    assert plain.load() is sys.modules["hostpackage.plain"]
    assert plain.isLoaded()
    found = {attribute.name: attribute for attribute in plain.iterAttributes()}
    Class = found["hostpackage.plain.Class"]
    assert Class.load() is plain.load().Class
    assert Class.isLoaded()
    assert Class.onObject is plain
    assert "hostpackage.plain.Class.inner" in {attribute.name for attribute in Class.iterAttributes()}


def test_whatCannotBeLoaded(place: PythonPath) -> None:
    """Its error goes through, unless there is a default."""
    with pytest.raises(ZeroDivisionError):
        place["hostpackage.broken"].load()
    assert place["hostpackage.broken"].load(default=5) == 5


def test_packagesMayReachFurther(place: PythonPath, tmp_path: Path) -> None:
    """A package that was imported is looked for in its ``__path__``; a walk can import packages for that."""
    (tmp_path / "hostpackage" / "__init__.py").write_text(f"__path__.append({str(tmp_path / 'folder')!r})\n")
    assert "hostpackage.nopackage" not in names(place.walkModules())
    assert "hostpackage.nopackage" in names(place.walkModules(importPackages=True))


def test_theSystemsPath(place: PythonPath) -> None:
    """`getModule` knows what is imported and what could be, packages of the standard library included."""
    assert getModule(__name__).filePath == FilePath(__file__)
    assert getModule("hostpackage.plain").isLoaded() is False
    assert getModule("email.message").filePath.basename() == "message.py"
    assert getModule("email").pathEntry.filePath == getModule("os").pathEntry.filePath
    with pytest.raises(KeyError, match="built in"):
        getModule("sys")
    assert next(modules.iterModules()).name == "hostpackage"
    assert next(modules.walkModules()).name == "hostpackage"
    assert str(place.sysPath[0]) in repr(modules.theSystemPath)


def test_iterationIsNotGuessed(place: PythonPath) -> None:
    """A package is not itself a sequence of modules."""
    with pytest.raises(NotImplementedError, match="iterModules"):
        iter(place["hostpackage"])


def test_aProgramFindsWhatLiesBesideIt(tmp_path: Path) -> None:
    """F126: as ``__main__``, and imported again by its own name, a module finds its data."""
    (tmp_path / "program.py").write_text(
        "from ropewalk.python.modules import getModule\n"
        "print(getModule(__name__).filePath.sibling('data.txt').getContent())\n"
        "if __name__ == '__main__':\n"
        "    import program\n"
    )
    (tmp_path / "data.txt").write_text("data")
    command = [sys.executable, "program.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=50, check=True)
    assert done.stdout == "b'data'\nb'data'\n"


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An archive on the system's path, with a module, and a package that has data in it."""
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for name, text in [
            ("zippedmodule.py", ""),
            ("zippedpackage/__init__.py", ""),
            ("zippedpackage/plain.py", ""),
            ("zippedpackage/data.txt", "data"),
            ("zippedpackage/deep/__init__.py", ""),
        ]:
            packed.writestr(name, text)
    monkeypatch.syspath_prepend(path)
    yield path
    for name in list(sys.modules):
        if name.startswith("zipped"):
            del sys.modules[name]


@pytest.mark.parametrize("imported", [False, True])
def test_archives(archive: Path, imported: bool) -> None:
    """Modules in a ZIP archive are found and described like others, and what lies beside them can be read."""
    if imported:
        __import__("zippedpackage.plain")
    assert names(PythonPath([str(archive)]).iterModules()) == ["zippedmodule", "zippedpackage"]
    package = getModule("zippedpackage")
    assert package.isLoaded() is imported
    assert package.isPackage()
    assert names(package.walkModules()) == ["zippedpackage", "zippedpackage.deep", "zippedpackage.plain"]
    plain = getModule("zippedpackage.plain")
    assert plain.filePath.sibling("data.txt").getContent() == b"data"
    assert plain.pathEntry.filePath == ZipArchive(str(archive))
    assert getModule("zippedmodule").load().__name__ == "zippedmodule"


def test_otherPlaces(tmp_path: Path) -> None:
    """An importer's places are known when somebody says what paths they are; without that they are passed over."""
    (tmp_path / "remote.py").touch()

    class Importer:
        pass

    class Mapper:
        def __init__(self, importer: Importer) -> None:
            pass

        def mapPath(self, entry: str) -> FilePath[str]:
            return FilePath(entry.removeprefix("remote:"))

    def hook(entry: str) -> Importer:
        if not entry.startswith("remote:"):
            raise ImportError
        return Importer()

    path = PythonPath([f"remote:{tmp_path}"], sysPathHooks=[hook], importerCache={})
    assert names(path.iterModules()) == []
    registerAdapter(Mapper, Importer, modules.IPathImportMapper)
    assert names(path.iterModules()) == ["remote"]
