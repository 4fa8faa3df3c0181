"""Two protocols over a simulated connection: `connect` them, and move what they write with the pump that you get.

::

    client, server, pump = connectedServerAndClient(Echo, Recorder)
    client.transport.write(b"hello")
    pump.flush()

Nothing happens between two calls of the pump. `ropewalk.internet.testing.connectedPair` does the same with the real
transport, with backpressure and pieces of any size; what is here has the names that older tests know. There is no TLS
in it.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, TypeVar

from zope.interface import implementer

from ..internet.endpoints import TCP4ClientEndpoint
from ..internet.error import ConnectionAborted, ConnectionDone, ConnectionRefusedError
from ..internet.interfaces import IConsumer, ITCPTransport
from ..internet.protocol import Protocol
from ..internet.testing import MemoryReactorClock
from ..python.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..internet.task import Clock

__all__ = [
    "ConnectionCompleter",
    "FakeAddress",
    "FakeTransport",
    "IOPump",
    "connect",
    "connectableEndpoint",
    "connectedServerAndClient",
    "makeFakeClient",
    "makeFakeServer",
]

S = TypeVar("S")
C = TypeVar("C")

# More rounds than any conversation takes: two peers that are still at it answer each other for ever.
PATIENCE = 100_000


class FakeAddress:
    """The address of somebody who has none."""


@implementer(ITCPTransport, IConsumer)
class FakeTransport:
    """One end of a simulated connection. It keeps what its protocol writes until a pump takes it.

    Args:
        protocol: the protocol at this end; who makes the transport gives it to the protocol.
        isServer: whether this is the end that was connected to.
        hostAddress: what `getHost` says.
        peerAddress: what `getPeer` says.

    Attributes:
        stream: what was written and not taken yet, a list of bytes.
        disconnecting: whether the end was asked for.
        disconnected: whether it came, and the protocol knows.
        disconnectReason: what the protocol is told then.
        producer: what writes when it is asked to, if anything is registered.
        streamingProducer: whether that writes without being asked each time.
        serial: a number of its own, for `repr`.
    """

    disconnecting = False
    disconnected = False
    producer: Any = None
    streamingProducer: bool | int = False
    tls: Any = None

    _serials = itertools.count()

    def __init__(self, protocol: Any, isServer: bool, hostAddress: Any = None, peerAddress: Any = None) -> None:
        self.protocol = protocol
        self.isServer = isServer
        self.stream: list[bytes] = []
        self.serial = next(self._serials)
        self.disconnectReason: Exception = ConnectionDone()
        self._host = FakeAddress() if hostAddress is None else hostAddress
        self._peer = FakeAddress() if peerAddress is None else peerAddress
        self._noDelay = self._keepAlive = False

    def __repr__(self) -> str:
        end = "S" if self.isServer else "C"
        return f"FakeTransport<{end},{self.serial},{type(self.protocol).__name__}>"

    # What protocols use.

    def write(self, data: bytes) -> None:
        """Keep bytes for the pump; after the end was asked for they are dropped."""
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"transports write bytes, not {data!r}")
        if not self.disconnecting and not self.disconnected and data:
            self.stream.append(bytes(data))

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """Keep bytes for the pump."""
        self.write(b"".join(iovec))

    def loseConnection(self) -> None:
        """Ask for the end, which comes when what was written has been taken, and no producer is registered."""
        self.disconnecting = True

    def abortConnection(self) -> None:
        """Ask for the end at once: what was written and not taken is lost."""
        self.stream.clear()
        self.unregisterProducer()
        self.disconnectReason = ConnectionAborted()
        self.disconnecting = True

    def loseWriteConnection(self) -> None:
        """Nothing: neither end of a simulated connection can be closed alone."""

    def getHost(self) -> Any:
        """Return the address of this end."""
        return self._host

    def getPeer(self) -> Any:
        """Return the address of the other end."""
        return self._peer

    def logPrefix(self) -> str:
        """Return what stands in log lines about this."""
        return "iosim"

    def getTcpNoDelay(self) -> bool:
        """Return what `setTcpNoDelay` was told."""
        return self._noDelay

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Remember a wish."""
        self._noDelay = bool(enabled)

    def getTcpKeepAlive(self) -> bool:
        """Return what `setTcpKeepAlive` was told."""
        return self._keepAlive

    def setTcpKeepAlive(self, enabled: bool) -> None:
        """Remember a wish."""
        self._keepAlive = bool(enabled)

    def pauseProducing(self) -> None:
        """Nothing: what is written arrives when the pump is told to move it."""

    def resumeProducing(self) -> None:
        """Nothing, as `pauseProducing`."""

    def stopProducing(self) -> None:
        """Ask for the end."""
        self.loseConnection()

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Have something write to this: a pull producer is asked once by each round of the pump."""
        if self.producer is not None:
            raise RuntimeError(f"{self.producer!r} is registered already; unregister it first")
        self.producer, self.streamingProducer = producer, streaming
        if not streaming:
            producer.resumeProducing()

    def unregisterProducer(self) -> None:
        """Ask the producer no more."""
        self.producer = None

    stopConsuming = unregisterProducer

    # What pumps use.

    def getOutBuffer(self) -> bytes | None:
        """Take what was written since the last time; `None` if nothing was."""
        if not self.stream:
            return None
        written = b"".join(self.stream)
        self.stream.clear()
        return written

    def bufferReceived(self, buf: bytes) -> None:
        """Give the protocol bytes from the other end, unless it is at its end."""
        if not self.disconnected:
            self.protocol.dataReceived(buf)

    def reportDisconnect(self) -> None:
        """Tell the protocol that this was the end; the second time nothing happens."""
        if not self.disconnected:
            self.disconnecting = self.disconnected = True
            self.protocol.connectionLost(Failure(self.disconnectReason))

    def _pull(self) -> None:
        """Ask a pull producer for more, once what it wrote has been taken."""
        if self.producer is not None and not self.streamingProducer and not self.stream:
            self.producer.resumeProducing()

    def _isAtItsEnd(self) -> bool:
        return self.disconnecting and not self.disconnected and not self.stream and self.producer is None


class IOPump:
    """Moves bytes between two ends.

    Attributes:
        client, server: the protocols.
        clientIO, serverIO: their transports.
        debug: whether it prints what it moves.
        clock: whose calls that are due are made by each round.
    """

    def __init__(
        self,
        client: Any,
        server: Any,
        clientIO: FakeTransport,
        serverIO: FakeTransport,
        debug: bool,
        clock: Clock | None = None,
    ) -> None:
        self.client = client
        self.server = server
        self.clientIO = clientIO
        self.serverIO = serverIO
        self.debug = debug
        self.clock = clock

    def flush(self, debug: bool = False, advanceClock: bool = True) -> bool:
        """Do rounds until nothing moves.

        Returns:
            Whether anything did.

        Raises:
            AssertionError: after so many rounds things still move.
        """
        for round in range(PATIENCE):
            if not self.pump(debug, advanceClock):
                return round > 0
        raise AssertionError(f"the two ends still talk after {PATIENCE} rounds: do they answer each other for ever?")

    def pump(self, debug: bool = False, advanceClock: bool = True) -> bool:
        """Do a round: give each end what the other wrote until now.

        Returns:
            Whether anything moved.
        """
        if self.clock is not None and advanceClock:
            self.clock.advance(0)
        ends = (self.clientIO, self.serverIO)
        for end in ends:
            end._pull()
        toServer, toClient = self.clientIO.getOutBuffer(), self.serverIO.getOutBuffer()
        for name, data, end in (("C", toServer, self.serverIO), ("S", toClient, self.clientIO)):
            if data is not None:
                if debug or self.debug:
                    print(f"{name}: {data!r}")
                end.bufferReceived(data)
        moved = toServer is not None or toClient is not None
        for end, other in (ends, ends[::-1]):
            if end._isAtItsEnd():
                # What the other end still has to say is lost, as the peer doesn't read any more.
                other.stream.clear()
                other.reportDisconnect()
                end.reportDisconnect()
                moved = True
        return moved


def connect(
    serverProtocol: Any,
    serverTransport: FakeTransport,
    clientProtocol: Any,
    clientTransport: FakeTransport,
    debug: bool = False,
    greet: bool = True,
    clock: Clock | None = None,
) -> IOPump:
    """Connect two protocols over their transports: the server hears of it first.

    Args:
        debug: print what moves.
        greet: move what they write at once, until nothing moves.
        clock: its calls that are due are made by each round of the pump.
    """
    serverProtocol.makeConnection(serverTransport)
    clientProtocol.makeConnection(clientTransport)
    pump = IOPump(clientProtocol, serverProtocol, clientTransport, serverTransport, debug, clock)
    if greet:
        pump.flush()
    return pump


def makeFakeClient(clientProtocol: Any) -> FakeTransport:
    """Return a transport for a client's protocol."""
    return FakeTransport(clientProtocol, isServer=False)


