"""A SOCKS 5 proxy. How its talk reads is in `ropewalk.protocols._wire.socks5`."""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest
from typing import Any

from ropewalk._wire.events import NEED_DATA, RemoteProtocolError
from ropewalk.internet import error
from ropewalk.internet.defer import maybeDeferred
from ropewalk.internet.protocol import Factory
from ropewalk.python import log
from ropewalk.python.failure import Failure

from .._wire import socks5
from .._wire.socks4 import numeric
from .._wire.socks5 import Code, Credentials, Destination, Event, Method, Methods, Stage
from .relay import Incoming, Outgoing, Relay

__all__ = ["SOCKSv5", "SOCKSv5Factory"]

# What a client is told when it can't be connected. What is not here failed for some other reason.
REASONS: tuple[tuple[type[Exception], Code], ...] = (
    (error.ConnectionRefusedError, Code.REFUSED),
    (error.NoRouteError, Code.NETWORK_UNREACHABLE),
    (error.UnknownHostError, Code.HOST_UNREACHABLE),
    (error.DNSLookupError, Code.HOST_UNREACHABLE),
    (error.TimeoutError, Code.HOST_UNREACHABLE),
    (error.TCPTimedOutError, Code.HOST_UNREACHABLE),
)


class SOCKSv5(Relay):
    """A client's connection to a SOCKS 5 proxy: CONNECT and BIND, to IPv4, IPv6 or by name. Override `authorize`.

    With ``users`` a client has to give a password; without, it gives none.

    Args:
        logging: see `SOCKSv4`.
        reactor: what connects, listens and resolves; `None` for the reactor.
        users: each user's password.

    Spec: RFC 1928, RFC 1929. There is no UDP ASSOCIATE, and no GSSAPI.
    """

    def __init__(
        self, logging: str | None = None, reactor: Any = None, users: Mapping[bytes, bytes] | None = None
    ) -> None:
        super().__init__(logging, reactor)
        self.users = users
        self.user = b""
        self._reader = socks5.Reader(Stage.METHODS)
        self._isWaiting = False  # for a password's check, or for the other connection

    def checkPassword(self, user: bytes, password: bytes) -> Any:
        """Override to check passwords in some other way than against ``users``. May return a Deferred."""
        known = (self.users or {}).get(user)
        # Compared even when there is no such user: the time that it takes tells nothing.
        return compare_digest(password, b"" if known is None else known) and known is not None

    def dataReceived(self, data: bytes) -> None:
        """Pass bytes on; before there is somebody to pass them on to, go on with the talk."""
        if self.otherConn is not None:
            self.otherConn.write(data)
            return
        self._reader.feed(data)
        self._read()

    def _read(self) -> None:
        try:
            while not self._isOver and not self._isWaiting and (event := self._reader.next()) is not NEED_DATA:
                self._handle(event)
        except RemoteProtocolError as problem:
            log.msg(f"SOCKS 5: refused a client: {problem}")
            self._refuse(getattr(problem, "reply", Code.FAILED))

    def _handle(self, event: Event) -> None:
        match event:
            case Methods(offered=offered):
                self._choose(offered)
            case Credentials(user=user, password=password):
                self._wait()
                self.user = user
                maybeDeferred(self.checkPassword, user, password).addBoth(self._checked)
            case Destination():
                self._wait()
                self.setTimeout(None)
                self._begin(event)

    def _wait(self) -> None:
        """Read nothing more until something else has happened."""
        self._isWaiting = True
        self.transport.pauseProducing()  # type: ignore[attr-defined]  # every stream is a producer

    def _choose(self, offered: frozenset[int]) -> None:
        wanted = Method.NOTHING if self.users is None else Method.PASSWORD
        if wanted not in offered:
            self._hangUp(socks5.selected(Method.NONE_FITS))
            return
        self._reader.expect(Stage.REQUEST if wanted is Method.NOTHING else Stage.PASSWORD)
        self.transport.write(socks5.selected(wanted))

    def _checked(self, verdict: object) -> None:
        if self._isLost or self._isOver:
            return
        if isinstance(verdict, Failure):
            log.err(verdict, "SOCKS 5: checkPassword failed")
            verdict = False
        if not verdict:
            self._hangUp(socks5.REJECTED)
            return
        self.transport.write(socks5.ACCEPTED)
        self._isWaiting = False
        self.transport.resumeProducing()  # type: ignore[attr-defined]  # every stream is a producer
        self._read()

    def _begin(self, request: Destination) -> None:
        if request.code not in (socks5.CONNECT, socks5.BIND):
            self._refuse(Code.NO_SUCH_COMMAND)
        elif numeric(request.host) or ":" in request.host:
            maybeDeferred(self._serve, request, request.host).addErrback(self._failed)
        else:
            pending = self._pending = self.reactor.resolve(request.host)
            pending.addCallback(lambda address: self._serve(request, address)).addErrback(self._failed)

    def _serve(self, request: Destination, address: str) -> None:
        """Do what the client wants, if it may."""
        self._pending = None
        if not self.authorize(request.code, address, request.port, self.user):
            self._refuse(Code.NOT_ALLOWED)
        elif request.code == socks5.CONNECT:
            self._pending = self.connectClass(address, request.port, Outgoing, self)
            self._pending.addErrback(self._failed)
        else:
            self.setTimeout(self.bindPatience)
            listening = self.listenClass(0, _IncomingFactory, self, address)
            listening.addCallbacks(lambda found: self.granted(*found), self._failed)

    def _failed(self, reason: Failure) -> None:
        self._pending = None
        if self._isLost:
            return
        self._noteTrouble(reason)
        for kind, code in REASONS:
            if reason.check(kind):
                self._refuse(code)
                return
        self._refuse(Code.FAILED)

    def timeoutConnection(self) -> None:
        """Close on a client that does not say what it wants; refuse one for whom nobody comes."""
        if self._reader.stage is Stage.DONE:
            self._refuse(Code.EXPIRED)
        else:
            self._hangUp(b"")

    def granted(self, host: str, port: int) -> None:
        """Say that the other connection is there, or that we listen for it."""
        self.transport.write(socks5.destination(Code.SUCCEEDED, host, port))

    def refused(self) -> None:
        """Say that somebody else came than was waited for."""
        self._refuse(Code.NOT_ALLOWED)

    def _refuse(self, code: Code) -> None:
        """Say why not, and close; before there is a request there is nothing to say it with."""
        talking = self._reader.stage in (Stage.REQUEST, Stage.DONE)
        self._hangUp(socks5.destination(code, "0.0.0.0", 0) if talking else b"")

    def _hangUp(self, last: bytes) -> None:
        self._isOver = True
        self._stopListening()
        if last:
            self.transport.write(last)
        self.transport.loseConnection()

    def _early(self) -> bytes:
        return self._reader.rest()


