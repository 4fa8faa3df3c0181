"""`ropewalk.application.internet.ClientService`: on a clock and a faked endpoint, then over sockets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zope.interface import implementer

from ropewalk.application._client.states import STEPS, Event, State
from ropewalk.application.internet import ClientService, backoffPolicy
from ropewalk.internet.defer import CancelledError, Deferred, ensureDeferred
from ropewalk.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint
from ropewalk.internet.error import ConnectionDone, ConnectionLost, ConnectionRefusedError
from ropewalk.internet.interfaces import IHalfCloseableProtocol, IStreamClientEndpoint
from ropewalk.internet.protocol import Factory, Protocol
from ropewalk.internet.task import Clock
from ropewalk.logger import capturedLogs
from ropewalk.python.failure import Failure
from support.reactors import run


class Quiet(Protocol):
    """Notes how it is told of its end."""

    reason: Failure | None = None

    def connectionLost(self, reason: Failure) -> None:
        assert self.reason is None, "told twice"
        self.reason = reason


class Wire:
    """The transport of a faked connection: it ends when the test says so."""

    def __init__(self) -> None:
        self.closing: list[str] = []

    def loseConnection(self) -> None:
        self.closing.append("lose")

    def abortConnection(self) -> None:
        self.closing.append("abort")


@implementer(IStreamClientEndpoint)
class Endpoint:
    """An endpoint whose attempts go as the test says.

    Attributes:
        attempts: a Deferred for each.
        cancelled: how many were cancelled.
        built: what the factory made, one for each connection.
        open: the one that is connected.
    """

    def __init__(self) -> None:
        self.attempts: list[Deferred[Any]] = []
        self.factories: list[Any] = []
        self.cancelled = 0
        self.built: list[Any] = []
        self.open: Any = None

    def connect(self, protocolFactory: Any) -> Deferred[Any]:
        assert self.open is None, "two connections at a time"
        attempt: Deferred[Any] = Deferred(self._cancel)
        self.attempts.append(attempt)
        self.factories.append(protocolFactory)
        return attempt

    def _cancel(self, _attempt: Deferred[Any]) -> None:
        self.cancelled += 1

    @property
    def pending(self) -> bool:
        return bool(self.attempts) and not self.attempts[-1].called

    def succeed(self) -> Any:
        """Let the attempt succeed, and return the protocol."""
        made = self.open = self.factories[-1].buildProtocol(None)
        self.built.append(made)
        made.makeConnection(Wire())
        self.attempts[-1].callback(made)
        return made.protocol

    def fail(self, word: str = "refused") -> None:
        self.attempts[-1].errback(ConnectionRefusedError(string=word))

    def lose(self) -> None:
        """End the connection."""
        ended, self.open = self.open, None
        ended.connectionLost(Failure(ConnectionLost()))

    @property
    def closing(self) -> list[str]:
        """How the connection was told to end."""
        closing: list[str] = self.open.transport.closing
        return closing


class Case:
    """A client on a clock that waits a second for each failure in a row."""

    def __init__(self, prepare: Callable[[Any], object] | None = None) -> None:
        self.clock = Clock()
        self.endpoint = Endpoint()
        self.service = ClientService(
            self.endpoint, Factory.forProtocol(Quiet), float, self.clock, prepareConnection=prepare
        )

    def when(self, failAfterFailures: int | None = None) -> list[Any]:
        """What whenConnected gives, once it does."""
        return results(self.service.whenConnected(failAfterFailures))

    def stop(self) -> list[Any]:
        """What stopService gives, once it does."""
        return results(self.service.stopService())


def results(deferred: Deferred[Any]) -> list[Any]:
    found: list[Any] = []
    deferred.addBoth(lambda result: found.append(result.value if isinstance(result, Failure) else result))
    return found


def isCancelled(found: list[Any]) -> bool:
    return len(found) == 1 and isinstance(found[0], CancelledError)


class TestStates:
    def test_everyStateKnowsStartAndStop(self) -> None:
        """Whoever uses the service may start and stop it in every state."""
        for state in State:
            assert (state, Event.START) in STEPS
            assert (state, Event.STOP) in STEPS

    def test_everyStateIsReached(self) -> None:
        """No state stands in the table that nothing leads to, and none that nothing leads out of."""
        leadingTo = {state: {old for (old, _), (new, _) in STEPS.items() if new is state != old} for state in State}
        assert [state for state, sources in leadingTo.items() if not sources] == [State.IDLE]
        assert all(any(old is state and new is not state for (old, _), (new, _) in STEPS.items()) for state in State)

    def test_everyActionIsAMethod(self) -> None:
        """The table names methods of the service."""
        for _, actions in STEPS.values():
            for action in actions:
                assert callable(getattr(ClientService, action))


class TestConnecting:
    def test_connectsAtTheStart(self) -> None:
        """Nothing is connected before startService; then whoever waits gets the protocol itself."""
        case = Case()
        waiting = case.when()
        assert case.endpoint.attempts == []
        case.service.startService()
        assert case.service.running
        protocol = case.endpoint.succeed()
        assert waiting == [protocol]
        assert isinstance(protocol, Quiet)
        assert case.when() == [protocol]

    def test_startingTwiceIsStartingOnce(self) -> None:
        """A second startService changes nothing, in whichever state."""
        case = Case()
        case.service.startService()
        case.service.startService()
        case.endpoint.fail()
        case.service.startService()
        case.clock.advance(1)
        case.endpoint.succeed()
        case.service.startService()
        assert len(case.endpoint.attempts) == 2

    def test_retriesAfterAFailure(self) -> None:
        """The policy's wait passes, then comes the next attempt; each failure in a row counts."""
        case = Case()
        case.service.startService()
        for failures in (1, 2, 3):
            case.endpoint.fail()
            case.clock.advance(failures - 0.5)
            assert len(case.endpoint.attempts) == failures
            case.clock.advance(0.5)
            assert len(case.endpoint.attempts) == failures + 1

    def test_connectsAgainWhenTheConnectionIsLost(self) -> None:
        """Server gone for a while and back: the same service has a new connection, and counts from one again."""
        case = Case()
        case.service.startService()
        first = case.endpoint.succeed()
        case.endpoint.lose()
        assert isinstance(first.reason.value, ConnectionLost)
        waiting = case.when()
        case.clock.advance(1)
        case.endpoint.fail()
        case.clock.advance(2)
        second = case.endpoint.succeed()
        assert waiting == [second]
        assert second is not first
        case.endpoint.lose()
        case.clock.advance(1)
        assert len(case.endpoint.attempts) == 4

    def test_anEndpointThatRaisesHasFailed(self) -> None:
        """What connect raises is the end of the attempt, not of the service."""

        class Broken(Endpoint):
            def connect(self, protocolFactory: Any) -> Deferred[Any]:
                raise LookupError("no such host")

        case = Case()
        case.service._endpoint = Broken()
        waiting = case.when(failAfterFailures=1)
        case.service.startService()
        assert isinstance(waiting[0], LookupError)
        assert len(case.clock.getDelayedCalls()) == 1

    def test_aConnectionLostBeforeItIsReportedHasFailed(self) -> None:
        """An endpoint may report success when the connection is gone again."""
        case = Case()
        case.service.startService()
        made = case.endpoint.factories[-1].buildProtocol(None)
        made.makeConnection(Wire())
        made.connectionLost(Failure(ConnectionDone()))
        waiting = case.when(failAfterFailures=1)
        case.endpoint.attempts[-1].callback(made)
        assert isinstance(waiting[0], ConnectionDone)
        case.clock.advance(1)
        assert len(case.endpoint.attempts) == 2

    def test_wrappersAreOpened(self) -> None:
        """An endpoint that gives its own wrapper of the protocol is understood."""
        case = Case()
        waiting = case.when()
        case.service.startService()
        made = case.endpoint.factories[-1].buildProtocol(None)
        made.makeConnection(Wire())
        case.endpoint.attempts[-1].callback(Protocol())
        assert waiting == [made.protocol]
        made.connectionLost(Failure(ConnectionDone()))
        case.clock.advance(1)
        assert len(case.endpoint.attempts) == 2

    def test_anEndpointThatIgnoresTheFactoryHasFailed(self) -> None:
        """Without the factory there is no telling when the connection ends; the error says so."""
        case = Case()
        case.service.startService()
        waiting = case.when(failAfterFailures=1)
        case.endpoint.attempts[-1].callback(Protocol())
        assert "without the factory" in str(waiting[0])

    def test_aPolicyThatFailsIsLogged(self) -> None:
        """The program's mistake doesn't end its connection: the next attempt comes in a minute."""
        case = Case()
        case.service._policy = lambda attempt: 1 / 0
        case.service.startService()
        with capturedLogs() as events:
            case.endpoint.fail()
        assert events[0]["log_failure"].check(ZeroDivisionError)
        case.clock.advance(60)
        assert len(case.endpoint.attempts) == 2

    @pytest.mark.parametrize("delay", [None, "3", -1, float("nan")])
    def test_aPolicyThatReturnsNoSecondsIsLogged(self, delay: Any) -> None:
        """What can't be waited for is a mistake like any other: the next attempt comes in a minute."""
        case = Case()
        case.service._policy = lambda attempt: delay
        case.service.startService()
        with capturedLogs() as events:
            case.endpoint.fail()
        assert repr(delay) in str(events[0]["log_failure"].value)
        case.clock.advance(59)
        assert len(case.endpoint.attempts) == 1
        case.clock.advance(1)
        assert len(case.endpoint.attempts) == 2

    def test_aPreparationThatEndsTheConnectionAtOnce(self) -> None:
        """A connection that ends while its preparation begins is a failure; what the preparation returns is late."""
        case = Case()
        case.service._prepareConnection = lambda protocol: case.endpoint.lose()
        case.service.startService()
        waiting = case.when(failAfterFailures=1)
        with capturedLogs() as events:
            case.endpoint.succeed()
        assert not any("log_failure" in event for event in events)
        assert isinstance(waiting[0], ConnectionLost)
        case.clock.advance(60)
        assert len(case.endpoint.attempts) == 2

    def test_saysInTheLogWhyAndWhen(self) -> None:
        """Each retry is logged with the endpoint, the reason and the wait."""
        case = Case()
        case.service.startService()
        with capturedLogs() as events:
            case.endpoint.fail("go away")
        (event,) = events
        assert event["delay"] == 1.0
        assert event["endpoint"] is case.endpoint
        assert "go away" in event["reason"]

    def test_keepsWhatTheProtocolProvides(self) -> None:
        """Transports that ask for a protocol's interfaces are told the truth."""

        @implementer(IHalfCloseableProtocol)
        class Half(Quiet):
            def readConnectionLost(self) -> None: ...
            def writeConnectionLost(self) -> None: ...

        case = Case()
        case.service._factory = Factory.forProtocol(Half)
        case.service.startService()
        case.endpoint.succeed()
        assert IHalfCloseableProtocol.providedBy(case.endpoint.open)


