"""The application's plugin: a type of checkers for ``--auth``. This directory has no ``__init__.py``."""

from myapp.cred import SpecialChecker
from zope.interface import implementer

from ropewalk import plugin
from ropewalk.cred.credentials import IUsernamePassword
from ropewalk.cred.strcred import ICheckerFactory


# The class needs both of these interfaces for the plugin system to find our factory.
@implementer(ICheckerFactory, plugin.IPlugin)
class SpecialCheckerFactory:
    """A checker factory for a specialized (fictional) API."""

    # This tells AuthOptionMixin how to find this factory.
    authType = "special"

    # A one-line explanation of what arguments, if any, this plugin requires at the command line.
    argStringFormat = "A colon-separated key=value list."

    # This can be multiple lines. ``--help-auth-type special`` displays it.
    authHelp = """Some help text goes here ..."""

    credentialInterfaces = (IUsernamePassword,)

    # Called once per command line.
    def generateChecker(self, argstring=""):
        return SpecialChecker(**dict(word.split("=") for word in argstring.split(":")))


# We need to instantiate our class for the plugin to work.
theSpecialCheckerFactory = SpecialCheckerFactory()
