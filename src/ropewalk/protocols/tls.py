"""TLS over any transport, in front of any protocol.

`TLSMemoryBIOFactory` wraps a factory, and is then listened or connected with in its place::

    endpoint.listen(TLSMemoryBIOFactory(certificate.options(), False, factory))

`IReactorSSL`, the ``ssl:`` and ``tls:`` endpoints and ``startTLS`` do that by themselves. How TLS is spoken is said by
what `ropewalk.internet.ssl` makes; who is who to whom, and when a protocol hears what, by `TLSMemoryBIOProtocol`.
"""

from __future__ import annotations

from ropewalk._doors import publish
from ropewalk.internet._tls.factory import TLSMemoryBIOFactory
from ropewalk.internet._tls.layer import BufferingTLSTransport, TLSMemoryBIOProtocol

__all__ = ["BufferingTLSTransport", "TLSMemoryBIOFactory", "TLSMemoryBIOProtocol"]

publish(__name__)
