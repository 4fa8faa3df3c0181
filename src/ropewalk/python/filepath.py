"""Paths as objects: what is there, what is in it, and a way to a child that cannot lead out of its parent.

A path is text or bytes, and so is what it answers. What is asked for by text is answered by a path in text, what is
asked for by bytes by one in bytes.
"""

from __future__ import annotations

import errno
import glob
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from stat import (
    S_IMODE,
    S_IRGRP,
    S_IROTH,
    S_IRUSR,
    S_ISBLK,
    S_ISDIR,
    S_ISREG,
    S_ISSOCK,
    S_IWGRP,
    S_IWOTH,
    S_IWUSR,
    S_IXGRP,
    S_IXOTH,
    S_IXUSR,
)
from typing import IO, TYPE_CHECKING, AnyStr, Generic, Literal, TypeVar, cast

from zope.interface import Attribute, Interface, implementer

from .util import FancyEqMixin

if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "RWX",
    "AbstractFilePath",
    "FilePath",
    "IFilePath",
    "InsecurePath",
    "LinkError",
    "OtherAnyStr",
    "Permissions",
    "UnlistableError",
]

OtherAnyStr = TypeVar("OtherAnyStr", str, bytes)
Path = TypeVar("Path", bound="AbstractFilePath[Any]")

# How a file is opened: always for bytes.
FileMode = Literal["r", "w", "a", "r+", "w+", "a+"]

O_BINARY = getattr(os, "O_BINARY", 0)

_CREATE = os.O_EXCL | os.O_CREAT | os.O_RDWR | O_BINARY | getattr(os, "O_NOFOLLOW", 0)


class IFilePath(Interface):
    """A place in a tree of files: on a disk, in an archive, in memory."""

    sep = Attribute("What separates the segments of a path, in the type of the path.")

    def child(name: AnyStr) -> IFilePath:
        """Return the path of something directly in this one. Raises `InsecurePath` for a name that leads elsewhere."""

    def open(mode: FileMode = "r") -> IO[bytes]:
        """Open the file, always for bytes."""

    def changed() -> None:
        """Forget what is remembered of the file: it may be another by now."""

    def getsize() -> int:
        """Return the size in bytes."""

    def getModificationTime() -> float:
        """Return when the content was last changed, in seconds since 1970."""

    def getStatusChangeTime() -> float:
        """Return when the status was last changed, in seconds since 1970."""

    def getAccessTime() -> float:
        """Return when the file was last read, in seconds since 1970."""

    def exists() -> bool:
        """Whether anything is there."""

    def isdir() -> bool:
        """Whether it is a directory."""

    def isfile() -> bool:
        """Whether it is a file."""

    def children() -> Iterable[IFilePath]:
        """Return the paths of what is in this directory. Raises `UnlistableError` if it cannot be listed."""

    def basename() -> str | bytes:
        """Return the last segment."""

    def parent() -> IFilePath:
        """Return the path of the directory this is in; at the top, this one."""

    def sibling(name: AnyStr) -> IFilePath:
        """Return the path of something in the same directory."""


class InsecurePath(Exception):
    """A name leads out of the directory it was looked up in."""


class LinkError(Exception):
    """Symbolic links lead back to where they start."""


class UnlistableError(OSError):
    """A path has no children to list, or they may not be listed.

    Attributes:
        originalException: the system's error; its number, text and file name are this one's too.
    """

    def __init__(self, originalException: OSError) -> None:
        super().__init__(originalException.errno, originalException.strerror, originalException.filename)
        self.originalException = originalException


class RWX(FancyEqMixin):
    """Whether something may be read, written and executed."""

    compareAttributes = ("read", "write", "execute")

    def __init__(self, readable: bool, writable: bool, executable: bool) -> None:
        self.read = readable
        self.write = writable
        self.execute = executable

    def __repr__(self) -> str:
        return f"RWX(read={self.read}, write={self.write}, execute={self.execute})"

    def shorthand(self) -> str:
        """Return it as ``ls -l`` does: ``"rw-"``."""
        allowed = (self.read, self.write, self.execute)
        return "".join(letter if may else "-" for letter, may in zip("rwx", allowed, strict=True))


