"""Who is who: checkers tell a portal whose credentials it was given."""

from __future__ import annotations

import secrets
from typing import Any, Final

from zope.interface import implementer

from .._doors import publish
from ..internet.defer import Deferred, maybeDeferred, succeed
from ..logger import Logger
from ._checking import ICredentialsChecker, admit
from ._file import FilePasswordDB
from ._kinds import IAnonymous, IUsernameHashedPassword, IUsernamePassword
from ._pam import PluggableAuthenticationModulesChecker
from ._wire.text import asBytes

__all__ = [
    "ANONYMOUS",
    "AllowAnonymousAccess",
    "FilePasswordDB",
    "ICredentialsChecker",
    "InMemoryUsernamePasswordDatabaseDontUse",
    "Logger",
    "OnDiskUsernamePasswordDatabase",
    "PluggableAuthenticationModulesChecker",
]

#: Who logs in without saying who it is.
ANONYMOUS: Final[tuple[()]] = ()

OnDiskUsernamePasswordDatabase = FilePasswordDB


@implementer(ICredentialsChecker)
class AllowAnonymousAccess:
    """Lets in whoever does not say who it is, as `ANONYMOUS`."""

    credentialInterfaces = (IAnonymous,)

    def requestAvatarId(self, credentials: object) -> Deferred[tuple[()]]:
        """Return a Deferred of `ANONYMOUS`."""
        return succeed(ANONYMOUS)


@implementer(ICredentialsChecker)
class InMemoryUsernamePasswordDatabaseDontUse:
    """Knows the users that the program tells it, with their passwords as they are. For tests and first steps.

    Args:
        users: names and passwords.

    Attributes:
        users: a dict of passwords by names.
    """

    credentialInterfaces = (IUsernamePassword, IUsernameHashedPassword)

    def __init__(self, **users: bytes | str) -> None:
        self.users: dict[bytes | str, bytes | str] = {asBytes(name): password for name, password in users.items()}

    def addUser(self, username: bytes | str, password: bytes | str) -> None:
        """Add a user, or change a password."""
        self.users[username] = password

    def requestAvatarId(self, credentials: Any) -> Deferred[bytes | str]:
        """Return a Deferred of the user's name as it was added; it fails with `UnauthorizedLogin`."""
        name = credentials.username
        if name not in self.users and isinstance(name, bytes | str):
            # Text is the same as its UTF-8: what was added in one form may come in the other.
            other = asBytes(name) if isinstance(name, str) else name.decode("utf-8", "replace")
            name = other if other in self.users else name
        known = name in self.users
        # A name that nobody has takes as long as a wrong password.
        stored = self.users[name] if known else secrets.token_bytes(16)
        right = maybeDeferred(credentials.checkPassword, stored)
        return right.addCallback(lambda right: admit(bool(right) and known, name))


publish(__name__)
