"""``--auth memory:NAME:PASSWORD``: users from the command line itself, where everybody on the machine can read them."""

from __future__ import annotations

from zope.interface import implementer

from ropewalk.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from ropewalk.cred.credentials import IUsernameHashedPassword, IUsernamePassword
from ropewalk.cred.strcred import ICheckerFactory, InvalidAuthArgumentString
from ropewalk.plugin import IPlugin

__all__ = ["InMemoryCheckerFactory", "inMemoryCheckerFactoryHelp", "theInMemoryCheckerFactory"]

inMemoryCheckerFactoryHelp = """
The users are given on the command line, as name:password:name:password.
Whoever lists the processes of this machine can read them: for trying things out.
"""


@implementer(ICheckerFactory, IPlugin)
class InMemoryCheckerFactory:
    """Makes checkers that know a few users."""

    authType = "memory"
    authHelp = inMemoryCheckerFactoryHelp
    argStringFormat = "A colon-separated list (name:password:...)"
    credentialInterfaces = (IUsernamePassword, IUsernameHashedPassword)

    def generateChecker(self, argstring: str) -> InMemoryUsernamePasswordDatabaseDontUse:
        """Make a checker.

        Args:
            argstring: names and passwords in turn, with colons between.

        Raises:
            InvalidAuthArgumentString: a name has no password.
        """
        checker = InMemoryUsernamePasswordDatabaseDontUse()
        words = argstring.split(":") if argstring else []
        if len(words) % 2:
            raise InvalidAuthArgumentString(
                f"'memory' takes names and passwords, memory:name:password:..., and these are {len(words)} words"
            )
        for name, password in zip(words[::2], words[1::2], strict=True):
            checker.addUser(name, password)
        return checker


theInMemoryCheckerFactory = InMemoryCheckerFactory()
