"""Join two protocols in one process: in memory, or through a real socket. For tests."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from zope.interface import implementer

from ropewalk.internet.defer import Deferred, DeferredList
from ropewalk.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from ropewalk.internet.interfaces import IAddress, IConnector, IConsumer, ITransport
from ropewalk.internet.protocol import ClientFactory, Protocol, ServerFactory
from ropewalk.python import log
from ropewalk.python.failure import Failure

from .policies import ProtocolWrapper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    PumpPolicy = Callable[["_Queue", Protocol], None]

__all__ = [
    "LoopbackClientFactory",
    "LoopbackRelay",
    "collapsingPumpPolicy",
    "identityPumpPolicy",
    "loopbackAsync",
    "loopbackTCP",
    "loopbackUNIX",
]


# In memory.

# How often the two sides are served in one turn of the reactor, which others wait for: some talk without an end.
_ROUNDS = 100


class _Queue:
    """Pieces of data on the way to one side. True while there are any."""

    def __init__(self) -> None:
        self._pieces: deque[bytes] = deque()

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def put(self, piece: bytes) -> None:
        self._pieces.append(piece)

    def get(self) -> bytes:
        """Take the next piece out."""
        return self._pieces.popleft()


def identityPumpPolicy(queue: _Queue, target: Protocol) -> None:
    """Deliver each piece as it was written.

    Args:
        queue: what was written: true while there is something, ``get()`` takes the next piece out.
        target: who receives it.
    """
    while queue:
        target.dataReceived(queue.get())


def collapsingPumpPolicy(queue: _Queue, target: Protocol) -> None:
    """Deliver all that was written since the last time as one piece; arguments as for `identityPumpPolicy`."""
    pieces = []
    while queue:
        pieces.append(queue.get())
    if pieces:
        target.dataReceived(b"".join(pieces))


@implementer(IAddress)
class _LoopbackAddress:
    """The address of both ends of a loopback connection: they are nowhere."""


@implementer(ITransport, IConsumer)
class _End:
    """One end of a connection in memory: a transport for one protocol, a queue towards the other."""

    disconnecting: bool = False
    producer: Any = None  # whatever was registered; a pull producer and a push producer share no base
    streaming: bool = False

    def __init__(self, loopback: _Loopback) -> None:
        self.queue = _Queue()
        self._loopback = loopback

    def write(self, data: bytes) -> None:
        if not isinstance(data, bytes):
            raise TypeError(f"a transport takes bytes, not {type(data).__name__}: encode text first")
        if not self.disconnecting:
            self.queue.put(data)
            self._loopback.wake()

    def writeSequence(self, data: Iterable[bytes]) -> None:
        self.write(b"".join(data))

    def loseConnection(self) -> None:
        self.disconnecting = True
        self._loopback.wake()

    def abortConnection(self) -> None:
        self.disconnecting = True
        self._loopback.abort(self)

    def getPeer(self) -> IAddress:
        return _LoopbackAddress()

    def getHost(self) -> IAddress:
        return _LoopbackAddress()

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        if self.producer is not None:
            raise RuntimeError(f"{self.producer!r} is registered already: unregister it first")
        self.producer = producer
        self.streaming = streaming
        self._loopback.wake()

    def unregisterProducer(self) -> None:
        self.producer = None
        self._loopback.wake()

    # Receiving is not held up: the two ends take turns as it is.

    def pauseProducing(self) -> None:
        pass

    def resumeProducing(self) -> None:
        pass

    def stopProducing(self) -> None:
        self.loseConnection()

    def isDone(self) -> bool:
        """Whether the close that was asked for can happen: all is delivered and no producer is at work."""
        return self.disconnecting and not self.queue and self.producer is None


class _Loopback:
    """Two protocols and what goes between them. Runs by itself from `start` until the connection is lost."""

    def __init__(self, server: Protocol, client: Protocol, policy: PumpPolicy) -> None:
        self._policy = policy
        self._server, self._client = server, client
        self._toClient, self._toServer = _End(self), _End(self)
        self._result: Deferred[None] = Deferred()
        self._pumping = True  # while connecting and pumping: what happens then needs no waking
        self._waking = False
        self._aborted: _End | None = None
        self._trouble: Failure | None = None  # what the protocol of that end raised, if that is why
        self._over = False

    def start(self) -> Deferred[None]:
        self._server.makeConnection(self._toClient)
        self._client.makeConnection(self._toServer)
        self._pump()
        return self._result

    def wake(self) -> None:
        """Go on in the next turn of the reactor: something is to be delivered, or to be closed."""
        if self._pumping or self._waking or self._over:
            return
        from ropewalk.internet import reactor

        self._waking = True
        reactor.callLater(0, self._pump)

    def abort(self, end: _End) -> None:
        self._aborted = self._aborted or end
        self.wake()

    def _pump(self) -> None:
        """Deliver for as long as something is there; then wait, or end."""
        self._waking = False
        self._pumping = True
        try:
            for _ in range(_ROUNDS):
                if self._aborted is not None or not (self._deliver() or self._ask()):
                    break
            else:
                self._pumping = False
                self.wake()
                return
        finally:
            self._pumping = False
        if self._aborted is not None or self._toClient.isDone() or self._toServer.isDone():
            self._end()

    def _deliver(self) -> bool:
        """Give each side what is on the way to it; whether there was anything."""
        found = False
        for end, target in ((self._toServer, self._server), (self._toClient, self._client)):
            if end.queue:
                found = True
                try:
                    self._policy(end.queue, target)
                except Exception:
                    # As with a real transport: the protocol's error is logged and costs it this connection.
                    self._trouble = Failure()
                    log.err(self._trouble, f"{target!r} raised while it received")
                    self._aborted = self._toClient if target is self._server else self._toServer
                    break
        return found

    def _ask(self) -> bool:
        """Ask pull producers for their next piece; whether one came of it."""
        for end in (self._toServer, self._toClient):
            if end.producer is not None and not end.streaming:
                end.producer.resumeProducing()
        return bool(self._toServer.queue or self._toClient.queue)

    def _end(self) -> None:
        if self._over:
            return
        self._over = True
        sides = ((self._toClient, self._server), (self._toServer, self._client))
        for end, protocol in sides:
            end.disconnecting = True
            producer, end.producer = end.producer, None
            if producer is not None:
                producer.stopProducing()
            protocol.connectionLost(self._reason(end))
        self._result.callback(None)

    def _reason(self, end: _End) -> Failure:
        if self._aborted is None:
            return Failure(ConnectionDone())
        if end is not self._aborted:
            return Failure(ConnectionLost())
        return self._trouble or Failure(ConnectionAborted())


def loopbackAsync(server: Protocol, client: Protocol, pumpPolicy: PumpPolicy = identityPumpPolicy) -> Deferred[None]:
    """Join two protocols in memory. Data is delivered from the reactor, never from inside ``write``.

    What the protocols write while they are connected is delivered before this returns.

    Args:
        server: is connected first.
        client: is connected second.
        pumpPolicy: delivers what was written, cut as it likes: `identityPumpPolicy` or `collapsingPumpPolicy`.

    Returns:
        A Deferred of `None`, when the connection is over and both sides have heard so.
    """
    return _Loopback(server, client, pumpPolicy).start()


@implementer(ITransport, IConsumer)
class LoopbackRelay:
    """A transport that keeps what is written until `clearBuffer` hands it to a protocol.

    Args:
        target: who receives what is written here.
        logFile: takes a line of text about each piece; `None` for no log.

    Attributes:
        buffer: what was written and not handed over.
        shouldLose: 1 once `loseConnection` was called; the next `clearBuffer` tells the target.
    """

    buffer: bytes = b""
    shouldLose: int = 0
    disconnecting: int = 0
    producer: Any = None  # whatever was registered; a pull producer and a push producer share no base

    def __init__(self, target: Protocol, logFile: Any = None) -> None:
        self.target = target
        self.logFile = logFile

    def write(self, data: bytes) -> None:
        """Keep the data."""
        self.buffer += data
        self._log("writing", data)

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """Keep the data."""
        self.write(b"".join(iovec))

    def clearBuffer(self) -> None:
        """Hand over what was written, or that the connection is closed; ask a pull producer for more first."""
        if self.shouldLose == -1:
            return
        if self.producer is not None:
            self.producer.resumeProducing()
        if self.buffer:
            data, self.buffer = self.buffer, b""
            self._log("receiving", data)
            self.target.dataReceived(data)
        if self.shouldLose == 1:
            self.shouldLose = -1
            self.target.connectionLost(Failure(ConnectionDone("Connection done")))

    def loseConnection(self) -> None:
        """Close, when what was written has been handed over."""
        if self.shouldLose != -1:
            self.shouldLose = 1

    def getHost(self) -> Any:
        """Return a text that says that this is nowhere."""
        return "loopback"

    def getPeer(self) -> Any:
        """Return a text that says that this is nowhere."""
        return "loopback"

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Ask a producer for data in each `clearBuffer`."""
        self.producer = producer

    def unregisterProducer(self) -> None:
        """Forget the producer."""
        self.producer = None

    def logPrefix(self) -> str:
        """Return a name for the target's end."""
        return f"Loopback({self.target.__class__.__name__!r})"

    def _log(self, what: str, data: bytes) -> None:
        if self.logFile is not None:
            self.logFile.write(f"loopback {what} {data!r}\n")


