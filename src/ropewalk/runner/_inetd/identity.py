"""Who a program shall run as: the numbers of the names in inetd.conf."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..inetdconf import InetdService

__all__ = ["identityOf"]


def identityOf(service: InetdService) -> tuple[int | None, int | None]:
    """Return a service's user and group, as `IReactorProcess.spawnProcess` takes them.

    Returns:
        Two numbers; `None` twice if that is who we are already, which needs no privilege.

    Raises:
        KeyError: there is no such user or group here; the message is a sentence.
    """
    import grp
    import pwd

    try:
        user = pwd.getpwnam(service.user)
    except KeyError:
        raise KeyError(f"there is no user {service.user!r} here") from None
    uid, gid = user.pw_uid, user.pw_gid
    if service.group is not None:
        try:
            gid = grp.getgrnam(service.group).gr_gid
        except KeyError:
            raise KeyError(f"there is no group {service.group!r} here") from None
    if (uid, gid) == (os.geteuid(), os.getegid()):
        return None, None
    return uid, gid