class TestWaiting:
    def test_givesUpAfterSoManyFailures(self) -> None:
        """failAfterFailures counts from the call on; the failure is the latest one."""
        case = Case()
        case.service.startService()
        once, twice, forever = case.when(1), case.when(2), case.when()
        case.endpoint.fail("first")
        assert "first" in str(once[0])
        late = case.when(1)
        case.clock.advance(1)
        case.endpoint.fail("second")
        assert "second" in str(twice[0])
        assert "second" in str(late[0])
        assert forever == []

    def test_askedWhileTheConnectionEnds(self) -> None:
        """Whoever asks from connectionLost, to try again what failed, gets the next connection, not the dead one."""
        asked: list[list[Any]] = []

        class Eager(Quiet):
            def connectionLost(self, reason: Failure) -> None:
                asked.append(case.when())

        case = Case()
        case.service._factory = Factory.forProtocol(Eager)
        case.service.startService()
        case.endpoint.succeed()
        case.endpoint.lose()
        case.clock.advance(1)
        second = case.endpoint.succeed()
        assert asked == [[second]]

    def test_stoppedWhileTheConnectionEnds(self) -> None:
        """Whoever stops the service from connectionLost is told when that is done."""
        stopped: list[list[Any]] = []

        class Done(Quiet):
            def connectionLost(self, reason: Failure) -> None:
                self.transport = None  # type: ignore[assignment]  # as many do
                stopped.append(case.stop())

        case = Case()
        case.service._factory = Factory.forProtocol(Done)
        case.service.startService()
        case.endpoint.succeed()
        case.endpoint.lose()
        assert stopped == [[None]]
        assert case.clock.getDelayedCalls() == []

    def test_refusesNonsense(self) -> None:
        """failAfterFailures is one or more."""
        with pytest.raises(ValueError, match="0"):
            Case().service.whenConnected(failAfterFailures=0)

    def test_cancellingEndsOnlyTheWaiting(self) -> None:
        """A whenConnected that is cancelled leaves the attempt and the other waiters alone."""
        case = Case()
        case.service.startService()
        impatient = case.service.whenConnected()
        patient = case.when()
        found = results(impatient)
        impatient.cancel()
        assert isCancelled(found)
        assert patient == [case.endpoint.succeed()]

    def test_awaitable(self) -> None:
        """A coroutine awaits whenConnected."""
        case = Case()

        async def use() -> Any:
            return await case.service.whenConnected()

        found = results(ensureDeferred(use()))
        case.service.startService()
        assert found == [case.endpoint.succeed()]


