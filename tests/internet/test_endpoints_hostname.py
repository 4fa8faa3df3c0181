"""`HostnameEndpoint`: a race among the addresses of a host (RFC 8305)."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from ropewalk.internet import error
from ropewalk.internet._endpoints.hostname import asciiName, takingTurns
from ropewalk.internet.address import HostnameAddress, IPv4Address, IPv6Address, UNIXAddress
from ropewalk.internet.defer import Deferred
from ropewalk.internet.endpoints import HostnameEndpoint
from ropewalk.internet.interfaces import IResolutionReceiver, IStreamClientEndpoint
from ropewalk.internet.protocol import Factory, Protocol
from ropewalk.internet.testing import MemoryReactorClock, StringTransport
from ropewalk.python.failure import Failure

V4 = [IPv4Address("TCP", f"192.0.2.{number}", 80) for number in range(3)]
V6 = [IPv6Address("TCP", f"2001:db8::{number}", 80) for number in range(3)]


class Resolver:
    """Answers when the test wants it to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.cancelled = False
        self.receiver: Any = None

    def resolveHostName(self, resolutionReceiver: Any, hostName: str, portNumber: int = 0, *more: Any) -> Any:
        self.asked.append((hostName, portNumber))
        self.name = hostName
        self.receiver = resolutionReceiver
        resolutionReceiver.resolutionBegan(self)
        return self

    def cancel(self) -> None:
        self.cancelled = True

    def answer(self, *addresses: object) -> None:
        for address in addresses:
            self.receiver.addressResolved(address)
        self.receiver.resolutionComplete()


class Race:
    """A connect to ``example.com`` whose every step the test decides."""

    def __init__(self, *addresses: object, **kw: Any) -> None:
        self.reactor = MemoryReactorClock()
        self.resolver = Resolver()
        self.reactor.installNameResolver(self.resolver)  # type: ignore[arg-type]  # does all that is asked
        kw = {"host": "example.com", "port": 80, **kw}
        self.deferred: Deferred[Any] = HostnameEndpoint(self.reactor, **kw).connect(Factory.forProtocol(Protocol))
        if addresses:
            self.resolver.answer(*addresses)

    @property
    def tried(self) -> list[str]:
        return [client[0] for client in self.reactor.tcpClients]

    @property
    def givenUp(self) -> list[bool]:
        return [connector.stoppedConnecting for connector in self.reactor.connectors]

    def fail(self, number: int, problem: Exception | None = None) -> None:
        reason = Failure(problem or error.ConnectionRefusedError(111, "refused"))
        self.reactor.tcpClients[number][2].clientConnectionFailed(self.reactor.connectors[number], reason)

    def win(self, number: int) -> None:
        protocol = self.reactor.tcpClients[number][2].buildProtocol(V4[0])
        protocol.makeConnection(StringTransport())

    def results(self) -> list[Any]:
        found: list[Any] = []
        self.deferred.addBoth(found.append)
        return found

    def isClean(self) -> bool:
        return not self.reactor.getDelayedCalls()


