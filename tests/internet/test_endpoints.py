"""Endpoints on a reactor that notes what it is asked for: what connect and listen ask, and what they answer."""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Callable
from typing import Any

import pytest
from zope.interface import implementer
from zope.interface.verify import verifyObject

from ropewalk.internet import endpoints, error
from ropewalk.internet.address import IPv4Address
from ropewalk.internet.defer import Deferred
from ropewalk.internet.interfaces import IHalfCloseableProtocol, IStreamClientEndpoint, IStreamServerEndpoint
from ropewalk.internet.protocol import ClientFactory, Factory, Protocol
from ropewalk.internet.testing import MemoryReactorClock, RaisingMemoryReactor, StringTransport
from ropewalk.python.failure import Failure

PEER = IPv4Address("TCP", "192.0.2.1", 80)

SERVERS: list[tuple[Callable[[Any], Any], str, tuple[Any, ...]]] = [
    (lambda r: endpoints.TCP4ServerEndpoint(r, 80), "tcpServers", (80, 50, "")),
    (lambda r: endpoints.TCP4ServerEndpoint(r, 80, 9, "127.0.0.1"), "tcpServers", (80, 9, "127.0.0.1")),
    (lambda r: endpoints.TCP6ServerEndpoint(r, 80), "tcpServers", (80, 50, "::")),
    (lambda r: endpoints.TCP6ServerEndpoint(r, 80, 9, "::1"), "tcpServers", (80, 9, "::1")),
    (lambda r: endpoints.UNIXServerEndpoint(r, "/x"), "unixServers", ("/x", 50, 0o666, 0)),
    (lambda r: endpoints.UNIXServerEndpoint(r, "/x", 9, 0o600, True), "unixServers", ("/x", 9, 0o600, True)),
]

CLIENTS: list[tuple[Callable[[Any], Any], str, tuple[Any, ...]]] = [
    (lambda r: endpoints.TCP4ClientEndpoint(r, "h", 80), "tcpClients", ("h", 80, 30, None)),
    (
        lambda r: endpoints.TCP4ClientEndpoint(r, "h", 80, 5, ("1.2.3.4", 9)),
        "tcpClients",
        ("h", 80, 5, ("1.2.3.4", 9)),
    ),
    (lambda r: endpoints.TCP6ClientEndpoint(r, "::1", 80), "tcpClients", ("::1", 80, 30, None)),
    (lambda r: endpoints.UNIXClientEndpoint(r, "/x"), "unixClients", ("/x", 30, 0)),
    (lambda r: endpoints.UNIXClientEndpoint(r, "/x", 5, True), "unixClients", ("/x", 5, True)),
]


def results(deferred: Deferred[Any]) -> list[Any]:
    """What a Deferred has fired with; a failure is handled by that."""
    found: list[Any] = []
    deferred.addBoth(found.append)
    return found


def tcp(reactor: Any) -> endpoints.TCP4ClientEndpoint:
    return endpoints.TCP4ClientEndpoint(reactor, "h", 80)


class Attempt:
    """One connect, whose end the test decides."""

    def __init__(self, factory: Any = None) -> None:
        self.reactor = MemoryReactorClock()
        self.deferred: Deferred[Any] = tcp(self.reactor).connect(factory or Factory.forProtocol(Protocol))
        self.factory: ClientFactory[Any] = self.reactor.tcpClients[0][2]
        (self.connector,) = self.reactor.connectors

    def build(self) -> Any:
        return self.factory.buildProtocol(PEER)

    def connect(self, transport: Any) -> None:
        self.build().makeConnection(transport)


class Owner(StringTransport):
    """A transport that offers its protocol, as the real ones do."""

    protocol: Any = None


