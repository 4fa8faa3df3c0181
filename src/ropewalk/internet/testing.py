"""Stand-ins for the network and the clock, so that tests of protocols need neither.

What is fake here keeps the rules of the real thing, and is often stricter. `connectedPair` joins two real protocols in
memory, by the real transports over sockets that are none.
"""

from __future__ import annotations

from .._doors import publish
from ._testing.naming import SynchronousResolver
from ._testing.protocols import (
    AccumulatingProtocol,
    EventLoggingObserver,
    FakeDatagramTransport,
    LineSendingProtocol,
    NonStreamingProducer,
    StringIOWithoutClosing,
    waitUntilAllDisconnected,
)
from ._testing.reactors import (
    MemoryReactor,
    MemoryReactorClock,
    RaisingMemoryReactor,
    _FakeConnector,
    _FakePort,
)
from ._testing.transports import StringTransport, StringTransportWithDisconnection
from ._transports.memory import MemoryPump, connectedPair

__all__ = [
    "AccumulatingProtocol",
    "EventLoggingObserver",
    "FakeDatagramTransport",
    "LineSendingProtocol",
    "MemoryPump",
    "MemoryReactor",
    "MemoryReactorClock",
    "NonStreamingProducer",
    "RaisingMemoryReactor",
    "StringIOWithoutClosing",
    "StringTransport",
    "StringTransportWithDisconnection",
    "SynchronousResolver",
    "_FakeConnector",
    "_FakePort",
    "connectedPair",
    "waitUntilAllDisconnected",
]

publish(__name__)
