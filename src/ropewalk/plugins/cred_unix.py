"""``--auth unix``: the users of this machine."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from zope.interface import implementer

from ropewalk.cred._apart import Apart, InThread
from ropewalk.cred._checking import admit, refusal
from ropewalk.cred._crypt import getspnam, isCrypted, verifyCrypted
from ropewalk.cred.checkers import ICredentialsChecker
from ropewalk.cred.credentials import IUsernamePassword
from ropewalk.cred.strcred import ICheckerFactory
from ropewalk.internet.defer import Deferred, fail, succeed
from ropewalk.internet.threads import deferToThread
from ropewalk.plugin import IPlugin

__all__ = [
    "UNIXChecker",
    "UNIXCheckerFactory",
    "theUnixCheckerFactory",
    "unixCheckerFactoryHelp",
    "verifyCryptedPassword",
]

unixCheckerFactoryHelp = """
The users are those of this machine, with the passwords by which they log in to it.
Mostly only root can read those: the server must run as root, or use PAM.
"""

# Of a password that nobody has. What it stands for until a real one was seen, `UNIXChecker` says.
NOBODYS = "$6$nobody$" + "." * 86


def verifyCryptedPassword(crypted: str, pw: bytes | str) -> bool:
    """Whether a hash of ``crypt(3)`` is that of a password. What is no hash lets nobody in.

    Raises:
        RuntimeError: there is no ``crypt`` here.
    """
    return verifyCrypted(crypted, pw)


@implementer(ICredentialsChecker)
class UNIXChecker:
    """Knows the users of this machine, from ``/etc/passwd`` (or what stands for it) and ``/etc/shadow``.

    Args:
        pwd, spwd: modules, or what is like them, with ``getpwnam`` and ``getspnam``; by default the system's.
        verify: compares a hash and a password.
        inThread: all that is done there, like `deferToThread`.
    """

    credentialInterfaces = (IUsernamePassword,)

    def __init__(
        self,
        pwd: Any = None,
        spwd: Any = None,
        *,
        verify: Callable[[str, bytes | str], bool] = verifyCryptedPassword,
        inThread: InThread = deferToThread,
    ) -> None:
        if pwd is None:
            import pwd
        self._pwd = pwd
        self._spwd = spwd or SimpleNamespace(getspnam=getspnam)
        self._verify = verify
        self._apart = Apart(inThread)
        # What the password of a user who is not there is checked with, so that it takes as long: the hash that was
        # seen last, since the kinds of hashes differ.
        self._decoy = NOBODYS

    def checkPwd(self, pwd: Any, username: str, password: bytes | str) -> Deferred[str] | None:
        """Check a password with the hash in ``/etc/passwd``.

        Args:
            pwd: the module of that name, or what is like it.

        Returns:
            A Deferred of the name if it is right; one that has failed with `UnauthorizedLogin` if there is no such
            user; `None` if it is wrong, or the hash is elsewhere.
        """
        try:
            crypted = pwd.getpwnam(username).pw_passwd
        except KeyError:
            return fail(refusal())
        return succeed(username) if verifyCryptedPassword(crypted, password) else None

    def checkSpwd(self, spwd: Any, username: str, password: bytes | str) -> Deferred[str] | None:
        """Check a password with the hash in ``/etc/shadow``.

        Args:
            spwd: has ``getspnam``, like the module of that name.

        Returns:
            As for `checkPwd`.
        """
        try:
            crypted = spwd.getspnam(username).sp_pwdp
        except KeyError:
            return fail(refusal())
        return succeed(username) if verifyCryptedPassword(crypted, password) else None

    def requestAvatarId(self, credentials: Any) -> Deferred[Any]:
        """Return a Deferred of the user's name; it fails with `UnauthorizedLogin`."""
        name = credentials.username
        text = name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")
        return self._apart(self._isRight, text, credentials.password).addCallback(admit, name)

    def _isRight(self, name: str, password: bytes | str) -> bool:
        """Runs in a thread: the system may have to ask other machines, and hashing takes long on purpose."""
        crypted = self._crypted(name)
        return self._verify(crypted or self._decoy, password) and crypted is not None

    def _crypted(self, name: str) -> str | None:
        """A user's hash, if there is one."""
        found = []
        for find, field in ((self._pwd.getpwnam, "pw_passwd"), (self._spwd.getspnam, "sp_pwdp")):
            try:
                found.append(getattr(find(name), field))
            except (KeyError, OSError, ValueError):
                continue  # No such user; a file that we may not read; a name that no user can have.
        crypted = next(filter(isCrypted, found), None)
        if crypted is not None:
            self._decoy = crypted
        return crypted


@implementer(ICheckerFactory, IPlugin)
class UNIXCheckerFactory:
    """Makes checkers that know the users of this machine."""

    authType = "unix"
    authHelp = unixCheckerFactoryHelp
    argStringFormat = "No argstring required."
    credentialInterfaces = (IUsernamePassword,)

    def generateChecker(self, argstring: str) -> UNIXChecker:
        """Make a checker.

        Args:
            argstring: not used.
        """
        return UNIXChecker()


theUnixCheckerFactory = UNIXCheckerFactory()