class TestListening:
    @pytest.mark.parametrize(("make", "where", "expected"), SERVERS)
    def test_asksTheReactor(self, make: Callable[[Any], Any], where: str, expected: tuple[Any, ...]) -> None:
        """A server endpoint listens with the program's factory, and gives the port (F049)."""
        reactor, factory = MemoryReactorClock(), Factory.forProtocol(Protocol)
        endpoint = make(reactor)
        assert verifyObject(IStreamServerEndpoint, endpoint)
        (port,) = results(endpoint.listen(factory))
        ((first, got, *rest),) = getattr(reactor, where)
        assert got is factory
        assert (first, *rest) == expected
        assert port.getHost()

    @pytest.mark.parametrize(("make", "where", "expected"), SERVERS)
    def test_errorsComeByTheDeferred(self, make: Callable[[Any], Any], where: str, expected: object) -> None:
        """What listening raises is the Deferred's failure."""
        problem = error.CannotListenError("", 80, OSError("taken"))
        (failure,) = results(make(RaisingMemoryReactor(problem)).listen(Factory()))
        assert failure.value is problem

    def test_adoptsOnce(self) -> None:
        """A descriptor is adopted once, and closed then, because the port has a copy."""
        reactor, factory = MemoryReactorClock(), Factory.forProtocol(Protocol)
        with socket.create_server(("127.0.0.1", 0)) as server:
            descriptor = os.dup(server.fileno())
            endpoint = endpoints.AdoptedStreamServerEndpoint(reactor, descriptor, socket.AF_INET)
            assert verifyObject(IStreamServerEndpoint, endpoint)
            results(endpoint.listen(factory))
            assert reactor.adoptedPorts == [(descriptor, socket.AF_INET, factory)]
            with pytest.raises(OSError, match="Bad file descriptor"):
                os.fstat(descriptor)
            (failure,) = results(endpoint.listen(factory))
            assert failure.check(error.AlreadyListened)

    def test_descriptorThatCannotBeAdoptedStaysOpen(self) -> None:
        """When adoption fails the descriptor is still the caller's, who may try again."""
        reactor = MemoryReactorClock()
        with socket.create_server(("127.0.0.1", 0)) as server:
            endpoint = endpoints.AdoptedStreamServerEndpoint(reactor, server.fileno(), socket.AF_UNIX)
            for _ in range(2):
                (failure,) = results(endpoint.listen(Factory()))
                assert failure.check(error.UnsupportedAddressFamily)
            os.fstat(server.fileno())


