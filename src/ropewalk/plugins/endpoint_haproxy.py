"""``haproxy:tcp:8080``: a server endpoint whose connections begin with a PROXY header."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from ropewalk.internet.endpoints import quoteStringArgument, serverFromString
from ropewalk.internet.interfaces import IStreamServerEndpoint, IStreamServerEndpointStringParser
from ropewalk.plugin import IPlugin

__all__ = ["HAProxyServerParser", "theHAProxyServerParser"]


# A plugin, because the engine does not know protocols.
@implementer(IStreamServerEndpointStringParser, IPlugin)
class HAProxyServerParser:
    """Reads descriptions that begin with ``haproxy``; what follows describes the endpoint below."""

    prefix = "haproxy"

    def parseStreamServer(self, reactor: Any, *args: str, **kwargs: str) -> IStreamServerEndpoint:
        """Make the endpoint; see `IStreamServerEndpointStringParser`.

        Raises:
            ValueError: what follows is no description.
        """
        from ropewalk.protocols.haproxy import proxyEndpoint

        if not args:
            raise ValueError("haproxy stands before another description: write haproxy:tcp:8080")
        # They come taken apart, and are one description again.
        parts = [quoteStringArgument(arg) for arg in args]
        parts += [f"{key}={quoteStringArgument(value)}" for key, value in kwargs.items()]
        endpoint: IStreamServerEndpoint = proxyEndpoint(serverFromString(reactor, ":".join(parts)))
        return endpoint


theHAProxyServerParser = HAProxyServerParser()
