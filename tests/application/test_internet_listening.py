"""`ropewalk.application.internet.StreamServerEndpointService` and `ropewalk.application.strports`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zope.interface import implementer

from ropewalk.application import strports
from ropewalk.application.internet import StreamServerEndpointService
from ropewalk.application.service import MultiService
from ropewalk.internet.defer import Deferred, fail
from ropewalk.internet.endpoints import TCP4ServerEndpoint
from ropewalk.internet.error import CannotListenError, ConnectionRefusedError
from ropewalk.internet.interfaces import IStreamServerEndpoint
from ropewalk.internet.protocol import ClientCreator, Factory, Protocol
from ropewalk.internet.task import Clock
from ropewalk.internet.testing import MemoryReactor, RaisingMemoryReactor
from ropewalk.logger import capturedLogs
from ropewalk.python.failure import Failure
from support.programs import Program, python
from support.reactors import run


def results(deferred: Deferred[Any]) -> list[Any]:
    found: list[Any] = []
    deferred.addBoth(lambda result: found.append(result.value if isinstance(result, Failure) else result))
    return found


class Port:
    """A port that is closed when the test says so."""

    def __init__(self) -> None:
        self.closed: Deferred[None] = Deferred()
        self.stops = 0

    def stopListening(self) -> Deferred[None]:
        self.stops += 1
        return self.closed


@implementer(IStreamServerEndpoint)
class Endpoint:
    """An endpoint that listens when the test says so.

    Attributes:
        ports: a Deferred for each time that it was asked to listen, and the factories.
    """

    def __init__(self) -> None:
        self.cancelled = 0
        self.ports: list[Deferred[Any]] = []
        self.factories: list[Any] = []

    def listen(self, protocolFactory: Any) -> Deferred[Any]:
        self.factories.append(protocolFactory)
        self.ports.append(Deferred(self._cancel))
        return self.ports[-1]

    def _cancel(self, _listening: Deferred[Any]) -> None:
        self.cancelled += 1


class Wire:
    """A transport that notes how it is closed, and then is."""

    def __init__(self, protocol: Any) -> None:
        self.protocol = protocol
        self.closing: list[str] = []

    def loseConnection(self) -> None:
        self.closing.append("lose")

    def abortConnection(self) -> None:
        self.closing.append("abort")


class TestListening:
    def test_listensWithTheFactoryItself(self) -> None:
        """The endpoint is asked once, by privilegedStartService, and gets the factory as it is (F185, AP7)."""
        endpoint, factory = Endpoint(), Factory[Any]()
        service = StreamServerEndpointService(endpoint, factory)
        service.privilegedStartService()
        service.startService()
        assert endpoint.factories == [factory]
        assert service.running

    def test_stopClosesThePort(self) -> None:
        """The stop's Deferred fires when the port is closed; then it can be started again."""
        endpoint, port = Endpoint(), Port()
        service = StreamServerEndpointService(endpoint, Factory[Any]())
        service.startService()
        endpoint.ports[0].callback(port)
        stopped = results(service.stopService())
        assert (stopped, port.stops) == ([], 1)
        port.closed.callback(None)
        assert stopped == [None]
        service.startService()
        assert len(endpoint.ports) == 2

    def test_whenListeningTellsThePort(self) -> None:
        """Everybody who asks is told the port, before and after it listens; before the start it can't be asked."""
        endpoint, port = Endpoint(), Port()
        service = StreamServerEndpointService(endpoint, Factory[Any]())
        with pytest.raises(RuntimeError, match="start it first"):
            service.whenListening()
        service.startService()
        early, bored = service.whenListening(), service.whenListening()
        bored.addErrback(lambda failure: None)
        bored.cancel()
        endpoint.ports[0].callback(port)
        assert results(early) == results(service.whenListening()) == [port]

    def test_whenListeningFailsWithTheReason(self) -> None:
        """When the endpoint can't listen, who waits is told why; the log is, too, as ever."""
        endpoint = Endpoint()
        service = StreamServerEndpointService(endpoint, Factory[Any]())
        service.startService()
        waiting = service.whenListening()
        refusal = CannotListenError("127.0.0.1", 80, OSError("in use"))
        with capturedLogs():
            endpoint.ports[0].errback(refusal)
        assert results(waiting) == results(service.whenListening()) == [refusal]

    def test_stopBeforeItListens(self) -> None:
        """An endpoint that takes its time is told that it needn't; that isn't an error."""
        endpoint = Endpoint()
        service = StreamServerEndpointService(endpoint, Factory[Any]())
        service.startService()
        with capturedLogs() as events:
            assert results(service.stopService()) == [None]
        assert endpoint.cancelled == 1
        assert events == []

    def test_stopWithoutStart(self) -> None:
        """There is nothing to do, once or twice."""
        service = StreamServerEndpointService(Endpoint(), Factory[Any]())
        assert results(service.stopService()) == [None]
        assert results(service.stopService()) == [None]

    def test_logsThatItCannotListen(self) -> None:
        """A failure that comes later is logged with the endpoint, and the stop is as always."""
        endpoint = Endpoint()
        service = StreamServerEndpointService(endpoint, Factory[Any]())
        service.startService()
        with capturedLogs() as events:
            endpoint.ports[0].errback(CannotListenError("", 79, OSError("in use")))
        assert events[0]["log_failure"].check(CannotListenError)
        assert events[0]["endpoint"] is endpoint
        assert results(service.stopService()) == [None]


