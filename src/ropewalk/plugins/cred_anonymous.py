"""``--auth anonymous``: whoever doesn't say who it is may come in."""

from __future__ import annotations

from zope.interface import implementer

from ropewalk.cred.checkers import AllowAnonymousAccess
from ropewalk.cred.credentials import IAnonymous
from ropewalk.cred.strcred import ICheckerFactory
from ropewalk.plugin import IPlugin

__all__ = ["AnonymousCheckerFactory", "anonymousCheckerFactoryHelp", "theAnonymousCheckerFactory"]

anonymousCheckerFactoryHelp = """
Peers that do not say who they are may come in, where the protocol has such peers.
"""


@implementer(ICheckerFactory, IPlugin)
class AnonymousCheckerFactory:
    """Makes checkers that let anybody in."""

    authType = "anonymous"
    authHelp = anonymousCheckerFactoryHelp
    argStringFormat = "No argstring required."
    credentialInterfaces = (IAnonymous,)

    def generateChecker(self, argstring: str = "") -> AllowAnonymousAccess:
        """Make a checker.

        Args:
            argstring: not used.
        """
        return AllowAnonymousAccess()


theAnonymousCheckerFactory = AnonymousCheckerFactory()