# Through a socket.


class LoopbackClientFactory(ClientFactory[Any]):
    """Connects one protocol that exists already.

    Attributes:
        disconnected: 1 once its connection is lost.
        deferred: fires then.
    """

    def __init__(self, protocol: Protocol) -> None:
        self.disconnected = 0
        self.deferred: Deferred[None] = Deferred()
        self.protocol: Any = protocol  # the protocol itself, not what makes it: the documented use of the name

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """Return the protocol."""
        return self.protocol

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """Tell the Deferred why."""
        self.deferred.errback(reason)

    def clientConnectionLost(self, connector: IConnector, reason: Failure) -> None:
        """Tell the Deferred that it is over."""
        self.disconnected = 1
        self.deferred.callback(None)


class _Told(ProtocolWrapper):
    """Fires a Deferred when the wrapped protocol has heard that its connection is lost."""

    def __init__(self, factory: Any, wrappedProtocol: Any, deferred: Deferred[None]) -> None:
        super().__init__(factory, wrappedProtocol)
        self._deferred = deferred

    def connectionLost(self, reason: Failure) -> None:
        super().connectionLost(reason)
        self._deferred.callback(None)


class _One(ServerFactory[Any]):
    """Accepts one connection with a protocol that exists already, and tells when it is lost."""

    def __init__(self, protocol: Protocol, noisy: bool) -> None:
        self.noisy = noisy
        self.deferred: Deferred[None] = Deferred()
        self._wrapper: _Told | None = _Told(self, protocol, self.deferred)

    def buildProtocol(self, addr: IAddress | None) -> Any:
        wrapper, self._wrapper = self._wrapper, None
        return wrapper

    def registerProtocol(self, p: Any) -> None:
        pass

    def unregisterProtocol(self, p: Any) -> None:
        pass