class Tracked:
    """A service that drains for ten seconds, on a clock, with connections made by hand."""

    def __init__(self, protocol: type[Protocol] = Protocol) -> None:
        self.endpoint = Endpoint()
        self.port = Port()
        self.clock = Clock()
        self.service = StreamServerEndpointService(self.endpoint, Factory.forProtocol(protocol), drainSeconds=10)
        self.service.clock = self.clock
        self.service.startService()
        self.endpoint.ports[0].callback(self.port)

    def connect(self) -> Any:
        """Make a connection; the result is what its transport calls."""
        made = self.endpoint.factories[-1].buildProtocol(None)
        made.makeConnection(Wire(made))
        return made

    def stop(self) -> list[Any]:
        found = results(self.service.stopService())
        self.port.closed.callback(None)
        return found


def end(made: Any) -> None:
    made.connectionLost(Failure(ConnectionError()))


class TestDraining:
    def test_waitsForTheConnections(self) -> None:
        """The port closes at once; the stop is done when the last connection has ended by itself (wish 21)."""
        case = Tracked()
        first, second = case.connect(), case.connect()
        stopped = case.stop()
        assert case.port.stops == 1
        end(first)
        case.clock.advance(9.5)
        assert stopped == []
        assert second.transport.closing == []
        end(second)
        assert stopped == [None]
        assert case.clock.getDelayedCalls() == []

    def test_cutsWhatIsLeftAtTheDeadline(self) -> None:
        """Connections that have not ended within drainSeconds are cut, and how many is logged."""
        case = Tracked()
        first, second = case.connect(), case.connect()
        stopped = case.stop()
        end(first)
        with capturedLogs() as events:
            case.clock.advance(10)
        assert second.transport.closing == ["abort"]
        assert events[0]["count"] == 1
        assert stopped == []
        end(second)
        assert stopped == [None]

    def test_cancellingCutsAtOnce(self) -> None:
        """A second signal, say: cancelling the stop's Deferred cuts what is left."""
        case = Tracked()
        made = case.connect()
        parent = MultiService()
        case.service.setServiceParent(parent)
        stopping = parent.stopService()
        found = results(stopping)
        stopping.cancel()
        case.port.closed.callback(None)
        assert made.transport.closing == ["abort"]
        assert found == [[(True, None)]]
        end(made)
        assert case.clock.getDelayedCalls() == []

    def test_everyStopIsToldOfTheEnd(self) -> None:
        """A second stopService, a parent's say, waits as long as the first; a cancelled one doesn't speak for them."""
        case = Tracked()
        made = case.connect()
        first, impatient, last = case.service.stopService(), case.service.stopService(), case.service.stopService()
        case.port.closed.callback(None)
        impatient.cancel()
        found = [results(stop) for stop in (first, impatient, last)]
        assert made.transport.closing == ["abort"]
        assert found == [[], [None], []]
        end(made)
        assert found == [[None]] * 3
        assert results(case.service.stopService()) == [None]

    def test_tellsTheProtocolsThatWantToKnow(self) -> None:
        """A protocol's ``drainStarted`` is called, so that it can end when it suits; one that raises is logged."""
        told: list[Any] = []

        class Polite(Protocol):
            def drainStarted(self) -> None:
                told.append(self)
                if len(told) == 1:
                    raise LookupError("not now")

        case = Tracked(Polite)
        made = {case.connect().protocol, case.connect().protocol}
        with capturedLogs() as events:
            case.stop()
        assert set(told) == made
        assert events[0]["log_failure"].check(LookupError)

    def test_refusesLatecomers(self) -> None:
        """Whoever still gets through is turned away."""
        case = Tracked()
        case.connect()
        case.stop()
        assert case.endpoint.factories[-1].buildProtocol(None) is None

    def test_doesNotWaitForNobody(self) -> None:
        """Without connections the stop is done with the port; those that ended before don't count."""
        case = Tracked()
        end(case.connect())
        case.endpoint.factories[-1].buildProtocol(None)
        assert case.stop() == [None]

    def test_overSockets(self, reactor: Any) -> None:
        """A request under way is answered although its server stops; new connections are refused."""
        asked: Deferred[None] = Deferred()
        answered: Deferred[bytes] = Deferred()

        class Slow(Protocol):
            def dataReceived(self, data: bytes) -> None:
                asked.callback(None)

            def drainStarted(self) -> None:
                self.transport.write(b"done")
                self.transport.loseConnection()

        class Client(Protocol):
            def connectionMade(self) -> None:
                self.transport.write(b"do it")

            def dataReceived(self, data: bytes) -> None:
                answered.callback(data)

        async def main() -> None:
            endpoint = TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1")
            service = StreamServerEndpointService(endpoint, Factory.forProtocol(Slow), drainSeconds=3)
            service.clock = reactor
            service.startService()
            waiting: Any = service._waitingForPort
            number = (await waiting).getHost().port
            await ClientCreator(reactor, Client).connectTCP("127.0.0.1", number)
            await asked
            await service.stopService()
            assert await answered == b"done"
            with pytest.raises(ConnectionRefusedError):
                await ClientCreator(reactor, Client).connectTCP("127.0.0.1", number)

        run(reactor, main)

    def test_cutsOverSockets(self, reactor: Any) -> None:
        """A client that never ends doesn't keep the server from stopping."""

        async def main() -> None:
            endpoint = TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1")
            begun: Deferred[None] = Deferred()

            class Serving(Protocol):
                def connectionMade(self) -> None:
                    begun.callback(None)

            service = StreamServerEndpointService(endpoint, Factory.forProtocol(Serving), drainSeconds=0.05)
            service.clock = reactor
            service.startService()
            waiting: Any = service._waitingForPort
            number = (await waiting).getHost().port
            client = await ClientCreator(reactor, Protocol).connectTCP("127.0.0.1", number)
            await begun
            await service.stopService()
            client.transport.abortConnection()

        run(reactor, main)


