"""Who the process is, where it is, and what new files are like."""

from __future__ import annotations

import os
import sys
from importlib import import_module

from ropewalk.logger import Logger
from ropewalk.python.util import gidFromString, uidFromString

from .mistakes import Refusal, Status, refused

_log = Logger("ropewalk.application.app")

# Of a daemon, unless it is told otherwise: what it writes is nobody else's business.
DAEMON_UMASK = 0o077

# What the engine, and Python, import when they are first used; and modules of ours that are for other systems.
LATE = (
    "asyncio",
    "concurrent.futures.thread",
    "encodings.idna",
    "ipaddress",
    "json",
    "logging",
    "pdb",
    "ssl",
    "traceback",
)
FOREIGN = ("reactor", "support", "win32", "_toolkits", "_child")


def userNumber(text: str) -> int:
    """Return the number of a user given by number or name.

    Raises:
        Refusal: there is none of that name.
    """
    try:
        return uidFromString(text)
    except KeyError:
        raise Refusal(f"there is no user {text!r} on this system", Status.NOUSER) from None


def groupNumber(text: str) -> int:
    """Return the number of a group given by number or name.

    Raises:
        Refusal: there is none of that name.
    """
    try:
        return gidFromString(text)
    except KeyError:
        raise Refusal(f"there is no group {text!r} on this system", Status.NOUSER) from None


def octal(text: str) -> int:
    """Return a umask.

    Raises:
        ValueError: it isn't one.
    """
    try:
        mask = int(text, 8)
    except ValueError:
        mask = -1
    if not 0 <= mask <= 0o777:
        raise ValueError(f"a umask is an octal number up to 777, not {text!r}")
    return mask


def moveTo(chroot: str | None, rundir: str) -> None:
    """Make a directory the root, and go to another.

    Args:
        chroot: the new root; `None` for the old one.
        rundir: where to go, inside it.

    Raises:
        Refusal: that cannot be done.
    """
    if chroot is not None:
        _loadAll()
        try:
            os.chroot(chroot)
        except OSError as problem:
            raise refused(f"make {chroot!r} the root directory", problem, Status.OSERR) from None
        if rundir == ".":
            # Where the process was is outside.
            rundir = "/"
    try:
        os.chdir(rundir)
    except OSError as problem:
        raise refused(f"change to the directory {rundir!r}", problem, Status.CANTCREAT) from None


def _loadAll() -> None:
    """Import what would be imported later, when it can no longer be found: much of the engine waits to be asked for."""
    import pkgutil

    for area in ("application", "internet", "logger", "protocols", "python"):
        package = import_module(f"ropewalk.{area}")
        for found in pkgutil.walk_packages(package.__path__, f"ropewalk.{area}.", onerror=lambda name: None):
            if not any(word in found.name for word in FOREIGN):
                _load(found.name)
    for name in LATE:
        _load(name)


def _load(name: str) -> None:
    try:
        import_module(name)
    except Exception:
        pass  # What it needs isn't installed, so nobody uses it.


class Identity:
    """Whom a process is to become, looked up while it can still read the user database.

    Args:
        uid: the user; `None` to stay.
        gid: the group; `None` for the user's own one, or to stay.

    Raises:
        Refusal: the user is nobody that the database knows, and ``gid`` is missing.
    """

    def __init__(self, uid: int | None, gid: int | None) -> None:
        self.uid = uid
        self.gid = gid
        self._mayReturn = False
        # The groups that the user is in; `None` to stay in those of now.
        self._groups: list[int] | None = None
        if uid is None:
            return
        import pwd

        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            if gid is None:
                raise Refusal(f"user {uid} has no entry in the user database: say --gid, too", Status.NOUSER) from None
            self._groups = [gid]
        else:
            self.gid = entry.pw_gid if gid is None else gid
            self._groups = os.getgrouplist(entry.pw_name, self.gid)

    def assume(self, onlyEffectively: bool) -> None:
        """Become it, for good.

        Args:
            onlyEffectively: keep the real user and group, so that the process can go back.

        Raises:
            Refusal: that cannot be done.
        """
        setGroup, setUser = (os.setegid, os.seteuid) if onlyEffectively else (os.setgid, os.setuid)
        isUser = self.uid is None or self.uid == (os.geteuid() if onlyEffectively else os.getuid())
        isGroup = self.gid is None or self.gid == (os.getegid() if onlyEffectively else os.getgid())
        if isUser and isGroup:
            return
        what = f"{'euid/egid' if onlyEffectively else 'uid/gid'} {self.uid}/{self.gid}"
        try:
            # The groups first: afterwards we might not be allowed to.
            if self._groups is not None and not isUser:
                os.setgroups(self._groups)
            if self.gid is not None:
                setGroup(self.gid)
            if self.uid is not None:
                setUser(self.uid)
        except OSError as problem:
            raise refused(f"become {what}", problem, Status.NOPERM) from None
        self._mayReturn = onlyEffectively
        _log.info("set {what}", what=what, log_system="-")

    def leave(self) -> None:
        """Be again who the process was, if it may."""
        if self._mayReturn:
            os.seteuid(os.getuid())
            os.setegid(os.getgid())


def nameProcess(name: str | None) -> None:
    """Be shown under a name in lists of processes, where the system lets us say so.

    Args:
        name: at most 15 bytes of it are shown; `None` to leave that.
    """
    if not name or not sys.platform.startswith("linux"):
        return
    try:
        with open("/proc/self/comm", "wb") as file:
            file.write(name.encode()[:15])
    except OSError:
        pass  # It is a nicety.