class TestStopping:
    def test_beforeTheStart(self) -> None:
        """There is nothing to wait for, and there will be no connection."""
        case = Case()
        waiting = case.when()
        assert case.stop() == [None]
        assert isCancelled(waiting)

    def test_whileConnecting(self) -> None:
        """The attempt is cancelled, and whoever waits is told."""
        case = Case()
        case.service.startService()
        waiting = case.when()
        assert case.stop() == [None]
        assert case.endpoint.cancelled == 1
        assert isCancelled(waiting)
        assert case.clock.getDelayedCalls() == []

    def test_anAttemptThatSucceedsAllTheSame(self) -> None:
        """A connection that comes when its attempt was cancelled is refused: nothing of it lives on."""
        case = Case()
        case.service.startService()
        case.stop()
        assert case.endpoint.factories[-1].buildProtocol(None) is None

    def test_anAttemptThatAnswersItsCancellingWithAConnection(self) -> None:
        """Then that connection is closed before the stop is done."""

        class Stubborn(Endpoint):
            def _cancel(self, attempt: Deferred[Any]) -> None:
                self.succeed()

        case = Case()
        endpoint = case.endpoint = case.service._endpoint = Stubborn()
        case.service.startService()
        stopped = case.stop()
        assert stopped == []
        assert endpoint.closing == ["lose"]
        endpoint.lose()
        assert stopped == [None]

    def test_whilePreparing(self) -> None:
        """The preparation is cancelled and the connection closed; the stop is done when it has ended."""
        cancelled: list[Any] = []
        case = Case(prepare=lambda protocol: Deferred(cancelled.append))
        case.service.startService()
        waiting = case.when()
        case.endpoint.succeed()
        stopped = case.stop()
        assert len(cancelled) == 1
        assert case.endpoint.closing == ["lose"]
        assert stopped == []
        case.endpoint.lose()
        assert stopped == [None]
        assert isCancelled(waiting)

    def test_whileConnected(self) -> None:
        """The connection is closed in good order; every stopService's Deferred fires when it has ended."""
        case = Case()
        case.service.startService()
        case.endpoint.succeed()
        first, second = case.stop(), case.stop()
        assert case.endpoint.closing == ["lose"]
        assert (first, second) == ([], [])
        case.endpoint.lose()
        assert (first, second) == ([None], [None])
        case.clock.advance(100)
        assert len(case.endpoint.attempts) == 1

    def test_whileDropping(self) -> None:
        """A connection that couldn't be prepared is on its way out: the stop waits for that."""
        case = Case(prepare=lambda protocol: int("x"))
        case.service.startService()
        case.endpoint.succeed()
        assert case.endpoint.closing == ["abort"]
        stopped = case.stop()
        assert stopped == []
        case.endpoint.lose()
        assert stopped == [None]
        assert case.clock.getDelayedCalls() == []

    def test_whileWaiting(self) -> None:
        """The next attempt is taken back."""
        case = Case()
        case.service.startService()
        case.endpoint.fail()
        waiting = case.when()
        assert case.stop() == [None]
        assert isCancelled(waiting)
        assert case.clock.getDelayedCalls() == []

    def test_whenStopped(self) -> None:
        """Stopping again is done at once; waiting for a connection is in vain, until it is started again."""
        case = Case()
        case.service.startService()
        case.stop()
        assert case.stop() == [None]
        assert isCancelled(case.when())
        case.service.startService()
        waiting = case.when()
        assert waiting == [case.endpoint.succeed()]

    def test_startedAgainBeforeItHasStopped(self) -> None:
        """It connects as soon as the old connection has ended; the stop is done then, and waiters get the new one."""
        case = Case()
        case.service.startService()
        first = case.endpoint.succeed()
        stopped = case.stop()
        case.service.startService()
        waiting = case.when()
        assert len(case.endpoint.attempts) == 1
        case.endpoint.lose()
        assert stopped == [None]
        second = case.endpoint.succeed()
        assert waiting == [second]
        assert second is not first

    def test_stoppedAgainBeforeItHasReturned(self) -> None:
        """Start and stop during a stop lead to a stop."""
        case = Case()
        case.service.startService()
        case.endpoint.succeed()
        first = case.stop()
        case.service.startService()
        waiting = case.when()
        second = case.stop()
        case.endpoint.lose()
        assert (first, second) == ([None], [None])
        assert isCancelled(waiting)
        assert len(case.endpoint.attempts) == 1

    def test_inTheCallbackOfWhoWaited(self) -> None:
        """Whoever is given the connection may stop the service; the others who waited still get it."""
        case = Case()
        case.service.startService()
        stopped = results(case.service.whenConnected().addCallback(lambda _: case.service.stopService()))
        other = case.when()
        protocol = case.endpoint.succeed()
        assert other == [protocol]
        assert stopped == []
        case.endpoint.lose()
        assert stopped == [None]

    def test_inTheErrbackOfWhoWaited(self) -> None:
        """Whoever is told of a failure may stop the service."""
        case = Case()
        case.service.startService()
        stopped = results(case.service.whenConnected(1).addErrback(lambda _: case.service.stopService()))
        case.endpoint.fail()
        assert stopped == [None]
        assert case.clock.getDelayedCalls() == []