class TestStrports:
    def test_service(self) -> None:
        """A text becomes a service that listens when it starts (F196)."""
        reactor = MemoryReactor()
        factory: Any = Factory()
        service = strports.service("tcp:8080:interface=127.0.0.1", factory, reactor=reactor)
        assert isinstance(service, StreamServerEndpointService)
        assert service.factory is factory
        assert len(reactor.tcpServers) == 0
        service.privilegedStartService()
        listening: list[Any] = reactor.tcpServers
        assert listening == [(8080, factory, 50, "127.0.0.1")]

    def test_raisesThatItCannotListen(self) -> None:
        """Unlike other endpoint services, it says so to whoever starts it; it may be started again."""
        reactor = RaisingMemoryReactor(listenException=CannotListenError("", 79, OSError("in use")))
        service: Any = strports.service("tcp:79", Factory[Any](), reactor=reactor)
        for _ in range(2):
            with pytest.raises(CannotListenError):
                service.startService()

    def test_aLaterFailureIsLogged(self) -> None:
        """What can't be raised any more is logged."""
        service: Any = strports.service("tcp:79", Factory[Any](), reactor=MemoryReactor())
        endpoint = service.endpoint = Endpoint()
        service.startService()
        with capturedLogs() as events:
            endpoint.ports[0].errback(CannotListenError("", 79, OSError("in use")))
        assert events[0]["log_failure"].check(CannotListenError)

    def test_refusesNonsense(self) -> None:
        """A text that says nothing is an error where it is written, not when the service starts."""
        with pytest.raises(ValueError, match="tcp:8080"):
            strports.service("8080", Factory[Any](), reactor=MemoryReactor())

    def test_listen(self, tmp_path: Path) -> None:
        """listen() listens at once with the global reactor, and raises when it can't."""
        source = (
            "from ropewalk.application import strports\n"
            "from ropewalk.internet import protocol, error\n"
            "factory = protocol.Factory()\n"
            "factory.noisy = False\n"
            "port = strports.listen('tcp:0:interface=127.0.0.1', factory)\n"
            "try:\n"
            "    strports.listen(f'tcp:{port.getHost().port}:interface=127.0.0.1', factory)\n"
            "except error.CannotListenError:\n"
            "    print('in use')\n"
        )
        with Program(python("-c", source), tmp_path) as program:
            assert program.line() == "in use"
            assert program.wait() == 0


