"""Dictionaries in directories: each entry is a file.

A file's name is its key in base64, with ``-`` for ``/`` and ``_`` for the line breaks that long keys get, and one
at the end. So a key can be any bytes and never leads out of the directory; what is in the directory under other names
is left alone.

A value is written to a file beside (``NAME.new``), forced to the disk, and then takes its name: after a crash the
entry is the old one or the new one, whole. What a crash left is cleared when the directory is opened: a ``.new`` was
not complete and is removed; a ``.rpl`` (the reference release's way to replace a value: the old file is removed, then
the new one renamed) is the entry if there is none, and otherwise removed. So let one process at a time use a directory.
"""

from __future__ import annotations

import os
import pickle
from base64 import decodebytes, encodebytes
from binascii import Error as NotBase64
from collections.abc import Iterable, Iterator, Mapping
from errno import ENAMETOOLONG, ENOENT
from typing import Any, Self

__all__ = ["DirDBM", "Shelf", "open"]

# How the names of files end that are no entries, or not yet.
WRITTEN = ".new"
REPLACING = ".rpl"


class DirDBM:
    """A dictionary in a directory. Keys and values are bytes.

    Args:
        name: the directory; it is made if it isn't there.

    Attributes:
        dname: its absolute path.

    Raises:
        OSError: it can't be made or read.
    """

    def __init__(self, name: str | bytes) -> None:
        self.dname = os.path.abspath(name)
        self._folder = os.fsdecode(self.dname)
        os.makedirs(self._folder, exist_ok=True)
        self._recover()

    def _recover(self) -> None:
        """Clear what a crash has left."""
        for name in os.listdir(self._folder):
            path = os.path.join(self._folder, name)
            entry, ending = os.path.splitext(path)
            if _keyOf(os.path.basename(entry)) is None:
                continue  # it is somebody else's
            if ending == WRITTEN:
                os.unlink(path)
            elif ending == REPLACING:
                if os.path.exists(entry):
                    os.unlink(path)
                else:
                    os.rename(path, entry)

    # One entry. `Shelf` overrides the two that say what a value is in its file.

    def _encode(self, value: Any) -> bytes:
        if not isinstance(value, bytes):
            raise TypeError(f"values are bytes, not {type(value).__name__}: encode text, or use a Shelf")
        return value

    def _decode(self, content: bytes) -> Any:
        return content

    def __getitem__(self, k: bytes) -> Any:
        """Read a value. Raises `KeyError` when there is none."""
        try:
            with _openFile(self._path(k), "rb") as file:
                content: bytes = file.read()
        except OSError as problem:
            raise _missing(k, problem) from None
        return self._decode(content)

    def __setitem__(self, k: bytes, v: Any) -> None:
        """Write a value, all of it or nothing.

        Raises:
            TypeError: the key or the value is of the wrong type.
            OSError: it can't be written; a key of more than some 180 bytes makes too long a name for most disks.
        """
        path = self._path(k)
        self._write(path, self._encode(v))

    def _write(self, path: str, content: bytes) -> None:
        beside = path + WRITTEN
        try:
            with _openFile(beside, "wb") as file:
                file.write(content)
                file.flush()
                # Before the name: otherwise a crash may leave the new name on an empty file.
                os.fsync(file.fileno())
            os.replace(beside, path)
        except BaseException:
            try:
                os.unlink(beside)
            except OSError:
                pass  # it was never made, or can't be removed any more than written
            raise

    def __delitem__(self, k: bytes) -> None:
        """Remove an entry. Raises `KeyError` when there is none."""
        try:
            os.unlink(self._path(k))
        except OSError as problem:
            raise _missing(k, problem) from None

    def __contains__(self, key: bytes) -> bool:
        """Tell whether there is an entry."""
        return os.path.isfile(self._path(key))

    def has_key(self, key: bytes) -> bool:
        """Tell whether there is an entry."""
        return key in self

    def get(self, key: bytes, default: Any = None) -> Any:
        """Read a value, or return ``default`` when there is none."""
        try:
            return self[key]
        except KeyError:
            return default

    def setdefault(self, key: bytes, value: Any) -> Any:
        """Write a value unless there is one, and return the one that is there then."""
        if key not in self:
            self[key] = value
        return self[key]

    def getModificationTime(self, key: bytes) -> float:
        """Return when an entry was written, in seconds since 1970. Raises `KeyError` when there is none."""
        try:
            return os.path.getmtime(self._path(key))
        except OSError as problem:
            raise _missing(key, problem) from None

    # All entries.

    def keys(self) -> list[bytes]:
        """Return the keys, in no order."""
        return [key for name in os.listdir(self._folder) if (key := _keyOf(name)) is not None]

    def values(self) -> list[Any]:
        """Return the values, in no order."""
        return [value for _, value in self.items()]

    def items(self) -> list[tuple[bytes, Any]]:
        """Return the keys with their values, in no order."""
        return [(key, self[key]) for key in self.keys()]

    def __iter__(self) -> Iterator[bytes]:
        """Go through the keys."""
        return iter(self.keys())

    def __len__(self) -> int:
        """Return how many entries there are."""
        return len(self.keys())

    def update(self, other: Mapping[bytes, Any] | Iterable[tuple[bytes, Any]]) -> None:
        """Write the entries of a mapping, one after the other."""
        for key, value in dict(other).items():
            self[key] = value

    def clear(self) -> None:
        """Remove every entry."""
        for key in self.keys():
            del self[key]

    def copyTo(self, path: str | bytes) -> Self:
        """Copy every entry to another directory, whose own entries are removed first.

        Returns:
            The dictionary in that directory.

        Raises:
            AssertionError: it is this directory.
        """
        if os.path.realpath(os.fsdecode(path)) == os.path.realpath(self._folder):
            raise AssertionError(f"{path!r} is the directory that was to be copied: choose another")
        copy = type(self)(path)
        copy.clear()
        for key in self.keys():
            with _openFile(self._path(key), "rb") as file:
                copy._write(copy._path(key), file.read())
        return copy

    def close(self) -> None:
        """Do nothing: each entry is in its file when its assignment returns."""

    def _path(self, key: bytes) -> str:
        if not isinstance(key, bytes):
            raise TypeError(f"keys are bytes, not {type(key).__name__}: encode text, {key!r:.40}.encode() say")
        return os.path.join(self._folder, _nameOf(key))