class TestPreparing:
    def test_isPartOfConnecting(self) -> None:
        """prepareConnection gets the protocol; nobody else does before its Deferred has fired."""
        ready: Deferred[str] = Deferred()
        prepared: list[Any] = []

        def prepare(protocol: Any) -> Deferred[str]:
            prepared.append(protocol)
            return ready

        case = Case(prepare)
        case.service.startService()
        waiting = case.when()
        protocol = case.endpoint.succeed()
        assert prepared == [protocol]
        assert waiting == []
        ready.callback("not what is given")
        assert waiting == [protocol]

    def test_mayBeACoroutine(self) -> None:
        """``async def`` does as well."""
        ready: Deferred[None] = Deferred()

        async def prepare(protocol: Any) -> None:
            await ready

        case = Case(prepare)
        case.service.startService()
        waiting = case.when()
        protocol = case.endpoint.succeed()
        assert waiting == []
        ready.callback(None)
        assert waiting == [protocol]

    def test_failing(self) -> None:
        """The connection is cut, that was a failure, and the next attempt comes."""
        pending: list[Deferred[Any]] = []

        def prepare(protocol: Any) -> Deferred[Any]:
            pending.append(Deferred())
            return pending[-1]

        case = Case(prepare)
        case.service.startService()
        once, forever = case.when(1), case.when()
        case.endpoint.succeed()
        pending[0].errback(PermissionError("wrong password"))
        assert isinstance(once[0], PermissionError)
        assert case.endpoint.closing == ["abort"]
        case.endpoint.lose()
        case.clock.advance(1)
        protocol = case.endpoint.succeed()
        pending[1].callback(None)
        assert forever == [protocol]

    def test_failuresInARowCount(self) -> None:
        """A server that takes connections and refuses log-ins is called less and less often."""
        case = Case(lambda protocol: int("x"))
        case.service.startService()
        for failures in (1, 2, 3):
            case.endpoint.succeed()
            case.endpoint.lose()
            case.clock.advance(failures - 0.5)
            assert len(case.endpoint.attempts) == failures
            case.clock.advance(0.5)

    def test_lostMeanwhile(self) -> None:
        """A connection that ends while it is prepared ends the preparation, whose late result is nothing."""
        cancelled: list[Deferred[Any]] = []
        case = Case(lambda protocol: Deferred(cancelled.append))
        case.service.startService()
        once = case.when(1)
        case.endpoint.succeed()
        case.endpoint.lose()
        assert len(cancelled) == 1
        assert isinstance(once[0], ConnectionLost)
        case.clock.advance(1)
        assert len(case.endpoint.attempts) == 2


