"""TLS as a layer: to the transport below a protocol, to the protocol above a transport. The one pump for all.

What arrives is fed to the engine, and what that has decrypted goes up; what is written above is encrypted, and goes
down. So TLS works over anything that moves bytes: a socket, a pipe, a pair in memory, another TLS. (OpenSSL reading the
socket itself was tried, and is slower: it asks the kernel twice for each record.)

**Phases.**

    phase       write                loseConnection                         bytes for the protocol
    HANDSHAKE   kept                 waits for what is kept, then the same  none
    OPEN        encrypted            says so to the peer (close_notify)     passed on
    CLOSING     dropped              -                                      dropped; until the peer says so, too
    OVER        dropped              -                                      dropped; until the transport is lost

``_ready`` is false in the first; ``_shut`` is true in the last two, and once the sending half is closed; ``_over`` is
true in the last. A step that fails, or takes too long, leads to OVER with a ``_reason``: the protocol hears that.

**Writing is corked**, as in `_transports.stream` and for the same reasons: all that is written in a turn becomes full
records, and leaves with one system call. ``_out`` means the same here. Over a transport whose loop knows nothing of
corks every write is encrypted at once.

**A producer above feeds the transport below**, through a `Feed`: the bytes that wait are there, and so are the marks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ropewalk.python.failure import Failure

from .._transports.descriptor import asBytes, logTrouble
from .._transports.watching import Bridge
from .._wrapping import ProtocolWrapper
from ..error import ConnectionDone, ConnectionLost
from ._wire.records import MOST
from .engines import PORTION
from .feed import Feed

if TYPE_CHECKING:
    from zope.interface import implementer

    from ..defer import Deferred
    from ..interfaces import IDelayedCall, INegotiated, ISSLTransport
    from .engines import Engine
else:
    from .._interfaces.later import INegotiated, ISSLTransport, implementer

__all__ = ["CLOSE_PATIENCE", "BufferingTLSTransport", "TLSMemoryBIOProtocol"]

# Seconds that a connection which we have closed waits for the peer to say farewell, too. It closes then in any case.
CLOSE_PATIENCE = 5.0

# So many times may a peer ask for new keys, which TLS itself answers, while it takes no answer.
MOST_ANSWERS = 1000

# The most that a producer may write before TLS is agreed upon. Afterwards the transport tells it when to stop, and is
# given each full record at once for that, instead of everything at the end of the turn.
HANDSHAKE_MARK = 65536


@implementer(ISSLTransport, INegotiated)
class TLSMemoryBIOProtocol(ProtocolWrapper):  # type: ignore[override]  # its addresses are those of what is below
    """Speaks TLS over a transport, for the protocol that it wraps.

    The wrapped protocol hears ``connectionMade`` at once, before TLS has been agreed upon, and may write; it hears
    ``handshakeCompleted`` then, if it is an `IHandshakeListener`. A peer that is refused is heard of by
    ``connectionLost``. So is one whose last bytes may be missing: the end is a `ConnectionDone` only if the peer has
    announced it (close_notify), or we have.

    Args:
        factory: knows how to speak TLS.
        wrappedProtocol: who is spoken for.

    Attributes:
        TLS: true, as of every transport that speaks it.
        producer: what is registered, or `None`.
        streamingProducer: whether that is a push producer.
    """

    # Also when the door, `protocols.tls`, was never opened.
    __module__ = "ropewalk.protocols.tls"

    TLS = True

    factory: Any
    transport: Any
    producer: Any = None
    streamingProducer: Any = False

    _engine: Engine | None = None
    # See the module's text.
    _out: list[bytes] | None = None
    _ready = False
    _shut = False
    _over = False
    _reason: Failure | None = None
    # `loseConnection` was called, by the program or by ourselves. (``disconnecting`` says so to programs, and may be
    # set by a TLS within this one.)
    _closing = False
    # Something waits for what was written to have gone down: see `_settle`.
    _errand = False
    # How the loop is asked to call `flush`; `None` where it can't be.
    _cork: Callable[[Any], object] | None = None
    # The end of the handshake's, or the farewell's, patience.
    _alarm: IDelayedCall | None = None
    # How often TLS itself has answered since the transport was last seen to have room.
    _answers = 0
    # What was written and has not gone down, in bytes; kept only while there is a producer.
    _heavy = 0
    _feed: Feed | None = None
    _drainers: list[Deferred[None]] | None = None
    # Nothing is to be read for now. The engine has plaintext that came with the end of the handshake.
    _paused = False
    _withheld = False
    # The halves of a protocol that hears of each.
    _readClosed = False
    _writeDisconnecting = False

    def __init__(self, factory: Any, wrappedProtocol: Any, _connectWrapped: bool = True) -> None:
        super().__init__(factory, wrappedProtocol)
        self._connectWrapped = _connectWrapped

    @property
    def protocol(self) -> Any:
        """The wrapped protocol, by the name that it has on other transports; assign another at any time."""
        return self.wrappedProtocol

    @protocol.setter
    def protocol(self, protocol: Any) -> None:
        self.wrappedProtocol = protocol

    # The handshake.

    def makeConnection(self, transport: Any) -> None:
        """Take the transport, be one to the wrapped protocol, and begin."""
        self.transport = transport
        self.connected = 1
        self.factory.registerProtocol(self)
        self._out = []
        self._cork = _corkOf(transport)
        try:
            self._engine = self.factory._makeEngine(self)
        except Exception:
            # The protocol hears that it is connected and that it is lost, as ever, and why.
            failure = Failure()
            logTrouble(f"while beginning TLS as {self.factory!r} says; the connection is closed", failure)
            self._end(failure)
        if self._connectWrapped:
            self.wrappedProtocol.makeConnection(self)
        if self._over or self.transport is None:
            return
        patience = self.factory.handshakeTimeout
        if patience is not None:
            self._alarm = self._callLater(patience, self._handshakeIsLate, patience)
        if self.factory._isClient:
            self._negotiate(b"")

    def _negotiate(self, data: bytes) -> None:
        """Go on with the handshake."""
        engine = self._engine
        if engine is None:
            return
        try:
            done = engine.handshake(data)
        except Exception as problem:
            self._refuse(problem)
            return
        answer = engine.take()
        if answer:
            self.transport.write(answer)
        if done and not self._over:
            self._begin(engine)

    def _begin(self, engine: Engine) -> None:
        """TLS is agreed upon: say so, send what was written meanwhile, and take what came with the last of it."""
        self._ready = True
        self._noAlarm()
        if _provides(self.wrappedProtocol, "IHandshakeListener", "handshakeCompleted"):
            self.wrappedProtocol.handshakeCompleted()
        if self._over:
            return
        self._passDown()
        if self._feed is not None:
            self._feed.release()
        if self._drainers is not None:
            waiters, self._drainers = self._drainers, None
            for waiter in waiters:
                self.transport.drain().chainDeferred(waiter)
        if self._paused and not self._closing:
            self._withheld = True
            self.transport.pauseProducing()
        else:
            self._passUp(engine, engine.decrypt(b""))

    def _handshakeIsLate(self, patience: float) -> None:
        self._alarm = None
        self._reason = Failure(
            ConnectionLost(f"the peer did not complete the TLS handshake within {patience:g} seconds")
        )
        self.abortConnection()  # a peer that does not read either would never let us close in good order

    # Bytes from the peer.

    def dataReceived(self, data: bytes) -> None:
        """Decrypt what has arrived, and pass it on."""
        engine = self._engine
        if engine is None or self._over:
            return
        if not self._ready:
            self._negotiate(data)
        else:
            self._passUp(engine, engine.decrypt(data))

    def _passUp(self, engine: Engine, plain: bytes) -> None:
        """Give the protocol some plaintext. What it writes then goes down as soon as it returns."""
        isQuiet = True
        if plain and not (self._closing or self._readClosed):
            if self._out is None:
                self._out = []
            self.wrappedProtocol.dataReceived(plain)
            if self._out or self._errand:
                isQuiet = False
                self._passDown()
            else:
                self._out = None
        if engine.closed:
            self._closedByPeer(engine)
        elif isQuiet and not self._over:
            # Records of TLS's own may have come: keys are to be changed, say. They may want an answer, which otherwise
            # goes with the next bytes that are written.
            answer = engine.take()
            if answer:
                self._answer(answer)

    def _answer(self, answer: bytes) -> None:
        """Send what TLS itself says to the peer, as long as that takes it."""
        self.transport.write(answer)
        self._answers += 1
        if self._answers < MOST_ANSWERS:
            return
        drain = getattr(self.transport, "drain", None)
        waiter = None if drain is None else drain()
        if waiter is None or waiter.called:
            self._answers = 0
        else:
            self._reason = Failure(
                ConnectionLost(f"the peer asks for new keys over and over, and has not taken {self._answers} answers")
            )
            self.abortConnection()
        if waiter is not None:
            waiter.addErrback(lambda _: None)  # of a connection that is lost

    def _closedByPeer(self, engine: Engine) -> None:
        """The peer has said that it sends no more, or has broken the rules."""
        if self._over:
            return
        if self._closing and self._shut:
            self._hangUp()  # whatever it says, everything was said
        elif engine.trouble is not None:
            self._refuse(engine.trouble)
        elif self._closing:
            self._hangUp()
        elif _provides(self.wrappedProtocol, "IHalfCloseableProtocol", "readConnectionLost"):
            if not self._readClosed:
                self._readClosed = True
                self.wrappedProtocol.readConnectionLost()
            if self._shut and not self._over:
                self._hangUp()
        else:
            self._passDown()
            self._stopProducer()
            self._lose()

    def pauseProducing(self) -> None:
        """Pass nothing on for now, and read nothing: the peer will feel it. A handshake goes on."""
        self._paused = True
        if self._ready:
            self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Read again."""
        self._paused = False
        if self._ready and not self._over:
            self.transport.resumeProducing()
            if self._withheld:
                self._settleSoon()

    def stopProducing(self) -> None:
        """Close; see `loseConnection`."""
        self.loseConnection()

    # Bytes from the protocol.

    def write(self, data: bytes) -> None:
        """Send bytes, encrypted: at the end of this turn, or once TLS is agreed upon. Never blocks.

        A ``bytearray`` or ``memoryview`` is copied first. Bytes written once the connection is closed are dropped.

        Raises:
            TypeError: it is text, or something else that is no bytes.
        """
        if type(data) is not bytes:
            data = asBytes(data)
        out = self._out
        if out is not None:
            out.append(data)
        elif self._shut or not data:
            return
        else:
            self._out = [data]
            self._passDownSoon()
        if self._feed is not None:
            self._feed.wrote()
            self._weigh(len(data))

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """Send several pieces, as if joined.

        Raises:
            TypeError: one of them is no bytes; then none is sent.
        """
        self.write(b"".join([piece if type(piece) is bytes else asBytes(piece) for piece in iovec]))

    def _passDownSoon(self) -> None:
        if self._cork is None:
            self._passDown()
        else:
            self._cork(self)

    def flush(self) -> None:
        """Encrypt and send what was written. The loop calls this at the end of a turn."""
        try:
            self._passDown()
        except Exception:
            failure = Failure()
            logTrouble(f"while sending what {self.wrappedProtocol!r} wrote; its connection is closed for it", failure)
            self._end(failure)
        transport = self.transport
        if transport is not None:
            # It was corked only now, and the loop has begun to flush: its turn would come with the next one.
            transport.flush()

    def _passDown(self) -> None:
        """Encrypt what was written, and give it to the transport."""
        out = self._out
        if out is None or not self._ready:
            return
        self._out = None
        self._heavy = 0
        engine = self._engine
        if out and not self._shut and engine is not None:
            data = out[0] if len(out) == 1 else b"".join(out)
            if len(data) <= PORTION:
                self.transport.write(engine.encrypt(data))
            else:
                whole = memoryview(data)
                for at in range(0, len(data), PORTION):
                    self.transport.write(engine.encrypt(whole[at : at + PORTION]))
        if self._errand:
            self._settle()

    # Producers.

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let a producer feed this connection; see `IConsumer.registerProducer`.

        Raises:
            RuntimeError: another one is registered.
        """
        if self.producer is not None:
            raise RuntimeError(
                f"Cannot register producer {producer!r}, because producer {self.producer!r} was never unregistered."
            )
        if self._over or not self.connected:
            producer.stopProducing()
            return
        self.producer, self.streamingProducer = producer, streaming
        self._feed = feed = Feed(self, producer, streaming)
        self.transport.registerProducer(feed, streaming)

    def unregisterProducer(self) -> None:
        """Let go of the producer; a close that waited for it goes on."""
        if self.producer is None:
            return
        self._dropProducer()
        if self._closing or self._writeDisconnecting:
            self._settleSoon()

    def stopConsuming(self) -> None:
        """Take no more: let go of the producer, and close."""
        self.unregisterProducer()
        self.loseConnection()

    @property
    def producerPaused(self) -> bool:
        """Whether the push producer was paused, by us, and not resumed since."""
        return self._feed is not None and self._feed.isPaused

    def _weigh(self, size: int) -> None:
        """There is a producer, and it has written ``size`` bytes."""
        self._heavy += size
        if self._ready:
            if self._heavy >= MOST:
                self._passDown()
        elif self._heavy > HANDSHAKE_MARK and self._feed is not None:
            self._feed.hold()

    def _dropProducer(self) -> Any:
        producer, self.producer, self._feed = self.producer, None, None
        if producer is not None and self.connected:
            self.transport.unregisterProducer()
        return producer

    def _stopProducer(self) -> None:
        """Nobody takes any more: let the producer know."""
        producer = self._dropProducer()
        if producer is not None:
            try:
                producer.stopProducing()
            except Exception:
                logTrouble(f"while telling the producer {producer!r} that its connection is closed")

    def drain(self) -> Deferred[None]:
        """Wait until there is room for more; see `FileDescriptor.drain`. During the handshake there is none."""
        from ..defer import Deferred, fail

        if not self.connected:
            return fail(ConnectionLost("it is gone already, and nothing drains any more"))
        if self._ready or self._over:
            self._passDown()
            ready: Deferred[None] = self.transport.drain()
            return ready
        if self._drainers is None:
            self._drainers = []
        waiter: Deferred[None] = Deferred()
        self._drainers.append(waiter)
        return waiter

    # Ending.

    def loseConnection(self) -> None:
        """Close in good order: once everything written has left and no producer is registered, say so to the peer.

        Nothing is read from here on. May be called again.
        """
        self._lose()

    def _lose(self) -> None:
        if self._closing or self._over or not self.connected:
            return
        self.disconnecting = 1
        self._closing = True
        if self._ready or self._out or self.producer is not None:
            self._settleSoon()
        else:
            self._hangUp()  # in the handshake, and nothing is to be said

    def loseWriteConnection(self) -> None:
        """Say to the peer that no more comes, once everything written has left; read on."""
        if self.connected and not self._over:
            self._writeDisconnecting = True
            self._settleSoon()

    def _settleSoon(self) -> None:
        """Have `_settle` called when what was written has gone down."""
        self._errand = True
        if self._out is None:
            self._out = []
            self._passDownSoon()

    def _settle(self) -> None:
        """Everything written has gone down: do what waited for that."""
        engine = self._engine
        if self._over or engine is None:
            return
        if self._withheld and not self._paused:
            self._withheld = False
            self._passUp(engine, engine.decrypt(b""))
        if self.producer is None:
            self._errand = False
            self._settleEnds(engine)

    def _settleEnds(self, engine: Engine) -> None:
        """Close what is to be closed, now that everything written has gone down."""
        if self._over:
            return
        if not self._shut and (self._closing or self._writeDisconnecting):
            self._shut = True
            engine.close()
            self.transport.write(engine.take())
            if not self._closing and _provides(self.wrappedProtocol, "IHalfCloseableProtocol", "writeConnectionLost"):
                self.wrappedProtocol.writeConnectionLost()
        if engine.closed and self._shut:
            self._hangUp()
        elif self._closing:
            # The peer may be writing yet, and should not be answered with a reset: its farewell comes first.
            if self._paused:
                self.transport.resumeProducing()
            self._alarm = self._callLater(CLOSE_PATIENCE, self._farewellIsLate)
            if self._alarm is None:
                self._hangUp()

    def _farewellIsLate(self) -> None:
        self._alarm = None
        self._hangUp()

    def _hangUp(self) -> None:
        """TLS has nothing more to say: close the transport, once it has sent everything."""
        self.disconnecting = 1
        self._closing = self._over = self._shut = True
        self._noAlarm()
        self._stopProducer()
        self.transport.loseConnection()

    def abortConnection(self) -> None:
        """Close at once, without a word: what has not left is dropped, a producer is not waited for."""
        if not self.connected:
            return
        self.disconnecting = 1
        self._closing = self._over = self._shut = True
        self._noAlarm()
        if self._out is not None:
            self._out.clear()
        abort = getattr(self.transport, "abortConnection", self.transport.loseConnection)
        abort()

    def failVerification(self, reason: Failure) -> None:
        """End, because the peer is not whom it should be; the protocol hears this reason. For OpenSSL's callbacks."""
        if not self._over:
            self._end(reason)

    def _refuse(self, problem: BaseException) -> None:
        """TLS cannot go on: tell the peer as far as it has a word for that, and the protocol in a sentence."""
        from .refusals import explain

        reason = explain(problem)
        reason.__traceback__ = reason.__context__ = reason.__cause__ = None  # they hold us
        engine = self._engine
        if engine is not None and not self._over:
            alert = engine.take()
            if alert:
                self.transport.write(alert)
        self._end(Failure(reason))

    def _end(self, reason: Failure) -> None:
        """Close the transport; this is why."""
        if self._reason is None:
            self._reason = reason
        self._hangUp()

    def connectionLost(self, reason: Failure) -> None:
        """Tell the wrapped protocol, with TLS's own reason if it has one."""
        self._noAlarm()
        self.connected = 0
        self.producer = self._feed = self._out = None
        reason = self._verdict(reason)
        self._over = self._shut = True
        waiters, self._drainers = self._drainers, None
        for waiter in waiters or ():
            if not waiter.called:
                waiter.errback(reason)
        try:
            super().connectionLost(reason)
        finally:
            # Each of these would tie us to ourselves.
            self._reason = None
            engine, self._engine = self._engine, None
            if engine is not None:
                engine.release()

    def _verdict(self, reason: Failure) -> Failure:
        """Tell an end that was announced from one that may have cut something off."""
        engine = self._engine
        if self._reason is not None:
            return self._reason
        if reason.check(ConnectionDone) is None or self._closing or engine is None or engine.closed:
            return reason
        if not self._ready:
            return Failure(ConnectionLost("the peer hung up in the middle of the TLS handshake"))
        return Failure(
            ConnectionLost("the peer hung up without saying so in TLS (no close_notify): its last bytes may be missing")
        )

    # Time.

    def _callLater(self, seconds: float, call: Callable[..., object], *args: Any) -> IDelayedCall | None:
        """Call later, by the clock of the factory or the transport's reactor; `None` where there is neither."""
        clock = self.factory._clock or getattr(self.transport, "reactor", None)
        callLater = getattr(clock, "callLater", None)
        if callLater is None:
            return None
        alarm: IDelayedCall = callLater(seconds, call, *args)
        return alarm

    def _noAlarm(self) -> None:
        alarm, self._alarm = self._alarm, None
        if alarm is not None and alarm.active():
            alarm.cancel()

    # What it is.

    def getTcpNoDelay(self) -> bool:
        """Whether small writes leave at once; the transport's."""
        return bool(self.transport.getTcpNoDelay())

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Choose that; the transport's."""
        self.transport.setTcpNoDelay(enabled)

    def getTcpKeepAlive(self) -> bool:
        """Whether the system probes the connection while it is idle; the transport's."""
        return bool(self.transport.getTcpKeepAlive())

    def setTcpKeepAlive(self, enabled: bool) -> None:
        """Choose that; the transport's."""
        self.transport.setTcpKeepAlive(enabled)

    @property
    def negotiatedProtocol(self) -> bytes | None:
        """The protocol agreed upon (ALPN), ``b"h2"`` say; `None` if there is none, or not yet."""
        return None if self._engine is None else self._engine.negotiatedProtocol

    def getHandle(self) -> Any:
        """Return what the TLS library has for this connection: to look at, not to read or write.

        Returns:
            An ``OpenSSL.SSL.Connection`` if that speaks TLS here. Otherwise, the standard library's ``ssl`` does, a
            `StdlibHandle`, which answers the same questions about cipher, version and certificates, and has the
            ``ssl.SSLObject``. `None` once the connection is lost.
        """
        return None if self._engine is None else self._engine.handle

    def getPeerCertificate(self) -> Any:
        """Return the peer's certificate, an ``OpenSSL.crypto.X509``; `None` if it has shown none, or not yet.

        Raises:
            ImportError: pyOpenSSL isn't installed. ``getHandle().sslObject`` knows the certificate's bytes.
        """
        return None if self._engine is None else self._engine.handle.get_peer_certificate()

    def startTLS(self, contextFactory: Any, normal: bool = True) -> None:
        """Speak TLS within TLS from here on; see `ITLSTransport.startTLS`."""
        from .starting import startTLS

        isClient = self.factory._isClient
        startTLS(self, contextFactory, isClient if normal else not isClient)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} for {self.wrappedProtocol!r}>"


class BufferingTLSTransport(TLSMemoryBIOProtocol):
    """The same: every TLS transport gathers what is written. It is what the protocols of listeners and clients have."""

    __module__ = "ropewalk.protocols.tls"


def _corkOf(transport: Any) -> Callable[[Any], object] | None:
    poller = getattr(transport, "_poller", None)
    return None if poller is None or isinstance(poller, Bridge) else poller.cork


def _provides(protocol: Any, interface: str, method: str) -> bool:
    """Whether a protocol has declared an interface; asked without importing what nobody has imported."""
    interfaces = sys.modules.get("ropewalk.internet.interfaces")
    if interfaces is None or not hasattr(protocol, method):
        return False
    return bool(getattr(interfaces, interface).providedBy(protocol))