def makeFakeServer(serverProtocol: Any) -> FakeTransport:
    """Return a transport for a server's protocol."""
    return FakeTransport(serverProtocol, isServer=True)


def connectedServerAndClient(
    ServerClass: Callable[[], S],
    ClientClass: Callable[[], C],
    clientTransportFactory: Callable[[C], Any] = makeFakeClient,
    serverTransportFactory: Callable[[S], Any] = makeFakeServer,
    debug: bool = False,
    greet: bool = True,
    clock: Clock | None = None,
) -> tuple[C, S, IOPump]:
    """Make two protocols and `connect` them.

    Returns:
        The client, the server, and the pump.
    """
    client, server = ClientClass(), ServerClass()
    clientTransport, serverTransport = clientTransportFactory(client), serverTransportFactory(server)
    return client, server, connect(server, serverTransport, client, clientTransport, debug, greet, clock)


class ConnectionCompleter:
    """Decides what becomes of the attempts to connect that a memory reactor noted.

    Args:
        memoryReactor: a `ropewalk.internet.testing.MemoryReactor`.
    """

    def __init__(self, memoryReactor: Any) -> None:
        self._reactor = memoryReactor

    def succeedOnce(self, debug: bool = False, greet: bool = True) -> IOPump | None:
        """Let the oldest attempt succeed, with a server that says nothing.

        Returns:
            The pump; `None` when nobody tries.
        """
        if not self._reactor.tcpClients:
            return None
        factory = self._reactor.tcpClients.pop(0)[2]
        self._reactor.connectors.pop(0)
        client, server = factory.buildProtocol(None), Protocol()
        clock = self._reactor if hasattr(self._reactor, "advance") else None
        return connect(server, makeFakeServer(server), client, makeFakeClient(client), debug, greet, clock)

    def failOnce(self, reason: Failure | None = None) -> None:
        """Let the oldest attempt fail.

        Args:
            reason: why; by default the other side refused.
        """
        factory = self._reactor.tcpClients.pop(0)[2]
        connector = self._reactor.connectors.pop(0)
        factory.clientConnectionFailed(connector, reason or Failure(ConnectionRefusedError()))


def connectableEndpoint(debug: bool = False) -> tuple[TCP4ClientEndpoint, ConnectionCompleter]:
    """Return an endpoint whose attempts to connect end as the completer that comes with it says."""
    reactor = MemoryReactorClock()
    return TCP4ClientEndpoint(reactor, "0.0.0.0", 4321), ConnectionCompleter(reactor)
