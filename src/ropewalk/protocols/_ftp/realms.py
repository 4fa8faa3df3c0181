"""Who gets which directory."""

from __future__ import annotations

import os
from typing import Any

from zope.interface import implementer

from ropewalk.cred.checkers import ANONYMOUS
from ropewalk.cred.error import UnauthorizedLogin
from ropewalk.cred.portal import IRealm
from ropewalk.python.filepath import FilePath

from .interfaces import IFTPShell
from .shells import FTPAnonymousShell, FTPShell

__all__ = ["BaseFTPRealm", "FTPRealm", "SystemFTPRealm"]


@implementer(IRealm)
class BaseFTPRealm:
    """Guests may look at one directory, users change their own. Override `getHomeDirectory`.

    Args:
        anonymousRoot: the guests' directory, a path or `FilePath`.
    """

    def __init__(self, anonymousRoot: Any) -> None:
        self.anonymousRoot = _filePath(anonymousRoot)

    def getHomeDirectory(self, avatarId: Any) -> Any:
        """Return the `FilePath` of a user's directory."""
        raise NotImplementedError(f"{type(self).__name__} has to override getHomeDirectory")

    def requestAvatar(self, avatarId: Any, mind: object, *interfaces: Any) -> tuple[Any, Any, Any]:
        """Return an `FTPShell` of the user's directory, for guests an `FTPAnonymousShell` of theirs."""
        if IFTPShell not in interfaces:
            raise NotImplementedError(f"there are users of FTP here, who get an IFTPShell, none of {interfaces!r}")
        shell: Any
        if avatarId is ANONYMOUS or avatarId == ANONYMOUS:
            shell = FTPAnonymousShell(self.anonymousRoot)
        else:
            shell = FTPShell(self.getHomeDirectory(avatarId))
        return IFTPShell, shell, getattr(shell, "logout", _nothing)


class FTPRealm(BaseFTPRealm):
    """Each user has the directory of his name in one for all.

    Args:
        anonymousRoot: the guests' directory.
        userHome: where the users' directories are.
    """

    def __init__(self, anonymousRoot: Any, userHome: Any = "/home") -> None:
        super().__init__(anonymousRoot)
        self.userHome = _filePath(userHome)

    def getHomeDirectory(self, avatarId: Any) -> Any:
        """Return the directory of the user's name.

        Raises:
            InsecurePath: the name would be a path.
        """
        return self.userHome.child(os.fsdecode(avatarId))


class SystemFTPRealm(BaseFTPRealm):
    """Each user has the home directory that the system knows. Files are read and written as the server's own user."""

    def getHomeDirectory(self, avatarId: Any) -> Any:
        """Return the user's home.

        Raises:
            UnauthorizedLogin: the system knows no such user, or no home of his.
        """
        name = os.fsdecode(avatarId)
        home = os.path.expanduser(f"~{name}")
        if "/" in name or not name or not os.path.isabs(home):
            raise UnauthorizedLogin(f"the system knows no home of {name[:40]!r}")
        return FilePath(home)


def _filePath(path: Any) -> Any:
    return FilePath(path) if isinstance(path, str | bytes | os.PathLike) else path


def _nothing() -> None:
    """There is nothing to do when the user is gone."""