class TestResolving:
    def test_isAClientEndpoint(self) -> None:
        """It stands wherever a client endpoint is asked for (F050)."""
        assert verifyObject(IStreamClientEndpoint, HostnameEndpoint(MemoryReactorClock(), "example.com", 80))

    def test_asksTheReactorsResolver(self) -> None:
        """The name is resolved anew for each connect, by the reactor's resolver."""
        race = Race()
        assert race.resolver.asked == [("example.com", 80)]
        assert verifyObject(IResolutionReceiver, race.resolver.receiver)

    @pytest.mark.parametrize(
        ("host", "name"),
        [
            ("bücher.example", "xn--bcher-kva.example"),
            (b"xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("BÜCHER.example", "xn--bcher-kva.example"),
            ("under_score.example.", "under_score.example."),
            ("127.0.0.1", "127.0.0.1"),
            ("fe80::1%lo", "fe80::1%lo"),
        ],
    )
    def test_namesOfAnyScript(self, host: str | bytes, name: str) -> None:
        """A name in any script is asked for in its ASCII form (RFC 5890)."""
        assert Race(host=host).resolver.asked == [(name, 80)]

    @pytest.mark.parametrize(
        "host",
        [
            "",
            ".",
            "a..b",
            "a b",
            "x" * 64 + ".com",
            "x." * 127 + "xy",
            "a\0b",
            "fe80::1%\xe9",
            b"\xff",
            "\xff..",
            "é" * 64,
        ],
    )
    def test_impossibleNamesFail(self, host: str | bytes) -> None:
        """What can't be a host's name fails when it is connected to, and is not asked for."""
        race = Race(host=host)
        (failure,) = race.results()
        assert failure.check(ValueError)
        assert "invalid hostname" in failure.getErrorMessage()
        assert race.resolver.asked == []

    @given(st.one_of(st.text(), st.binary()))
    def test_anyNameIsTakenOrRefused(self, host: str | bytes) -> None:
        """Whatever is given as a name, it has an ASCII form or gives ValueError."""
        try:
            name = asciiName(host)
        except ValueError:
            return
        assert name.isascii()

    def test_hostWithoutAddresses(self) -> None:
        """A name that has no address is an unknown host."""
        race = Race()
        race.resolver.answer()
        (failure,) = race.results()
        assert failure.check(error.DNSLookupError)
        assert "example.com" in failure.getErrorMessage()
        assert race.isClean()

    def test_resolverThatRaises(self) -> None:
        """A resolver that raises fails the connect."""
        reactor = MemoryReactorClock()
        reactor.installNameResolver(object())  # type: ignore[arg-type]  # that is the mistake
        found: list[Any] = []
        HostnameEndpoint(reactor, "example.com", 80).connect(Factory()).addBoth(found.append)
        assert found[0].check(AttributeError)
        assert reactor.getDelayedCalls() == []


class TestRacing:
    def test_oneAddress(self) -> None:
        """With one address there is no race: it is connected to, and that's it."""
        race = Race(V4[0], timeout=7, bindAddress=("192.0.2.9", 0))
        assert [client[:2] + client[3:] for client in race.reactor.tcpClients] == [
            ("192.0.2.0", 80, 7, ("192.0.2.9", 0))
        ]
        race.win(0)
        assert isinstance(race.results()[0], Protocol)
        assert race.isClean()

    def test_eachAddressHasAHeadStart(self) -> None:
        """While nobody answers, the next address is tried beside the others after each delay (RFC 8305 §5)."""
        race = Race(*V4)
        assert race.tried == ["192.0.2.0"]
        race.reactor.advance(0.29)
        assert race.tried == ["192.0.2.0"]
        race.reactor.advance(0.01)
        assert race.tried == ["192.0.2.0", "192.0.2.1"]
        race.reactor.advance(0.3)
        assert race.tried == ["192.0.2.0", "192.0.2.1", "192.0.2.2"]

    def test_headStartIsTheProgramsChoice(self) -> None:
        """``attemptDelay`` says how long it is."""
        race = Race(*V4, attemptDelay=2)
        race.reactor.advance(1.9)
        assert len(race.tried) == 1
        race.reactor.advance(0.1)
        assert len(race.tried) == 2

    def test_familiesTakeTurns(self) -> None:
        """IPv6 and IPv4 addresses take turns, the resolver's first choice first (RFC 8305 §4)."""
        race = Race(*V6[:2], *V4)
        race.reactor.pump([0.3] * 5)
        assert race.tried == ["2001:db8::0", "192.0.2.0", "2001:db8::1", "192.0.2.1", "192.0.2.2"]

    def test_quickFailureStartsTheNextAtOnce(self) -> None:
        """An address that fails hands on to the next without waiting (wish 19)."""
        race = Race(*V4)
        race.fail(0)
        assert race.tried == ["192.0.2.0", "192.0.2.1"]
        race.reactor.advance(0.29)
        assert len(race.tried) == 2
        race.reactor.advance(0.01)
        assert len(race.tried) == 3

    def test_firstToConnectWins(self) -> None:
        """The first connection decides, whoever began it; all other attempts are given up."""
        race = Race(*V4)
        race.reactor.pump([0.3, 0.3])
        race.win(1)
        assert race.givenUp == [True, False, True]
        assert isinstance(race.results()[0], Protocol)
        assert race.isClean()

    def test_winnerMayComeWhileOthersWait(self) -> None:
        """Addresses that were not tried yet are never tried."""
        race = Race(*V4)
        race.win(0)
        race.reactor.advance(10)
        assert race.tried == ["192.0.2.0"]

    def test_zoneOfALinkLocalAddress(self) -> None:
        """The zone that the resolver found is connected with (RFC 4007 §11)."""
        assert Race(IPv6Address("TCP", "fe80::1", 80, 0, 3)).tried == ["fe80::1%3"]

    def test_addressOfAnotherKindIsSkipped(self) -> None:
        """A resolver's answer that TCP can't use counts as failed."""
        race = Race(UNIXAddress("/x"), V4[0])
        assert race.tried == ["192.0.2.0"]

    @given(st.lists(st.sampled_from([*V4, *V6]), max_size=9))
    def test_turnsLoseNobody(self, addresses: list[Any]) -> None:
        """Every address has one turn, and no family waits while it has one left and the other had two in a row."""
        turns = takingTurns(addresses)
        assert set(turns) == set(addresses)
        assert len(turns) == len(set(turns))
        for place in range(len(turns) - 2):
            if type(turns[place]) is type(turns[place + 1]):
                assert all(type(later) is type(turns[place]) for later in turns[place:])


class TestLosing:
    def test_oneAddressesErrorIsItsOwn(self) -> None:
        """With one address the error is that of its attempt."""
        race = Race(V4[0])
        problem = error.ConnectionRefusedError(111, "refused")
        race.fail(0, problem)
        assert race.results()[0].value is problem
        assert race.isClean()

    def test_lastErrorTellsOfAll(self) -> None:
        """When every address fails, the error is of the last one's kind and names each."""
        race = Race(V6[0], V4[0])
        race.fail(0, error.NoRouteError(101, "unreachable"))
        race.fail(1)
        (failure,) = race.results()
        assert failure.check(error.ConnectionRefusedError)
        assert failure.value.osError == 111
        for word in ("example.com", "[2001:db8::0]:80", "No route", "192.0.2.0:80", "refused"):
            assert word in failure.getErrorMessage()
        assert race.isClean()

    def test_foreignErrorIsLeftAsItIs(self) -> None:
        """An error that the program's own factory raised is given as it was raised."""
        race = Race(*V4[:2])
        race.fail(0)
        problem = LookupError("no protocol today")
        race.fail(1, problem)
        assert race.results()[0].value is problem

    def test_waitsForTheLastOfAll(self) -> None:
        """As long as one attempt goes on, nothing is lost."""
        race = Race(*V4)
        race.reactor.pump([0.3, 0.3])
        race.fail(2)
        race.fail(0)
        assert not race.deferred.called
        race.win(1)
        assert isinstance(race.results()[0], Protocol)

    def test_patienceEnds(self) -> None:
        """The timeout ends the whole, attempts and all, with an error that says what was going on."""
        race = Race(*V4, timeout=1)
        race.reactor.advance(0.99)
        assert not race.deferred.called
        race.reactor.advance(0.01)
        (failure,) = race.results()
        assert failure.check(error.TimeoutError)
        assert "example.com:80 was not reached in 1 s" in failure.getErrorMessage()
        assert all(race.givenUp)
        assert race.isClean()

    def test_patienceIncludesTheSearch(self) -> None:
        """A resolver that never answers doesn't hold a program up for ever."""
        race = Race(timeout=5)
        race.reactor.advance(5)
        (failure,) = race.results()
        assert failure.check(error.TimeoutError)
        assert "searched" in failure.getErrorMessage()
        assert race.resolver.cancelled
        race.resolver.answer(*V4)
        assert race.tried == []


class TestCancelling:
    def test_whileResolving(self) -> None:
        """Cancelled during the search, the search is stopped (F052)."""
        race = Race()
        race.deferred.cancel()
        (failure,) = race.results()
        assert failure.check(error.ConnectingCancelledError)
        assert failure.value.address == HostnameAddress(b"example.com", 80)
        assert race.resolver.cancelled
        assert race.isClean()
        race.resolver.answer(*V4)
        assert race.tried == []

    def test_whileRacing(self) -> None:
        """Cancelled during the race, every attempt is given up (F052)."""
        race = Race(*V4)
        race.reactor.advance(0.3)
        race.deferred.cancel()
        assert race.results()[0].check(error.ConnectingCancelledError)
        assert race.givenUp == [True, True]
        assert race.isClean()


@pytest.mark.parametrize("end", ["won", "lost", "cancelled", "late"])
def test_finishedRaceLeavesNoCycle(end: str) -> None:
    """However a race ends, everything of it is freed with its last reference."""
    gc.collect()
    gc.disable()
    try:
        race = Race(*V4[:2])
        race.reactor.advance(0.3)
        if end == "won":
            race.win(0)
        elif end == "lost":
            race.fail(0)
            race.fail(1)
        elif end == "cancelled":
            race.deferred.cancel()
        else:
            race.reactor.advance(100)
        race.deferred.addBoth(lambda result: None)
        race.resolver.receiver = None  # a test's own notes; a resolver forgets whom it has answered
        del race
        assert not [found for found in gc.get_objects() if type(found).__name__ in ("_Race", "_AttemptFactory")]
    finally:
        gc.enable()
