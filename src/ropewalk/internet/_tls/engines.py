"""Which engine speaks TLS for a policy, and what the pump asks of either."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

from .contract import StdlibSession

__all__ = ["PORTION", "Engine", "Maker", "makerFor"]

# The most plaintext that an engine is given at a time, and ciphertext that its library is: OpenSSL's buffers stay as
# large as they ever were, for each connection.
PORTION = 65536


class Engine(Protocol):
    """One side of one TLS connection: bytes in, bytes out, no transport and no clock.

    Attributes:
        closed: nothing more comes from the peer: it has said so (close_notify), or ``trouble`` tells why.
        trouble: what has gone wrong, if it has.
    """

    closed: bool
    trouble: BaseException | None

    def handshake(self, data: bytes) -> bool:
        """Go on with the handshake, given what has arrived. There may be something to `take` afterwards.

        Returns:
            Whether it is done. Plaintext may have come with its end: ``decrypt(b"")`` returns that.

        Raises:
            Exception: it has failed; the peer is told by what there is to `take`.
        """

    def decrypt(self, data: bytes) -> bytes:
        """Return the plaintext of what has arrived: empty if there is none yet. Look at ``closed`` afterwards."""

    def encrypt(self, data: bytes | memoryview) -> bytes:
        """Return the ciphertext of some plaintext, and whatever else there is to be sent. The handshake is done."""

    def take(self) -> bytes:
        """Return what TLS itself has to say to the peer: empty if nothing."""

    def close(self) -> None:
        """Say that no more comes from here (close_notify); `take` it."""

    def release(self) -> None:
        """Let go of what would keep the engine alive: the connection is lost."""

    @property
    def negotiatedProtocol(self) -> bytes | None:
        """The protocol that was agreed on (ALPN)."""

    @property
    def handle(self) -> Any:
        """What the library offers to look at: an ``OpenSSL.SSL.Connection``, or a `StdlibHandle`."""


# Makes the engine of one connection, for the pump that is given, and with the protocols that its factory wishes for.
Maker: TypeAlias = Callable[[Any, "Sequence[bytes] | None"], Engine]

# What a program may have overridden to say something else than the policy of ours that it derives from.
OVERRIDABLE = ("getContext", "cacheContext", "_makeContext", "serverConnectionForTLS", "clientConnectionForTLS")


def makerFor(policy: Any, isClient: bool) -> Maker:
    """Find the engine for a policy; `contract` says what policies there are.

    Raises:
        TypeError: it is none.
        ImportError: only pyOpenSSL can do what it says, and it isn't installed.
        Exception: whatever ``getContext`` raises: it is asked once, now, so that a wrong file is heard of early.
    """
    if hasattr(policy, "_stdlibSession") and not _overridden(policy):

        def fromOurs(pump: Any, protocols: Sequence[bytes] | None) -> Engine:
            session = policy._stdlibSession(isClient, protocols)
            # Our creators ask the pump for the protocols, and know how to set them.
            return _openSSL(policy, isClient)(pump, None) if session is None else _stdlib(session, isClient)

        if policy._stdlibSession(isClient, None) is None:
            _openSSL(policy, isClient)
        return fromOurs

    ssl = sys.modules.get("ssl")
    if ssl is not None and isinstance(policy, ssl.SSLContext):

        def fromContext(pump: Any, protocols: Sequence[bytes] | None) -> Engine:
            from .stdlib import accept

            return _stdlib(accept(policy, pump.transport if isClient else None, protocols), isClient)

        return fromContext

    return _openSSL(policy, isClient)


def _stdlib(session: StdlibSession, isClient: bool) -> Engine:
    from .stdlib import StdlibEngine

    return StdlibEngine(session, isClient)


def _overridden(policy: Any) -> bool:
    """Whether a child of one of our classes, or an attribute of the object, says something else than the class."""
    for cls in type(policy).__mro__:
        if "_stdlibSession" in vars(cls):
            break
        if any(name in vars(cls) for name in OVERRIDABLE):
            return True
    return any(name in getattr(policy, "__dict__", ()) for name in OVERRIDABLE)


def _openSSL(policy: Any, isClient: bool) -> Maker:
    """Make connections as a policy for pyOpenSSL says: by a creator, by ``getContext``, or from a context."""
    create = getattr(policy, "clientConnectionForTLS" if isClient else "serverConnectionForTLS", None)
    if create is None:
        isContext = type(policy).__module__.partition(".")[0] == "OpenSSL"
        getContext = (lambda: policy) if isContext else getattr(policy, "getContext", None)
        if getContext is None:
            raise TypeError(
                f"{policy!r} does not say how to speak TLS: it has no getContext; pass what ropewalk.internet.ssl "
                "makes, CertificateOptions or optionsForClientTLS, or an ssl.SSLContext"
            )
        getContext()

    def make(pump: Any, protocols: Sequence[bytes] | None) -> Engine:
        from .openssl import OpenSSLEngine, negotiate

        if create is not None:
            connection = create(pump)
            if protocols and not isClient:
                negotiate(connection.get_context(), protocols)
        else:
            context = getContext()  # type: ignore[misc]  # there is one, or a creator
            if protocols and not isClient:
                negotiate(context, protocols)
            connection = _connection(context)
        if protocols and isClient:
            connection.set_alpn_protos(list(protocols))
        return OpenSSLEngine(connection, isClient)

    return make


def noSharedProtocol(offered: Sequence[bytes], ours: Sequence[bytes]) -> Exception:
    """Say that a client offers nothing that we speak (ALPN). The peer chooses what it offers, so not all is quoted."""
    from .refusals import refused

    return refused(
        "no application protocol",
        f"the peer offers the application protocols {_named(offered)} (ALPN), and we speak {_named(ours)}: "
        "no shared protocol",
    )


def _named(protocols: Sequence[bytes]) -> str:
    return ", ".join([repr(protocol[:32]) for protocol in protocols[:8]]) or "none"


def _connection(context: Any) -> Any:
    from .extra import needed

    return needed("OpenSSL.SSL").Connection(context, None)
