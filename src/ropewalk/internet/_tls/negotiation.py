"""Which mechanisms there are for agreeing on an application protocol. There is one: ALPN."""

from __future__ import annotations

import warnings
from typing import Any

from constantly import FlagConstant, Flags

__all__ = ["ProtocolNegotiationSupport", "protocolNegotiationMechanisms"]


class ProtocolNegotiationSupport(Flags):  # type: ignore[misc]  # constantly has no types
    """Mechanisms by which a TLS handshake agrees on an application protocol.

    Attributes:
        ALPN: RFC 7301; always there.
        NPN: its predecessor, which is gone from every TLS library.
        NOSUPPORT: none.
    """

    NPN = FlagConstant(0x0001)
    ALPN = FlagConstant(0x0002)


# A combination of none of them. `Flags` can't make that.
ProtocolNegotiationSupport.NOSUPPORT = ProtocolNegotiationSupport.NPN ^ ProtocolNegotiationSupport.NPN


def protocolNegotiationMechanisms() -> Any:
    """Return the mechanisms that there are, as `ProtocolNegotiationSupport` flags. Deprecated: it is always ALPN."""
    warnings.warn(
        "protocolNegotiationMechanisms is deprecated: every OpenSSL that Ropewalk runs on has ALPN, and none has NPN",
        DeprecationWarning,
        stacklevel=2,
    )
    return ProtocolNegotiationSupport.ALPN
