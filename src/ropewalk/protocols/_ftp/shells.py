"""Directories of this machine as users of FTP see them: read only, or to be changed.

**Nobody gets out.** Segments of a path are names, never ``..``. Symbolic links are followed as long as they lead to
something below the root; one that leads out is refused, unless the shell says ``linksLeadOut = True``. (The check and
the use are two steps: who can change the tree by other ways than FTP at the very moment may win a race. A user that
must not see anything else needs a process of his own.)

Only files are opened, no devices and no named pipes: those can make the one who opens them wait.
"""

from __future__ import annotations

import os
import stat as st
from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from typing import Any, BinaryIO, ParamSpec, TypeVar

from zope.interface import implementer

from ropewalk.internet.defer import Deferred, fail, succeed
from ropewalk.python.filepath import Permissions

from .._wire import ftpreplies as replies
from .errors import (
    AnonUserDeniedError,
    FTPCmdError,
    IsADirectoryError,
    IsNotADirectoryError,
    PermissionDeniedError,
    TransferError,
    fromSystem,
)
from .files import OpenFile, OpenForWriting
from .interfaces import IResumableShell

__all__ = ["FTPAnonymousShell", "FTPShell"]

P = ParamSpec("P")
R = TypeVar("R")

# In a name of this machine these would mean something else than a name.
_NO_NAMES = frozenset({"", os.curdir, os.pardir})


