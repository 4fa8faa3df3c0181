"""Where protocols log their peers in: a `Portal` joins a realm, which has the avatars, and checkers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from zope.interface import Interface, providedBy

from ..internet.defer import Deferred, fail, maybeDeferred
from ..python.reflect import qual
from ._kinds import ICredentials, areOfKind
from .error import UnhandledCredentials

if TYPE_CHECKING:
    from collections.abc import Callable

    from zope.interface.interface import InterfaceClass

    Login = tuple[InterfaceClass, Any, Callable[[], object]]

__all__ = ["IRealm", "Portal"]


class IRealm(Interface):
    """The part of a program that knows what each user gets."""

    def requestAvatar(
        avatarId: bytes | tuple[()], mind: object, *interfaces: InterfaceClass
    ) -> Login | Deferred[Login]:
        """Give the user an avatar. The user is authenticated by now: create what isn't there yet.

        Args:
            avatarId: who it is, as the checker says: bytes, mostly the user's name in UTF-8;
                `ropewalk.cred.checkers.ANONYMOUS` for nobody in particular.
            mind: what the protocol passed to `Portal.login`.
            interfaces: what the protocol can use, the best first.

        Returns:
            One of the interfaces, an avatar that provides it, and a function without arguments that the protocol
            calls when the user is gone. Or a Deferred of that; or be a coroutine.

        Raises:
            NotImplementedError: the realm has nothing with any of the interfaces.
            LoginDenied: the user may not come in now. As with every exception, the login fails with it.
        """


class Portal:
    """The one object that a protocol needs to log its peers in.

    Args:
        realm: an `IRealm`.
        checkers: each an `ropewalk.cred.checkers.ICredentialsChecker`.

    Attributes:
        realm: the realm.
        checkers: a dict of the checkers by the interfaces of credentials that they check.
    """

    def __init__(self, realm: Any, checkers: Iterable[Any] = ()) -> None:
        self.realm = realm
        self.checkers: dict[InterfaceClass, Any] = {}
        for checker in checkers:
            self.registerChecker(checker)

    def listCredentialsInterfaces(self) -> list[InterfaceClass]:
        """Return the interfaces of the credentials that can be checked here."""
        return list(self.checkers)

    def registerChecker(self, checker: Any, *credentialInterfaces: InterfaceClass) -> None:
        """Add a checker. For each interface there is one: the last that was added.

        Args:
            credentialInterfaces: for what credentials it is asked; by default those that it declares.
        """
        for interface in credentialInterfaces or checker.credentialInterfaces:
            self.checkers[interface] = checker

    def login(self, credentials: Any, mind: object, *interfaces: InterfaceClass) -> Deferred[Login]:
        """Log a peer in.

        Args:
            credentials: what the peer presented. Their type decides which checker is asked: the first for an
                interface that they provide.
            mind: for the realm; how it tells the peer something, in protocols that have a use for it. Else `None`.
            interfaces: what the avatar should provide, the best first.

        Returns:
            A Deferred of the interface that the avatar provides, the avatar, and a function without arguments, which
            is to be called when the peer logs out or its connection is lost.

            It fails with `LoginFailed` or a subclass of it, such as `UnauthorizedLogin`, or with whatever the realm
            raised. Cancelling it cancels what is being waited for.
        """
        for interface, checker in self.checkers.items():
            if areOfKind(credentials, interface):
                return maybeDeferred(checker.requestAvatarId, credentials).addCallback(self._enter, mind, interfaces)
        presented = ", ".join(qual(kind) for kind in providedBy(credentials) if kind is not ICredentials)
        served = ", ".join(map(qual, self.checkers)) or "nothing"
        return fail(
            UnhandledCredentials(
                f"no checker for {presented or repr(type(credentials))}; this portal has checkers for {served}"
            )
        )

    def _enter(self, avatarId: Any, mind: object, interfaces: tuple[InterfaceClass, ...]) -> Deferred[Login]:
        return maybeDeferred(self.realm.requestAvatar, avatarId, mind, *interfaces)