def loopbackTCP(server: Protocol, client: Protocol, port: int = 0, noisy: bool = True) -> Deferred[None]:
    """Join two protocols through a TCP connection of this host with itself.

    Args:
        server: accepts.
        client: connects.
        port: the port to use; 0 for any.
        noisy: whether the factories log their starts and stops.

    Returns:
        A Deferred of `None`, when the connection is over, both sides have heard so and the port is closed.
    """
    from ropewalk.internet import reactor

    factory = _One(server, noisy)
    listening = reactor.listenTCP(port, factory, interface="127.0.0.1")
    connecting = LoopbackClientFactory(client)
    connecting.noisy = noisy
    reactor.connectTCP("127.0.0.1", listening.getHost().port, connecting)
    return _whenBothAreOver(factory, connecting, listening)


def loopbackUNIX(server: Protocol, client: Protocol, noisy: bool = True) -> Deferred[None]:
    """Join two protocols through a UNIX socket in a temporary directory; arguments and result as for `loopbackTCP`."""
    from tempfile import TemporaryDirectory

    from ropewalk.internet import reactor

    directory = TemporaryDirectory(prefix="loopback-")
    path = f"{directory.name}/socket"
    factory = _One(server, noisy)
    listening = reactor.listenUNIX(path, factory)
    connecting = LoopbackClientFactory(client)
    connecting.noisy = noisy
    reactor.connectUNIX(path, connecting)

    def cleanUp(result: Any) -> Any:
        directory.cleanup()
        return result

    return _whenBothAreOver(factory, connecting, listening).addBoth(cleanUp)


def _whenBothAreOver(factory: _One, connecting: LoopbackClientFactory, listening: Any) -> Deferred[Any]:
    both = DeferredList([factory.deferred, connecting.deferred], fireOnOneErrback=True, consumeErrors=True)

    def close(result: Any) -> Any:
        stopping = listening.stopListening()
        outcome = result if isinstance(result, Failure) else None
        return outcome if stopping is None else stopping.addCallback(lambda ignored: outcome)

    return both.addBoth(close)
