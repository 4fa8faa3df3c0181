"""A policy: all that decides how TLS is spoken, as a value.

`CertificateOptions` and its kin say one; `stdlibcontext` and `opensslcontext` carry it out. Policies compare by what
they say, so that any number of options that say the same share one context, and a client of a thousand hosts has one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .ciphers import defaultCiphers
from .trust import Roots
from .versions import LOWEST, SAFE, Versions

if TYPE_CHECKING:
    from .options import CertificateOptions

__all__ = ["Identity", "Policy", "Verification"]

DEPTH = 9


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are.

    Attributes:
        key: our private key, in PEM.
        chain: the DER bytes of our certificate, and of those who have signed it.
    """

    key: bytes = field(repr=False)
    chain: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """Whom we want to talk to.

    Attributes:
        roots: whom to trust; `None` if only ``root`` can say so.
        root: an `IOpenSSLTrustRoot` that is none of ours, else `None`.
        required: a peer that shows no certificate is refused.
        depth: how long a chain may be.
        once: a client is asked for its certificate in its first handshake only.
    """

    roots: Roots | None
    root: Any = None
    required: bool = True
    depth: int = DEPTH
    once: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """How to speak TLS.

    Attributes:
        identity: what we show to peers; `None` for clients that show nothing.
        verification: what they have to show; `None` to take anybody.
        versions: the versions of TLS.
        ciphers: the names of the cipher suites, best first; those of TLS 1.3 among them.
        protocols: ALPN names, best first.
        sessions, tickets: sessions can be resumed: from our memory, from tickets that clients keep.
        dhParameters: the parameters for DHE, in PEM.
        lenient: work around the mistakes of old peers.
        lookup: finds the context for a host's name (SNI), as ``contextForServerName`` does.
    """

    identity: Identity | None = None
    verification: Verification | None = None
    versions: Versions = SAFE
    ciphers: tuple[str, ...] = field(default_factory=defaultCiphers)
    protocols: tuple[bytes, ...] = ()
    sessions: bool = False
    tickets: bool = False
    dhParameters: bytes | None = None
    lenient: bool = False
    lookup: Callable[[bytes | None], Any] | None = None

    @property
    def isShared(self) -> bool:
        """It is a value all through, so that whoever says the same can have the same context."""
        return self.lookup is None and (self.verification is None or self.verification.root is None)

    def showing(self, options: CertificateOptions) -> Policy:
        """Return the same policy with the identity of some options, and nothing to look up."""
        return replace(self, identity=options._said().identity, lookup=None)

    @property
    def isLowered(self) -> bool:
        """Versions are allowed that are no longer safe."""
        return self.versions.lowest < LOWEST
