"""Watch files and directories for changes, by Linux's inotify(7).

::

    from ropewalk.internet import inotify
    from ropewalk.python.filepath import FilePath

    def changed(watch, path, mask):
        print(path, inotify.humanReadableMask(mask))

    notifier = inotify.INotify()
    notifier.startReading()
    notifier.watch(FilePath("/var/spool/in"), callbacks=[changed], autoAdd=True, recursive=True)

The kernel watches inodes, one directory at a time. A tree is a watch for each of its directories; those that appear
later are watched with ``autoAdd``, and what was put into one before we came to it is told as if it had just been
created. That may be told twice, never not at all. When the kernel had to drop events, every watch is told
``IN_Q_OVERFLOW``: then look for yourself.
"""

from __future__ import annotations

import ctypes
import os
import sys
from struct import Struct

from ropewalk.python.failure import Failure
from ropewalk.python.filepath import FilePath

from ._transports.descriptor import logTrouble
from .abstract import FileDescriptor
from .error import ConnectionDone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    Callback = Callable[["Watch", FilePath[bytes], int], object]

if sys.platform != "linux":
    raise ImportError(
        f"inotify is a part of Linux, and this is {sys.platform}; the package watchfiles watches files on every system"
    )

__all__ = [
    "IN_ACCESS",
    "IN_ATTRIB",
    "IN_CHANGED",
    "IN_CLOSE",
    "IN_CLOSE_NOWRITE",
    "IN_CLOSE_WRITE",
    "IN_CREATE",
    "IN_DELETE",
    "IN_DELETE_SELF",
    "IN_DONT_FOLLOW",
    "IN_IGNORED",
    "IN_ISDIR",
    "IN_MASK_ADD",
    "IN_MODIFY",
    "IN_MOVED",
    "IN_MOVED_FROM",
    "IN_MOVED_TO",
    "IN_MOVE_SELF",
    "IN_ONESHOT",
    "IN_ONLYDIR",
    "IN_OPEN",
    "IN_Q_OVERFLOW",
    "IN_UNMOUNT",
    "IN_WATCH_MASK",
    "INotify",
    "INotifyError",
    "humanReadableMask",
]

# What can happen.
IN_ACCESS = 0x00000001
IN_MODIFY = 0x00000002
IN_ATTRIB = 0x00000004
IN_CLOSE_WRITE = 0x00000008
IN_CLOSE_NOWRITE = 0x00000010
IN_OPEN = 0x00000020
IN_MOVED_FROM = 0x00000040
IN_MOVED_TO = 0x00000080
IN_CREATE = 0x00000100
IN_DELETE = 0x00000200
IN_DELETE_SELF = 0x00000400
IN_MOVE_SELF = 0x00000800

# What is told in any case.
IN_UNMOUNT = 0x00002000
IN_Q_OVERFLOW = 0x00004000
IN_IGNORED = 0x00008000
IN_ISDIR = 0x40000000

# How to watch.
IN_ONLYDIR = 0x01000000
IN_DONT_FOLLOW = 0x02000000
IN_MASK_ADD = 0x20000000
IN_ONESHOT = 0x80000000

IN_CLOSE = IN_CLOSE_WRITE | IN_CLOSE_NOWRITE
IN_MOVED = IN_MOVED_FROM | IN_MOVED_TO
IN_CHANGED = IN_MODIFY | IN_ATTRIB

# What is watched for when nobody says: every change, and no mere look.
IN_WATCH_MASK = (
    IN_MODIFY
    | IN_ATTRIB
    | IN_CREATE
    | IN_DELETE
    | IN_DELETE_SELF
    | IN_MOVE_SELF
    | IN_UNMOUNT
    | IN_MOVED_FROM
    | IN_MOVED_TO
)

NAMES = {
    IN_ACCESS: "access",
    IN_MODIFY: "modify",
    IN_ATTRIB: "attrib",
    IN_CLOSE_WRITE: "close_write",
    IN_CLOSE_NOWRITE: "close_nowrite",
    IN_OPEN: "open",
    IN_MOVED_FROM: "moved_from",
    IN_MOVED_TO: "moved_to",
    IN_CREATE: "create",
    IN_DELETE: "delete",
    IN_DELETE_SELF: "delete_self",
    IN_MOVE_SELF: "move_self",
    IN_UNMOUNT: "unmount",
    IN_Q_OVERFLOW: "queue_overflow",
    IN_IGNORED: "ignored",
    IN_ONLYDIR: "only_dir",
    IN_DONT_FOLLOW: "dont_follow",
    IN_MASK_ADD: "mask_add",
    IN_ISDIR: "is_dir",
    IN_ONESHOT: "one_shot",
}

