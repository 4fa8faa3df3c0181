"""The file that says which process a daemon is.

It is reached through its directory, which is opened before the process may move behind a ``chroot`` or become another
user.
"""

from __future__ import annotations

import errno
import os
from typing import Self

from ropewalk.logger import Logger

from .mistakes import Refusal, Status, refused

_log = Logger("ropewalk.application.app")

# Longer than any number; what is longer is no pid file, whatever it is.
LONGEST = 32


class PidFile:
    """A pid file.

    Args:
        path: where it is; an empty one for none, and then nothing here does anything.
    """

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path) if path else ""
        # Open from `open` and `write` to `remove`.
        self._directory = -1
        self._fd = -1
        # Who wrote it: after a fork, two processes have this object.
        self._owner = 0

    def check(self) -> Self:
        """See to it that nobody else runs under this file; one that a dead process left is removed.

        Raises:
            Refusal: somebody runs, or nobody can tell.
        """
        if not self.path:
            return self
        try:
            with open(self.path, "rb") as file:
                content = file.read(LONGEST + 1)
        except FileNotFoundError:
            return self
        except OSError as problem:
            raise refused(f"read the pid file {self.path!r}", problem, Status.CANTCREAT) from None
        text = content.decode("ascii", "replace").strip() or "0"
        if not content:
            pass  # See `remove`.
        elif len(content) > LONGEST or not text.isdecimal() or not int(text):
            raise Refusal(
                f"the pid file {self.path!r} holds no process's number: remove it, or choose another by --pidfile",
                Status.CONFIG,
            )
        elif int(text) != os.getpid() and _lives(int(text)):
            raise Refusal(
                f"it runs already, as process {text} says {self.path!r}: stop that one, "
                "or choose another --pidfile and --logfile",
                Status.TEMPFAIL,
            )
        _log.info("Removing stale pidfile {path}", path=self.path, log_system="-")
        try:
            os.unlink(self.path)
        except OSError as problem:
            raise refused(f"remove the stale pid file {self.path!r}", problem, Status.CANTCREAT) from None
        return self

    def open(self) -> None:
        """Take hold of the directory, for the time when the path means nothing any more.

        Raises:
            Refusal: there is no such directory.
        """
        if not self.path:
            return
        try:
            self._directory = os.open(os.path.dirname(self.path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as problem:
            raise refused(f"write the pid file {self.path!r}", problem, Status.CANTCREAT) from None

    def write(self) -> None:
        """Write this process's number. Of two processes that write, one is refused.

        Raises:
            Refusal: that cannot be done.
        """
        if not self.path:
            return
        name = os.path.basename(self.path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            # Exclusively: between the check and now somebody else may have started.
            self._fd = os.open(name, flags, 0o644, dir_fd=self._directory)
            self._owner = os.getpid()
            os.write(self._fd, b"%d" % self._owner)
        except FileExistsError:
            raise Refusal(
                f"somebody else has just written the pid file {self.path!r}: it runs already", Status.TEMPFAIL
            ) from None
        except OSError as problem:
            self.remove()
            raise refused(f"write the pid file {self.path!r}", problem, Status.CANTCREAT) from None

    def remove(self) -> None:
        """Remove it, if this process wrote it; or empty it, if the process may not remove it any more."""
        if self._owner != os.getpid():
            return
        self._owner = 0
        try:
            os.unlink(os.path.basename(self.path), dir_fd=self._directory)
        except FileNotFoundError:
            pass
        except OSError:
            # The directory belongs to root, whom we no longer are. The file is open yet.
            os.ftruncate(self._fd, 0)
        os.close(self._fd)
        os.close(self._directory)
        self._fd = self._directory = -1


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OverflowError:
        return False
    except OSError as problem:
        # Somebody else's process is one, too.
        return problem.errno != errno.ESRCH
    return not _isZombie(pid)


def _isZombie(pid: int) -> bool:
    """Whether a process is dead, and nobody has taken note: in containers, often nobody ever does."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # Behind the program's name, which may hold anything, in parentheses.
            return file.read().rpartition(b")")[2].split()[:1] == [b"Z"]
    except OSError:
        return False  # another kind of system
