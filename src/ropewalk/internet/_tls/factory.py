"""The factory that puts TLS around the protocols of another one."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from .._transports.descriptor import logPrefixOf
from .._wrapping import WrappingFactory
from .engines import Engine, makerFor
from .layer import BufferingTLSTransport, TLSMemoryBIOProtocol

__all__ = ["TLSMemoryBIOFactory"]


class TLSMemoryBIOFactory(WrappingFactory[TLSMemoryBIOProtocol]):
    """Wraps each protocol of another factory in TLS. Listens and connects in its place, over any transport.

    Args:
        contextFactory: how to speak TLS: what ``ropewalk.internet.ssl`` makes (`CertificateOptions`,
            `optionsForClientTLS`), any `IOpenSSLClientConnectionCreator` or `IOpenSSLServerConnectionCreator`, an
            object whose ``getContext`` returns an ``OpenSSL.SSL.Context``, or an ``ssl.SSLContext``.
        isClient: whether we are the client of the connections.
        wrappedFactory: makes the protocols. If it is an `IProtocolNegotiationFactory` its protocols are negotiated.
        clock: what the patience is counted by; the reactor of each transport if not given.

    Attributes:
        handshakeTimeout: seconds that a handshake may take, after which the connection is dropped; `None` for ever.

    Raises:
        TypeError: ``contextFactory`` does not say how to speak TLS.
        ImportError: it can only be done by pyOpenSSL, which isn't installed.
        Exception: what its ``getContext`` raises.
    """

    # Also when the door, `protocols.tls`, was never opened: ports show what they listen for.
    __module__ = "ropewalk.protocols.tls"

    protocol: Any = BufferingTLSTransport
    noisy = False
    handshakeTimeout: float | None = 60.0

    def __init__(self, contextFactory: Any, isClient: bool, wrappedFactory: Any, clock: Any = None) -> None:
        super().__init__(wrappedFactory)
        self._isClient = bool(isClient)
        self._clock = clock
        self._maker = makerFor(contextFactory, self._isClient)

    def logPrefix(self) -> str:
        """Return the wrapped factory's own prefix, and that it is TLS."""
        return f"{logPrefixOf(self.wrappedFactory)} (TLS)"

    def _makeEngine(self, pump: Any) -> Engine:
        """Make the engine of a new connection."""
        return self._maker(pump, self._protocols())

    def _protocols(self) -> Sequence[bytes] | None:
        """The names that the wrapped factory wishes to negotiate, if it says so."""
        interfaces = sys.modules.get("ropewalk.internet.interfaces")
        factory = self.wrappedFactory
        if interfaces is None or not hasattr(factory, "acceptableProtocols"):
            return None
        if not interfaces.IProtocolNegotiationFactory.providedBy(factory):
            return None
        names: list[bytes] = list(factory.acceptableProtocols())
        return names
