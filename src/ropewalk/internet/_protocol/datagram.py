"""Protocols over datagrams: one for each port."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from zope.interface import implementer

    from ropewalk.python.failure import Failure

    from ..interfaces import ILoggingContext, IMulticastTransport
else:
    from .._interfaces.later import ILoggingContext, implementer


class AbstractDatagramProtocol:
    """What protocols over datagrams have in common.

    Attributes:
        transport: what to send with; there from `makeConnection` until the port is closed.
        numPorts: how many ports use this protocol now.
        noisy: whether its start and stop are logged.
    """

    transport: Any = None  # `DatagramProtocol` says which kind
    numPorts: int = 0
    noisy: bool = True

    def __getstate__(self) -> dict[str, Any]:
        """Leave the transport out of pickles."""
        return {**self.__dict__, "transport": None}

    def doStart(self) -> None:
        """Count one port more; the first one starts the protocol. Override `startProtocol` instead."""
        if self.numPorts == 0:
            if self.noisy:
                _say(f"Starting protocol {self!r}")
            self.startProtocol()
        self.numPorts += 1

    def doStop(self) -> None:
        """Count one port less; the last one stops the protocol. Override `stopProtocol` instead."""
        if self.numPorts == 0:
            raise AssertionError(f"{self!r} was stopped more often than started")
        self.numPorts -= 1
        self.transport = None
        if self.numPorts == 0:
            if self.noisy:
                _say(f"Stopping protocol {self!r}")
            self.stopProtocol()

    def startProtocol(self) -> None:
        """Override to hear that the port is open: `transport` is there and may be sent with."""

    def stopProtocol(self) -> None:
        """Override to hear that the port is closed; `transport` is gone."""

    def makeConnection(self, transport: Any) -> None:
        """Take the transport, then start. Called by the transport.

        Raises:
            AssertionError: the protocol has one already.
        """
        if self.transport is not None:
            raise AssertionError(f"{self!r} has a port already, {self.transport!r}: make a protocol for each")
        self.transport = transport
        self.doStart()

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """Override to take a datagram.

        Args:
            datagram: the whole of it, cut at the port's ``maxPacketSize``.
            addr: the sender: IP address and port, or the path of a UNIX socket.
        """


@implementer(ILoggingContext)
class DatagramProtocol(AbstractDatagramProtocol):
    """Sends and receives datagrams; may be connected to one peer with ``self.transport.connect``."""

    transport: IMulticastTransport

    def logPrefix(self) -> str:
        """Return the class's name, which marks what is logged about this port."""
        return self.__class__.__name__

    def connectionRefused(self) -> None:
        """Override to hear that nobody listens where the port is connected to. Sending may go on."""


class ConnectedDatagramProtocol(DatagramProtocol):
    """Sends and receives datagrams over a UNIX socket that is connected to one peer."""

    def datagramReceived(self, datagram: bytes) -> None:  # type: ignore[override]  # there is only one sender
        """Override to take a datagram from the peer."""

    def connectionFailed(self, failure: Failure) -> None:
        """Override to hear that the socket could not be connected, and why."""


def _say(sentence: str) -> None:
    from ropewalk.python import log

    log.msg(sentence)