ACTIONS = ["start", "stop", "when", "when1", "succeed", "fail", "lose", "wait", "ready", "unfit"]


@given(st.lists(st.sampled_from(ACTIONS), max_size=40), st.booleans())
def test_everyDeferredFiresExactlyOnce(actions: list[str], prepares: bool) -> None:
    """Whatever happens in whichever order, each Deferred fires once, and a stopped client has nothing left."""
    preparations: list[Deferred[Any]] = []

    def prepare(protocol: Any) -> Deferred[Any]:
        preparations.append(Deferred())
        return preparations[-1]

    case = Case(prepare if prepares else None)
    waiting: list[list[Any]] = []
    stopping: list[list[Any]] = []

    def act(action: str) -> None:
        match action:
            case "start":
                case.service.startService()
            case "stop":
                stopping.append(case.stop())
            case "when":
                waiting.append(case.when())
            case "when1":
                waiting.append(case.when(1))
            case "succeed" if case.endpoint.pending:
                case.endpoint.succeed()
            case "fail" if case.endpoint.pending:
                case.endpoint.fail()
            case "lose" if case.endpoint.open:
                case.endpoint.lose()
            case "wait":
                case.clock.advance(100)
            case "ready" if preparations and not preparations[-1].called:
                preparations[-1].callback(None)
            case "unfit" if preparations and not preparations[-1].called:
                preparations[-1].errback(ValueError("unfit"))

    for action in [*actions, "stop", "lose"]:
        act(action)

    assert all(len(found) == 1 for found in waiting)
    assert all(found == [None] for found in stopping)
    assert case.clock.getDelayedCalls() == []
    assert not case.endpoint.pending
    assert case.endpoint.open is None


