"""Endpoints: somewhere to connect to or to listen at, as an object that is passed around or written as text.

``connect`` and ``listen`` return Deferreds, which coroutines await and anybody may cancel. The names of TLS here
are imported when they are asked for: a program without it has nothing of it.
"""

from __future__ import annotations

from .._doors import publish
from ._endpoints.adopted import AdoptedStreamServerEndpoint
from ._endpoints.child import ProcessEndpoint, StandardErrorBehavior
from ._endpoints.descriptions import clientFromString, serverFromString
from ._endpoints.hostname import HostnameEndpoint
from ._endpoints.protocols import connectProtocol
from ._endpoints.standard import StandardIOEndpoint
from ._endpoints.strings import quoteStringArgument
from ._endpoints.tcp import TCP4ClientEndpoint, TCP4ServerEndpoint, TCP6ClientEndpoint, TCP6ServerEndpoint
from ._endpoints.tls import SSL4ClientEndpoint, SSL4ServerEndpoint, wrapClientTLS, wrapServerTLS
from ._endpoints.unix import UNIXClientEndpoint, UNIXServerEndpoint
from ._loop.resolver import HostResolution

__all__ = [
    "AdoptedStreamServerEndpoint",
    "HostResolution",
    "HostnameEndpoint",
    "ProcessEndpoint",
    "SSL4ClientEndpoint",
    "SSL4ServerEndpoint",
    "StandardErrorBehavior",
    "StandardIOEndpoint",
    "TCP4ClientEndpoint",
    "TCP4ServerEndpoint",
    "TCP6ClientEndpoint",
    "TCP6ServerEndpoint",
    "UNIXClientEndpoint",
    "UNIXServerEndpoint",
    "clientFromString",
    "connectProtocol",
    "quoteStringArgument",
    "serverFromString",
    "wrapClientTLS",
    "wrapServerTLS",
]

publish(__name__)

__all__ += ["SNIConnectionCreator", "autoReloadingDirectoryOfPEMs"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._tls.directory import autoReloadingDirectoryOfPEMs
    from ._tls.servers import SNIConnectionCreator
else:

    def __getattr__(name: str) -> object:
        from importlib import import_module

        homes = {"SNIConnectionCreator": "servers", "autoReloadingDirectoryOfPEMs": "directory"}
        if name not in homes:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"ropewalk.internet._tls.{homes[name]}"), name)
        value.__module__ = __name__
        globals()[name] = value
        return value