class Permissions(FancyEqMixin):
    """What the owner (``user``), the group and all others may do with a file: three `RWX`."""

    compareAttributes = ("user", "group", "other")

    def __init__(self, statModeInt: int) -> None:
        """Take apart the mode bits, such as ``0o644``."""

        def may(*bits: int) -> RWX:
            return RWX(*(bool(statModeInt & bit) for bit in bits))

        self.user = may(S_IRUSR, S_IWUSR, S_IXUSR)
        self.group = may(S_IRGRP, S_IWGRP, S_IXGRP)
        self.other = may(S_IROTH, S_IWOTH, S_IXOTH)

    def __repr__(self) -> str:
        return f"[{self.user} | {self.group} | {self.other}]"

    def shorthand(self) -> str:
        """Return it as ``ls -l`` does: ``"rw-r--r--"``."""
        return self.user.shorthand() + self.group.shorthand() + self.other.shorthand()


class AbstractFilePath(Generic[AnyStr]):
    """What every tree of files can do, given a few questions that its subclass answers.

    Attributes:
        path: where it is.
    """

    Selfish = Path

    path: AnyStr

    if TYPE_CHECKING:
        # What subclasses answer.
        def basename(self) -> AnyStr: ...
        def child(self, path: OtherAnyStr) -> AbstractFilePath[OtherAnyStr]: ...
        def parent(self) -> AbstractFilePath[AnyStr]: ...
        def listdir(self) -> list[AnyStr]: ...
        def isdir(self) -> bool: ...
        def islink(self) -> bool: ...
        def open(self, mode: FileMode = "r") -> IO[bytes]: ...
        def getAccessTime(self) -> float: ...
        def getModificationTime(self) -> float: ...
        def getStatusChangeTime(self) -> float: ...
    else:

        def basename(self):
            """Return the last segment."""
            raise NotImplementedError

        def child(self, path):
            """Return the path of something directly in this one."""
            raise NotImplementedError

        def parent(self):
            """Return the path of the directory this is in."""
            raise NotImplementedError

        def listdir(self):
            """Return the names of what is in this directory."""
            raise NotImplementedError

        def isdir(self):
            """Whether it is a directory."""
            raise NotImplementedError

        def islink(self):
            """Whether it is a symbolic link."""
            return False

        def open(self, mode="r"):
            """Open the file, always for bytes."""
            raise NotImplementedError

        def getAccessTime(self):
            """Return when the file was last read, in seconds since 1970."""
            raise NotImplementedError

        def getModificationTime(self):
            """Return when the content was last changed, in seconds since 1970."""
            raise NotImplementedError

        def getStatusChangeTime(self):
            """Return when the status was last changed, in seconds since 1970."""
            raise NotImplementedError

    def getContent(self) -> bytes:
        """Return what is in the file."""
        with self.open() as file:
            return file.read()

    def getatime(self) -> int:
        """Return when the file was last read, in whole seconds since 1970."""
        return int(self.getAccessTime())

    def getmtime(self) -> int:
        """Return when the content was last changed, in whole seconds since 1970."""
        return int(self.getModificationTime())

    def getctime(self) -> int:
        """Return when the status was last changed, in whole seconds since 1970."""
        return int(self.getStatusChangeTime())

    def sibling(self, path: OtherAnyStr) -> AbstractFilePath[OtherAnyStr]:
        """Return the path of something in the same directory.

        Raises:
            InsecurePath: the name leads out of it.
        """
        return self.parent().child(path)

    def descendant(self, segments: Sequence[OtherAnyStr]) -> AbstractFilePath[OtherAnyStr]:
        """Return the path reached by going through `child` for each segment; this one if there is none.

        Raises:
            InsecurePath: a segment leads out of the directory it is looked up in.
        """
        path: AbstractFilePath[Any] = self
        for segment in segments:
            path = path.child(segment)
        return path

    def parents(self) -> Iterator[AbstractFilePath[AnyStr]]:
        """Go through the directories this is in, from the innermost to the top."""
        path, parent = self, self.parent()
        while path != parent:
            yield parent
            path, parent = parent, parent.parent()

    def segmentsFrom(self, ancestor: AbstractFilePath[AnyStr]) -> list[AnyStr]:
        """Return the names that lead here from a directory further up: the reverse of `descendant`.

        Raises:
            ValueError: this is not below that directory.
        """
        segments = [self.basename()]
        for parent in self.parents():
            if parent == ancestor:
                segments.reverse()
                return segments
            segments.append(parent.basename())
        raise ValueError(f"{self!r} is not below {ancestor!r}")

    def children(self: Path) -> list[Path]:
        """Return the paths of what is in this directory.

        Raises:
            UnlistableError: it is not there, is not a directory, or may not be listed.
        """
        try:
            names = self.listdir()
        except OSError as problem:
            raise UnlistableError(problem) from problem
        return [cast("Path", self.child(name)) for name in names]

    def walk(self: Path, descend: Callable[[Path], bool] | None = None) -> Iterator[Path]:
        """Go through this path and everything below it, each directory before what is in it.

        Args:
            descend: called with each path below; false leaves out what is in it, not the path itself.

        Raises:
            LinkError: a link leads back to a directory it is in.
        """
        yield self
        if not self.isdir():
            return
        # The directories we are in, each with the children still to come. Not recursion: trees can be deep.
        inside: list[tuple[Path, Iterator[Path]]] = [(self, iter(self.children()))]
        while inside:
            path = next(inside[-1][1], None)
            if path is None:
                inside.pop()
                continue
            yield path
            if (descend is not None and not descend(path)) or not path.isdir():
                continue
            if path.islink():
                target = os.path.realpath(path.path)
                if any(os.path.realpath(parent.path) == target for parent, _ in inside):
                    raise LinkError(f"{path.path!r} leads back to {target!r}, which it is in")
            inside.append((path, iter(path.children())))

    def __hash__(self) -> int:
        return hash((AbstractFilePath, self.path))