# An event of the kernel's: watch, mask, cookie, length of the name that follows. The name is filled up with zeros.
HEADER = Struct("iIII")

# How much is read at a time. The kernel gives whole events only, none longer than a header and 256 bytes.
READ = 64 * 1024

# What the kernel's refusals mean here, beyond their own words.
ADVICE = {
    "ENOSPC": "; the limit for each user is /proc/sys/fs/inotify/max_user_watches, see sysctl(8)",
    "EMFILE": "; the limit for each user is /proc/sys/fs/inotify/max_user_instances, see sysctl(8)",
}


def humanReadableMask(mask: int) -> list[str]:
    """Return the names of what a mask says.

    >>> humanReadableMask(IN_CREATE | IN_ISDIR)
    ['create', 'is_dir']
    """
    return [name for flag, name in NAMES.items() if mask & flag]


class INotifyError(Exception):
    """The kernel refused to watch; the message says what, and why."""


class Watch:
    """What is watched: a file, or a directory and what lies directly in it.

    Attributes:
        path: where it is, as far as we know.
        mask: what is watched for.
        autoAdd: whether directories that appear in it are watched, too.
        callbacks: whom to tell.
    """

    __slots__ = ("autoAdd", "callbacks", "mask", "path")

    def __init__(self, path: FilePath[bytes], mask: int, autoAdd: bool, callbacks: Iterable[Callback]) -> None:
        self.path = path
        self.mask = mask
        self.autoAdd = autoAdd
        self.callbacks = list(callbacks)

    def tell(self, path: FilePath[bytes], mask: int) -> None:
        """Call the callbacks. One that raises is logged, and the others are called."""
        for callback in list(self.callbacks):
            try:
                callback(self, path, mask)
            except Exception:
                logTrouble(f"while telling {callback!r} of a change to {path!r}")

    def __repr__(self) -> str:
        return f"<Watch {self.path.path!r} {'|'.join(humanReadableMask(self.mask))}>"


