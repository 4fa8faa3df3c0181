"""A client endpoint that connects through a SOCKS 5 proxy."""

from __future__ import annotations

from typing import Any

from zope.interface import directlyProvides, implementer, providedBy

from ropewalk._wire.events import NEED_DATA, LocalProtocolError, RemoteProtocolError
from ropewalk.internet.address import HostnameAddress, IPv4Address, IPv6Address
from ropewalk.internet.defer import Deferred, fail
from ropewalk.internet.error import ConnectError, ConnectingCancelledError, NoProtocol, TimeoutError
from ropewalk.internet.interfaces import IProtocol, IProtocolFactory, IStreamClientEndpoint
from ropewalk.internet.protocol import Factory, Protocol
from ropewalk.python.failure import Failure

from .._wire import socks5
from .._wire.socks4 import numeric
from .._wire.socks5 import Code, Destination, Event, Method, Methods, Stage, Verdict

__all__ = ["SOCKS5ClientEndpoint", "SOCKSError"]

# What the proxy says, for people.
SENTENCES = {
    Code.FAILED: "the proxy failed",
    Code.NOT_ALLOWED: "the proxy's rules don't allow it",
    Code.NETWORK_UNREACHABLE: "the proxy can't reach the network",
    Code.HOST_UNREACHABLE: "the proxy can't reach the host",
    Code.REFUSED: "the host refused the proxy's connection",
    Code.EXPIRED: "the proxy waited for too long",
    Code.NO_SUCH_COMMAND: "the proxy knows no such command",
    Code.NO_SUCH_ADDRESS: "the proxy knows no such kind of address",
}


class SOCKSError(ConnectError):
    """The proxy did not connect us.

    Attributes:
        osError: its reply code (RFC 1928 §6); `None` when it did not come to a reply.
    """

    MESSAGE = "Not connected through the SOCKS proxy"


@implementer(IStreamClientEndpoint)
class SOCKS5ClientEndpoint:
    """Connects to a host through a SOCKS 5 proxy; the proxy resolves the host's name.

    Args:
        reactor: whose clock limits the time.
        host: a name or an address.
        proxyEndpoint: where the proxy is.
        username: who we are, for a proxy that wants to know; with ``password``.
        timeout: seconds that the proxy may take, once we are connected to it.
    """

    def __init__(
        self,
        reactor: Any,
        host: str,
        port: int,
        proxyEndpoint: IStreamClientEndpoint,
        username: bytes | None = None,
        password: bytes | None = None,
        timeout: float = 30,
    ) -> None:
        self._reactor = reactor
        self._host = host
        self._port = port
        self._proxy = proxyEndpoint
        self._username = username
        self._password = password
        self._timeout = timeout

    def __repr__(self) -> str:
        return f"<SOCKS5ClientEndpoint to {self._host}:{self._port} through {self._proxy!r}>"

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect; see `IStreamClientEndpoint.connect`.

        Returns:
            A Deferred of the protocol, connected to the host; or of what connecting to the proxy failed with, of
            `SOCKSError`, of ``error.TimeoutError``, of `LocalProtocolError` when host or password can't be sent.
        """
        try:
            request = socks5.destination(socks5.CONNECT, self._host, self._port)
            password = b""
            if self._username is not None:
                password = socks5.credentials(self._username, self._password or b"")
        except (LocalProtocolError, OSError, OverflowError) as problem:
            return fail(problem)
        factory = _Factory(protocolFactory, self._destination(), request, password, self._reactor, self._timeout)
        return factory.connect(self._proxy)

    def _destination(self) -> IPv4Address | IPv6Address | HostnameAddress:
        if numeric(self._host):
            return IPv4Address("TCP", self._host, self._port)
        if ":" in self._host:
            return IPv6Address("TCP", self._host, self._port)
        return HostnameAddress(self._host.encode("idna"), self._port)


class _Factory(Factory[Any]):
    """One connection: makes the protocol that talks to the proxy, and stands for the program's factory."""

    noisy = False

    def __init__(
        self, wrapped: Any, address: Any, request: bytes, password: bytes, clock: Any, patience: float
    ) -> None:
        self.wrapped = wrapped
        self.address = address
        self.request = request
        self.password = password
        self.clock = clock
        self.patience = patience
        self.waiting: Deferred[Any] = Deferred(self._cancel)
        self._isWaited = True
        self._connecting: Deferred[Any] | None = None
        self._talk: _Talk | None = None

    def connect(self, proxy: IStreamClientEndpoint) -> Deferred[Any]:
        self._connecting = proxy.connect(self)
        self._connecting.addErrback(self.failed)
        return self.waiting

    def doStart(self) -> None:
        self.wrapped.doStart()

    def doStop(self) -> None:
        self.wrapped.doStop()

    def buildProtocol(self, addr: Any) -> _Talk:
        self._talk = _Talk(self)
        return self._talk

    # Once each.

    def succeeded(self, protocol: Any) -> None:
        if self._isWaited:
            self._isWaited = False
            self.waiting.callback(protocol)
        else:
            # Cancelled while the protocol was being connected. It has begun and shall end.
            protocol.transport.loseConnection()

    def failed(self, reason: Failure) -> None:
        if self._isWaited:
            self._isWaited = False
            self.waiting.errback(reason)

    def _cancel(self, _waiting: Deferred[Any]) -> None:
        self.failed(Failure(ConnectingCancelledError(self.address)))
        if self._talk is not None:
            self._talk.giveUp()
        elif self._connecting is not None:
            self._connecting.cancel()


