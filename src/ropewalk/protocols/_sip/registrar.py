"""A proxy that is the registrar of a domain, too: users tell it where they are.

Spec: RFC 3261 §10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ropewalk.cred.error import LoginFailed
from ropewalk.internet.defer import Deferred
from ropewalk.logger import Logger
from ropewalk.python.failure import Failure

from .._wire.sip import number
from .addresses import URL, parseAddress
from .interfaces import IContact
from .messages import Request, SIPError, encoded
from .proxy import Proxy
from .registry import LIFETIME, Registration

if TYPE_CHECKING:
    from .interfaces import IAuthorizer

__all__ = ["RegisterProxy"]

_log = Logger("ropewalk.protocols.sip")


class RegisterProxy(Proxy):
    """Passes requests on, and takes registrations.

    Attributes:
        portal: lets users in: an avatar of `IContact` is asked for. Without one anybody may register as anybody.
        registry: the `IRegistry` that remembers.
        authorizers: how users can prove who they are: `IAuthorizer` objects by their schemes, in small letters.
    """

    portal: Any = None
    registry: Any = None
    authorizers: ClassVar[dict[str, IAuthorizer | Any]] = {}

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.authorizers = dict(self.authorizers)  # type: ignore[misc]  # each has its own, from the class's on

    def handle_ACK_request(self, message: Request, host_port: tuple[str, int]) -> Any:
        """Pass an ACK on. That of a response of ours finds nobody, or somebody who does not mind."""
        return self.handle_request_default(message, host_port)

    def handle_REGISTER_request(self, message: Request, host_port: tuple[str, int]) -> Any:
        """Take a registration, from those who may."""
        host, port = host_port
        if self.portal is None:
            return self.register(message, host, port)
        if "authorization" not in message.headers:
            return self.unauthorized(message, host, port)
        return self.login(message, host, port)

    def unauthorized(self, message: Request, host: str, port: int) -> None:
        """Answer that users have to prove who they are, and how they can."""
        response = self.responseFromRequest(401, message)
        for scheme, authorizer in self.authorizers.items():
            challenge = authorizer.getChallenge((host, port))
            pieces = [each for each in (challenge, f'realm="{self.host}"') if each]
            response.addHeader("www-authenticate", f"{scheme.title()} {','.join(pieces)}")
        self.deliverResponse(response)

    def login(self, message: Request, host: str, port: int) -> Deferred[Any]:
        """Let a user in who has sent a proof.

        Raises:
            SIPError: there is no such scheme, or the proof makes no sense.
        """
        scheme, _, proof = message.headers["authorization"][0].partition(" ")
        authorizer = self.authorizers.get(scheme.lower())
        if authorizer is None:
            raise SIPError(501)
        credentials = authorizer.decode(proof.strip())
        letIn: Deferred[Any] = self.portal.login(credentials, None, IContact)
        letIn.addCallbacks(
            self._letIn,
            self._keptOut,
            callbackArgs=(credentials.username, message, host, port),
            errbackArgs=(message, host, port),
        )
        return letIn

    def mayRegister(self, username: bytes, toURL: URL) -> bool:
        """Tell whether a user who was let in may say where another one is (§10.3 step 4). Override to say more.

        Returns:
            Whether the two names are the same.
        """
        return username == encoded(toURL.username or "")

    def _letIn(self, found: tuple[Any, Any, Any], username: bytes, message: Request, host: str, port: int) -> Any:
        _, _, logout = found
        try:
            if not self.mayRegister(username, _who(message)):
                raise SIPError(403)
            return self.register(message, host, port)
        finally:
            logout()

    def _keptOut(self, failure: Failure, message: Request, host: str, port: int) -> None:
        failure.trap(LoginFailed)
        self.unauthorized(message, host, port)

    def register(self, message: Request, host: str, port: int) -> Deferred[Any]:
        """Do what a registration wants: remember, forget, or tell.

        Args:
            host, port: where it came from; what a user behind a translated address says of its own is of no use.
        """
        toURL = _who(message)
        contact = message.headers.get("contact", [None])[0]
        if _lifetime(message, contact) == 0:
            return self.unregister(message, toURL, contact)
        done: Deferred[Registration]
        if contact is None:
            done = self.registry.getRegistrationInfo(toURL)
        else:
            # Nor is any other way that it names: requests would be sent to whom the user chooses.
            _, contactURL, _ = parseAddress(contact, host=host, port=port, clean=1)
            done = self.registry.registerAddress(message.uri, toURL, contactURL)
        done.addCallbacks(self._answer, self._unknown, callbackArgs=(message,))
        return done

    def unregister(self, message: Request, toURL: URL, contact: str | None) -> Deferred[Any]:
        """Forget where a user is."""
        if contact is None:
            raise SIPError(400)
        contactURL = None if contact.strip() == "*" else parseAddress(contact)[1]
        done: Deferred[Registration] = self.registry.unregisterAddress(message.uri, toURL, contactURL)
        done.addCallbacks(self._answer, self._unknown, callbackArgs=(message,))
        return done

    def _answer(self, registration: Registration, message: Request) -> None:
        response = self.responseFromRequest(200, message)
        if registration.contactURL is not None:
            response.addHeader("contact", f"<{registration.contactURL.toString()}>")
            response.addHeader("expires", str(int(registration.secondsToExpiry)))
        response.addHeader("content-length", "0")
        self.deliverResponse(response)

    def _unknown(self, failure: Failure) -> Any:
        if failure.check(LookupError):
            raise SIPError(404)
        return failure


def _who(message: Request) -> URL:
    """Return whom a registration is about."""
    if not message.headers.get("to"):
        raise SIPError(400)
    _, url, _ = parseAddress(message.headers["to"][0], clean=1)
    return url


def _lifetime(message: Request, contact: str | None) -> int:
    """Return for how many seconds a user wants to be remembered (§10.2.1.1)."""
    asked: str | None = message.headers.get("expires", [str(LIFETIME)])[0]
    if contact is not None and contact.strip() != "*":
        _, url, parameters = parseAddress(contact)
        own = {**dict(each.partition("=")[::2] for each in url.other), **parameters}
        asked = own.get("expires", asked)
    try:
        return number("lifetime", asked or "")
    except ValueError:
        return LIFETIME  # "Malformed values SHOULD be treated as equivalent to 3600" (§20.10)
