"""The PROXY protocol of HAProxy and others: servers behind a proxy learn who their clients are, clients tell it.

How the header reads is in `ropewalk.protocols._wire.proxyheader`. A server that takes headers has to be reachable by
its proxies only: whoever reaches it says who he is.
"""

from __future__ import annotations

import socket
from typing import Any

from zope.interface import implementer

from ropewalk._wire.events import NEED_DATA, RemoteProtocolError
from ropewalk.internet.address import IPv4Address, IPv6Address, UNIXAddress
from ropewalk.internet.defer import Deferred
from ropewalk.internet.interfaces import (
    IDelayedCall,
    IListeningPort,
    IProtocol,
    IProtocolFactory,
    IStreamClientEndpoint,
    IStreamServerEndpoint,
)
from ropewalk.protocols._wire.proxyheader import Address, Header, Reader, version1, version2
from ropewalk.protocols.policies import ProtocolWrapper, TimeoutMixin, WrappingFactory
from ropewalk.python import log
from ropewalk.python.failure import Failure

__all__ = ["proxyClientEndpoint", "proxyEndpoint"]

# Seconds a proxy may take to send its header.
PATIENCE = 30


def proxyEndpoint(wrappedEndpoint: Any) -> Any:
    """Return an endpoint whose connections begin with a PROXY header, of version 1 or 2.

    The factory's ``buildProtocol`` is called when the header is there, with the client's address; the transport's
    ``getPeer`` and ``getHost`` tell the client's address and the one that it connected to. Connections that begin with
    anything else, or with nothing for half a minute, are closed.
    """
    return _ServerEndpoint(wrappedEndpoint)


def proxyClientEndpoint(wrappedEndpoint: Any, source: Any = None, destination: Any = None, version: int = 2) -> Any:
    """Return an endpoint that begins its connections with a PROXY header.

    Args:
        source: the address of the client for whom the connection is, as ``getPeer`` tells it.
        destination: the address that the client connected to. Without the two, the connection is the proxy's own.
        version: 1 or 2.

    Raises:
        LocalProtocolError: a header can't tell of a connection between the two.
        ValueError: there is no such version.
    """
    if version not in (1, 2):
        raise ValueError(f"the PROXY protocol has versions 1 and 2, not {version!r}")
    header = Header()
    if source is not None and destination is not None:
        header = Header(_told(source), _told(destination))
    return _ClientEndpoint(wrappedEndpoint, version1(header) if version == 1 else version2(header))


# Server.


@implementer(IStreamServerEndpoint)
class _ServerEndpoint:
    def __init__(self, wrapped: Any) -> None:
        self._wrapped = wrapped

    def __repr__(self) -> str:
        return f"<PROXY protocol on {self._wrapped!r}>"

    def listen(self, protocolFactory: IProtocolFactory) -> Deferred[IListeningPort]:
        """Listen; see `IStreamServerEndpoint.listen`."""
        factory = _Factory(protocolFactory)
        factory.reactor = getattr(self._wrapped, "_reactor", None)
        listening: Deferred[IListeningPort] = self._wrapped.listen(factory)
        return listening


class _Factory(WrappingFactory[Any]):
    reactor: Any = None

    def buildProtocol(self, addr: Any) -> _Headed:
        """Make what reads the header; the wrapped factory is asked when that is there."""
        return _Headed(self, addr)


