"""TLS: transports that speak it, and the objects that say how.

pyOpenSSL is an extra, so what comes from it is ``Any`` here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from zope.interface import Attribute, Interface

from .transports import ITCPTransport

__name__ = "ropewalk.internet.interfaces"


class ITLSTransport(ITCPTransport):
    """A TCP connection that can begin to speak TLS in the middle."""

    def startTLS(contextFactory: Any) -> None:
        """Speak TLS from here on: bytes written before leave in clear, bytes written after leave encrypted.

        Both ends have to do so at a moment that their protocol names.

        Args:
            contextFactory: how: an `IOpenSSLClientConnectionCreator` or `IOpenSSLServerConnectionCreator`, or
                the older kind with ``getContext``.
        """


class ISSLTransport(ITCPTransport):
    """A connection that speaks TLS."""

    def getPeerCertificate() -> object:
        """Return the certificate that the peer has shown; `None` when it has shown none."""


class INegotiated(ISSLTransport):
    """A TLS connection on which the next protocol was negotiated (ALPN).

    Spec: RFC 7301.
    """

    negotiatedProtocol: bytes | None = Attribute("The protocol agreed upon, b'h2' say; None when there is none.")


class ICipher(Interface):
    """One cipher suite."""

    fullName: str = Attribute("Its name as OpenSSL spells it, ECDHE-RSA-AES256-GCM-SHA384 say.")


class IAcceptableCiphers(Interface):
    """Which cipher suites will do, best first."""

    def selectCiphers(availableCiphers: Iterable[ICipher]) -> Iterable[ICipher]:
        """Return those of the available suites that are acceptable, best first."""


class IProtocolNegotiationFactory(Interface):
    """A factory that says which protocols it can speak over TLS."""

    def acceptableProtocols() -> Iterable[bytes]:
        """Return the ALPN names of the protocols, most wanted first.

        Spec: RFC 7301.
        """


class IOpenSSLServerConnectionCreator(Interface):
    """Makes the OpenSSL connection of a server's TLS transport."""

    def serverConnectionForTLS(tlsProtocol: Any) -> Any:
        """Return a new ``OpenSSL.SSL.Connection`` without a socket, ready to be the server's side."""


class IOpenSSLClientConnectionCreator(Interface):
    """Makes the OpenSSL connection of a client's TLS transport; this is where the host's name is checked."""

    def clientConnectionForTLS(tlsProtocol: Any) -> Any:
        """Return a new ``OpenSSL.SSL.Connection`` without a socket, ready to be the client's side."""


class IOpenSSLContextFactory(Interface):
    """Says how to speak TLS, the older way: one context for client and server alike."""

    def getContext() -> Any:
        """Return the ``OpenSSL.SSL.Context`` that connections are made from: the same one each time saves memory."""
