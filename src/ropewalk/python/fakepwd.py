"""Users and their passwords as the system's `pwd` and `spwd` have them, but made up: for tests of what asks those."""

from __future__ import annotations

from itertools import count
from typing import NamedTuple

__all__ = ["ShadowDatabase", "UserDatabase"]


class UserRecord(NamedTuple):
    """A user, as `pwd` describes one."""

    pw_name: str
    pw_passwd: str
    pw_uid: int
    pw_gid: int
    pw_gecos: str
    pw_dir: str
    pw_shell: str


class ShadowRecord(NamedTuple):
    """A user's password and its ages in days, as `spwd` describes them."""

    sp_nam: str
    sp_pwd: str
    sp_lstchg: int
    sp_min: int
    sp_max: int
    sp_warn: int
    sp_inact: int
    sp_expire: int
    sp_flag: int


class UserDatabase:
    """Offers what the module `pwd` does."""

    def __init__(self) -> None:
        self._users: list[UserRecord] = []
        self._uids = count(10101)
        self._gids = count(20202)

    def addUser(
        self,
        username: str,
        password: str = "password",
        uid: int | None = None,
        gid: int | None = None,
        gecos: str = "",
        home: str = "",
        shell: str = "/bin/sh",
    ) -> None:
        """Add a user. Numbers that are not given are ones that no other user was given here."""
        if uid is None:
            uid = next(self._uids)
        if gid is None:
            gid = next(self._gids)
        self._users.append(UserRecord(username, password, uid, gid, gecos, home, shell))

    def getpwuid(self, uid: int) -> UserRecord:
        """Return the user with a number. Raises `KeyError` if there is none."""
        for user in self._users:
            if user.pw_uid == uid:
                return user
        raise KeyError(f"no user has the number {uid!r}")

    def getpwnam(self, name: str) -> UserRecord:
        """Return the user with a name. Raises `KeyError` if there is none, and `TypeError` for bytes, as `pwd` does."""
        if not isinstance(name, str):
            raise TypeError(f"a user's name is text, not {name!r}")
        for user in self._users:
            if user.pw_name == name:
                return user
        raise KeyError(f"no user has the name {name!r}")

    def getpwall(self) -> list[UserRecord]:
        """Return all users."""
        return list(self._users)


class ShadowDatabase:
    """Offers what the module `spwd` does."""

    def __init__(self) -> None:
        self._users: list[ShadowRecord] = []

    def addUser(
        self,
        username: str,
        password: str,
        lastChange: int,
        min: int,
        max: int,
        warn: int,
        inact: int,
        expire: int,
        flag: int,
    ) -> None:
        """Add a user's password, with its ages in days."""
        self._users.append(ShadowRecord(username, password, lastChange, min, max, warn, inact, expire, flag))

    def getspnam(self, username: str) -> ShadowRecord:
        """Return what is known of a user's password. Raises `KeyError` if nothing is."""
        if not isinstance(username, str):
            raise TypeError(f"a user's name is text, not {username!r}")
        for user in self._users:
            if user.sp_nam == username:
                return user
        raise KeyError(f"no user has the name {username!r}")

    def getspall(self) -> list[ShadowRecord]:
        """Return what is known of all passwords."""
        return list(self._users)