def test_aFailureToListenAtOnceIsLogged() -> None:
    """An endpoint that fails before listen() returns is no different from one that fails later."""

    @implementer(IStreamServerEndpoint)
    class Refusing:
        def listen(self, protocolFactory: Any) -> Deferred[Any]:
            return fail(CannotListenError("", 79, OSError("in use")))

    service = StreamServerEndpointService(Refusing(), Factory[Any]())
    with capturedLogs() as events:
        service.startService()
    assert events[0]["log_failure"].check(CannotListenError)


ACTIONS = ["start", "stop", "cancel", "listening", "refused", "closed", "connect", "end", "wait"]


@given(st.lists(st.sampled_from(ACTIONS), max_size=30))
def test_everyStopFiresExactlyOnce(actions: list[str]) -> None:
    """Whatever happens in whichever order, each stop is told of its end once, and nothing is left behind."""
    endpoint, clock = Endpoint(), Clock()
    service = StreamServerEndpointService(endpoint, Factory.forProtocol(Protocol), drainSeconds=10)
    service.clock = clock
    ports: list[Port] = []
    connections: list[Any] = []
    stops: list[Deferred[None]] = []
    found: list[list[Any]] = []

    def act(action: str) -> None:
        match action:
            case "start":
                service.startService()
            case "stop":
                stops.append(service.stopService())
                found.append(results(stops[-1]))
            case "cancel" if stops:
                stops[-1].cancel()
            case "listening" if endpoint.ports and not endpoint.ports[-1].called:
                ports.append(Port())
                endpoint.ports[-1].callback(ports[-1])
            case "refused" if endpoint.ports and not endpoint.ports[-1].called:
                endpoint.ports[-1].errback(CannotListenError("", 79, OSError("in use")))
            case "closed":
                for port in ports:
                    if port.stops and not port.closed.called:
                        port.closed.callback(None)
            case "connect" if ports and not ports[-1].stops:
                made = endpoint.factories[-1].buildProtocol(None)
                made.makeConnection(Wire(made))
                connections.append(made)
            case "end" if connections:
                end(connections.pop())
            case "wait":
                clock.advance(20)

    with capturedLogs():
        for action in [*actions, "stop", "closed", "wait"]:
            act(action)
    assert all("abort" in made.transport.closing for made in connections)
    for made in connections:
        end(made)

    assert all(result == [None] for result in found)
    assert all(port.stops == 1 for port in ports)
    assert clock.getDelayedCalls() == []