@lru_cache(256)
def _userName(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


@lru_cache(256)
def _groupName(gid: int) -> str:
    import grp

    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


# What `stat` can tell.
_TELL: dict[str, Callable[[os.stat_result], Any]] = {
    "size": lambda found: found.st_size,
    "directory": lambda found: st.S_ISDIR(found.st_mode),
    "permissions": lambda found: Permissions(found.st_mode),
    "hardlinks": lambda found: found.st_nlink,
    "modified": lambda found: found.st_mtime,
    "owner": lambda found: _userName(found.st_uid),
    "group": lambda found: _groupName(found.st_gid),
}


def _tell(found: os.stat_result, keys: Sequence[str]) -> list[Any]:
    try:
        return [_TELL[key](found) for key in keys]
    except KeyError as problem:
        raise AttributeError(f"a shell knows {', '.join(_TELL)} of a file, and no {problem.args[0]!r}") from None


def _atOnce(method: Callable[P, R]) -> Callable[P, Deferred[R]]:
    """Make a method return a Deferred that has fired, or failed with what the client can be told."""

    @wraps(method)
    def deferred(*args: P.args, **kwargs: P.kwargs) -> Deferred[R]:
        try:
            return succeed(method(*args, **kwargs))
        except OSError as problem:
            path: Any = args[1]
            return fail(fromSystem(problem, path))
        except (FTPCmdError, AttributeError) as problem:
            return fail(problem)

    return deferred


@implementer(IResumableShell)
class FTPAnonymousShell:
    """A directory that may be looked at, and nothing more.

    Args:
        filesystemRoot: a `FilePath`.

    Attributes:
        filesystemRoot: the user sees nothing above it.
        linksLeadOut: whether symbolic links may lead to places that are not below it.
    """

    linksLeadOut = False

    def __init__(self, filesystemRoot: Any) -> None:
        self.filesystemRoot = filesystemRoot

    def _name(self, path: Sequence[str]) -> str:
        """Return the name of a file for the system; a link at the end is not followed, links before are.

        Raises:
            PermissionDeniedError: that is not below the root.
        """
        if any(part in _NO_NAMES or os.sep in part or "\0" in part for part in path):
            raise PermissionDeniedError(path)
        root = os.path.realpath(os.fsdecode(self.filesystemRoot.path))
        if not path:
            return root
        directory = os.path.join(root, *path[:-1])
        if not self.linksLeadOut:
            directory = self._inside(root, os.path.realpath(directory), path)
        return os.path.join(directory, path[-1])

    def _target(self, path: Sequence[str]) -> str:
        """Return the name of a file for the system, a link at the end followed.

        Raises:
            PermissionDeniedError: that is not below the root.
        """
        name = self._name(path)
        if self.linksLeadOut:
            return name
        return self._inside(os.path.realpath(os.fsdecode(self.filesystemRoot.path)), os.path.realpath(name), path)

    def _inside(self, root: str, name: str, path: Sequence[str]) -> str:
        if name != root and not name.startswith(root.rstrip(os.sep) + os.sep):
            raise PermissionDeniedError(path)
        return name

    # Looking.

    @_atOnce
    def access(self, path: Sequence[str]) -> None:
        """Succeed for a directory that can be read."""
        name = self._target(path)
        if not st.S_ISDIR(os.stat(name).st_mode):
            raise IsNotADirectoryError(path)
        with os.scandir(name):
            pass

    @_atOnce
    def stat(self, path: Sequence[str], keys: Sequence[str] = ()) -> list[Any]:
        """Tell about a file or directory; see `IFTPShell.stat`."""
        return _tell(os.stat(self._target(path)), keys)

    @_atOnce
    def list(self, path: Sequence[str], keys: Sequence[str] = ()) -> Sequence[tuple[str, list[Any]]]:
        """Tell what is in a directory, by name; see `IFTPShell.list`.

        Of links that lead nowhere, or out, it tells what the links themselves are.
        """
        name = self._target(path)
        found = os.stat(name)
        if not st.S_ISDIR(found.st_mode):
            return [("/".join(path), _tell(found, keys))]
        with os.scandir(name) as entries:
            there = sorted(entries, key=lambda entry: entry.name)
        told = []
        for entry in there:
            try:
                told.append((entry.name, _tell(self._look(entry, path), keys) if keys else []))
            except OSError:
                pass  # it was removed since
        return told

    def _look(self, entry: os.DirEntry[str], path: Sequence[str]) -> os.stat_result:
        if entry.is_symlink():
            try:
                return os.stat(self._target([*path, entry.name]))
            except (OSError, PermissionDeniedError):
                pass
        return entry.stat(follow_symlinks=False)

    # Reading.

    @_atOnce
    def openForReading(self, path: Sequence[str]) -> OpenFile:
        """Open a file, to be sent."""
        return OpenFile(self._open(path, os.O_RDONLY))

    @_atOnce
    def openForReadingAt(self, path: Sequence[str], offset: int) -> OpenFile:
        """Open a file, to be sent from that byte on."""
        file = self._open(path, os.O_RDONLY)
        _seek(file, offset)
        return OpenFile(file)

    def _open(self, path: Sequence[str], flags: int) -> BinaryIO:
        name = self._target(path)
        if not self.linksLeadOut:
            flags |= os.O_NOFOLLOW  # what was a file a moment ago is none of ours if it is a link now
        descriptor = os.open(name, flags | os.O_CLOEXEC | os.O_NONBLOCK, 0o666)
        mode = os.fstat(descriptor).st_mode
        if not st.S_ISREG(mode):
            os.close(descriptor)
            raise IsADirectoryError(path) if st.S_ISDIR(mode) else PermissionDeniedError(path)
        return os.fdopen(descriptor, "wb" if flags & os.O_WRONLY else "rb", buffering=0)

    # Changing.

    def openForWriting(self, path: Sequence[str]) -> Deferred[Any]:
        """Refuse."""
        return fail(PermissionDeniedError(path))

    def openForWritingAt(self, path: Sequence[str], offset: int | None) -> Deferred[Any]:
        """Refuse."""
        return fail(PermissionDeniedError(path))

    def makeDirectory(self, path: Sequence[str]) -> Deferred[Any]:
        """Refuse."""
        return fail(AnonUserDeniedError())

    def removeDirectory(self, path: Sequence[str]) -> Deferred[Any]:
        """Refuse."""
        return fail(AnonUserDeniedError())

    def removeFile(self, path: Sequence[str]) -> Deferred[Any]:
        """Refuse."""
        return fail(AnonUserDeniedError())

    def rename(self, fromPath: Sequence[str], toPath: Sequence[str]) -> Deferred[Any]:
        """Refuse."""
        return fail(AnonUserDeniedError())

    def receive(self, path: Sequence[str]) -> Deferred[Any]:
        """Refuse."""
        return fail(AnonUserDeniedError())


class FTPShell(FTPAnonymousShell):
    """A directory that may be changed."""

    @_atOnce
    def openForWriting(self, path: Sequence[str]) -> OpenForWriting:
        """Open a file, to be received; what was in it is gone."""
        return OpenForWriting(self._openForWriting(path, os.O_TRUNC))

    @_atOnce
    def openForWritingAt(self, path: Sequence[str], offset: int | None) -> OpenForWriting:
        """Open a file, to be received from that byte on; with `None`, from its end on."""
        file = self._openForWriting(path, os.O_APPEND if offset is None else 0)
        if offset is not None:
            _seek(file, offset)
        return OpenForWriting(file)

    def _openForWriting(self, path: Sequence[str], flags: int) -> BinaryIO:
        if os.path.isdir(self._target(path)):
            raise IsADirectoryError(path)
        return self._open(path, os.O_WRONLY | os.O_CREAT | flags)

    @_atOnce
    def makeDirectory(self, path: Sequence[str]) -> None:
        """Make a directory."""
        os.mkdir(self._name(path))

    @_atOnce
    def removeDirectory(self, path: Sequence[str]) -> None:
        """Remove an empty directory."""
        if not path:
            raise PermissionDeniedError(path)
        os.rmdir(self._name(path))

    @_atOnce
    def removeFile(self, path: Sequence[str]) -> None:
        """Remove a file; of a link, the link."""
        name = self._name(path)
        if st.S_ISDIR(os.lstat(name).st_mode):
            raise IsADirectoryError(path)
        os.unlink(name)

    @_atOnce
    def rename(self, fromPath: Sequence[str], toPath: Sequence[str]) -> None:
        """Give something another name; a file that has that name is replaced."""
        if not fromPath or not toPath:
            raise PermissionDeniedError(fromPath)
        os.rename(self._name(fromPath), self._name(toPath))


def _seek(file: BinaryIO, offset: int) -> None:
    """Go to a byte; close the file when it ends before.

    Raises:
        TransferError: it does.
    """
    if offset > os.fstat(file.fileno()).st_size:
        file.close()
        raise TransferError(replies.REST_NOT_POSSIBLE, None, offset)
    file.seek(offset)
