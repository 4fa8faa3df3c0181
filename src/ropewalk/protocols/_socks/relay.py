"""What the proxies of both versions share: a client's connection, the other one, and bytes between them.

A client asks for a connection out (CONNECT), or for one that somebody makes to us (BIND). Until that is there the
client is not read; after it, neither side is read faster than the other takes it, and both end together.
"""

from __future__ import annotations

from typing import Any

from ropewalk.internet.defer import CancelledError, Deferred, succeed
from ropewalk.internet.error import CannotListenError, ConnectError, DNSLookupError
from ropewalk.internet.interfaces import IDelayedCall
from ropewalk.internet.protocol import ClientCreator, Protocol
from ropewalk.protocols.policies import TimeoutMixin
from ropewalk.python import log
from ropewalk.python.failure import Failure

__all__ = ["Incoming", "Outgoing", "Relay", "join", "part"]

# What becomes of requests without anybody's fault here.
NETWORK = (ConnectError, DNSLookupError, CannotListenError, CancelledError)


class Relay(Protocol, TimeoutMixin):
    """A client's connection to a proxy.

    Args:
        logging: a file's name: all that passes is appended to it. `None` for nowhere.
        reactor: what connects, listens and resolves; `None` for the reactor.

    Attributes:
        otherConn: the protocol of the other connection; `None` while there is none.
        patience: seconds a client may take to say what it wants.
        bindPatience: seconds for somebody to connect after a BIND.
    """

    patience: float | None = 30
    bindPatience: float | None = 120
    reactor: Any

    def __init__(self, logging: str | None = None, reactor: Any = None) -> None:
        if reactor is None:
            from ropewalk.internet import reactor
        self.logging = logging
        self.reactor = reactor
        self.otherConn: Any = None
        self._pending: Deferred[Any] | None = None  # an attempt to resolve or to connect
        self._port: Any = None  # what listens for a BIND
        self._isLost = False
        self._isOver = False  # refused: nothing that comes matters any more

    def callLater(self, period: float, func: Any) -> IDelayedCall:
        call: IDelayedCall = self.reactor.callLater(period, func)
        return call

    def connectionMade(self) -> None:
        """Wait for the request, and not for ever."""
        self.otherConn = None
        self.setTimeout(self.patience)

    def connectionLost(self, reason: Failure) -> None:
        """Close the other connection once it has got all; drop the attempt, the port."""
        self._isLost = True
        self.setTimeout(None)
        self._stopListening()
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.cancel()
        part(self.otherConn)

    def authorize(self, code: int, server: str, port: int, user: bytes) -> bool | int:
        """Override to decide who may connect where. A proxy that is reachable by all and allows all is abused by all.

        Args:
            code: 1 to connect, 2 to listen for a connection.
            server: an address; the name that the client gave has been resolved.
            user: who the client is; with SOCKS 4 who it says it is.

        Returns:
            Whether it may.
        """
        return 1

    def connectClass(self, host: str, port: int, klass: Any, *args: Any) -> Deferred[Any]:
        """Connect a protocol ``klass(*args)``; override to connect some other way. Returns a Deferred of it."""
        return ClientCreator(self.reactor, klass, *args).connectTCP(host, port)

    def listenClass(self, port: int, klass: Any, *args: Any) -> Deferred[tuple[str, int]]:
        """Listen with a factory ``klass(*args)``; override to listen some other way.

        Returns:
            A Deferred of the address that connections are accepted at.
        """
        self._port = self.reactor.listenTCP(port, klass(*args))
        address = self._port.getHost()
        return succeed((address.host, address.port))

    def write(self, data: bytes) -> None:
        """Send to the client what came from the other connection."""
        self.log(self, data)
        self.transport.write(data)

    def log(self, proto: Any, data: bytes) -> None:
        """Append to the log, if there is one, what was sent by ``proto``'s peer or, to the client, by us."""
        if self.logging is None:
            return
        ours, theirs = proto.transport.getHost(), proto.transport.getPeer()
        # To the client it goes from us to them, from the other side the same way: both are what is sent.
        line = f"{ours.host}:{ours.port} -> {theirs.host}:{theirs.port}\n  {data!r}\n"
        try:
            with open(self.logging, "a", encoding="utf-8") as file:
                file.write(line)
        except OSError:
            # A full disk must not cut those who are connected.
            log.err(None, f"SOCKS: nothing more of this connection is written to {self.logging!r}")
            self.logging = None

    def _noteTrouble(self, reason: Failure) -> None:
        """Log what is no answer of the network: something that the program's own methods raised."""
        if not reason.check(*NETWORK):
            log.err(reason, f"while a request to {self!r} was carried out")

    # For the two kinds of the other connection.

    def granted(self, host: str, port: int) -> None:
        """Tell the client that the other connection is there."""
        raise NotImplementedError(f"{type(self).__name__} has to override granted")

    def refused(self) -> None:
        """Tell the client that somebody else than expected came, and close."""
        raise NotImplementedError(f"{type(self).__name__} has to override refused")

    def joined(self, other: Any) -> None:
        """The other connection is there: tell the client, and let bytes pass."""
        self._pending = None
        self._stopListening()
        self.setTimeout(None)
        if self._isLost or self._isOver:
            other.transport.loseConnection()
            return
        address = other.transport.getPeer()
        self.granted(address.host, address.port)
        self.otherConn = other
        join(self, other)
        early = self._early()
        if early:
            other.write(early)

    def _early(self) -> bytes:
        """Return what the client sent behind its request."""
        raise NotImplementedError(f"{type(self).__name__} has to override _early")

    def _stopListening(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            port.stopListening()


class Outgoing(Protocol):
    """The connection that was made for a client.

    Args:
        socks: the client's connection.
    """

    def __init__(self, socks: Any) -> None:
        self.socks = socks

    def connectionMade(self) -> None:
        """Join the two."""
        self.socks.joined(self)

    def connectionLost(self, reason: Failure) -> None:
        """Close the client's connection, once it has got all."""
        if self.socks.otherConn is self:
            self.socks.otherConn = None
            part(self.socks)

    def dataReceived(self, data: bytes) -> None:
        """Pass bytes on to the client."""
        self.socks.write(data)

    def write(self, data: bytes) -> None:
        """Send what the client sent."""
        self.socks.log(self, data)
        self.transport.write(data)


class Incoming(Outgoing):
    """The connection that was accepted for a client. Its factory joins the two."""

    def connectionMade(self) -> None:
        """Join the two, if this is whom the client waits for."""
        self.socks.joined(self)


def join(one: Any, other: Any) -> None:
    """Let each be read only as fast as the other takes it."""
    other.transport.registerProducer(one.transport, True)
    one.transport.registerProducer(other.transport, True)
    one.transport.resumeProducing()


def part(other: Any) -> None:
    """Close what is left once it has sent all; what is registered there as its producer is gone."""
    if other is not None:
        other.transport.unregisterProducer()
        other.transport.loseConnection()
