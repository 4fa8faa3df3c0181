"""Protocols and the factories that make them: what a user derives from.

A `Protocol` serves one connection and is then thrown away; what outlives it stands on its `Factory`. Neither knows
which network it is used on: the same pair serves TCP, TLS, UNIX sockets and tests in memory.

The parts are in `_protocol`: protocols in `stream`, `datagram` and `child`; what makes them in `factories`,
`reconnecting` and `creator`; what stands in for a transport or a protocol in `files` and `adapters`. What few programs
use is imported when it is asked for.
"""

from __future__ import annotations

from .._doors import publish
from ._protocol.adapters import ConsumerToProtocolAdapter, ProtocolToConsumerAdapter
from ._protocol.child import ProcessProtocol
from ._protocol.datagram import AbstractDatagramProtocol, ConnectedDatagramProtocol, DatagramProtocol
from ._protocol.factories import ClientFactory, Factory, ServerFactory
from ._protocol.stream import BaseProtocol, Protocol, connectionDone

__all__ = [
    "AbstractDatagramProtocol",
    "BaseProtocol",
    "ClientFactory",
    "ConnectedDatagramProtocol",
    "ConsumerToProtocolAdapter",
    "DatagramProtocol",
    "Factory",
    "ProcessProtocol",
    "Protocol",
    "ProtocolToConsumerAdapter",
    "ServerFactory",
    "connectionDone",
]

publish(__name__)

__all__ += ["ClientCreator", "FileWrapper", "ReconnectingClientFactory"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._protocol.creator import ClientCreator
    from ._protocol.files import FileWrapper
    from ._protocol.reconnecting import ReconnectingClientFactory
else:

    def __getattr__(name: str) -> object:
        from importlib import import_module

        homes = {"ClientCreator": "creator", "FileWrapper": "files", "ReconnectingClientFactory": "reconnecting"}
        if name not in homes:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"ropewalk.internet._protocol.{homes[name]}"), name)
        value.__module__ = __name__
        globals()[name] = value
        return value
