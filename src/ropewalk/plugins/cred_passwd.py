"""``--auth passwd:/etc/passwd``: users from a file such as ``passwd(5)``, with hashes of ``crypt(3)``."""

from __future__ import annotations

from zope.interface import implementer

from ropewalk.cred._apart import Apart, InThread
from ropewalk.cred._crypt import verifyCrypted
from ropewalk.cred.checkers import FilePasswordDB
from ropewalk.cred.credentials import IUsernamePassword
from ropewalk.cred.strcred import ICheckerFactory, InvalidAuthArgumentString
from ropewalk.internet.defer import Deferred
from ropewalk.internet.threads import deferToThread
from ropewalk.plugin import IPlugin

__all__ = ["PasswdCheckerFactory", "thePasswdCheckerFactory"]


class Confirmed:
    """What `FilePasswordDB` asks for the hash of a password.

    Args:
        inThread: hashes are computed there.
    """

    def __init__(self, inThread: InThread = deferToThread) -> None:
        self._apart = Apart(inThread)

    def __call__(self, username: object, password: bytes | str, stored: bytes) -> Deferred[bytes | None]:
        """Return a Deferred of what the hash in the file must be: itself, if it is that of the password; else `None`.

        Nothing is `None`: not even an empty field, which says that no password is needed. It lets nobody in here.
        """
        verified = self._apart(verifyCrypted, stored.decode("utf-8", "replace"), password)
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
        return FilePasswordDB(argstring, hash=Confirmed())


thePasswdCheckerFactory = PasswdCheckerFactory()