class TestConnecting:
    @pytest.mark.parametrize(("make", "where", "expected"), CLIENTS)
    def test_asksTheReactor(self, make: Callable[[Any], Any], where: str, expected: tuple[Any, ...]) -> None:
        """A client endpoint connects where it says, with timeout and local address (F050)."""
        reactor = MemoryReactorClock()
        endpoint = make(reactor)
        assert verifyObject(IStreamClientEndpoint, endpoint)
        waiting = endpoint.connect(Factory.forProtocol(Protocol))
        asked = list(getattr(reactor, where)[0])
        del asked[1 if where == "unixClients" else 2]  # the factory, which is the endpoint's own
        assert tuple(asked) == expected
        assert not waiting.called

    @pytest.mark.parametrize(("make", "where", "expected"), CLIENTS)
    def test_errorsComeByTheDeferred(self, make: Callable[[Any], Any], where: str, expected: object) -> None:
        """What connecting raises is the Deferred's failure."""
        problem = error.ServiceNameUnknownError(string="no such service")
        (failure,) = results(make(RaisingMemoryReactor(connectException=problem)).connect(Factory()))
        assert failure.value is problem

    def test_firesWithTheProtocol(self) -> None:
        """The Deferred fires with the factory's protocol, after its connectionMade (F051)."""
        seen: list[str] = []

        class Noting(Protocol):
            def connectionMade(self) -> None:
                seen.append("made")

        attempt = Attempt(Factory.forProtocol(Noting))
        attempt.deferred.addCallback(lambda protocol: seen.append(type(protocol).__name__))
        protocol = attempt.build()
        assert seen == []
        protocol.makeConnection(StringTransport())
        assert seen == ["made", "Noting"]

    def test_protocolTakesItsPlaceOnTheTransport(self) -> None:
        """Received bytes reach the program's protocol without a detour: the transport has it, and nothing else."""
        attempt, transport = Attempt(), Owner()
        transport.protocol = attempt.build()
        transport.protocol.makeConnection(transport)
        (protocol,) = results(attempt.deferred)
        assert type(protocol) is Protocol
        assert transport.protocol is protocol
        assert protocol.transport is transport

    def test_transportThatKeepsItsProtocolToItself(self) -> None:
        """On a transport that can't be told, everything is passed on, interfaces too."""

        @implementer(IHalfCloseableProtocol)
        class Half(Protocol):
            got = b""

            def dataReceived(self, data: bytes) -> None:
                self.got += data

            def readConnectionLost(self) -> None:
                self.got += b"|"

            def writeConnectionLost(self) -> None: ...

        attempt = Attempt(Factory.forProtocol(Half))
        standIn = attempt.build()
        assert not IHalfCloseableProtocol.providedBy(standIn)
        standIn.makeConnection(StringTransport())
        (protocol,) = results(attempt.deferred)
        standIn.dataReceived(b"x")
        standIn.readConnectionLost()
        assert protocol.got == b"x|"
        assert IHalfCloseableProtocol.providedBy(standIn)

    def test_failureComesByTheDeferred(self) -> None:
        """A failed attempt fails the Deferred with its reason."""
        attempt = Attempt()
        attempt.factory.clientConnectionFailed(attempt.connector, Failure(error.ConnectionRefusedError(111, "no")))
        assert results(attempt.deferred)[0].check(error.ConnectionRefusedError)

    def test_factoryMayDecline(self) -> None:
        """A factory that makes no protocol gives NoProtocol, and the transport is told to close."""
        factory = Factory[Protocol]()
        factory.buildProtocol = lambda addr: None  # type: ignore[method-assign]  # as programs do
        attempt = Attempt(factory)
        assert attempt.build() is None
        assert results(attempt.deferred)[0].check(error.NoProtocol)

    def test_factoryMayRaise(self) -> None:
        """What buildProtocol raises is told to whoever connects."""

        class Broken(Factory[Protocol]):
            def buildProtocol(self, addr: object) -> Protocol:
                raise ZeroDivisionError

        attempt = Attempt(Broken())
        assert attempt.build() is None
        assert results(attempt.deferred)[0].check(ZeroDivisionError)

    def test_connectionMadeMayRaise(self) -> None:
        """What connectionMade raises is told to whoever connects, and to the transport, which closes."""

        class Broken(Protocol):
            def connectionMade(self) -> None:
                raise ZeroDivisionError

        attempt = Attempt(Factory.forProtocol(Broken))
        with pytest.raises(ZeroDivisionError):
            attempt.connect(StringTransport())
        assert results(attempt.deferred)[0].check(ZeroDivisionError)

    def test_factoryStartsAndStops(self) -> None:
        """The program's factory hears doStart and doStop (F022)."""
        seen: list[str] = []

        class Noting(Factory[Protocol]):
            def startFactory(self) -> None:
                seen.append("start")

            def stopFactory(self) -> None:
                seen.append("stop")

        attempt = Attempt(Noting())
        attempt.factory.doStart()
        attempt.factory.doStop()
        assert seen == ["start", "stop"]

    def test_lossOfAConnectionIsTheProtocolsBusiness(self) -> None:
        """Once connected, the Deferred hears nothing more."""
        attempt = Attempt()
        attempt.connect(StringTransport())
        (protocol,) = results(attempt.deferred)
        attempt.factory.clientConnectionLost(attempt.connector, Failure(error.ConnectionDone()))
        assert isinstance(protocol, Protocol)


