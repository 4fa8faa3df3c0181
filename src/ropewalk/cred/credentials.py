"""What peers present to be let in: passwords in several forms, keys, or nothing."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

from zope.interface import implementer

from .._doors import publish
from ._digest import DigestCredentialFactory, DigestedCredentials
from ._kinds import (
    IAnonymous,
    ICredentials,
    ISSHPrivateKey,
    IUsernameDigestHash,
    IUsernameHashedPassword,
    IUsernamePassword,
)
from ._wire.digest import calcHA1, calcHA2, calcResponse
from ._wire.text import asBytes, same
from .error import MalformedCredentials

__all__ = [
    "Anonymous",
    "CramMD5Credentials",
    "DigestCredentialFactory",
    "DigestedCredentials",
    "IAnonymous",
    "ICredentials",
    "ISSHPrivateKey",
    "IUsernameDigestHash",
    "IUsernameHashedPassword",
    "IUsernamePassword",
    "SSHPrivateKey",
    "UsernameHashedPassword",
    "UsernamePassword",
    "calcHA1",
    "calcHA2",
    "calcResponse",
]

# Of a name, a space and a response. Names of a kilobyte are nobody's.
CRAM_LIMIT = 1024


@implementer(IAnonymous, ICredentials)
class Anonymous:
    """A peer that does not say who it is."""


@implementer(IUsernamePassword, ICredentials)
class UsernamePassword:
    """A name and the password itself.

    Args:
        username: bytes, best; text is the same as its UTF-8.
        password: likewise.
    """

    def __init__(self, username: bytes | str, password: bytes | str) -> None:
        self.username = username
        self.password = password

    def checkPassword(self, password: bytes | str) -> bool:
        """Whether the peer's password is this one."""
        return same(self.password, password)

    def __repr__(self) -> str:
        return f"<UsernamePassword of {self.username!r}>"


@implementer(IUsernameHashedPassword, ICredentials)
class UsernameHashedPassword:
    """A name, and something that a password must be equal to. `UsernamePassword` says the same more clearly.

    Args:
        hashed: what `checkPassword` compares with.
    """

    def __init__(self, username: bytes | str, hashed: bytes | str) -> None:
        self.username = username
        self.hashed = hashed

    def checkPassword(self, password: bytes | str) -> bool:
        """Whether what the peer sent is this."""
        return same(self.hashed, password)

    def __repr__(self) -> str:
        return f"<UsernameHashedPassword of {self.username!r}>"


@implementer(IUsernameHashedPassword, ICredentials)
class CramMD5Credentials:
    """A challenge to one peer, and its answer: CRAM-MD5, as mail protocols have it.

    Args:
        host: the server's name, part of the challenge; that of this machine by default.

    Attributes:
        challenge: empty until it is asked for.
        username: who answered; `None` until then.
        response: what it answered.

    Spec: RFC 2195.
    """

    challenge = b""
    username: bytes | None = None
    response = b""

    def __init__(self, host: bytes | str | None = None) -> None:
        self.host = host

    def getChallenge(self) -> bytes:
        """Return the challenge to send, without base 64. It stays the same."""
        if not self.challenge:
            host = self.host
            if host is None:
                import socket

                host = socket.gethostname()
            self.challenge = b"<%d.%d@%s>" % (secrets.randbits(64), time.time(), asBytes(host))
        return self.challenge

    def setResponse(self, response: bytes) -> None:
        """Take what the peer answered, without base 64: its name, a space, and 32 hexadecimal digits.

        Raises:
            MalformedCredentials: it is nothing like that. It is a `ValueError`, too.
        """
        username, space, digest = asBytes(response).rpartition(b" ")
        if not space or not username or len(response) > CRAM_LIMIT:
            raise MalformedCredentials(
                f"an answer to CRAM-MD5 is a name, a space and a digest, of {CRAM_LIMIT} bytes at most"
            )
        self.username, self.response = username, digest

    def moreChallenges(self) -> bool:
        """Whether the peer is to be challenged again: never."""
        return False

    def checkPassword(self, password: bytes | str) -> bool:
        """Whether the answer was computed from this password. Without a challenge there is none."""
        if not self.challenge:
            return False
        ours = hmac.new(asBytes(password), self.challenge, hashlib.md5).hexdigest()
        return same(ours, self.response)


@implementer(ISSHPrivateKey, ICredentials)
class SSHPrivateKey:
    """A name, and a signature made with a private key. `ISSHPrivateKey` says what the attributes are."""

    def __init__(
        self, username: bytes, algName: bytes, blob: bytes, sigData: bytes | None, signature: bytes | None
    ) -> None:
        self.username = username
        self.algName = algName
        self.blob = blob
        self.sigData = sigData
        self.signature = signature


publish(__name__)
