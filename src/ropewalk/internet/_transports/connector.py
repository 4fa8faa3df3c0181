"""Connecting: the connector that a program holds, and the client transport that does one attempt.

An attempt ends in exactly one of two ways. Either the connector hears ``connectionFailed``, with a `ConnectError`
whose message names the address; or the factory builds a protocol, and some day the connector hears
``connectionLost``. Nothing of an attempt is heard before ``connect`` has returned.
"""

from __future__ import annotations

import os
import socket
from errno import EAGAIN, EALREADY, EINPROGRESS, EISCONN, EWOULDBLOCK

from ropewalk.python.failure import Failure

from ..error import ConnectBindError, ConnectError, NotConnectingError, TimeoutError, UserError, getConnectError
from .descriptor import logPrefixOf, logTrouble, requireFactory
from .numeric import addressOf, bindingOf, isIPv6Address, named, sixth
from .stream import Connection, inherit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from zope.interface import implementer

    from .._interfaces.binding import Binding
    from ..interfaces import IAddress, IConnector, IProtocol
    from ..protocol import ClientFactory
else:
    from .._interfaces.later import IConnector, implementer

__all__ = ["BaseClient", "BaseConnector"]

# A UNIX socket whose backlog is full refuses with "not now" and never says when: ask again, this often.
RETRY_SECONDS = 0.02


@implementer(IConnector)
class BaseConnector:
    """What a program holds while it connects, and to connect again.

    Children say in ``_makeTransport`` how one attempt is made.

    Args:
        factory: told of the start, the failure and the loss; makes the protocol.
        timeout: seconds that one attempt may take; `None` for as long as the system tries.
        reactor: who watches and counts the seconds.

    Attributes:
        state: ``"disconnected"``, ``"connecting"`` or ``"connected"``.
        transport: the present attempt or connection, or `None`.
    """

    timeoutID: Any = None
    factoryStarted: Any = 0
    transport: Any = None

    def __init__(self, factory: ClientFactory[Any], timeout: float | None, reactor: Any) -> None:
        requireFactory(factory)
        self.state = "disconnected"
        self.reactor = reactor
        self.factory = factory
        self.timeout = timeout

    def connect(self) -> None:
        """Begin an attempt.

        Raises:
            RuntimeError: one is under way, or has led to a connection that lasts.
        """
        if self.state != "disconnected":
            raise RuntimeError(f"can't connect: {self!r} is {self.state} already; disconnect it first")
        self.state = "connecting"
        if not self.factoryStarted:
            self.factory.doStart()
            self.factoryStarted = 1
        self.transport = transport = self._makeTransport()
        if self.timeout is not None:
            self.timeoutID = self.reactor.callLater(self.timeout, self._timedOut, transport)
        self.factory.startedConnecting(self)

    def _makeTransport(self) -> Any:
        """Begin an attempt over the child's kind of socket, and return its transport."""
        raise NotImplementedError(f"{type(self).__qualname__} does not define _makeTransport")

    def _timedOut(self, transport: Any) -> None:
        self.timeoutID = None
        patience = f"no answer from {self._destination()} within {self.timeout:g} seconds"
        transport.failIfNotConnected(TimeoutError(string=patience))

    def _destination(self) -> str:
        try:
            return named(self.getDestination())
        except Exception:  # a child that does not say
            return repr(self)

    def stopConnecting(self) -> None:
        """Give up the attempt: the factory hears ``clientConnectionFailed`` with a `UserError`.

        Raises:
            NotConnectingError: there is none.
        """
        if self.state != "connecting":
            raise NotConnectingError("we're not trying to connect")
        self.state = "disconnected"
        transport, self.transport = self.transport, None
        transport.failIfNotConnected(UserError())

    def disconnect(self) -> None:
        """Drop the connection, or the attempt, whichever there is."""
        if self.state == "connecting":
            self.stopConnecting()
        elif self.state == "connected":
            self.transport.loseConnection()

    def cancelTimeout(self) -> None:
        """Stop counting the seconds of this attempt."""
        timeoutID, self.timeoutID = self.timeoutID, None
        if timeoutID is not None and timeoutID.active():
            timeoutID.cancel()

    def buildProtocol(self, addr: IAddress) -> IProtocol | None:
        """Hear from the transport that it is connected, and have the factory make the protocol."""
        self.state = "connected"
        self.cancelTimeout()
        return self.factory.buildProtocol(addr)

    def connectionFailed(self, reason: Failure) -> None:
        """Hear from the transport that the attempt failed."""
        self.cancelTimeout()
        self.transport = None
        self.state = "disconnected"
        try:
            self.factory.clientConnectionFailed(self, reason)
        except Exception:
            logTrouble(f"while telling {self.factory!r} that it could not connect")
        self._rest()

    def connectionLost(self, reason: Failure) -> None:
        """Hear from the transport that the connection is lost."""
        self.state = "disconnected"
        self.transport = None
        try:
            self.factory.clientConnectionLost(self, reason)
        except Exception:
            logTrouble(f"while telling {self.factory!r} that its connection is lost")
        self._rest()

    def _rest(self) -> None:
        """Let the factory stop, unless it has connected again just now."""
        if self.state == "disconnected" and self.factoryStarted:
            self.factoryStarted = 0
            try:
                self.factory.doStop()
            except Exception:
                logTrouble(f"while stopping {self.factory!r}")

    def getDestination(self) -> Any:
        """Return the address that it connects to."""
        raise NotImplementedError(f"{type(self).__qualname__} does not say where it connects to")

    def __repr__(self) -> str:
        return f"<{type(self).__module__}.{type(self).__qualname__} {self.state} to {self._named()}>"

    def _named(self) -> str:
        try:
            return repr(self.getDestination())
        except Exception:  # a child that does not say
            return "somewhere"


