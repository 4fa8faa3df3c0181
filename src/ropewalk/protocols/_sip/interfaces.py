"""What programs put into a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zope.interface import Interface

if TYPE_CHECKING:
    from ropewalk.internet.defer import Deferred

    from .addresses import URL
    from .registry import Registration

__all__ = ["IAuthorizer", "IContact", "ILocator", "IRegistry"]


class IContact(Interface):
    """The avatar of a user who may register: ask a portal for it."""


class IRegistry(Interface):
    """Remembers where users are."""

    def registerAddress(domainURL: URL, logicalURL: URL, physicalURL: URL) -> Deferred[Registration]:
        """Remember where a user is.

        Args:
            domainURL: the domain that is asked to.
            logicalURL: who it is: ``sip:joe@example.com``.
            physicalURL: where.

        Returns:
            A Deferred that fails with `RegistrationError` when that cannot be, for a domain of others say.
        """

    def unregisterAddress(domainURL: URL, logicalURL: URL, physicalURL: URL | None) -> Deferred[Registration]:
        """Forget where a user is; all of it, when no place is given.

        Returns:
            As for `registerAddress`; there are 0 seconds left.
        """

    def getRegistrationInfo(logicalURL: URL) -> Deferred[Registration]:
        """Tell where a user is, and for how long. A Deferred that fails with `LookupError` when nobody knows."""


class ILocator(Interface):
    """Finds users."""

    def getAddress(logicalURL: URL) -> Deferred[URL]:
        """Tell where a user is. A Deferred that fails with `LookupError` when nobody knows."""


class IAuthorizer(Interface):
    """One way for users to prove who they are."""

    def getChallenge(peer: Any) -> str:
        """Return the parameters of the challenge, without a realm, for somebody at an address."""

    def decode(response: str) -> Any:
        """Return the credentials in what was answered.

        Raises:
            SIPError: it makes no sense.
        """
