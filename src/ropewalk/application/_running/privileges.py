"""Who the process is, where it is, and what new files are like."""

from __future__ import annotations

import os
import sys
import warnings

from ropewalk.logger import Logger
from ropewalk.python.util import gidFromString, switchUID, uidFromString

from .mistakes import Refusal, Status, refused

_log = Logger("ropewalk.application.app")

# Of a daemon, unless it is told otherwise: what it writes is nobody else's business.
DAEMON_UMASK = 0o077


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


def shed(uid: int | None, gid: int | None, onlyEffectively: bool) -> None:
    """Become another user and group, for good unless it is only effectively so.

    Args:
        uid: the user; `None` to stay.
        gid: the group; `None` for the user's own one, or to stay.
        onlyEffectively: keep the real ones, so that the process can go back.

    Raises:
        Refusal: that cannot be done.
    """
    if uid is None and gid is None:
        return
    if uid is not None and gid is None:
        import pwd

        try:
            gid = pwd.getpwuid(uid).pw_gid
        except KeyError:
            raise Refusal(f"user {uid} has no entry in the user database: say --gid, too", Status.NOUSER) from None
    kind = "euid" if onlyEffectively else "uid"
    try:
        with warnings.catch_warnings():
            # To be who one is already is no reason to warn.
            warnings.simplefilter("ignore")
            switchUID(uid, gid, onlyEffectively)
    except KeyError:
        raise Refusal(f"user {uid} has no entry in the user database", Status.NOUSER) from None
    except OSError as problem:
        raise refused(f"become {kind}/{kind[:-3]}gid {uid}/{gid}", problem, Status.NOPERM) from None
    _log.info("set {kind}/{group} {uid}/{gid}", kind=kind, group=f"{kind[:-3]}gid", uid=uid, gid=gid, log_system="-")


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
