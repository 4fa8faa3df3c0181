"""Who is where: a registry in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zope.interface import implementer

from ropewalk.internet.defer import Deferred, fail, succeed

from .addresses import URL
from .interfaces import ILocator, IRegistry
from .messages import SIPError

if TYPE_CHECKING:
    from ropewalk.internet.interfaces import IDelayedCall

__all__ = ["InMemoryRegistry", "Registration", "RegistrationError"]

# How long a user is remembered, in seconds, without registering again.
LIFETIME = 3600


class RegistrationError(SIPError):
    """A user can't be registered here."""


class Registration:
    """Where a user is.

    Attributes:
        secondsToExpiry: how long that holds.
        contactURL: where; `None` for nowhere any more.
    """

    def __init__(self, secondsToExpiry: float, contactURL: URL | None) -> None:
        self.secondsToExpiry = secondsToExpiry
        self.contactURL = contactURL


@implementer(IRegistry, ILocator)
class InMemoryRegistry:
    """Remembers the users of one domain until they say no more for an hour, or the process ends.

    Args:
        domain: the domain.

    Attributes:
        users: by name, the delayed call that will forget the user, and where the user is.
        maxUsers: how many are remembered; without a portal anybody may register as anybody.
        reactor: keeps the time; `None` for the reactor.
    """

    maxUsers: int = 10_000
    reactor: Any = None

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self.users: dict[str, tuple[IDelayedCall, URL]] = {}

    def getAddress(self, userURI: URL) -> Deferred[URL]:
        """Tell where a user is; see `ILocator`."""

        def addressOf(found: Registration) -> URL:
            assert found.contactURL is not None  # of somebody who is registered
            return found.contactURL

        return self.getRegistrationInfo(userURI).addCallback(addressOf)

    def getRegistrationInfo(self, userURI: URL) -> Deferred[Registration]:
        """Tell where a user is, and for how long; see `IRegistry`."""
        if userURI.host != self.domain:
            return fail(LookupError(f"{userURI.host!r} is not the domain {self.domain!r}"))
        if userURI.username not in self.users:
            return fail(LookupError(f"there is no user {userURI.username!r}"))
        return succeed(self._told(userURI.username))

    def registerAddress(self, domainURL: URL, logicalURL: URL, physicalURL: URL) -> Deferred[Registration]:
        """Remember where a user is; see `IRegistry`."""
        if domainURL.host != self.domain or logicalURL.host != self.domain:
            return fail(RegistrationError(404, "This Is Not The Registrar Of That Domain"))
        name = logicalURL.username
        if not name:
            return fail(RegistrationError(404))
        if name in self.users:
            self.users[name][0].reset(LIFETIME)
            expiry = self.users[name][0]
        elif len(self.users) >= self.maxUsers:
            return fail(RegistrationError(503, "Too Many Users"))
        else:
            expiry = self._clock().callLater(LIFETIME, self.users.pop, name, None)
        self.users[name] = expiry, physicalURL
        return succeed(self._told(name))

    def unregisterAddress(self, domainURL: URL, logicalURL: URL, physicalURL: URL | None) -> Deferred[Registration]:
        """Forget where a user is; see `IRegistry`."""
        if domainURL.host != self.domain or logicalURL.host != self.domain:
            return fail(RegistrationError(404, "This Is Not The Registrar Of That Domain"))
        expiry, found = self.users.pop(logicalURL.username or "", (None, physicalURL))
        if expiry is not None:
            expiry.cancel()
        return succeed(Registration(0, found))

    def _told(self, name: str) -> Registration:
        expiry, url = self.users[name]
        return Registration(int(expiry.getTime() - self._clock().seconds()), url)

    def _clock(self) -> Any:
        if self.reactor is None:
            from ropewalk.internet import reactor

            self.reactor = reactor
        return self.reactor