class BaseClient(Connection):
    """A stream socket from its first attempt to connect until the connection is lost.

    Children set ``addressFamily`` and ``socketType``, and ``realAddress`` once they know it, then call `doConnect`.
    """

    addressFamily: int = socket.AF_INET
    socketType: int = socket.SOCK_STREAM

    connector: Any = None
    _isClient = True
    # What the socket module takes; `None` until a name is resolved.
    realAddress: Any = None
    # The local address that was wished for.
    _binding: Binding
    # The delayed call with which the attempt goes on.
    _next: Any = None

    def _begin(self, connector: Any, reactor: Any, binding: Binding | tuple[str, int] | None = None) -> bool:
        """Make the socket, bound as wished.

        Returns:
            Whether that went well; if not, the connector hears so in a moment.

        Raises:
            TypeError: ``binding`` says no address.
        """
        self._binding = bindingOf(binding, "bindAddress")
        self.connector = connector
        self._context = inherit()
        try:
            skt = self.createInternetSocket()
        except OSError as problem:
            self._neverOpened(reactor, getConnectError((problem.errno, f"no socket could be made: {problem.strerror}")))
            return False
        super().__init__(skt, None, reactor)
        try:
            self._bind()
        except ConnectBindError as problem:
            self._next = self.reactor.callLater(0, self.failIfNotConnected, problem)
            return False
        return True

    def _reopen(self, family: int) -> None:
        """Take a socket of another family: the name turned out to be one of its addresses.

        Raises:
            ConnectError: it could not be made, or not be bound.
        """
        self.addressFamily = family
        self.socket.close()
        try:
            self.socket = self.createInternetSocket()
        except OSError as problem:
            del self.socket
            self._fd = -1
            raise getConnectError((problem.errno, f"no socket could be made: {problem.strerror}")) from problem
        self._fd = self.socket.fileno()
        self._bind()

    def _neverOpened(self, reactor: Any, problem: ConnectError) -> None:
        """There is no socket: be a transport that only fails."""
        self.reactor = reactor
        self.protocol = None
        self._fd = -1
        self._out = self._rest = None
        self._errand = self.connected = self.disconnecting = self._closing = False
        self._shut = True
        self._next = reactor.callLater(0, self.failIfNotConnected, problem)

    def _bind(self) -> None:
        """Take the local address that was wished for. `ConnectBindError` when that cannot be."""
        binding = self._binding
        try:
            if binding.reuseAddress:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if binding.reusePort:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if binding.address or binding.port:
                host = binding.address or ""
                self.socket.bind(sixth(host, binding.port) if isIPv6Address(host) else (host, binding.port))
        except OSError as problem:
            raise ConnectBindError(
                problem.errno, f"{problem.strerror}, to connect from {binding.address or 'any address'}:{binding.port}"
            ) from problem

    def createInternetSocket(self) -> Any:
        """Make the socket; override to set options before it connects."""
        skt = socket.socket(self.addressFamily, self.socketType)
        skt.setblocking(False)
        return skt

    # Connecting.

    def doConnect(self) -> None:
        """Go on with the attempt: at first, and whenever the socket became writable until it is over."""
        self._next = None
        if self.connector is None or self.connected:
            return
        try:
            number = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if not number:
                number = self.socket.connect_ex(self.realAddress)
        except (OSError, OverflowError, TypeError) as problem:
            # The address itself is no good: a port above 65535, say.
            self.failIfNotConnected(problem if isinstance(problem, OverflowError) else ConnectError(string=problem))
            return

        if number in (0, EISCONN):
            self._connectDone()
        elif number == EAGAIN and self.addressFamily == getattr(socket, "AF_UNIX", None):
            self._next = self.reactor.callLater(RETRY_SECONDS, self.doConnect)
        elif number in (EINPROGRESS, EALREADY, EWOULDBLOCK):
            self._poller.watchWrite(self._fd, self.doConnect)
        else:
            self.failIfNotConnected(getConnectError((number, f"{os.strerror(number)}, by {self._where()}")))

    def _where(self) -> str:
        try:
            return named(self.getPeer())
        except Exception:  # it is an address only the kernel understood
            return repr(self.realAddress)

    def doWrite(self) -> None:
        """Send what waits; or, for a reactor that knows ``doWrite`` only, go on connecting."""
        if self.connected:
            super().doWrite()
        else:
            self.doConnect()

    def _connectDone(self) -> None:
        """There is a connection: have a protocol made, and go."""
        self.stopWriting()
        try:
            self.protocol = self.connector.buildProtocol(self.getPeer())
        except Exception:
            failure = Failure()
            logTrouble(f"while building a protocol with {self.connector.factory!r}", failure)
            self.failIfNotConnected(ConnectError(string=failure))
            return
        self._open()
        if self.protocol is None:
            # The factory declines. It hears of the loss, as for any connection.
            self.loseConnection()
            return
        try:
            self._tell(self.protocol.makeConnection, self)
        except BaseException:
            self._protocolFailed("makeConnection")

    def failIfNotConnected(self, err: BaseException | Failure) -> None:
        """End the attempt with this error; too late, and harmless, once it is over."""
        connector = self.connector
        if self.connected or self.disconnected or connector is None:
            return
        self.connector = None
        self.disconnected = 1
        if self._next is not None:
            self._next, pending = None, self._next
            if pending.active():
                pending.cancel()
        if self._fd >= 0:
            self._poller.forget(self._fd)
            self.socket.close()
            del self.socket
            self._fd = -1
        connector.connectionFailed(err if isinstance(err, Failure) else Failure(err))

    def connectionLost(self, reason: Failure) -> None:
        """End; or, before it has begun, fail to connect."""
        if not self.connected:
            self.failIfNotConnected(ConnectError(string=reason))
            return
        super().connectionLost(reason)
        connector, self.connector = self.connector, None
        if connector is not None:
            connector.connectionLost(reason)

    # What it is.

    def getPeer(self) -> Any:
        """Return the address of the other end."""
        return addressOf(self.addressFamily, self.realAddress)

    def logPrefix(self) -> str:
        """Return the name that the log gives to what happens here."""
        return self.logstr

    @property
    def logstr(self) -> str:  # type: ignore[override]  # a constant above
        """What `logPrefix` returns."""
        return "Uninitialized" if self.protocol is None else f"{logPrefixOf(self.protocol)},client"

    def __repr__(self) -> str:
        return f"<{type(self)!s} to {self.realAddress!r} at {id(self):x}>"