class INotify(FileDescriptor):
    """A queue of changes, which a reactor reads once ``startReading`` was called.

    Args:
        reactor: which one; the installed one when there is none.

    Raises:
        INotifyError: the user has too many of these.
    """

    def __init__(self, reactor: Any = None) -> None:
        super().__init__(reactor)
        # Watch descriptor -> what it watches. The kernel gives the same for the same inode.
        self._watches: dict[int, Watch] = {}
        self._fd = _kernel("inotify_init1", None, os.O_NONBLOCK | os.O_CLOEXEC)
        self.connected = 1

    def fileno(self) -> int:
        """Return the queue's descriptor, -1 when it is closed."""
        return self._fd

    def logPrefix(self) -> str:
        return "inotify"

    def watch(
        self,
        path: FilePath[Any] | str | bytes | os.PathLike[str],
        mask: int = IN_WATCH_MASK,
        autoAdd: bool = False,
        callbacks: Iterable[Callback] | None = None,
        recursive: bool = False,
    ) -> int:
        """Watch a file or a directory. Watching one again replaces what it is watched for, and whom to tell.

        Args:
            path: where it is.
            mask: what to watch for, ``IN_`` constants joined by ``|``.
            autoAdd: watch directories that appear in this one, too, and those that appear there.
            callbacks: called with the watch, the path of what changed (a `FilePath` of bytes) and a mask of what
                happened, in which ``IN_ISDIR`` marks a directory.
            recursive: watch the directories that are in this one, too, and those in them. Symbolic links aren't
                followed.

        Returns:
            The kernel's number for the watch.

        Raises:
            INotifyError: there is nothing at ``path``, it may not be read, or the user has too many watches.
        """
        where = bytesPath(path)
        number = self._add(where, mask, autoAdd, callbacks or ())
        if recursive:
            for directory in _directories(where):
                self._add(directory, mask, autoAdd, callbacks or ())
        return number

    def ignore(self, path: FilePath[Any] | str | bytes | os.PathLike[str]) -> None:
        """Stop watching a path.

        Raises:
            KeyError: it isn't watched.
        """
        where = bytesPath(path)
        number = self._numberOf(where)
        if number is None:
            raise KeyError(f"{where!r} is not watched")
        del self._watches[number]
        try:
            _kernel("inotify_rm_watch", where, self._fd, number)
        except INotifyError:
            pass  # what it watched is gone, and the kernel forgot it before we did

    def _isWatched(self, path: FilePath[Any]) -> int | None:
        """Return the number of the watch at a path; programs' tests ask for it under this name."""
        return self._numberOf(bytesPath(path))

    def _numberOf(self, where: FilePath[bytes]) -> int | None:
        return next((number for number, watch in self._watches.items() if watch.path == where), None)

    def _add(self, where: FilePath[bytes], mask: int, autoAdd: bool, callbacks: Iterable[Callback]) -> int:
        number = _kernel("inotify_add_watch", where, self._fd, where.path, ctypes.c_uint32(mask))
        self._watches[number] = Watch(where, mask, autoAdd, callbacks)
        return number

    # What the reactor calls.

    def doRead(self) -> None:
        """Read what happened, and tell who wants to know."""
        try:
            data = os.read(self._fd, READ)
        except BlockingIOError:
            return
        for number, mask, name in events(data):
            if self._fd < 0:
                return  # a callback closed us
            self._happened(number, mask, name)

    def loseConnection(self) -> None:
        """Watch nothing any more, and close."""
        if self.connected and not self.disconnecting:
            self.disconnecting = 1
            self.stopReading()
            # Not `super`, which waits until the descriptor can be written to: never.
            self.reactor.callLater(0, self.connectionLost, Failure(ConnectionDone()))

    def connectionLost(self, reason: Failure) -> None:
        """Close."""
        if self._fd < 0:
            return
        super().connectionLost(reason)
        self._watches.clear()
        fd, self._fd = self._fd, -1
        os.close(fd)

    def _happened(self, number: int, mask: int, name: bytes) -> None:
        if mask & IN_Q_OVERFLOW:
            for watch in list(self._watches.values()):
                watch.tell(watch.path, mask)
            return
        if (known := self._watches.get(number)) is None:
            return  # ignored since
        path = known.path.child(name) if name else known.path
        if mask & IN_IGNORED:
            # The kernel's last word: what was watched is gone, or was to be watched once.
            del self._watches[number]
        known.tell(path, mask)
        if known.autoAdd and name and mask & IN_ISDIR and mask & (IN_CREATE | IN_MOVED_TO):
            self._welcome(known, path, tell=bool(mask & IN_CREATE))

    def _welcome(self, parent: Watch, top: FilePath[bytes], tell: bool) -> None:
        """A directory appeared in one whose new directories are to be watched, and maybe a tree with it."""
        # Those found and not looked at yet; no recursion: others make the trees, as deep as they like.
        waiting = [top]
        while waiting:
            directory = waiting.pop()
            try:
                self._add(directory, parent.mask, True, parent.callbacks)
                with os.scandir(directory.path) as found:
                    entries = sorted(found, key=lambda entry: entry.name)
            except (INotifyError, OSError):
                if os.path.lexists(directory.path):
                    logTrouble(f"while beginning to watch {directory!r}")
                continue  # else it is gone as fast as it came
            directories = []
            for entry in entries:
                path, isDirectory = directory.child(entry.name), entry.is_dir(follow_symlinks=False)
                if isDirectory:
                    directories.append(path)
                if tell:
                    parent.tell(path, IN_CREATE | (IN_ISDIR if isDirectory else IN_CLOSE_WRITE))
            waiting += reversed(directories)


def events(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Take the kernel's events apart: number of the watch, mask, name within the watched directory or ``b""``."""
    at = 0
    while at < len(data):
        number, mask, _, length = HEADER.unpack_from(data, at)
        at += HEADER.size
        yield number, mask, data[at : at + length].rstrip(b"\0")
        at += length


def bytesPath(path: FilePath[Any] | str | bytes | os.PathLike[str]) -> FilePath[bytes]:
    """Return a path as the kernel knows it: in bytes."""
    return FilePath(os.fsencode(path.path if isinstance(path, FilePath) else path))


def _directories(top: FilePath[bytes]) -> Iterator[FilePath[bytes]]:
    """Return the directories below one."""
    for where, directories, _ in os.walk(top.path):
        for name in directories:
            path = os.path.join(where, name)
            if not os.path.islink(path):
                yield FilePath(path)


_libc = ctypes.CDLL(None, use_errno=True)


def _kernel(function: str, path: FilePath[bytes] | None, *args: object) -> int:
    """Make a system call by the C library's name for it. `INotifyError` when it fails, of the path if there is one."""
    result: int = getattr(_libc, function)(*args)
    if result < 0:
        import errno

        number = ctypes.get_errno()
        advice = ADVICE.get(errno.errorcode.get(number, ""), "")
        what = "begin to watch files" if path is None else f"watch {path.path!r}"
        raise INotifyError(f"cannot {what}: {os.strerror(number)}{advice}")
    return result
