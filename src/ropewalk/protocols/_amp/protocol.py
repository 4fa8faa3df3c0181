"""`AMP`, the protocol: boxes over a transport, and everything that is done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zope.interface import implementer

from ropewalk._wire.events import NEED_DATA
from ropewalk._wire.events import TooLong as WireTooLong
from ropewalk.internet.error import ConnectionDone, ConnectionLost, PeerVerifyError
from ropewalk.logger import Logger
from ropewalk.python.failure import Failure

from .._wire.boxes import MAX_BOX_LENGTH, BoxReader
from ..basic import Int16StringReceiver, StatefulStringProtocol
from .box import MAX_KEY_LENGTH, AmpBox
from .descriptors import DescriptorExchanger
from .dispatch import BoxDispatcher
from .errors import ProtocolSwitched, TooLong
from .interfaces import IBoxReceiver, IBoxSender, IResponderLocator
from .locators import CommandLocator, Responder, SimpleStringLocator
from .security import NO_CERTIFICATE, StartTLS, contextFor

if TYPE_CHECKING:
    from ropewalk.internet.interfaces import IProtocol

__all__ = ["AMP", "BinaryBoxProtocol"]

_log = Logger("ropewalk.protocols.amp")


@implementer(IBoxSender)
class BinaryBoxProtocol(StatefulStringProtocol, Int16StringReceiver, DescriptorExchanger):
    """Boxes over a transport.

    Args:
        boxReceiver: who takes the boxes that come.

    Attributes:
        boxReceiver: see above.
        innerProtocol: what has taken over the connection, after a `ProtocolSwitchCommand`.
        innerProtocolClientFactory: what made it, on the side that asked.
        hostCertificate: what we showed, once TLS was begun.
        noPeerCertificate: whether `peerCertificate` says that there is none without looking.
        MAX_LENGTH: longest key accepted, in bytes. The format has no longer ones.
        MAX_BOX_LENGTH: longest box accepted, in bytes. Read when the connection is made.
        UNREAD: a peer that asks and does not read the answers is not read either, once so many bytes wait for it.
        MAX_UNREAD: where that cannot be, because we wait for an answer, it is dropped at this much.
        MAX_ANSWERING: nor is one that has asked so much, until half of it has been answered.
    """

    MAX_LENGTH: int = MAX_KEY_LENGTH
    MAX_BOX_LENGTH: int = MAX_BOX_LENGTH
    UNREAD: int = 2**18
    MAX_UNREAD: int = 2**26
    MAX_ANSWERING: int = 10_000
    hostCertificate: Any = None
    noPeerCertificate: bool = False
    innerProtocol: Any = None
    innerProtocolClientFactory: Any = None
    boxReceiver: Any

    transport: Any

    # Why the connection is closed, when we know it better than the transport will.
    _reason: Failure | None = None
    # Whether boxes may be sent: not while the peer makes up its mind to speak another protocol.
    _isLocked: bool = False
    # What waits for TLS; `None` when nothing has to.
    _heldBack: list[bytes] | None = None
    # TLS was begun, and nothing has come through it yet.
    _isUnproven: bool = False
    # Bytes sent since the transport last had room, and whether we wait for it to have some again.
    _unread: int = 0
    _isRelieving: bool = False
    # Whether the peer is not read for now; `paused` may have been set by the program, too.
    _isThrottled: bool = False

    _boxes: BoxReader[AmpBox]
    # For strings that somebody else has cut.
    _key: bytes = b""
    _strings: AmpBox

    def __init__(self, boxReceiver: Any) -> None:
        self.boxReceiver = boxReceiver

    def makeConnection(self, transport: Any) -> None:
        """Take the transport, and let boxes be sent."""
        self._boxes = BoxReader(AmpBox, self.MAX_BOX_LENGTH)
        self.transport = transport
        self.boxReceiver.startReceivingBoxes(self)
        self.connected = 1
        self.connectionMade()

    # Sending.

    def sendBox(self, box: AmpBox) -> None:
        """Send a box.

        Raises:
            ProtocolSwitched: the connection speaks another protocol, or is about to.
            ConnectionLost: the connection is gone, or was never there.
            TooLong: the box can't be written.
        """
        if self._isLocked or self.innerProtocol is not None:
            raise ProtocolSwitched("the connection speaks another protocol now, or is about to: no boxes can be sent")
        if self.transport is None:
            raise ConnectionLost("there is no connection to send a box over")
        data = box.serialize()
        if self._heldBack is not None:
            self._heldBack.append(data)
            return
        self._unread += len(data)
        self.transport.write(data)

    def unhandledError(self, failure: Failure) -> None:
        """Log a failure that nobody has dealt with, and close the connection."""
        _log.failure("a failure on an AMP connection that nobody has dealt with: it is closed", failure)
        if self.transport is not None:
            self.transport.loseConnection()

    # Being told.

    def dataReceived(self, data: bytes) -> None:
        """Cut the bytes into boxes, and pass them to the `boxReceiver`."""
        if self.innerProtocol is not None:
            self.innerProtocol.dataReceived(data)
            return
        if getattr(self.transport, "disconnecting", False):
            return
        self._isUnproven = False
        boxes = self._boxes
        boxes.feed(data)
        # Transports of tests need not know what every stream does.
        while not self.paused and not getattr(self.transport, "disconnecting", False):
            try:
                box = boxes.next()
            except WireTooLong as problem:
                if problem.what == "key":
                    self.lengthLimitExceeded(problem.size)
                else:
                    self._drop(problem)
                return
            if box is NEED_DATA:
                return
            self.boxReceiver.ampBoxReceived(box)
            if self._unread > self.UNREAD:
                self._relieve()

    def lengthLimitExceeded(self, length: int) -> None:
        """Hear that the peer sent a key that is too long: close the connection, with a `TooLong` as the reason."""
        self._drop(TooLong(True, False, None))

    def _drop(self, reason: BaseException) -> None:
        """Close the connection for what the peer did."""
        _log.warn("an AMP connection is closed: {reason}", reason=reason)
        self._reason = Failure(reason)
        self.transport.loseConnection()

    # Reading no more than is answered.

    def _relieve(self) -> None:
        """Much has been sent: see whether the transport has taken it."""
        if not self._isRelieving:
            drain = getattr(self.transport, "drain", None)
            waiter = None if drain is None else drain()
            if waiter is None or waiter.called:
                self._unread = 0
                return
            self._isRelieving = True
            waiter.addCallbacks(self._relieved, lambda _: None)
        self._throttle()
        if not self._isThrottled and self._unread > self.MAX_UNREAD:
            self._reason = Failure(ConnectionLost(f"the peer has not read {self._unread} bytes that were sent to it"))
            self.transport.abortConnection()

    def _relieved(self, _: object) -> None:
        self._isRelieving = False
        self._unread = 0
        self._throttle()

    def _throttle(self) -> None:
        """Read no more while there is too much to be done, and go on when there isn't."""
        if self.transport is None or self.innerProtocol is not None:
            return  # it is not ours to read any more
        isBusy = self._isBusy()
        if isBusy and not self._isThrottled:
            self._isThrottled = True
            self.pauseProducing()
        elif self._isThrottled and not isBusy:
            self._isThrottled = False
            self.resumeProducing()

    def _isBusy(self) -> bool:
        """Whether nothing should be read now."""
        return self._isRelieving

    def connectionLost(self, reason: Failure) -> None:
        """Tell whoever has the connection that it is gone, and close descriptors that nobody took."""
        if self.innerProtocol is not None:
            self.innerProtocol.connectionLost(reason)
            if self.innerProtocolClientFactory is not None:
                self.innerProtocolClientFactory.clientConnectionLost(None, reason)
        if self._reason is not None:
            reason = self._reason
        elif self._isUnproven and reason.check(ConnectionDone):
            # That is how it looks when the peer does not like our certificate and says no more.
            reason = Failure(PeerVerifyError("the peer closed the connection when it had seen our certificate"))
        self._closeDescriptors()
        self.boxReceiver.stopReceivingBoxes(reason)

    # Strings that were cut already: the states of `StatefulStringProtocol`. `dataReceived` does not need them.

    def proto_init(self, string: bytes) -> str | None:
        """Take the first key of a box."""
        self._strings = AmpBox.__new__(AmpBox)
        return self.proto_key(string)

    def proto_key(self, string: bytes) -> str | None:
        """Take a key; an empty one is the end of the box."""
        if string:
            self._key = string
            return "value"
        self.boxReceiver.ampBoxReceived(self._strings)
        return "init"

    def proto_value(self, string: bytes) -> str | None:
        """Take the value of the key that came before."""
        self._strings[self._key] = string
        return "key"

    # Another protocol.

    def _lock(self) -> None:
        """Send no more boxes: the peer may switch protocols any time now."""
        self._isLocked = True

    def _unlock(self) -> None:
        """Send boxes again: it won't."""
        self._isLocked = False

    def _switchTo(self, newProto: IProtocol, clientFactory: Any = None) -> None:
        """Let another protocol have the connection."""
        if self._isThrottled:
            self.transport.resumeProducing()
        self.innerProtocol = newProto
        self.innerProtocolClientFactory = clientFactory
        newProto.makeConnection(self.transport)
        if rest := self._boxes.rest():
            newProto.dataReceived(rest)

    # TLS.

    @property
    def peerCertificate(self) -> Any:
        """The certificate that the peer has shown; `None` when it has shown none."""
        if self.noPeerCertificate:
            return None
        from ropewalk.internet.ssl import Certificate

        return Certificate.peerFromTransport(self.transport)

    def _holdBack(self) -> None:
        """Keep what is to be sent until TLS has begun."""
        self._heldBack = []

    def _letGo(self) -> None:
        """Send what was kept."""
        heldBack, self._heldBack = self._heldBack or [], None
        self.transport.writeSequence(heldBack)

    def _startTLS(self, certificate: Any, authorities: Any, isServer: bool) -> None:
        """Begin TLS, now."""
        self.hostCertificate = NO_CERTIFICATE if certificate is None else certificate
        if self._boxes.rest():
            # Sent before there was a key to it, to be believed as if it had come after: whoever did it is no friend.
            self._drop(ConnectionLost("bytes came in clear behind the one who wanted TLS"))
            return
        self._isUnproven = True
        self.transport.startTLS(contextFor(certificate, authorities, isServer))
        self._letGo()


