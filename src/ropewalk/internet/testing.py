"""Stand-ins for the network and the clock, so that tests of protocols need neither.

What is fake here keeps the rules of the real thing, and is often stricter. Two real protocols are joined in memory by
a pair of transports that pass the same tests as the ones over sockets.
"""

from __future__ import annotations

from .._doors import publish
from ._testing.transports import StringTransport, StringTransportWithDisconnection

__all__ = ["StringTransport", "StringTransportWithDisconnection"]

publish(__name__)