class TestBackoffPolicy:
    def test_growsToItsLimit(self) -> None:
        """Each wait is the one before times the factor, and none is longer than the limit."""
        policy = backoffPolicy(initialDelay=1, maxDelay=10, factor=2, jitter=lambda: 0)
        assert [policy(attempt) for attempt in range(6)] == [1, 2, 4, 8, 10, 10]
        assert policy(1_000_000) == 10

    def test_straysByChance(self) -> None:
        """The jitter is added to whatever the wait is."""
        assert backoffPolicy(jitter=lambda: 0.25)(1) == 1.75
        assert {60.0 <= backoffPolicy()(100) < 61.0 for _ in range(20)} == {True}


class Echo(Quiet):
    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)


class Asking(Quiet):
    """Asks for an echo; ``gone`` fires when the connection has ended."""

    def connectionMade(self) -> None:
        self.gone: Deferred[None] = Deferred()

    def connectionLost(self, reason: Failure) -> None:
        super().connectionLost(reason)
        self.gone.callback(None)

    def ask(self, data: bytes) -> Deferred[bytes]:
        self.answer: Deferred[bytes] = Deferred()
        self.transport.write(data)
        return self.answer

    def dataReceived(self, data: bytes) -> None:
        self.answer.callback(data)


class TestSockets:
    def test_theServerGoesAndComesBack(self, reactor: Any) -> None:
        """Over real sockets: connect, be cut, be refused for a while, connect to the same port again, stop."""
        served: list[Any] = []

        class Serving(Echo):
            def connectionMade(self) -> None:
                served.append(self)

        async def main() -> None:
            factory = Factory.forProtocol(Serving)
            port: Any = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(factory)
            number = port.getHost().port
            endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", number)
            client = ClientService(endpoint, Factory.forProtocol(Asking), lambda attempt: 0.01, reactor)
            client.startService()
            first = await client.whenConnected()
            assert await first.ask(b"one") == b"one"

            await port.stopListening()
            served[0].transport.abortConnection()
            await first.gone
            refused = client.whenConnected(failAfterFailures=2)
            with pytest.raises(ConnectionRefusedError):
                await refused

            port = await TCP4ServerEndpoint(reactor, number, interface="127.0.0.1").listen(factory)
            second = await client.whenConnected()
            assert second is not first
            assert await second.ask(b"two") == b"two"
            await client.stopService()
            assert second.reason is not None
            await port.stopListening()

        run(reactor, main)

    def test_stopsInTheMiddleOfConnecting(self, reactor: Any) -> None:
        """A stop right after the start leaves nothing behind."""

        async def main() -> None:
            port: Any = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(Factory.forProtocol(Echo))
            endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port)
            client = ClientService(endpoint, Factory.forProtocol(Asking), clock=reactor)
            client.startService()
            waiting = client.whenConnected()
            await client.stopService()
            with pytest.raises(CancelledError):
                await waiting
            await port.stopListening()

        run(reactor, main)
