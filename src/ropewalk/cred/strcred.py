"""Checkers from a word of the command line: ``--auth file:/etc/users``.

Each type of checker is a plugin, an `ICheckerFactory`; what follows its name is for it to understand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TextIO

from zope.interface import Attribute, Interface

from ..plugin import getPlugins
from ..python import usage
from ..python.reflect import qual

if TYPE_CHECKING:
    from zope.interface.interface import InterfaceClass

    # What the mixin is mixed into is a dict, `usage.Options`. Named here, that would be a base twice over.
    Host = dict[str, Any]
else:
    Host = object

__all__ = [
    "AuthOptionMixin",
    "ICheckerFactory",
    "InvalidAuthArgumentString",
    "InvalidAuthType",
    "StrcredException",
    "UnsupportedInterfaces",
    "findCheckerFactories",
    "findCheckerFactory",
    "makeChecker",
    "notSupportedWarning",
]

notSupportedWarning = "WARNING: This authType is not supported by this application."


class ICheckerFactory(Interface):
    """Makes a checker from a text. Provide `ropewalk.plugin.IPlugin` as well, to be found."""

    authType = Attribute("The name of the type, one short word.")

    authHelp = Attribute("What the type is good for, in a few lines.")

    argStringFormat = Attribute("What may come after the name, in one line.")

    credentialInterfaces = Attribute("The interfaces of the credentials that its checkers check, in a sequence.")

    def generateChecker(argstring: str) -> Any:
        """Make a checker, a `ropewalk.cred.checkers.ICredentialsChecker`.

        Args:
            argstring: what came after the colon; empty if there was none.

        Raises:
            InvalidAuthArgumentString: that is no use.
        """


class StrcredException(Exception):
    """A description of a checker is no use."""


class InvalidAuthType(StrcredException):
    """There is no such type of checker."""


class InvalidAuthArgumentString(StrcredException, ValueError):
    """The type exists, and what came after its name is not for it. The message says what is."""


class UnsupportedInterfaces(StrcredException):
    """The checker checks no credentials that the application can come by."""


def findCheckerFactories() -> Iterator[Any]:
    """Return the types of checkers that there are: an iterator of `ICheckerFactory`."""
    return getPlugins(ICheckerFactory)


def findCheckerFactory(authType: str) -> Any:
    """Return the type of checker with a name.

    Raises:
        InvalidAuthType: there is none.
    """
    for factory in findCheckerFactories():
        if factory.authType == authType:
            return factory
    raise InvalidAuthType(authType)


def makeChecker(description: str) -> Any:
    """Make a checker, a `ropewalk.cred.checkers.ICredentialsChecker`.

    Args:
        description: the name of a type; with a colon and what the type wants to know, if it does.

    Raises:
        InvalidAuthType: there is no such type.
        InvalidAuthArgumentString: the rest is not for it.
    """
    authType, _, argstring = description.partition(":")
    return findCheckerFactory(authType).generateChecker(argstring)


class AuthOptionMixin(Host):
    """Gives a class of options ``--auth``, ``--help-auth`` and ``--help-auth-type``.

    When ``--auth`` was given, the options have ``"credCheckers"``, a list of checkers, and ``"credInterfaces"``, a dict
    of such lists by the interfaces of their credentials.

    Attributes:
        supportedInterfaces: interfaces of the credentials that the application can come by; `None` for any.
        authOutput: help is written there.
    """

    supportedInterfaces: ClassVar[Sequence[InterfaceClass] | None] = None
    authOutput: TextIO = sys.stdout

    def supportsInterface(self, interface: InterfaceClass) -> bool:
        """Whether the application can come by such credentials."""
        return self.supportedInterfaces is None or interface in self.supportedInterfaces

    def supportsCheckerFactory(self, factory: Any) -> bool:
        """Whether the application has a use for a type of checker."""
        return any(map(self.supportsInterface, factory.credentialInterfaces))

    def addChecker(self, checker: Any) -> None:
        """Put a checker into the options.

        Raises:
            UnsupportedInterfaces: the application has no use for it.
        """
        supported = [kind for kind in checker.credentialInterfaces if self.supportsInterface(kind)]
        if not supported:
            raise UnsupportedInterfaces(checker.credentialInterfaces)
        for kind in supported:
            self.setdefault("credInterfaces", {}).setdefault(kind, []).append(checker)
        self.setdefault("credCheckers", []).append(checker)

    def opt_auth(self, description: str) -> None:
        """Specify an authentication method for the server."""
        try:
            self.addChecker(makeChecker(description))
        except UnsupportedInterfaces as problem:
            kinds = ", ".join(map(qual, problem.args[0]))
            raise usage.UsageError(
                f"Auth plugin not supported: this application has no use for {kinds}. Try --help-auth."
            ) from problem
        except InvalidAuthType as problem:
            known = ", ".join(sorted(factory.authType for factory in self._factories()))
            raise usage.UsageError(
                f"Auth plugin not recognized: {problem}. There are: {known or 'none of use here'}."
            ) from problem
        except Exception as problem:
            # A plugin may be anybody's; whatever it finds wrong, the line that was typed is at fault.
            raise usage.UsageError(f"Auth plugin {description.partition(':')[0]}: {problem}") from problem

    def opt_help_auth(self) -> NoReturn:
        """Show all authentication methods available."""
        rows = [("AuthType", "ArgString format"), ("========", "================")]
        rows += [(factory.authType, factory.argStringFormat) for factory in self._factories()]
        width = max(len(name) for name, _ in rows)
        lines = [f"  {name:{width}}\t{text}" for name, text in rows]
        self._write(
            "Usage: --auth AuthType[:ArgString]", "For detailed help: --help-auth-type AuthType", "", *lines, ""
        )
        raise SystemExit(0)

    def opt_help_auth_type(self, authType: str) -> NoReturn:
        """Show help for a particular authentication type."""
        try:
            factory = findCheckerFactory(authType)
        except InvalidAuthType:
            raise usage.UsageError(f"Invalid auth type: {authType}") from None
        paragraphs = [f"  {line.strip()}".rstrip() for line in factory.authHelp.strip().splitlines()]
        if not self.supportsCheckerFactory(factory):
            paragraphs += ["", f"  {notSupportedWarning}"]
        self._write(
            f"Usage: --auth {authType}[:ArgString]", f"ArgString format: {factory.argStringFormat}", "", *paragraphs, ""
        )
        raise SystemExit(0)

    def _factories(self) -> Iterator[Any]:
        """The types that the application has a use for."""
        return filter(self.supportsCheckerFactory, findCheckerFactories())

    def _write(self, *lines: str) -> None:
        for line in lines:
            print(line, file=self.authOutput)
