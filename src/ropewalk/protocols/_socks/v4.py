"""A SOCKS 4 proxy, with names (4a). How the request reads is in `ropewalk.protocols._wire.socks4`."""

from __future__ import annotations

from typing import Any

from ropewalk._wire.events import NEED_DATA, RemoteProtocolError
from ropewalk.internet.defer import maybeDeferred
from ropewalk.internet.protocol import Factory
from ropewalk.python import log
from ropewalk.python.failure import Failure

from .._wire.socks4 import CONNECT, GRANTED, REFUSED, Request, RequestReader, reply
from .relay import Incoming, Outgoing, Relay

__all__ = ["SOCKSv4", "SOCKSv4Factory", "SOCKSv4Incoming", "SOCKSv4IncomingFactory", "SOCKSv4Outgoing"]


class SOCKSv4Outgoing(Outgoing):
    """The connection that was made for a client."""


class SOCKSv4Incoming(Incoming):
    """The connection that was accepted for a client."""


class SOCKSv4(Relay):
    """A client's connection to a SOCKS 4 proxy. Override `authorize`.

    Bad requests, and what can't be done, are refused with the protocol's reply 91, and the connection is closed.
    """

    def __init__(self, logging: str | None = None, reactor: Any = None) -> None:
        super().__init__(logging, reactor)
        self._reader = RequestReader()
        self._hasRequest = False  # what the reader holds from then on is for the other side

    def dataReceived(self, data: bytes) -> None:
        """Pass bytes on; before there is somebody to pass them on to, look for the request."""
        if self.otherConn is not None:
            self.otherConn.write(data)
            return
        if self._isOver:
            return
        self._reader.feed(data)
        if self._hasRequest:
            return
        try:
            request = self._reader.next()
        except RemoteProtocolError as problem:
            log.msg(f"SOCKS 4: refused a client: {problem}")
            self.refused()
            return
        if request is not NEED_DATA:
            self._hasRequest = True
            self.transport.pauseProducing()  # type: ignore[attr-defined]  # every stream is a producer
            self.setTimeout(None)
            self._begin(request)

    def _begin(self, request: Request) -> None:
        if not request.name:
            maybeDeferred(self._serve, request, request.address).addErrback(self._failed)
            return
        pending = self._pending = self.reactor.resolve(request.name)
        pending.addCallback(lambda address: self._serve(request, address)).addErrback(self._failed)

    def _serve(self, request: Request, address: str) -> None:
        """Do what the client wants, if it may."""
        self._pending = None
        if not self.authorize(request.command, address, request.port, request.user):
            self.refused()
        elif request.command == CONNECT:
            self._pending = self.connectClass(address, request.port, SOCKSv4Outgoing, self)
            self._pending.addErrback(self._failed)
        else:
            self.setTimeout(self.bindPatience)
            listening = self.listenClass(0, SOCKSv4IncomingFactory, self, address)
            listening.addCallbacks(lambda found: self.makeReply(GRANTED, 0, found[1], found[0]), self._failed)

    def _failed(self, reason: Failure) -> None:
        self._pending = None
        if not self._isLost:
            self._noteTrouble(reason)
            self.refused()

    def timeoutConnection(self) -> None:
        """Refuse a client that does not say what it wants, or for whom nobody comes."""
        self.refused()

    def refused(self) -> None:
        """Say no, and close."""
        self._isOver = True
        self._stopListening()
        self.makeReply(REFUSED)
        self.transport.loseConnection()

    def granted(self, host: str, port: int) -> None:
        """Say that the other connection is there."""
        self.makeReply(GRANTED, 0, port, host)

    def makeReply(self, reply: int, version: int = 0, port: int = 0, ip: str = "0.0.0.0") -> None:
        """Send a reply; one that is not 90 refuses, and the connection is closed.

        Args:
            reply: 90 for granted, 91 for refused.
            version: of the reply, which is always 0.
        """
        self.transport.write(_reply(reply, version, port, ip))
        if reply != GRANTED:
            self.transport.loseConnection()

    def _early(self) -> bytes:
        return self._reader.rest()


# `makeReply` has a parameter of that name.
_reply = reply


class SOCKSv4Factory(Factory[SOCKSv4]):
    """Makes the protocol of each client.

    Args:
        log: the name of the file to which all that passes is appended; `None` for nowhere.
    """

    protocol: Any = SOCKSv4

    def __init__(self, log: str | None = None) -> None:
        self.logging = log

    def buildProtocol(self, addr: Any) -> SOCKSv4:
        """Make a client's protocol."""
        client: SOCKSv4 = self.protocol(self.logging)
        client.factory = self
        return client


class SOCKSv4IncomingFactory(Factory[Any]):
    """Makes the protocol of the one connection that a client waits for.

    Args:
        socks: the client's connection.
        ip: the address it has to come from.
    """

    noisy = False

    def __init__(self, socks: Any, ip: str) -> None:
        self.socks = socks
        self.ip = ip

    def buildProtocol(self, addr: Any) -> SOCKSv4Incoming | None:
        """Make it for the one that is waited for; anybody else ends the wait, as the specification wants."""
        if addr.host == self.ip:
            self.ip = ""  # one connection, no more
            return SOCKSv4Incoming(self.socks)
        if self.ip:
            self.ip = ""
            self.socks.refused()
        return None
