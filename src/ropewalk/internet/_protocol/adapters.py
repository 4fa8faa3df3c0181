"""A consumer in the place of a protocol, and the other way round."""

from __future__ import annotations

from ropewalk.python.components import Adapter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from zope.interface import implementer

    from ropewalk.python.failure import Failure

    from ..interfaces import IConsumer, IProtocol
else:
    from .._interfaces.later import IConsumer, IProtocol, adapter, implementer


@implementer(IProtocol)
class ConsumerToProtocolAdapter(Adapter):
    """A consumer, as a protocol: what the connection receives is written to it. ``IProtocol(consumer)`` makes one."""

    def dataReceived(self, data: bytes) -> None:
        """Write the bytes to the consumer."""
        self.original.write(data)

    def connectionLost(self, reason: Failure) -> None:
        """Do nothing: a consumer isn't told that its bytes have ended."""

    def makeConnection(self, transport: Any) -> None:
        """Do nothing: a consumer doesn't write to where its bytes come from."""

    def connectionMade(self) -> None:
        """Do nothing."""


@implementer(IConsumer)
class ProtocolToConsumerAdapter(Adapter):
    """A protocol, as a consumer: what is written is received by it. ``IConsumer(protocol)`` makes one."""

    def write(self, data: bytes) -> None:
        """Have the protocol receive the bytes."""
        self.original.dataReceived(data)

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Do nothing: a protocol takes whatever comes, at once."""

    def unregisterProducer(self) -> None:
        """Do nothing."""


if not TYPE_CHECKING:
    adapter(ConsumerToProtocolAdapter, IConsumer, IProtocol)
    adapter(ProtocolToConsumerAdapter, IProtocol, IConsumer)
