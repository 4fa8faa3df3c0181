"""The kinds of credentials: interfaces by which a portal finds the checker for what a peer presented."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zope.interface import Attribute, Interface

if TYPE_CHECKING:
    from ropewalk.internet.defer import Deferred

__all__ = [
    "IAnonymous",
    "ICredentials",
    "ISSHPrivateKey",
    "IUsernameDigestHash",
    "IUsernameHashedPassword",
    "IUsernamePassword",
    "areOfKind",
]


def areOfKind(credentials: Any, interface: Any) -> bool:
    """Whether credentials provide an interface. They stay `Any`, in the eyes of checkers: they may have more."""
    return bool(interface.providedBy(credentials))


class ICredentials(Interface):
    """What a peer presents to be let in. Extend it for each new kind."""

    __module__ = "ropewalk.cred.credentials"


class IUsernamePassword(ICredentials):
    """A name and the password itself.

    Checkers that keep hashes need the attributes ``username`` and ``password`` besides the method.
    """

    __module__ = "ropewalk.cred.credentials"

    def checkPassword(password: bytes | str) -> bool | Deferred[bool]:
        """Whether the peer's password is this one. Compare in constant time."""


class IUsernameHashedPassword(ICredentials):
    """A name, and something computed from the password: who checks it must know the password itself."""

    __module__ = "ropewalk.cred.credentials"

    username = Attribute("Who the peer says it is.")

    def checkPassword(password: bytes | str) -> bool | Deferred[bool]:
        """Whether what the peer sent was computed from this password."""


class IUsernameDigestHash(ICredentials):
    """A name, and something computed from a hash of name, realm and password: HTTP's Digest.

    Who checks it may keep that hash (`ropewalk.cred.credentials.calcHA1`) in place of the password.
    """

    __module__ = "ropewalk.cred.credentials"

    def checkHash(digestHash: bytes) -> bool | Deferred[bool]:
        """Whether what the peer sent was computed from this hash, which is in hexadecimal."""


class IAnonymous(ICredentials):
    """A peer that does not say who it is."""

    __module__ = "ropewalk.cred.credentials"


class ISSHPrivateKey(ICredentials):
    """A name, and a signature made with a private key, whose public half the checker must know.

    It is given as the attributes ``username``; ``algName``, the algorithm, and ``blob``, the public key, both as SSH
    writes them; ``sigData``, what was signed; and ``signature``. The last two are `None` when the peer only asks
    whether such a key would do.
    """

    __module__ = "ropewalk.cred.credentials"
