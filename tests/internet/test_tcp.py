"""The TCP classes as programs derive from them and call them directly."""

from __future__ import annotations

import socket
from typing import Any

from ropewalk.internet import tcp, udp, unix
from ropewalk.internet.abstract import FileDescriptor
from ropewalk.internet.interfaces import (
    IConnector,
    IHalfCloseableDescriptor,
    IListeningPort,
    IReadWriteDescriptor,
    ISystemHandle,
    ITCPTransport,
    ITLSTransport,
    IUDPTransport,
    IUNIXTransport,
)
from support.reactors import reactor, run
from support.recording import Connecting, Recorder, Serving, until

__all__ = ["reactor"]


def test_theClassesSayWhatTheyAre() -> None:
    """The documented ancestors and interfaces."""
    for kind in (tcp.Server, tcp.Client, unix.Server, unix.Client):
        assert issubclass(kind, tcp.Connection)
        for interface in (ITCPTransport, ITLSTransport, ISystemHandle, IReadWriteDescriptor, IHalfCloseableDescriptor):
            assert interface.implementedBy(kind)
    for kind in (unix.Server, unix.Client):
        assert IUNIXTransport.implementedBy(kind)
    for port in (tcp.Port, unix.Port, udp.Port, udp.MulticastPort, unix.DatagramPort):
        assert issubclass(port, FileDescriptor)
        assert IListeningPort.implementedBy(port)
    assert IUDPTransport.implementedBy(udp.Port)
    assert IConnector.implementedBy(tcp.Connector)
    assert IConnector.implementedBy(unix.Connector)


def test_aPortsChildrenMakeTransportsAndSocketsOfTheirOwn(reactor: Any) -> None:
    """`Port.transport` and `createInternetSocket` are there to be overridden."""

    class Greeting(tcp.Server):
        def connectionLost(self, reason: Any) -> None:
            lost.append(self.greeting)
            super().connectionLost(reason)

        greeting = "hello"

    class Own(tcp.Port):
        transport = Greeting

        def createInternetSocket(self) -> socket.socket:
            skt: socket.socket = super().createInternetSocket()
            skt.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            made.append(skt)
            return skt

    lost: list[str] = []
    made: list[socket.socket] = []

    async def main() -> None:
        port = Own(0, Serving(), 50, "127.0.0.1", reactor)
        port.startListening()
        client = Connecting()
        reactor.connectTCP("127.0.0.1", port.getHost().port, client)
        await until(reactor, lambda: port.factory.built)
        transport: Any = port.factory.built[0].transport
        assert isinstance(transport, Greeting)
        transport.note = "programs put attributes on transports"
        client.instance.transport.loseConnection()
        await client.lost
        await until(reactor, lambda: lost)
        assert len(made) == 1
        await port.stopListening()

    run(reactor, main)


def test_aReactorWithDescriptorsOnly(reactor: Any) -> None:
    """Transports work through addReader and addWriter of a reactor that is not ours."""

    class Foreign:
        """What a reactor written elsewhere offers, and not a poller."""

        def __init__(self) -> None:
            for name in ("addReader", "removeReader", "addWriter", "removeWriter", "callLater"):
                setattr(self, name, getattr(reactor, name))

    async def main() -> None:
        ours, theirs = socket.socketpair()
        protocol = Recorder()
        transport = tcp.Server(ours, protocol, ("127.0.0.1", 1), None, 0, Foreign())
        protocol.makeConnection(transport)
        other = Recorder()
        reactor.adoptStreamConnection(theirs.fileno(), socket.AF_UNIX, Serving(other))
        theirs.close()
        transport.write(bytes(1_000_000))
        other.transport.write(b"hello")
        assert await protocol.got(5) == b"hello"
        assert len(await other.got(1_000_000)) == 1_000_000
        await until(reactor, lambda: transport not in reactor.getWriters())
        transport.write(b"bye")
        transport.loseConnection()
        await other.lost
        await protocol.lost
        assert other.received.endswith(b"bye")
        assert transport not in reactor.getReaders()

    run(reactor, main)


def test_peersCannotMakeTheTableOfHostsGrow() -> None:
    """Connections from one host share its text, and however many hosts connect, few texts are kept."""
    from ropewalk.internet import tcp

    first = tcp.shared("192.0.2." + "1")
    assert tcp.shared("192.0.2." + str(1)) is first
    for number in range(5 * tcp.MOST_HOSTS):
        tcp.shared(f"2001:db8::{number:x}")
    assert len(tcp._hosts) <= tcp.MOST_HOSTS
