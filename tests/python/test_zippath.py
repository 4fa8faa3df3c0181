"""Paths into ZIP archives."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import pytest
from zope.interface.verify import verifyObject

from ropewalk.python.filepath import IFilePath, InsecurePath, UnlistableError
from ropewalk.python.zippath import ZIP_PATH_SEP, ZipArchive, ZipPath


@pytest.fixture
def archive(tmp_path: Path) -> ZipArchive[str]:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("one.txt", "hello")
        packed.writestr(zipfile.ZipInfo("dir/sub/three", (2020, 2, 3, 4, 5, 6)), "three")
        packed.writestr("empty/", "")
    return ZipArchive(str(tmp_path / "a.zip"))


def test_interface(archive: ZipArchive[str]) -> None:
    """An archive and what is in it offer what other paths do."""
    verifyObject(IFilePath, archive)
    verifyObject(IFilePath, archive.child("one.txt"))


def test_whatIsThere(archive: ZipArchive[str]) -> None:
    """Files and directories are told apart, also directories that only the names of files show."""
    kinds = {
        "one.txt": (True, True, False),
        "dir": (True, False, True),
        "dir/sub": (True, False, True),
        "empty": (True, False, True),
        "nope": (False, False, False),
    }
    for name, kind in kinds.items():
        path = archive.child(name)
        assert (path.exists(), path.isfile(), path.isdir()) == kind, name
        assert not path.islink()
    assert archive.exists()
    assert archive.isdir()
    assert not archive.isfile()


def test_contents(archive: ZipArchive[str]) -> None:
    """A file is read for bytes, with its size and its time; nothing can be written."""
    three = archive.child("dir").child("sub").child("three")
    assert three.getContent() == b"three"
    assert three.getsize() == 5
    assert time.localtime(three.getModificationTime())[:6] == (2020, 2, 3, 4, 5, 6)
    assert three.getStatusChangeTime() == three.getModificationTime()
    assert three.getAccessTime() == archive.getAccessTime() > archive.getmtime() - 60
    three.changed()
    with pytest.raises(ValueError, match="only be read"):
        three.open("w")
    for ask in (archive.child("nope").open, archive.child("nope").getsize):
        with pytest.raises(KeyError, match="nope"):
            ask()


def test_listing(archive: ZipArchive[str]) -> None:
    """A directory lists its names; what is none says why it cannot."""
    assert archive.listdir() == ["one.txt", "dir", "empty"]
    assert archive.child("dir").children() == [archive.child("dir/sub")]
    assert archive.child("empty").listdir() == []
    for name, problem in [("one.txt", "Not a directory"), ("nope", "No such file")]:
        with pytest.raises(UnlistableError, match=problem):
            archive.child(name).listdir()
    assert [path.basename() for path in archive.walk()] == ["", "one.txt", "dir", "sub", "three", "empty"]


def test_otherPaths(archive: ZipArchive[str]) -> None:
    """Paths lead to their parents and siblings, up to the archive, which is its own parent."""
    three = archive.descendant(["dir", "sub", "three"])
    assert isinstance(three, ZipPath)
    assert three.segmentsFrom(archive) == ["dir", "sub", "three"]
    assert three.parent().parent() == archive.child("dir")
    assert list(three.parents()) == [archive.child("dir/sub"), archive.child("dir"), archive]
    assert archive.parent() is archive
    assert three.sibling("four").path == archive.path + "/dir/sub/four"
    assert archive.child("one.txt").splitext() == (archive.path + "/one", ".txt")
    assert three.dirname() == archive.path + "/dir/sub"
    assert archive.child("") is archive


@pytest.mark.parametrize("name", ["..", "../x", "a/../../x", "/x"])
def test_noWayOut(archive: ZipArchive[str], name: str) -> None:
    """No name leads out of a directory."""
    with pytest.raises(InsecurePath, match="leads out of"):
        archive.child("dir").child(name)


def test_bytes(archive: ZipArchive[str]) -> None:
    """What is asked for in bytes answers in bytes, and what in text, in text."""
    inBytes = archive.child(b"dir")
    assert inBytes.path == archive.path.encode() + b"/dir"
    assert (inBytes.listdir(), inBytes.basename(), inBytes.sep) == ([b"sub"], b"dir", b"/")
    assert inBytes.parent() == ZipArchive(archive.path.encode())
    assert inBytes.child("sub") == archive.child("dir/sub")
    assert archive.sep == ZIP_PATH_SEP


def test_equalAndOrdered(archive: ZipArchive[str]) -> None:
    """Paths to the same place are equal, and can be sorted."""
    again = ZipArchive(archive.path)
    assert archive == again
    assert hash(archive.child("dir")) == hash(again.child("dir"))
    assert archive.child("dir") != archive.child("empty")
    assert archive.child("dir") != 1
    assert sorted([archive.child("b"), archive.child("a")]) == [archive.child("a"), archive.child("b")]
    assert repr(archive.child("dir")) == f"ZipPath({archive.path + '/dir'!r})"


def test_noArchive(tmp_path: Path) -> None:
    """A file that isn't there, or is no archive, is an error at once."""
    with pytest.raises(FileNotFoundError):
        ZipArchive(str(tmp_path / "none.zip"))
    (tmp_path / "text").write_text("no archive")
    with pytest.raises(zipfile.BadZipFile):
        ZipArchive(str(tmp_path / "text"))
