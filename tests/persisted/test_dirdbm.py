"""`ropewalk.persisted.dirdbm`: dictionaries in directories."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ropewalk.persisted import dirdbm
from ropewalk.persisted.dirdbm import DirDBM, Shelf


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "db")


class TestDictionary:
    def test_session(self, folder: str) -> None:
        """The documents' session: set, get, list, delete; one file for each key (DD1, B34)."""
        d = DirDBM(folder)
        d[b"librarian"] = b"ook"
        assert d[b"librarian"] == b"ook"
        assert d.keys() == [b"librarian"]
        assert len(os.listdir(folder)) == 1
        del d[b"librarian"]
        assert d.items() == []
        assert os.listdir(folder) == []

    def test_isThereWhenItIsOpenedAgain(self, folder: str) -> None:
        """Entries are on the disk, not in the object (DD1)."""
        first = dirdbm.open(folder)
        first[b"key"] = b"value"
        first.close()
        assert dirdbm.open(folder)[b"key"] == b"value"

    def test_actsLikeADictionary(self, folder: str) -> None:
        """What dictionaries have works alike."""
        d = DirDBM(folder)
        d.update({b"a": b"1", b"b": b"2"})
        assert sorted(d) == sorted(d.keys()) == [b"a", b"b"]
        assert sorted(d.values()) == [b"1", b"2"]
        assert sorted(d.items()) == [(b"a", b"1"), (b"b", b"2")]
        assert len(d) == 2
        assert b"a" in d
        assert b"c" not in d
        assert d.has_key(b"a")
        assert d.get(b"c") is None
        assert d.get(b"c", b"x") == b"x"
        assert d.setdefault(b"a", b"x") == b"1"
        assert d.setdefault(b"c", b"3") == b"3"
        d.clear()
        assert len(d) == 0

    def test_missing(self, folder: str) -> None:
        """What isn't there is a KeyError of the key, however long."""
        d = DirDBM(folder)
        for key in (b"none", b"k" * 1000):
            with pytest.raises(KeyError) as caught:
                d[key]
            assert caught.value.args == (key,)
        with pytest.raises(KeyError):
            del d[b"none"]
        with pytest.raises(KeyError):
            d.getModificationTime(b"none")

    def test_takesOnlyBytes(self, folder: str) -> None:
        """Text is refused, with what to do instead."""
        d = DirDBM(folder)
        with pytest.raises(TypeError, match="encode"):
            d["key"]  # type: ignore[index]  # that is the point
        with pytest.raises(TypeError, match="encode"):
            d[b"key"] = "value"
        assert len(d) == 0

    def test_tellsWhenAnEntryWasWritten(self, folder: str) -> None:
        """getModificationTime is the file's."""
        d = DirDBM(folder)
        d[b"a"] = b"1"
        (name,) = os.listdir(folder)
        os.utime(os.path.join(folder, name), (5, 1234.5))
        assert d.getModificationTime(b"a") == 1234.5

    def test_copies(self, folder: str, tmp_path: Path) -> None:
        """copyTo gives a dictionary with the same entries and no others; onto itself it would lose them."""
        d = DirDBM(folder)
        d[b"a"] = b"1"
        other = DirDBM(str(tmp_path / "other"))
        other[b"b"] = b"2"
        assert d.copyTo(other.dname).items() == [(b"a", b"1")]
        with pytest.raises(AssertionError):
            d.copyTo(f"{folder}/../db")
        assert d[b"a"] == b"1"

    def test_makesItsDirectory(self, tmp_path: Path) -> None:
        """With those above it; a path of bytes is a path, too."""
        path = os.fsencode(tmp_path / "deep" / "down")
        assert DirDBM(path).dname == path
        assert os.path.isdir(path)


class TestNames:
    # Each entry is forced to the disk, which takes as long as it takes.
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(st.binary(max_size=150))
    def test_anyKeyStaysInTheDirectory(self, folder: str, key: bytes) -> None:
        """Every key makes one file, in this directory, and comes back."""
        d = DirDBM(folder)
        d[key] = b"value"
        assert d.keys() == [key]
        assert len(os.listdir(folder)) == 1
        assert os.listdir(os.path.dirname(folder)) == ["db"]
        del d[key]

    def test_namesAreThoseOfTheReferenceRelease(self, folder: str) -> None:
        """A directory that Twisted wrote is read, and the other way round."""
        d = DirDBM(folder)
        for key in (b"a", b"\xff\xfe?>", b"x/y\n" * 16):
            d[key] = b""
        assert sorted(os.listdir(folder)) == [
            "--4-Pg==_",
            "YQ==_",
            "eC95CngveQp4L3kKeC95CngveQp4L3kKeC95CngveQp4L3kKeC95CngveQp4L3kKeC95CngveQp4_L3kKeC95Cg==_",
        ]

    def test_leavesOtherFilesAlone(self, folder: str) -> None:
        """Files under names that no key has are no entries, and stay."""
        d = DirDBM(folder)
        strangers = ["README", "YQ==", "not base64!", "YQ=_", "ü", ".hidden"]
        for name in strangers:
            Path(folder, name).write_text("mine")
        assert d.keys() == []
        d.clear()
        assert sorted(os.listdir(folder)) == sorted(strangers)