class Shelf(DirDBM):
    """A dictionary in a directory whose values may be whatever can be pickled.

    Each reading makes a new object: what is changed in it is stored only when it is assigned again.

    Reading unpickles, and a pickle can run any code: open a directory that only your own programs can write to, and
    never store a pickle that somebody sent.
    """

    def _encode(self, value: Any) -> bytes:
        return pickle.dumps(value)

    def _decode(self, content: bytes) -> Any:
        return pickle.loads(content)

    def __getitem__(self, k: bytes) -> Any:
        """Read a value, as a new object. Raises `KeyError` when there is none, and what unpickling it raises."""
        return super().__getitem__(k)


# The `open` below is the module's own.
_openFile = open


def open(file: str | bytes, flag: str | None = None, mode: int | None = None) -> DirDBM:
    """Open a directory, as the ``open`` of the standard library's ``dbm`` modules does with a file.

    Args:
        file: the directory.
        flag: not used: it is always made when missing, and can always be written to.
        mode: not used.
    """
    return DirDBM(file)


def _nameOf(key: bytes) -> str:
    """The name of a key's file. The empty key, which base64 would give no name, is a line break alone."""
    return (encodebytes(key) or b"\n").replace(b"\n", b"_").replace(b"/", b"-").decode("ascii")


def _keyOf(name: str) -> bytes | None:
    """The key whose file has this name, `None` for a file that isn't an entry."""
    try:
        key = decodebytes(name.encode("ascii").replace(b"_", b"\n").replace(b"-", b"/"))
    except (NotBase64, UnicodeEncodeError):
        return None
    return key if _nameOf(key) == name else None


def _missing(key: bytes, problem: OSError) -> KeyError | OSError:
    """What to raise when an entry's file can't be opened."""
    return KeyError(key) if problem.errno in (ENOENT, ENAMETOOLONG) else problem
