"""Endpoints: somewhere to connect to or to listen at, as an object that is passed around or written as text.

``connect`` and ``listen`` return Deferreds, which coroutines await and anybody may cancel. What the documents have
beyond this (TLS, the PROXY protocol, systemd's names) is not here yet, and `serverFromString` says so.
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
from ._endpoints.unix import UNIXClientEndpoint, UNIXServerEndpoint
from ._loop.resolver import HostResolution

__all__ = [
    "AdoptedStreamServerEndpoint",
    "HostResolution",
    "HostnameEndpoint",
    "ProcessEndpoint",
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
]

publish(__name__)