class TestCrashes:
    def test_recovers(self, folder: str) -> None:
        """What a crash left is cleared: new files are dropped, replacements are used where the entry is gone."""
        os.makedirs(folder)
        for name, content in [
            ("YQ==_", "old"),
            ("YQ==_.rpl", "half"),
            ("Yg==_.new", "half"),
            ("Yw==_.rpl", "whole"),
            ("ZA==_", "old"),
            ("ZA==_.new", "half"),
        ]:
            Path(folder, name).write_text(content)
        assert sorted(DirDBM(folder).items()) == [(b"a", b"old"), (b"c", b"whole"), (b"d", b"old")]
        assert sorted(os.listdir(folder)) == ["YQ==_", "Yw==_", "ZA==_"]

    def test_filesOfOthersAreNotLeftovers(self, folder: str) -> None:
        """A file whose name would be no entry's is somebody's own, even if it ends as an unfinished one's does."""
        os.makedirs(os.path.join(folder, "folder.new"))
        Path(folder, "notes.new").write_text("mine")
        Path(folder, "notes.rpl").write_text("mine")
        DirDBM(folder)
        assert sorted(os.listdir(folder)) == ["folder.new", "notes.new", "notes.rpl"]

    def test_aWriteThatFailsLeavesTheOldValue(self, folder: str) -> None:
        """The entry is the old one, and nothing lies about, when the new one can't be written."""

        class Full(DirDBM):
            def _encode(self, value: Any) -> Any:
                return value if value == b"old" else "not bytes: the file refuses it when it is open already"

        d = Full(folder)
        d[b"a"] = b"old"
        with pytest.raises(TypeError):
            d[b"a"] = b"new"
        assert d[b"a"] == b"old"
        assert len(os.listdir(folder)) == 1

    def test_aNameThatIsTooLong(self, folder: str) -> None:
        """A key that makes too long a name is an OSError, and leaves nothing behind."""
        d = DirDBM(folder)
        with pytest.raises(OSError, match="too long"):
            d[b"k" * 300] = b""
        assert os.listdir(folder) == []

    def test_onlyItsOwnErrorsAreMissingKeys(self, folder: str) -> None:
        """A file that is there and can't be read isn't called missing."""
        d = DirDBM(folder)
        os.makedirs(os.path.join(folder, "YQ==_"))
        with pytest.raises(IsADirectoryError):
            d[b"a"]


class TestShelf:
    def test_session(self, folder: str) -> None:
        """The documents' session: each reading is a new object, changed only by assigning (DD2, B35)."""
        d = Shelf(folder)
        d[b"key"] = [1, 2]
        assert d[b"key"] == [1, 2]
        items = d[b"key"]
        items.append(3)
        assert d[b"key"] == [1, 2]
        d[b"key"] = items
        assert d[b"key"] == [1, 2, 3]

    def test_otherMethods(self, folder: str, tmp_path: Path) -> None:
        """They give objects as well."""
        d = Shelf(folder)
        d[b"key"] = {"a": (1, None)}
        assert d.items() == [(b"key", {"a": (1, None)})]
        assert d.get(b"key") == {"a": (1, None)}
        assert d.setdefault(b"other", 5) == 5
        copy = d.copyTo(str(tmp_path / "copy"))
        assert isinstance(copy, Shelf)
        assert copy[b"key"] == {"a": (1, None)}

    def test_whatCannotBePickled(self, folder: str) -> None:
        """It is refused, and the old value stays."""
        d = Shelf(folder)
        d[b"key"] = 1
        with pytest.raises((AttributeError, TypeError)):
            d[b"key"] = lambda: None
        assert d[b"key"] == 1
        with pytest.raises(TypeError):
            d["key"] = 1  # type: ignore[index]  # that is the point
