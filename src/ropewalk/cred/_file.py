"""Users in a file: a line for each, with fields, one of which is the name and one the password or its hash."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from typing import Any

from zope.interface import implementer

from ..internet.defer import Deferred, maybeDeferred, succeed
from ..internet.threads import deferToThread
from ..logger import Logger
from ._apart import Apart, InThread
from ._checking import ICredentialsChecker, admit, refusal
from ._kinds import IUsernameHashedPassword, IUsernamePassword, areOfKind
from ._wire.text import asBytes, same
from .passwords import isHash, parsed, verifyPassword

__all__ = ["FilePasswordDB"]

# What the password of a user who is not there is compared with, so that it takes as long.
NOBODYS = secrets.token_bytes(16)


class Users:
    """What is in a file.

    Attributes:
        passwords: by names, as they stand there.
        hashed: one of the passwords that is a hash of `ropewalk.cred.passwords`, if any is: the work to do for users
            whose password is none, or who are not there.
        longest: the longest of the passwords. For hashes of other kinds it is the likeliest to be one.
    """

    __slots__ = ("hashed", "longest", "passwords")

    def __init__(self, passwords: dict[bytes, bytes]) -> None:
        self.passwords = passwords
        self.hashed = next(filter(isHash, passwords.values()), None)
        self.longest = max(passwords.values(), key=len, default=b"")


@implementer(ICredentialsChecker)
class FilePasswordDB:
    """Knows the users from a file such as ``passwd(5)``, a line for each: ``name:password``.

    Passwords stand there as hashes made by ``python -m ropewalk.cred.passwords``, which are recognized, or as they
    are. Credentials that are computed from the password (`IUsernameHashedPassword`: CRAM-MD5, Digest) need the latter.

    Lines with too few fields count for nothing and are logged by number; of two lines for a name the first counts.

    Args:
        filename: where it is. It is read at each login, so that changes count at once.
        delim: what is between the fields.
        usernameField, passwordField: which fields, counted from 0.
        caseSensitive: when false, names are taken in lower case, on both sides.
        hash: for hashes of another kind: called with the name, the password that the peer gave, and the one in the
            file, it returns what the latter must be, or a Deferred of it. As a rule it hashes the peer's password with
            the salt from the file's. Then only `IUsernamePassword` can be checked.
        cache: keep the users in memory until the file changes.
        inThread: hashes are computed there, like `deferToThread`.

    Attributes:
        credentialInterfaces: what it can check.
        ufield, pfield: the two fields' numbers.
    """

    cache = False
    _log = Logger("ropewalk.cred.checkers")

    def __init__(
        self,
        filename: str | os.PathLike[str],
        delim: bytes | str = b":",
        usernameField: int = 0,
        passwordField: int = 1,
        caseSensitive: bool = True,
        hash: Callable[[Any, Any, bytes], Any] | None = None,
        cache: bool = False,
        *,
        inThread: InThread = deferToThread,
    ) -> None:
        self.filename = filename
        self.delim = asBytes(delim)
        self.ufield = usernameField
        self.pfield = passwordField
        self.caseSensitive = caseSensitive
        self.hash = hash
        self.cache = cache
        self.credentialInterfaces = (
            (IUsernamePassword,) if hash is not None else (IUsernamePassword, IUsernameHashedPassword)
        )
        self._apart = Apart(inThread)
        # What was read, and of which state of the file; only when `cache` is set.
        self._kept: tuple[object, Users] | None = None
        # What was logged already: a program that logs in often says it once.
        self._reported: set[object] = set()

    def getUser(self, username: bytes | str) -> tuple[bytes, bytes]:
        """Return a user's name, in lower case if case does not count, and password, as they stand in the file.

        Raises:
            KeyError: there is no such user.
            UnauthorizedLogin: the file cannot be read. Why, is logged.
        """
        name = self._folded(asBytes(username))
        try:
            return name, self._users().passwords[name]
        except KeyError:
            raise KeyError(username) from None

    def requestAvatarId(self, credentials: Any) -> Deferred[bytes]:
        """Return a Deferred of the user's name as it stands in the file; it fails with `UnauthorizedLogin`."""
        users = maybeDeferred(self._users)
        return users.addCallback(self._check, credentials)

    def _check(self, users: Users, credentials: Any) -> Deferred[bytes]:
        name = self._folded(asBytes(credentials.username))
        stored = users.passwords.get(name)
        # Each way takes the same time whether or not there is such a user.
        if self.hash is not None:
            right = self._hashed(users, stored, credentials)
        elif users.hashed is not None:
            right = self._verified(users.hashed, stored, credentials)
        else:
            right = maybeDeferred(credentials.checkPassword, NOBODYS if stored is None else stored)
        return right.addCallback(lambda right: admit(bool(right) and stored is not None, name))

    def _hashed(self, users: Users, stored: bytes | None, credentials: Any) -> Deferred[bool]:
        """Check a password with a hash of the program's own."""
        if not users.passwords or not areOfKind(credentials, IUsernamePassword):
            return succeed(False)
        against = users.longest if stored is None else stored
        hashed = maybeDeferred(self.hash, credentials.username, credentials.password, against)  # type: ignore[call-overload]  # the caller has looked
        return hashed.addCallback(same, against)  # type: ignore[no-any-return]  # `maybeDeferred` of any callable

    def _verified(self, hashed: bytes, stored: bytes | None, credentials: Any) -> Deferred[bool]:
        """Check a password in a file that has hashes of ours. Some lines may have passwords that are none."""
        plain = stored if stored is not None and not isHash(stored) else None
        if not areOfKind(credentials, IUsernamePassword):
            if plain is not None:
                return maybeDeferred(credentials.checkPassword, plain)
            if stored is not None:
                self._warn(
                    "{filename}: hashes of passwords serve for plain log-ins only; "
                    "a user tried one by challenge and response, which needs the password itself"
                )
            return succeed(False)
        against = hashed if plain is not None or stored is None else stored
        verified = self._apart(verifyPassword, credentials.password, against)
        if plain is not None:
            verified.addCallback(lambda _: credentials.checkPassword(plain))
        return verified

    def _folded(self, name: bytes) -> bytes:
        return name if self.caseSensitive else name.lower()

    # The file

    def _users(self) -> Users:
        try:
            with open(self.filename, "rb") as file:
                if not self.cache:
                    return self._read(file)
                status = os.fstat(file.fileno())
                state = (status.st_ino, status.st_mtime_ns, status.st_size)
                if self._kept is None or self._kept[0] != state:
                    self._kept = (state, self._read(file))
                return self._kept[1]
        except OSError as problem:
            self._log.error(
                "cannot read the users in {filename}: {reason}; nobody can log in by it",
                filename=os.fspath(self.filename),
                reason=problem.strerror,
            )
            raise refusal() from None

    def _read(self, file: Any) -> Users:
        passwords: dict[bytes, bytes] = {}
        for number, line in enumerate(file, 1):
            fields = line.rstrip(b"\r\n").split(self.delim)
            try:
                name, password = fields[self.ufield], fields[self.pfield]
                if self.hash is None and isHash(password):
                    parsed(password)
            except (IndexError, ValueError) as problem:
                # Empty lines and comments are nothing to be told of.
                if line.strip() and not line.startswith(b"#"):
                    reason = "too few fields" if isinstance(problem, IndexError) else str(problem)
                    self._warn("{filename}, line {number}: {reason}; it is left out", number=number, reason=reason)
                continue
            passwords.setdefault(self._folded(name), password)
        return Users(passwords)

    def _warn(self, format: str, **values: Any) -> None:
        """Log something about the file, once."""
        event = (format, *values.values())
        if event not in self._reported:
            self._reported.add(event)
            self._log.warn(format, filename=os.fspath(self.filename), **values)
