"""Users and groups: their numbers, and becoming one of them."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")


def uidFromString(uidString: str) -> int:
    """Return the number of a user given by number or name. Raises `KeyError` for a name nobody has."""
    try:
        return int(uidString)
    except ValueError:
        import pwd

        return pwd.getpwnam(uidString).pw_uid


def gidFromString(gidString: str) -> int:
    """Return the number of a group given by number or name. Raises `KeyError` for a name no group has."""
    try:
        return int(gidString)
    except ValueError:
        import grp

        return grp.getgrnam(gidString).gr_gid


def initgroups(uid: int, primaryGid: int) -> None:
    """Make this process a member of the groups of a user, and of this one. Only root may."""
    import pwd

    os.initgroups(pwd.getpwuid(uid).pw_name, primaryGid)


def switchUID(uid: int | None, gid: int | None, euid: bool = False) -> None:
    """Become another user, for good.

    Args:
        uid: `None` leaves the user as it is.
        gid: `None` leaves the group as it is.
        euid: only change the effective ids, so that the process can go back.
    """
    setGroup = os.setegid if euid else os.setgid
    setUser = os.seteuid if euid else os.setuid
    # The group first: afterwards we might not be allowed to.
    if gid is not None:
        setGroup(gid)
    if uid is None:
        return
    if uid == (os.geteuid() if euid else os.getuid()):
        warnings.warn(f"the process runs as user {uid} already; its groups stay as they are", stacklevel=2)
        return
    initgroups(uid, os.getegid() if gid is None else gid)
    setUser(uid)


def runAsEffectiveUser(euid: int, egid: int, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function as another user and group, and be who we were afterwards. Only root may.

    Returns what the function returns.
    """
    uid, gid = os.geteuid(), os.getegid()
    if (uid, gid) == (euid, egid):
        return function(*args, **kwargs)
    # Each change of the group needs root's rights, so we are root in between.
    _becomeEffectively(euid, egid)
    try:
        return function(*args, **kwargs)
    finally:
        _becomeEffectively(uid, gid)


def _becomeEffectively(uid: int, gid: int) -> None:
    if os.geteuid() != 0:
        os.seteuid(0)
    os.setegid(gid)
    if uid != 0:
        os.seteuid(uid)
