"""What every checker is, and how each of them says no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from zope.interface import Attribute, Interface

from .error import UnauthorizedLogin

if TYPE_CHECKING:
    from ..internet.defer import Deferred

__all__ = ["ICredentialsChecker", "admit", "refusal"]

T = TypeVar("T")


class ICredentialsChecker(Interface):
    """Finds out whose credentials these are."""

    __module__ = "ropewalk.cred.checkers"

    credentialInterfaces = Attribute("The interfaces of the credentials that it checks, in a sequence.")

    def requestAvatarId(credentials: Any) -> Deferred[Any] | Any:
        """Check credentials that provide one of the interfaces.

        Returns:
            Who it is: bytes, mostly the user's name in UTF-8; `ANONYMOUS` for nobody in particular. Or a Deferred of
            that; or be a coroutine.

        Raises:
            UnauthorizedLogin: the credentials are wrong, or nobody's. Which of them, the error does not say; let the
                time that it takes not say it either.
        """


def refusal() -> UnauthorizedLogin:
    """The one answer to a wrong name and to a wrong password."""
    return UnauthorizedLogin("the name or the password is wrong")


def admit(right: bool, avatarId: T) -> T:
    """Say who it is, if the password was right."""
    if not right:
        raise refusal()
    return avatarId
