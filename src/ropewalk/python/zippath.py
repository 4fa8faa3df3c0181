"""Paths into ZIP archives, with the methods of `FilePath`: `ZipArchive` is the archive, `ZipPath` what is in it."""

from __future__ import annotations

import errno
import os
import time
import zipfile
from typing import IO, TYPE_CHECKING, AnyStr, cast

from zope.interface import implementer

from .filepath import AbstractFilePath, FilePath, IFilePath, InsecurePath, OtherAnyStr, UnlistableError

if TYPE_CHECKING:
    from typing import Any

    from .filepath import FileMode

__all__ = ["ZIP_PATH_SEP", "ZipArchive", "ZipPath"]

ZIP_PATH_SEP = "/"  # in archives, on any system


def _like(text: str, pattern: str | bytes) -> Any:
    """A text in the type of another one. Untyped, because checkers do not see that the types are the same."""
    return os.fsencode(text) if isinstance(pattern, bytes) else text


@implementer(IFilePath)
class ZipPath(AbstractFilePath[AnyStr]):
    """A path into an archive. Nothing has to be there.

    Attributes:
        archive: the archive, a `ZipArchive`.
        pathInArchive: where in it, without a slash at either end.
        path: the same as one path, as if the archive were a directory.
    """

    def __init__(self, archive: ZipArchive[AnyStr], pathInArchive: AnyStr) -> None:
        self.archive: ZipArchive[AnyStr] = archive
        self.pathInArchive: AnyStr = pathInArchive
        self._name = os.fsdecode(pathInArchive)
        self.path = os.path.join(archive.path, pathInArchive)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({os.path.abspath(self.path)!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ZipPath):
            return NotImplemented
        return bool(self.archive.path == other.archive.path and self.pathInArchive == other.pathInArchive)

    __hash__ = AbstractFilePath.__hash__

    def __lt__(self, other: ZipPath[AnyStr]) -> bool:
        if not isinstance(other, ZipPath):
            return NotImplemented
        return (self.archive.path, self.pathInArchive) < (other.archive.path, other.pathInArchive)

    # -- Other paths ------------------------------------------------------------------------------------------------

    @property
    def sep(self) -> AnyStr:
        """The slash, in the type of the path."""
        separator: AnyStr = _like(ZIP_PATH_SEP, self.path)
        return separator

    def parent(self) -> ZipPath[AnyStr]:
        """Return the path of the directory this is in; of the archive at the top."""
        above = self._name.rpartition(ZIP_PATH_SEP)[0]
        return ZipPath(self.archive, _like(above, self.path)) if above else self.archive

    def child(self, path: OtherAnyStr) -> ZipPath[OtherAnyStr]:
        """Return the path of something below this one, by its name or by several with slashes between.

        Raises:
            InsecurePath: it leads elsewhere.
        """
        names: list[str] = os.fsdecode(path).split(ZIP_PATH_SEP)
        if ".." in names or (len(names) > 1 and not names[0]):
            raise InsecurePath(f"{path!r} leads out of {self.path!r}")
        below = ZIP_PATH_SEP.join(filter(None, (self._name, *names)))
        archive = cast("ZipArchive[OtherAnyStr]", self.archive._inTypeOf(path))
        return ZipPath(archive, _like(below, path)) if below else archive

    def sibling(self, path: OtherAnyStr) -> ZipPath[OtherAnyStr]:
        """Return the path of something in the same directory. Raises `InsecurePath` if it leads elsewhere."""
        return self.parent().child(path)

    # -- Names ------------------------------------------------------------------------------------------------------

    def basename(self) -> AnyStr:
        """Return the last segment."""
        name: AnyStr = _like(self._name.rpartition(ZIP_PATH_SEP)[2], self.path)
        return name

    def dirname(self) -> AnyStr:
        """Return the path of the directory this is in."""
        return self.parent().path

    def splitext(self) -> tuple[AnyStr, AnyStr]:
        """Return the path without its extension, and the extension with its dot."""
        return os.path.splitext(self.path)

    # -- What is there ------------------------------------------------------------------------------------------------

    def exists(self) -> bool:
        """Whether anything is there."""
        return self.isdir() or self.isfile()

    def isdir(self) -> bool:
        """Whether a directory is there, named in the archive or only in the names of what is in it."""
        return self._name in self.archive.childmap

    def isfile(self) -> bool:
        """Whether a file is there."""
        return self._name in self.archive.zipfile.NameToInfo and not self.isdir()

    def islink(self) -> bool:
        """Never: archives have no links."""
        return False

    def listdir(self) -> list[AnyStr]:
        """Return the names of what is in this directory. Raises `UnlistableError` if it is none."""
        names = self.archive.childmap.get(self._name)
        if names is None:
            number = errno.ENOTDIR if self.isfile() else errno.ENOENT
            raise UnlistableError(OSError(number, os.strerror(number), self.path))
        return [_like(name, self.path) for name in names]

    def getsize(self) -> int:
        """Return the size of the file, unpacked. Raises `KeyError` if there is none."""
        return self.archive.zipfile.getinfo(self._name).file_size

    def getAccessTime(self) -> float:
        """Return when the archive was last read, in seconds since 1970."""
        return self.archive.getAccessTime()

    def getModificationTime(self) -> float:
        """Return when the file was last changed before it was packed. Raises `KeyError` if there is none.

        In seconds since 1970, if it was packed in our time zone: archives don't say in which.
        """
        return time.mktime((*self.archive.zipfile.getinfo(self._name).date_time, 0, 0, -1))

    def getStatusChangeTime(self) -> float:
        """Return what `getModificationTime` does."""
        return self.getModificationTime()

    def changed(self) -> None:
        """Nothing: what is in an archive does not change while it is open."""

    def open(self, mode: FileMode = "r") -> IO[bytes]:
        """Open the file to read it, for bytes.

        Raises:
            KeyError: there is none.
            ValueError: the mode is to write.
        """
        if mode.replace("b", "") != "r":
            raise ValueError(f"what is in an archive can only be read; the mode is {mode!r}")
        return self.archive.zipfile.open(self._name)


class ZipArchive(ZipPath[AnyStr]):
    """A ZIP archive as a directory.

    Attributes:
        zipfile: the archive, open to read.
        childmap: the names in each directory, by its path in the archive.
    """

    def __init__(self, archivePathname: AnyStr | os.PathLike[AnyStr]) -> None:
        """Open an archive.

        Raises:
            OSError: it cannot be read.
            zipfile.BadZipFile: it is no archive.
        """
        self.path = os.fspath(archivePathname)
        self.zipfile = zipfile.ZipFile(os.fsdecode(self.path))
        self.pathInArchive = _like("", self.path)
        self._name = ""
        self.childmap: dict[str, dict[str, int]] = {"": {}}
        for name in self.zipfile.namelist():
            self._enter(name)

    def _enter(self, name: str) -> None:
        """Note a name in each of the directories that lead to it."""
        where = ""
        *folders, last = name.split(ZIP_PATH_SEP)
        for folder in folders:
            self.childmap[where][folder] = 1
            where = f"{where}{ZIP_PATH_SEP}{folder}" if where else folder
            self.childmap.setdefault(where, {})
        if last:
            self.childmap[where][last] = 1

    def _inTypeOf(self, path: str | bytes) -> ZipArchive[Any]:
        """This archive with its path in text or bytes, as another path is."""
        if isinstance(path, type(self.path)):
            return self
        twin: ZipArchive[Any] = ZipArchive.__new__(ZipArchive)
        twin.__dict__.update(self.__dict__)
        twin.path = os.fsencode(self.path) if isinstance(path, bytes) else os.fsdecode(self.path)
        twin.pathInArchive = _like("", path)
        return twin

    @property
    def archive(self) -> ZipArchive[AnyStr]:  # type: ignore[override]  # never set: it is its own
        """This archive."""
        return self

    def exists(self) -> bool:
        """Whether the archive is still there."""
        return FilePath(self.path).exists()

    def getAccessTime(self) -> float:
        """Return when the archive was last read, in seconds since 1970."""
        return FilePath(self.path).getAccessTime()

    def getModificationTime(self) -> float:
        """Return when the archive was last changed, in seconds since 1970."""
        return FilePath(self.path).getModificationTime()

    def getStatusChangeTime(self) -> float:
        """Return when the status of the archive was last changed, in seconds since 1970."""
        return FilePath(self.path).getStatusChangeTime()