class _Talk(Protocol):
    """Talks to the proxy, then makes place for the program's protocol."""

    def __init__(self, factory: _Factory) -> None:
        self._attempt = factory
        self._reader = socks5.Reader(Stage.CHOICE)
        self._inner: Any = None
        self._alarm: Any = None
        self._isOver = False

    def connectionMade(self) -> None:
        self._alarm = self._attempt.clock.callLater(self._attempt.patience, self._late)
        offered = [Method.NOTHING, Method.PASSWORD] if self._attempt.password else [Method.NOTHING]
        self.transport.write(socks5.methods(*offered))

    def dataReceived(self, data: bytes) -> None:
        if self._inner is not None:
            # The transport is one that keeps the protocol it has: we stay between the two.
            self._inner.dataReceived(data)
            return
        self._reader.feed(data)
        try:
            # After the last stage the reader has nothing more.
            while not self._isOver and (event := self._reader.next()) is not NEED_DATA:
                self._handle(event)
        except RemoteProtocolError as problem:
            self._fail(SOCKSError(None, f"it speaks something else: {problem}"))

    def _handle(self, event: Event) -> None:
        match event:
            case Methods(offered=chosen):
                self._chosen(chosen)
            case Verdict(accepted=True):
                self.transport.write(self._attempt.request)
            case Verdict():
                self._fail(SOCKSError(None, "the proxy does not accept the password"))
            case Destination(code=Code.SUCCEEDED):
                self._makePlace()
            case Destination(code=code):
                known = {int(key): sentence for key, sentence in SENTENCES.items()}
                self._fail(SOCKSError(code, known.get(code, "for a reason that SOCKS doesn't know")))

    def _chosen(self, chosen: frozenset[int]) -> None:
        if chosen == {Method.NOTHING}:
            self._reader.expect(Stage.REPLY)
            self.transport.write(self._attempt.request)
        elif chosen == {Method.PASSWORD} and self._attempt.password:
            self._reader.expect(Stage.VERDICT)
            self.transport.write(self._attempt.password)
        else:
            self._fail(SOCKSError(None, "the proxy wants to know who we are in a way that we don't offer"))

    def _makePlace(self) -> None:
        """Put the program's protocol in our place on the transport."""
        self._alarm.cancel()
        attempt, transport, rest = self._attempt, self.transport, self._reader.rest()
        try:
            inner = attempt.wrapped.buildProtocol(attempt.address)
            if inner is None:
                raise NoProtocol(f"{attempt.wrapped!r} made no protocol for {attempt.address!r}")
        except Exception as problem:
            # Whatever the program's factory raised, it is what became of this attempt.
            self._fail(problem)
            return
        self._inner = inner
        if getattr(transport, "protocol", None) is self:
            transport.protocol = inner  # type: ignore[attr-defined]  # it was just read
        else:
            directlyProvides(self, providedBy(inner))
        try:
            inner.makeConnection(transport)
        except Exception as problem:
            attempt.failed(Failure(problem))
            raise  # to the transport, which closes for it
        attempt.succeeded(inner)
        if rest:
            inner.dataReceived(rest)

    def connectionLost(self, reason: Failure) -> None:
        if self._inner is not None:
            self._inner.connectionLost(reason)
            return
        if self._alarm.active():
            self._alarm.cancel()
        self._attempt.failed(Failure(SOCKSError(None, f"the proxy closed the connection: {reason.value}")))

    def _late(self) -> None:
        self._fail(TimeoutError(None, f"the SOCKS proxy took longer than {self._attempt.patience} seconds"))

    def giveUp(self) -> None:
        """Nobody waits any more."""
        self._isOver = True
        self.transport.abortConnection()  # type: ignore[attr-defined]  # every stream has it

    def _fail(self, problem: Exception) -> None:
        if self._alarm.active():
            self._alarm.cancel()
        self._attempt.failed(Failure(problem))
        self.giveUp()

    def __getattr__(self, name: str) -> Any:
        # Half-close and its like, on transports that keep us.
        inner = self.__dict__.get("_inner")
        if inner is None:
            raise AttributeError(name)
        return getattr(inner, name)
