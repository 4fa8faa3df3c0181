"""A protocol over a stream: one end of one connection."""

from __future__ import annotations

from ropewalk.python.failure import Failure

from ..error import ConnectionDone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from zope.interface import implementer

    from ..interfaces import ILoggingContext, IProtocol, ITransport
else:
    from .._interfaces.later import ILoggingContext, IProtocol, implementer

# The reason of a connection that ended in good order; the default of `Protocol.connectionLost`.
connectionDone = Failure(ConnectionDone())
connectionDone.cleanFailure()


class BaseProtocol:
    """What protocols over streams and those of child processes have in common.

    Attributes:
        connected: 1 from `makeConnection` on.
        transport: what to write to. There from `makeConnection` on; nothing else is called before that.
    """

    connected: int = 0
    transport: Any = None  # `Protocol` and `ProcessProtocol` say which kind

    def makeConnection(self, transport: Any) -> None:
        """Take the transport, then call `connectionMade`. Called once, by the transport."""
        self.connected = 1
        self.transport = transport
        self.connectionMade()

    def connectionMade(self) -> None:
        """Override to hear that the connection is there. Called once, before any data."""


@implementer(IProtocol, ILoggingContext)
class Protocol(BaseProtocol):
    """One end of one connection: override `dataReceived`, and `connectionMade` and `connectionLost` as needed.

    Attributes:
        factory: the factory that made this protocol; `Factory.buildProtocol` sets it.
    """

    transport: ITransport
    factory: Any = None  # factories carry attributes of their own, meant for their protocols

    def logPrefix(self) -> str:
        """Return the class's name, which marks what is logged about this connection."""
        return self.__class__.__name__

    def dataReceived(self, data: bytes) -> None:
        """Override to take bytes from the peer, cut anyhow: collect them until a message is complete."""

    if TYPE_CHECKING:
        # Checkers don't see the default: then an override may go without it, as most do.
        def connectionLost(self, reason: Failure) -> None: ...
    else:

        def connectionLost(self, reason: Failure = connectionDone) -> None:
            """Override to hear that the connection is over. Called once; let go of what refers to this protocol here.

            Args:
                reason: its ``value`` is a `ropewalk.internet.error.ConnectionDone` after an orderly close, else a
                    `ropewalk.internet.error.ConnectionLost` or kin.
            """
