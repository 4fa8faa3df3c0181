"""Ways for users to prove who they are: a password in clear, or a digest of it.

Put them into `RegisterProxy.authorizers`, under ``"basic"`` or ``"digest"``, and give it a portal.

Spec: RFC 3261 §22; RFC 7616, RFC 7617.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from zope.interface import implementer

from ropewalk.cred.credentials import DigestCredentialFactory, UsernamePassword
from ropewalk.cred.error import LoginFailed

from .interfaces import IAuthorizer
from .messages import SIPError

__all__ = ["BasicAuthorizer", "DigestAuthorizer"]


@implementer(IAuthorizer)
class BasicAuthorizer:
    """A password in clear. SIP has given it up (RFC 3261 §22.1): for old peers, behind TLS or on your own wire."""

    def getChallenge(self, peer: Any) -> str:
        """Return nothing: the realm is all there is."""
        return ""

    def decode(self, response: str) -> UsernamePassword:
        """Return name and password."""
        try:
            user, colon, password = b64decode(response, validate=True).partition(b":")
        except ValueError:
            raise SIPError(400) from None
        if not colon:
            raise SIPError(400)
        return UsernamePassword(user, password)


@implementer(IAuthorizer)
class DigestAuthorizer:
    """A digest of the password, with a challenge that is good for one time and not for long.

    Args:
        realm: for whom the password is: the proxy's ``host``, which its challenges name.
        algorithm: the digest.
    """

    def __init__(self, realm: str, algorithm: str = "md5") -> None:
        self._factory = DigestCredentialFactory(algorithm.encode("ascii"), realm.encode("utf-8"))

    def getChallenge(self, peer: Any) -> str:
        """Return the challenge's parameters."""
        found = self._factory.getChallenge(None)  # who answers it, `decode` is not told
        algorithm = found.pop("algorithm").decode("ascii")
        quoted = [f'{name}="{value.decode("ascii")}"' for name, value in found.items() if name != "realm"]
        return ",".join([*quoted, f"algorithm={algorithm}"])

    def decode(self, response: str) -> Any:
        """Return the digest, for a checker to compare."""
        try:
            return self._factory.decode(response.encode("utf-8"), b"REGISTER", None)
        except LoginFailed:
            raise SIPError(400) from None