# What matters in names, in text and in bytes: the separator, the way up, and what no name may contain.
_TEXT = (os.sep, os.pardir, "\0")
_BYTES = tuple(os.fsencode(part) for part in _TEXT)


def _parts(path: str | bytes) -> Any:
    """What matters in names of a path's type. Untyped, because checkers do not see that the types are the same."""
    return _TEXT if isinstance(path, str) else _BYTES


def _like(path: str | bytes, pattern: AnyStr) -> AnyStr:
    """A path in the type of another one."""
    if isinstance(path, type(pattern)):
        return path
    if isinstance(pattern, bytes):
        return os.fsencode(path)
    return os.fsdecode(path)


@implementer(IFilePath)
class FilePath(AbstractFilePath[AnyStr]):
    """A path on disk. It is made absolute at once; nothing has to exist there.

    What `stat` says is remembered after the first question, until `changed` or `restat`.

    Attributes:
        path: absolute and without ``..``, text or bytes as it was given.
        alwaysCreate: whether `open` insists on making the file.
    """

    _statinfo: os.stat_result | None = None

    def __init__(self, path: AnyStr | os.PathLike[AnyStr], alwaysCreate: bool = False) -> None:
        """Name a path.

        Args:
            path: relative ones start from the current directory.
            alwaysCreate: let `open` only ever create the file, and fail if there is one.
        """
        self.path = os.path.abspath(path)
        self.alwaysCreate = alwaysCreate

    def clonePath(self, path: OtherAnyStr, alwaysCreate: bool = False) -> FilePath[OtherAnyStr]:
        """Return another path. Every path that this one leads to is made here: subclasses override it."""
        return FilePath(path, alwaysCreate)

    def __getstate__(self) -> dict[str, object]:
        state = dict(self.__dict__)
        state.pop("_statinfo", None)  # it will be out of date
        return state

    def __repr__(self) -> str:
        return f"FilePath({self.path!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FilePath):
            return NotImplemented
        return bool(self.path == other.path)

    __hash__ = AbstractFilePath.__hash__

    def __lt__(self, other: FilePath[AnyStr]) -> bool:
        if not isinstance(other, FilePath):
            return NotImplemented
        return self.path < other.path

    def __le__(self, other: FilePath[AnyStr]) -> bool:
        return self == other or self < other

    def __gt__(self, other: FilePath[AnyStr]) -> bool:
        return not self <= other

    def __ge__(self, other: FilePath[AnyStr]) -> bool:
        return not self < other

    # -- Text and bytes -----------------------------------------------------------------------------------------------

    @property
    def sep(self) -> AnyStr:
        """What separates the segments of the path, in its type."""
        return _like(os.sep, self.path)

    def asBytesMode(self, encoding: str | None = None) -> FilePath[bytes]:
        """Return the same path in bytes.

        Args:
            encoding: the one of the file names; the file system's when not given.
        """
        if isinstance(self.path, bytes):
            return self
        return self.clonePath(os.fsencode(self.path) if encoding is None else self.path.encode(encoding))

    def asTextMode(self, encoding: str | None = None) -> FilePath[str]:
        """Return the same path in text.

        Args:
            encoding: the one of the file names; the file system's when not given.
        """
        if isinstance(self.path, str):
            return self
        return self.clonePath(os.fsdecode(self.path) if encoding is None else self.path.decode(encoding))

    # -- Other paths ------------------------------------------------------------------------------------------------

    def child(self, path: OtherAnyStr) -> FilePath[OtherAnyStr]:
        """Return the path of something directly in this one, by its name.

        Raises:
            InsecurePath: it is not a mere name: it leads elsewhere.
        """
        sep, up, nul = _parts(path)
        name = os.path.normpath(path)
        if sep in name:
            raise InsecurePath(f"{path!r} contains a directory separator; a child is named without")
        if name == up or nul in name:
            return self._below(path)  # which says what is wrong with it
        mine = _like(self.path, path)
        return self.clonePath(mine + name if mine.endswith(sep) else mine + sep + name)

    def preauthChild(self, path: OtherAnyStr) -> FilePath[OtherAnyStr]:
        """Return the path of something in this one, at any depth, by a relative path.

        Raises:
            InsecurePath: it leads out of this directory.
        """
        return self._below(path)

    def _below(self, path: OtherAnyStr) -> FilePath[OtherAnyStr]:
        """The path of something in here, or `InsecurePath`."""
        sep, _, nul = _parts(path)
        mine = _like(self.path, path)
        found = os.path.abspath(os.path.join(mine, path))
        # With a separator behind it, so that `/srv/web-private` does not count as inside `/srv/web`.
        if found != mine and not found.startswith(mine if mine.endswith(sep) else mine + sep):
            raise InsecurePath(f"{found!r} is not inside {mine!r}")
        if nul in found:
            raise InsecurePath(f"{path!r} contains a NUL, which no file name can")
        return self.clonePath(found)

    def childSearchPreauth(self, *paths: OtherAnyStr) -> FilePath[OtherAnyStr] | None:
        """Return the first of several relative paths that exists, or `None`.

        They are trusted: they may lead anywhere.
        """
        for path in paths:
            found = self.clonePath(os.path.join(_like(self.path, path), path))
            if found.exists():
                return found
        return None

    def siblingExtension(self, ext: OtherAnyStr) -> FilePath[OtherAnyStr]:
        """Return the path with an extension added: ``a.py`` with ``".bak"`` is ``a.py.bak``."""
        return self.clonePath(_like(self.path, ext) + ext)

    def siblingExtensionSearch(self, *exts: OtherAnyStr) -> FilePath[OtherAnyStr] | None:
        """Return the first existing path that is this one with one of several extensions, or `None`.

        Args:
            exts: ``""`` stands for this path itself, ``"*"`` for any extension.
        """
        for ext in exts:
            mine = _like(self.path, ext)
            if ext == _like("*", ext):
                found = glob.glob(glob.escape(mine) + _like(".*", ext))
                if found:
                    return self.clonePath(sorted(found)[0])
                continue
            path = self.clonePath(mine + ext)
            if path.exists():
                return path
        return None

    def globChildren(self, pattern: OtherAnyStr) -> list[FilePath[OtherAnyStr]]:
        """Return the paths in this directory that match a pattern such as ``"*.py"``."""
        found = glob.glob(os.path.join(glob.escape(_like(self.path, pattern)), pattern))
        return [self.clonePath(path) for path in found]

    def parent(self) -> FilePath[AnyStr]:
        """Return the path of the directory this is in; at the top, the same path."""
        return self.clonePath(self.dirname())

    def sibling(self, path: OtherAnyStr) -> FilePath[OtherAnyStr]:
        """Return the path of something in the same directory.

        Raises:
            InsecurePath: the name leads out of it.
        """
        return self.parent().child(path)

    def realpath(self) -> FilePath[AnyStr]:
        """Return the path with all symbolic links followed; this object if there are none.

        Raises:
            LinkError: they lead back to where they start.
        """
        if not self.islink():
            return self
        found = self.clonePath(os.path.realpath(self.path))
        if found.islink():
            raise LinkError(f"the link {self.path!r} leads back to itself")
        return found

    def temporarySibling(self, extension: OtherAnyStr | None = None) -> FilePath[OtherAnyStr]:
        """Return a path in the same directory with a name nobody else uses, which `open` insists on creating.

        Args:
            extension: how the name ends.
        """
        # Without an extension there is nothing to show the type: it is this path's, which the checker cannot know.
        ending: OtherAnyStr = cast("Any", _like("", self.path)) if extension is None else extension
        name = _like(secrets.token_hex(12), ending) + _like(self.basename(), ending) + ending
        found = self.parent().child(name)
        found.requireCreate()
        return found

    # -- Names --------------------------------------------------------------------------------------------------------

    def basename(self) -> AnyStr:
        """Return the last segment."""
        return os.path.basename(self.path)

    def dirname(self) -> AnyStr:
        """Return all but the last segment."""
        return os.path.dirname(self.path)

    def splitext(self) -> tuple[AnyStr, AnyStr]:
        """Return the path without its extension, and the extension with its dot."""
        return os.path.splitext(self.path)

    def isabs(self) -> bool:
        """Always true."""
        return os.path.isabs(self.path)

    # -- What is there -------------------------------------------------------------------------------------------------

    def restat(self, reraise: bool = True) -> None:
        """Ask the system anew what is there, links followed.

        Args:
            reraise: whether an error is raised. If not, it is as if nothing were there.
        """
        try:
            self._statinfo = os.stat(self.path)
        except (OSError, ValueError):
            self._statinfo = None
            if reraise:
                raise

    def changed(self) -> None:
        """Forget what is remembered; the next question asks the system."""
        self._statinfo = None

    def _stat(self) -> os.stat_result:
        """What is there. Raises `OSError`."""
        if self._statinfo is None:
            self.restat()
        assert self._statinfo is not None
        return self._statinfo

    def _isA(self, kind: Callable[[int], bool]) -> bool:
        """Whether what is there is of a kind; false when nothing is."""
        if self._statinfo is None:
            self.restat(False)
        return self._statinfo is not None and kind(self._statinfo.st_mode)

    def exists(self) -> bool:
        """Whether anything is there; false for a link that leads nowhere."""
        if self._statinfo is None:
            self.restat(False)
        return self._statinfo is not None

    def isdir(self) -> bool:
        """Whether a directory is there, or a link to one."""
        return self._isA(S_ISDIR)

    def isfile(self) -> bool:
        """Whether a regular file is there, or a link to one."""
        return self._isA(S_ISREG)

    def isBlockDevice(self) -> bool:
        """Whether a block device is there."""
        return self._isA(S_ISBLK)

    def isSocket(self) -> bool:
        """Whether a UNIX socket is there."""
        return self._isA(S_ISSOCK)

    def islink(self) -> bool:
        """Whether a symbolic link is there. Always asks the system."""
        return os.path.islink(self.path)

    def getsize(self) -> int:
        """Return the size in bytes."""
        return self._stat().st_size

    def getModificationTime(self) -> float:
        """Return when the content was last changed, in seconds since 1970."""
        return self._stat().st_mtime

    def getStatusChangeTime(self) -> float:
        """Return when the status was last changed, in seconds since 1970."""
        return self._stat().st_ctime

    def getAccessTime(self) -> float:
        """Return when the file was last read, in seconds since 1970."""
        return self._stat().st_atime

    def getInodeNumber(self) -> int:
        """Return the number of the file on its device."""
        return self._stat().st_ino

    def getDevice(self) -> int:
        """Return the number of the device the file is on."""
        return self._stat().st_dev

    def getNumberOfHardLinks(self) -> int:
        """Return how many names the file has."""
        return self._stat().st_nlink

    def getUserID(self) -> int:
        """Return the number of the owner."""
        return self._stat().st_uid

    def getGroupID(self) -> int:
        """Return the number of the group."""
        return self._stat().st_gid

    def getPermissions(self) -> Permissions:
        """Return who may do what with the file."""
        return Permissions(S_IMODE(self._stat().st_mode))

    def listdir(self) -> list[AnyStr]:
        """Return the names of what is in this directory, in no order."""
        return os.listdir(self.path)

    # -- Changes ------------------------------------------------------------------------------------------------------

    def requireCreate(self, val: bool = True) -> None:
        """Make `open` insist on creating the file, or not."""
        self.alwaysCreate = val

    def create(self) -> IO[bytes]:
        """Create the file and open it to write and read.

        Raises:
            FileExistsError: something is there already, be it a link that leads nowhere.
        """
        handle = os.open(self.path, _CREATE, 0o666)
        self.changed()
        return os.fdopen(handle, "w+b")

    def open(self, mode: FileMode = "r") -> IO[bytes]:
        """Open the file, always for bytes.

        Raises:
            FileExistsError: it has to be created (`requireCreate`), and is there.
        """
        if self.alwaysCreate:
            if "a" in mode:
                raise AssertionError(f"{self.path!r} is to be created, so there is nothing to append to")
            return self.create()
        # What is written through it changes what is there.
        self.changed()
        return cast("IO[bytes]", open(self.path, mode.replace("b", "") + "b"))

    def setContent(self, content: bytes, ext: str | bytes = ".new") -> None:
        """Replace the file by one with this content, all at once: nobody ever sees a half of it.

        A file beside it is written first and then takes its name.

        Args:
            ext: how the name of that file ends.
        """
        beside = self.temporarySibling(_like(ext, self.path))
        with beside.open("w") as file:
            try:
                file.write(content)
                file.flush()
                os.replace(beside.path, self.path)
            except BaseException:
                os.unlink(beside.path)
                raise
        self.changed()

    def touch(self) -> None:
        """Create a file if nothing is there, and set the times of what is there to now."""
        if not os.path.isdir(self.path):
            with open(self.path, "ab"):
                pass
        os.utime(self.path)
        self.changed()

    def chmod(self, mode: int) -> None:
        """Set who may do what with the file, as bits such as ``0o644``."""
        os.chmod(self.path, mode)
        self.changed()

    def createDirectory(self) -> None:
        """Create this directory; the one it is in has to be there."""
        os.mkdir(self.path)
        self.changed()

    def makedirs(self, ignoreExistingDirectory: bool = False) -> None:
        """Create this directory and those it is in.

        Args:
            ignoreExistingDirectory: be content when it is there already.

        Raises:
            FileExistsError: it is there, or something that is no directory.
        """
        os.makedirs(self.path, exist_ok=ignoreExistingDirectory)
        self.changed()

    def linkTo(self, linkFilePath: FilePath[AnyStr]) -> None:
        """Make another path a symbolic link to this one."""
        os.symlink(self.path, linkFilePath.path)
        linkFilePath.changed()

    def remove(self) -> None:
        """Remove the file, the link (not what it leads to), or the directory with all that is in it."""
        if self.islink() or not os.path.isdir(self.path):
            os.remove(self.path)
        else:
            shutil.rmtree(self.path)
        self.changed()

    def copyTo(self, destination: FilePath[OtherAnyStr], followLinks: bool = True) -> None:
        """Copy the file to another path, or the directory with all that is in it. Permissions are not copied.

        What is in a destination directory already and not in this one stays.

        Args:
            followLinks: copy what links lead to; otherwise the links.

        Raises:
            FileNotFoundError: nothing is here.
            NotImplementedError: it is neither a file nor a directory.
        """
        self.changed()
        destination.changed()
        if not followLinks and self.islink():
            os.symlink(os.readlink(os.fsencode(self.path)), os.fsencode(destination.path))
        elif self.isdir():
            if not destination.exists():
                destination.createDirectory()
            for child in self.children():
                name = _like(child.basename(), destination.path)
                child.copyTo(destination.child(name), followLinks)
        elif self.isfile():
            if destination.exists() and os.path.samestat(self._stat(), destination._stat()):
                return  # opening it to write would empty it
            with open(self.path, "rb") as source, destination.open("w") as target:
                shutil.copyfileobj(source, target)
        elif not self.exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), self.path)
        else:
            raise NotImplementedError(f"only files and directories can be copied; {self.path!r} is neither")
        destination.changed()

    def moveTo(self, destination: FilePath[OtherAnyStr], followLinks: bool = True) -> None:
        """Give the file or directory another path, on another device if need be; it is complete when it appears there.

        Args:
            followLinks: on the way to another device, move what links lead to; otherwise the links.
        """
        try:
            os.replace(_like(self.path, destination.path), destination.path)
        except OSError as problem:
            if problem.errno != errno.EXDEV:
                raise
            beside = destination.temporarySibling()
            self.copyTo(beside, followLinks)
            beside.moveTo(destination, followLinks)
            self.remove()
        self.changed()
        destination.changed()