class TestCancelling:
    def test_endsTheAttempt(self) -> None:
        """Cancelling stops the attempt, and fails at once with the address in the error (F052)."""
        attempt = Attempt()
        attempt.deferred.cancel()
        (failure,) = results(attempt.deferred)
        assert failure.check(error.ConnectingCancelledError)
        assert failure.value.address == IPv4Address("TCP", "h", 80)
        assert attempt.connector.stoppedConnecting

    def test_lateReportsAreIgnored(self) -> None:
        """What the reactor says of an attempt that was cancelled changes nothing (F052)."""
        attempt = Attempt()
        attempt.deferred.cancel()
        attempt.factory.clientConnectionFailed(attempt.connector, Failure(error.UserError()))
        assert results(attempt.deferred)[0].check(error.ConnectingCancelledError)

    def test_betweenBuildingAndConnecting(self) -> None:
        """Cancelled in the very moment of connecting, the connection is closed again (F052)."""
        attempt, transport = Attempt(), StringTransport()
        protocol = attempt.build()
        attempt.deferred.cancel()
        protocol.makeConnection(transport)
        assert results(attempt.deferred)[0].check(error.ConnectingCancelledError)
        assert transport.disconnecting

    def test_afterwardsIsTooLate(self) -> None:
        """Once connected there is nothing to cancel."""
        attempt, transport = Attempt(), StringTransport()
        attempt.connect(transport)
        attempt.deferred.cancel()
        assert isinstance(results(attempt.deferred)[0], Protocol)
        assert not transport.disconnecting


class TestConnectProtocol:
    def test_connectsTheInstance(self) -> None:
        """A protocol that exists already is connected, whatever the endpoint; it needs no factory (F043)."""
        reactor, protocol = MemoryReactorClock(), Protocol()
        waiting = endpoints.connectProtocol(tcp(reactor), protocol)
        reactor.tcpClients[0][2].buildProtocol(PEER).makeConnection(StringTransport())
        assert results(waiting) == [protocol]
        assert protocol.factory is None

    def test_canBeCancelled(self) -> None:
        """Cancelling it ends the attempt (F052)."""
        reactor = MemoryReactorClock()
        waiting = endpoints.connectProtocol(tcp(reactor), Protocol())
        waiting.cancel()
        assert results(waiting)[0].check(error.ConnectingCancelledError)
        assert reactor.connectors[0].stoppedConnecting


@pytest.mark.parametrize("end", ["connected", "failed", "raised", "cancelled"])
def test_finishedAttemptLeavesNoCycle(end: str) -> None:
    """However an attempt ends, everything of it is freed with its last reference."""

    class Marked(Protocol):
        def connectionMade(self) -> None:
            if end == "raised":
                raise ZeroDivisionError

    gc.collect()
    gc.disable()
    try:
        attempt = Attempt(Factory.forProtocol(Marked))
        if end == "failed":
            attempt.factory.clientConnectionFailed(attempt.connector, Failure(error.ConnectError()))
        elif end == "cancelled":
            attempt.deferred.cancel()
        else:
            try:
                attempt.connect(StringTransport())
            except ZeroDivisionError:
                pass
        attempt.deferred.addBoth(lambda result: None)
        names = ("_AttemptFactory", "_Threshold")
        del attempt
        assert not [found for found in gc.get_objects() if type(found).__name__ in names]
    finally:
        gc.enable()


def test_endpointsSayWhatTheyAre() -> None:
    """Client endpoints name their destination."""
    reactor = MemoryReactorClock()
    assert repr(tcp(reactor)) == "<TCP4ClientEndpoint h:80>"
    assert repr(endpoints.UNIXClientEndpoint(reactor, "/x")) == "<UNIXClientEndpoint '/x'>"
    assert repr(endpoints.HostnameEndpoint(reactor, "h", 80)) == "<HostnameEndpoint h:80>"
    assert repr(endpoints.HostnameEndpoint(reactor, "::1", 80)) == "<HostnameEndpoint [::1]:80>"
