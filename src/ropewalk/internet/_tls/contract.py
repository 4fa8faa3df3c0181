"""What a TLS policy tells the engines: the seam between ``internet.ssl`` and the pump.

A *context factory* (that is what the API calls it, whatever it is) says how to speak TLS. `engines.makerFor`
takes any of these, in this order:

1. One of ours, which has ``_stdlibSession`` (`StdlibPolicy`). It is asked for each connection. A `StdlibSession` is
   carried out by the standard library's ``ssl``; `None` says that only pyOpenSSL can express the policy, and then it is
   treated as one of those that follow.
2. An ``ssl.SSLContext``, as asyncio's users have it. A client's that checks host names takes the host that the
   transport was told to connect to, by ``connectSSL`` say; where that isn't known the connection is refused.
3. `IOpenSSLClientConnectionCreator`, `IOpenSSLServerConnectionCreator`: asked for an ``OpenSSL.SSL.Connection`` for
   each connection, with the pump as ``tlsProtocol``.
4. Anything with ``getContext``, which returns an ``OpenSSL.SSL.Context``; or such a context itself.

What a creator (3) is handed as ``tlsProtocol`` offers ``failVerification(failure)``, to be called from an info or
verify callback, where nothing can be raised: the connection ends with that failure; and ``transport``, what is below.

**Refusals.** The exception that made a handshake fail, an ``ssl.SSLError`` or an ``OpenSSL.SSL.Error``, goes through
``refusals.explain(problem)``, which returns the exception that the connection is lost with: one that says in a
sentence what was wrong with the certificate, the names or the versions, or ``problem`` itself when that is no better.
Engines that know the host and the peer's certificates give them as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import ssl

__all__ = ["StdlibPolicy", "StdlibSession"]


@dataclass(frozen=True, slots=True)
class StdlibSession:
    """How one connection is to speak TLS, for the engine over the standard library's ``ssl``.

    Attributes:
        context: shared by all connections of the policy; never changed once it was handed out. Its ALPN protocols are
            set already.
        serverHostname: what a client asks for by SNI, and what ``context.check_hostname`` compares with; `None` for a
            server, and for a client that does neither.
        afterHandshake: called once the handshake has succeeded and before the protocol hears so; raises to refuse the
            peer, and the exception is why the connection is lost.
        requiredProtocols: server: the ALPN names of the context, if a client that offers ALPN and none of these is to
            be refused (the standard library would go on without any). Empty to go on.
        host: whom a client expects, to be named when it is refused.
    """

    context: ssl.SSLContext
    serverHostname: str | None = None
    afterHandshake: Callable[[ssl.SSLObject], object] | None = None
    requiredProtocols: tuple[bytes, ...] = ()
    host: str | None = None


class StdlibPolicy(Protocol):
    """A context factory that can do without pyOpenSSL, as a rule."""

    def _stdlibSession(self, isClient: bool, protocols: Sequence[bytes] | None = None) -> StdlibSession | None:
        """Say how to begin a connection.

        Args:
            isClient: we are the client of it.
            protocols: the ALPN names that the program's protocol factory wishes for, best first
                (`IProtocolNegotiationFactory`), in place of the policy's own; `None` when it does not say. As contexts
                are not changed once they were handed out, a policy keeps one for each such sequence.

        Returns:
            `None` if only pyOpenSSL can do what the policy says.
        """
        ...