class Itself:
    """An attribute that is the object itself until something else is put in its place.

    An object that refers to itself would be freed by the garbage collector only.
    """

    def __get__(self, instance: Any, owner: object) -> Any:
        return self if instance is None else instance


@implementer(IBoxReceiver, IResponderLocator)
class AMP(BinaryBoxProtocol, BoxDispatcher, CommandLocator, SimpleStringLocator):
    """Asks a peer to do something, and does what it asks. Both sides are alike.

    Derive from it, and decorate methods with ``@SomeCommand.responder``; or have a `CommandLocator` that does.

    Args:
        boxReceiver: who takes boxes; by default this object, as commands, answers and errors.
        locator: who answers commands; by default this object.
    """

    boxReceiver: Any = Itself()
    locator: Any = Itself()

    _isInitialized: bool = False

    def __init__(self, boxReceiver: Any = None, locator: Any = None) -> None:
        self._isInitialized = True
        self._questions = {}
        if boxReceiver is not None:
            self.boxReceiver = boxReceiver
        if locator is not None:
            self.locator = locator

    def locateResponder(self, name: bytes) -> Responder | None:
        """Return what answers the commands of a name: a decorated method, or else one named for it."""
        return CommandLocator.locateResponder(self, name) or SimpleStringLocator.locateResponder(self, name)

    def makeConnection(self, transport: Any) -> None:
        """Take the transport, and let commands be asked."""
        if not self._isInitialized:
            AMP.__init__(self)  # a derived class has a constructor of its own
        super().makeConnection(transport)

    def connectionLost(self, reason: Failure) -> None:
        """Fail what waits for answers."""
        super().connectionLost(reason)
        self.transport = None

    @StartTLS.responder
    def _answerStartTLS(self) -> dict[str, Any]:
        return {}

    def _isBusy(self) -> bool:
        # Not while we wait for answers ourselves. Two peers that ask each other more than the network holds would both
        # wait for the other to read, for ever.
        if self._questions:
            return False
        limit = self.MAX_ANSWERING // 2 + 1 if self._isThrottled else self.MAX_ANSWERING
        return self._isRelieving or self._answering >= limit

    def _ask(self, *args: Any) -> Any:
        asked = super()._ask(*args)
        if self._isThrottled:
            self._throttle()  # the answer has to be read
        return asked