class SOCKSv5Factory(Factory[SOCKSv5]):
    """Makes the protocol of each client.

    Args:
        log: the name of the file to which all that passes is appended; `None` for nowhere.
        users: each user's password; `None` for a proxy that asks for none.
        reactor: what connects, listens and resolves; `None` for the reactor.
    """

    protocol: Any = SOCKSv5

    def __init__(self, log: str | None = None, users: Mapping[bytes, bytes] | None = None, reactor: Any = None) -> None:
        self.logging = log
        self.users = users
        self.reactor = reactor

    def buildProtocol(self, addr: Any) -> SOCKSv5:
        """Make a client's protocol."""
        client: SOCKSv5 = self.protocol(self.logging, self.reactor, self.users)
        client.factory = self
        return client


class _IncomingFactory(Factory[Any]):
    """Makes the protocol of the one connection that a client waits for; anybody else ends the wait."""

    noisy = False

    def __init__(self, socks: SOCKSv5, address: str) -> None:
        self._socks = socks
        self._address = address  # where it has to come from; empty once somebody came

    def buildProtocol(self, addr: Any) -> Incoming | None:
        expected, self._address = self._address, ""
        if expected and addr.host == expected:
            return Incoming(self._socks)
        if expected:
            self._socks.refused()
        return None