class _Headed(ProtocolWrapper, TimeoutMixin):
    """A connection that begins with a header; then it is, to the protocol behind it, the client's."""

    def __init__(self, factory: _Factory, address: Any) -> None:
        super().__init__(factory, None)
        self._address = address
        self._reader: Reader | None = Reader()  # None when the header is read, or given up
        self._peer: Any = None
        self._host: Any = None

    def callLater(self, period: float, func: Any) -> IDelayedCall:
        if self.factory.reactor is None:
            return super().callLater(period, func)
        call: IDelayedCall = self.factory.reactor.callLater(period, func)
        return call

    def makeConnection(self, transport: Any) -> None:
        """Wait for the header, and not for ever."""
        self.transport = transport
        self.connected = 1
        self.factory.registerProtocol(self)
        self.setTimeout(PATIENCE)

    def dataReceived(self, data: bytes) -> None:
        """Read the header; pass on the rest."""
        if self.wrappedProtocol is not None:
            self.wrappedProtocol.dataReceived(data)
            return
        reader = self._reader
        if reader is None:
            return
        reader.feed(data)
        try:
            header = reader.next()
        except RemoteProtocolError as problem:
            log.msg(f"PROXY protocol: closed a connection from {self._address}: {problem}")
            self._giveUp()
            return
        if header is not NEED_DATA:
            self._begin(header, reader.rest())

    def _begin(self, header: Header, rest: bytes) -> None:
        self.setTimeout(None)
        self._reader = None
        if header.source is not None and header.destination is not None:
            self._peer, self._host = _known(header.source), _known(header.destination)
        protocol = self.factory.wrappedFactory.buildProtocol(self._peer or self._address)
        if protocol is None:
            self._giveUp()
            return
        self.wrappedProtocol = protocol
        protocol.makeConnection(self)
        if rest and not self.disconnecting:
            protocol.dataReceived(rest)

    def timeoutConnection(self) -> None:
        """The header does not come."""
        self._giveUp()

    def _giveUp(self) -> None:
        self._reader = None
        self.setTimeout(None)
        self.transport.loseConnection()

    def connectionLost(self, reason: Failure) -> None:
        """Tell the protocol, if there is one."""
        self.setTimeout(None)
        if self.wrappedProtocol is None:
            self.factory.unregisterProtocol(self)
        else:
            super().connectionLost(reason)

    def getPeer(self) -> Any:
        """Return the client's address."""
        return self.transport.getPeer() if self._peer is None else self._peer

    def getHost(self) -> Any:
        """Return the address that the client connected to."""
        return self.transport.getHost() if self._host is None else self._host


def _known(address: Address) -> IPv4Address | IPv6Address | UNIXAddress:
    if address.family == socket.AF_INET:
        return IPv4Address("TCP", address.host, address.port)
    if address.family == socket.AF_INET6:
        return IPv6Address("TCP", address.host, address.port)
    return UNIXAddress(address.host)


def _told(address: Any) -> Address:
    if isinstance(address, UNIXAddress):
        return Address(socket.AF_UNIX, _path(address), 0)
    family = socket.AF_INET6 if isinstance(address, IPv6Address) else socket.AF_INET
    return Address(family, address.host, address.port)


def _path(address: UNIXAddress) -> str:
    """Return the path of a UNIX socket; empty for one without a name."""
    return (address.name or b"").decode("utf-8", "surrogateescape")


# Client.


@implementer(IStreamClientEndpoint)
class _ClientEndpoint:
    def __init__(self, wrapped: Any, header: bytes) -> None:
        self._wrapped = wrapped
        self._header = header

    def __repr__(self) -> str:
        return f"<PROXY protocol to {self._wrapped!r}>"

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect; see `IStreamClientEndpoint.connect`. The header is sent before the protocol is connected."""
        connected: Deferred[IProtocol] = self._wrapped.connect(_Announcing(protocolFactory, self._header))
        return connected


class _Announcing:
    """The program's factory, whose protocols find a connection on which the header has been sent."""

    def __init__(self, wrapped: Any, header: bytes) -> None:
        self._wrapped = wrapped
        self._header = header

    def buildProtocol(self, addr: Any) -> Any:
        protocol = self._wrapped.buildProtocol(addr)
        if protocol is None:
            return None
        connect, header = protocol.makeConnection, self._header

        def makeConnection(transport: Any) -> None:
            del protocol.makeConnection  # what it is made of ties the protocol to itself
            transport.write(header)
            connect(transport)

        protocol.makeConnection = makeConnection
        return protocol

    def doStart(self) -> None:
        self._wrapped.doStart()

    def doStop(self) -> None:
        self._wrapped.doStop()
