"""Services that listen, connect, and keep time.

The servers and clients that are named for a method of the reactor (`TCPServer` for ``listenTCP``) take its arguments,
and ``reactor=`` for one that isn't the global one. `StreamServerEndpointService` and `ClientService` do the same with
endpoints, and more: the one lets connections end in good order, the other connects again when they are lost.
"""

from __future__ import annotations

from .._doors import publish
from ._client.backoff import backoffPolicy
from ._client.service import ClientService
from ._services.listening import StreamServerEndpointService
from ._services.ports import (
    MulticastServer,
    SSLClient,
    SSLServer,
    TCPClient,
    TCPServer,
    UDPServer,
    UNIXClient,
    UNIXDatagramClient,
    UNIXDatagramServer,
    UNIXServer,
)
from ._services.timed import CooperatorService, TimerService

__all__ = [
    "ClientService",
    "CooperatorService",
    "MulticastServer",
    "SSLClient",
    "SSLServer",
    "StreamServerEndpointService",
    "TCPClient",
    "TCPServer",
    "TimerService",
    "UDPServer",
    "UNIXClient",
    "UNIXDatagramClient",
    "UNIXDatagramServer",
    "UNIXServer",
    "backoffPolicy",
]

publish(__name__)
