"""``--auth passwd:/etc/passwd``: users from a file such as ``passwd(5)``, with hashes of ``crypt(3)``."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from ropewalk.cred._crypt import verifyCrypted
from ropewalk.cred.checkers import FilePasswordDB
from ropewalk.cred.credentials import IUsernamePassword
from ropewalk.cred.strcred import ICheckerFactory, InvalidAuthArgumentString
from ropewalk.internet.defer import Deferred
from ropewalk.internet.threads import deferToThread
from ropewalk.plugin import IPlugin

__all__ = ["PasswdCheckerFactory", "thePasswdCheckerFactory"]


def confirmed(username: Any, password: bytes | str, stored: bytes) -> Deferred[bytes | None]:
    """What the hash in the file must be: itself, if it is that of the password; else `None`, which nothing is.

    An empty field, which says that there is no password, lets nobody in.
    """
    text = password if isinstance(password, str) else password.decode("utf-8", "surrogateescape")
    verified: Deferred[bool] = deferToThread(verifyCrypted, stored.decode("utf-8", "replace"), text)
    return verified.addCallback(lambda right: stored if right else None)


@implementer(ICheckerFactory, IPlugin)
class PasswdCheckerFactory:
    """Makes checkers that read a file of the system's form."""

    authType = "passwd"
    authHelp = """
    The users are the lines of a file such as passwd(5) or shadow(5): a name, a
    colon, the password's hash as crypt(3) makes it, and whatever follows another
    colon. On most systems /etc/passwd itself has no hashes any longer: see 'unix'.
    """
    argStringFormat = "Location of a passwd(5)-formatted file."
    credentialInterfaces = (IUsernamePassword,)

    def generateChecker(self, argstring: str) -> FilePasswordDB:
        """Make a checker.

        Args:
            argstring: where the file is.

        Raises:
            InvalidAuthArgumentString: it says nothing.
        """
        if not argstring:
            raise InvalidAuthArgumentString("'passwd' requires a filename: --auth passwd:FILE")
        return FilePasswordDB(argstring, hash=confirmed)


thePasswdCheckerFactory = PasswdCheckerFactory()
