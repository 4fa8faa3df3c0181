"""Datagram sockets: read in batches, written at once.

One wake-up reads as many datagrams as there were the last times, and the next one twice as many when all of them came;
after `DatagramPort.maxThroughput` bytes or `MOST_DATAGRAMS` datagrams others have their turn. A datagram that the
kernel has no room for is dropped, as any router on its way might have done.
"""

from __future__ import annotations

import socket
from errno import ECONNREFUSED, EMSGSIZE, ENOBUFS

from ropewalk.python.failure import Failure

from ..error import ConnectionDone, MessageLengthError
from .descriptor import logPrefixOf, logTrouble
from .listener import BasePort
from .stream import NOT_NOW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from zope.interface import implementer

    from ..defer import Deferred
    from ..interfaces import IListeningPort, ISystemHandle
else:
    from .._interfaces.later import IListeningPort, ISystemHandle, implementer

__all__ = ["DatagramPort"]

MOST_DATAGRAMS = 256


@implementer(IListeningPort, ISystemHandle)
class DatagramPort(BasePort):
    """A datagram socket and the protocol that it talks to.

    Children say in ``_bindSocket`` where it is, and give it a ``write``.

    Attributes:
        protocol: told of each datagram.
        maxPacketSize: the longest datagram that is received whole, in bytes; a longer one is cut.
        maxThroughput: the most bytes that one wake-up reads.
    """

    socketType = socket.SOCK_DGRAM
    maxThroughput = 256 * 1024
    # How many datagrams the next wake-up asks for. Asking in vain costs a system call and an exception.
    _expected = 1

    protocol: Any
    logstr: str
    _stopped: Deferred[None] | None = None

    def __init__(self, proto: Any, maxPacketSize: int, reactor: Any) -> None:
        super().__init__(reactor)
        self.protocol = proto
        self.maxPacketSize = maxPacketSize
        self.setLogStr()

    # Opening.

    def startListening(self) -> None:
        """Open the socket, start the protocol, receive.

        Raises:
            CannotListenError: it cannot be opened; the message names the address.
        """
        self._take(self._bindSocket())
        self.disconnected = self.disconnecting = 0
        try:
            if getattr(self.protocol, "noisy", True):
                from ropewalk.python import log

                log.msg(f"{self._protocolName()} starting on {self._placeName()}")
            self.protocol.makeConnection(self)
        except BaseException:
            self._release()
            raise
        self.startReading()

    def _bindSocket(self) -> Any:
        """Make the socket and bind it."""
        raise NotImplementedError

    def _placeName(self) -> object:
        """What the log calls the place it is bound to."""
        raise NotImplementedError

    def _protocolName(self) -> str:
        return logPrefixOf(self.protocol)

    def _closedMessage(self) -> str:
        raise NotImplementedError

    # Receiving.

    def doRead(self) -> None:
        """Give the protocol the datagrams that wait. The poller calls this."""
        if self._context is None:
            self._receive()
        else:
            self._context.run(self._receive)

    def _receive(self) -> None:
        receive = self.socket.recvfrom
        size = self.maxPacketSize
        room = self.maxThroughput
        # IPv6 names have a flow and a zone behind the port, which the protocol is not told.
        isSixth = self.addressFamily == socket.AF_INET6
        for received in range(self._expected):
            try:
                data, name = receive(size)
            except OSError as problem:
                self._expected = received or 1
                self._receiveFailed(problem)
                return
            try:
                self.protocol.datagramReceived(data, name[:2] if isSixth else name)
            except Exception:
                logTrouble(f"while calling datagramReceived of {self.protocol!r}")
            room -= len(data)
            if room <= 0 or self.disconnecting:
                return
        # All that were hoped for were there; there may be more.
        self._expected = min(2 * self._expected, MOST_DATAGRAMS)

    def _receiveFailed(self, problem: OSError) -> None:
        """The kernel has no datagram, or has the news that one we sent was refused."""
        if problem.errno == ECONNREFUSED:
            self._refused()
        elif problem.errno not in NOT_NOW:
            logTrouble(f"while receiving a datagram with {self!r}", Failure(problem))

    def _refused(self) -> None:
        """A peer that we sent to has no such port. Only a connected socket knows for sure who that is."""
        if not self._isConnected():
            return
        try:
            self.protocol.connectionRefused()
        except Exception:
            logTrouble(f"while calling connectionRefused of {self.protocol!r}")

    def _isConnected(self) -> bool:
        return False

    # Sending.

    def _send(self, datagram: bytes, name: Any) -> int:
        """Send one datagram, to whom the socket is connected with when ``name`` is `None`.

        Returns:
            Its length; 0 when it was dropped.
        """
        try:
            sent: int = self.socket.send(datagram) if name is None else self.socket.sendto(datagram, name)
            return sent
        except OSError as problem:
            return self._sendFailed(problem, len(datagram))
        except AttributeError:
            raise RuntimeError(f"{self!r} cannot send: it is closed") from None

    def _sendFailed(self, problem: OSError, size: int) -> int:
        if problem.errno in NOT_NOW or problem.errno == ENOBUFS:
            return 0
        if problem.errno == ECONNREFUSED:
            # Of an earlier datagram. The protocol hears it, never from inside its own `write`.
            self.reactor.callLater(0, self._refused)
            return 0
        if problem.errno == EMSGSIZE:
            raise MessageLengthError(f"{size} bytes are more than the socket sends in one piece") from problem
        raise problem

    # Closing.

    def stopListening(self) -> Deferred[None] | None:
        """Close the socket.

        Returns:
            A Deferred that fires when it is closed and the protocol has stopped; `None` when it is closed already.
        """
        if not self.connected:
            return None
        if self._stopped is None:
            from ..defer import Deferred

            self._stopped = Deferred()
            self.disconnecting = True
            self.stopReading()
            self.reactor.callLater(0, self.connectionLost, Failure(ConnectionDone()))
        return self._stopped

    def loseConnection(self) -> None:
        """Close the socket; `stopListening` tells when that is done."""
        self.stopListening()

    def connectionLost(self, reason: Failure | None = None) -> None:
        """Be closed: the reactor calls this, a moment after `stopListening` or when it stops."""
        if not self.connected:
            return
        if getattr(self.protocol, "noisy", True):
            from ropewalk.python import log

            log.msg(self._closedMessage())
        self.disconnecting = True
        self._end(reason or Failure(ConnectionDone()))
        done, self._stopped = self._stopped, None
        self._close(self.protocol, done)

    # What it is.

    def setLogStr(self) -> None:
        """Compute ``logstr``, the name that the log gives to what happens here."""
        self.logstr = f"{self._protocolName()} (UDP)"

    def logPrefix(self) -> str:
        """Return the name that the log gives to what happens here."""
        return self.logstr

    def getHandle(self) -> socket.socket:
        """Return the socket, for options that have no method here."""
        skt: socket.socket = self.socket
        return skt
