"""Guests of the chat, on memory transports and a clock."""

from __future__ import annotations

import pytest

from ropewalk.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from ropewalk.cred.credentials import IUsernamePassword
from ropewalk.demo.chat import session as limits
from ropewalk.demo.chat.door import Door
from ropewalk.demo.chat.history import Said
from ropewalk.demo.chat.house import House
from ropewalk.demo.chat.session import Session, SessionFactory
from ropewalk.internet.defer import Deferred, ensureDeferred, succeed
from ropewalk.internet.task import Clock
from ropewalk.internet.testing import StringTransport
from support.recording import logged


class Memory:
    """A history that answers at once."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def record(self, room: str, line: str) -> None:
        self.lines.append((room, line))

    def recent(self, room: str, count: int) -> Deferred[list[Said]]:
        return succeed([Said(0.0, line) for where, line in self.lines if where == room][-count:])


class Chat:
    """A factory, and callers on memory transports."""

    def __init__(self, *checkers: object) -> None:
        self.clock = Clock()
        self.memory = Memory()
        house = House()
        self.factory = SessionFactory(
            house,
            Door(house, checkers),
            self.memory,  # type: ignore[arg-type] # a fake history
            self.clock,
        )

    def call(self, name: str = "") -> Caller:
        session = self.factory.buildProtocol(None)
        assert session is not None
        caller = Caller(session)
        if name:
            caller.type(name)
            caller.hear()
        return caller


class Caller:
    def __init__(self, session: Session) -> None:
        self.session = session
        self.transport = StringTransport()
        session.makeConnection(self.transport)

    def type(self, *lines: str) -> None:
        for line in lines:
            self.session.dataReceived(line.encode() + b"\n")

    def hear(self) -> list[str]:
        heard = self.transport.value().decode().splitlines()
        self.transport.clear()
        return heard


@pytest.fixture
def chat() -> Chat:
    return Chat()


def test_newcomerIsAskedForAName(chat: Chat) -> None:
    """The first line is a name; it must be free and well formed."""
    chat.call("ada")
    guest = chat.call()
    assert guest.hear() == ["Welcome to the Ropewalk chat. What's your name?"]
    guest.type("not a name", "ADA", "bob")
    first, second, third = guest.hear()
    assert first.startswith("? a name begins with")
    assert second == "? the name ADA is taken"
    assert third.startswith("Hello, bob. You are in #lobby with 1 other;")


def test_roomHearsWhatIsSaidAndRemembersIt(chat: Chat) -> None:
    """Everybody in the room hears a line, the speaker too; nobody elsewhere does; it is kept."""
    ada, bob, eve = chat.call("ada"), chat.call("bob"), chat.call("eve")
    eve.type("/join cellar")
    for guest in (ada, bob, eve):
        guest.hear()
    ada.type("hello", "/me waves")
    assert ada.hear() == bob.hear() == ["<ada> hello", "* ada waves"]
    assert eve.hear() == []
    assert chat.memory.lines == [("lobby", "<ada> hello"), ("lobby", "* ada waves")]


def test_comingAndGoingIsTold(chat: Chat) -> None:
    """Both rooms hear of a move, and the room of a departure."""
    ada, bob = chat.call("ada"), chat.call("bob")
    assert ada.hear() == ["* bob has come"]
    bob.type("/join Cellar")
    assert ada.hear() == ["* bob has left for #Cellar"]
    ada.type("/join cellar")
    assert bob.hear()[-1] == "* ada has come"
    assert ada.hear()[0] == "* you are in #Cellar now"
    bob.session.connectionLost()
    assert ada.hear() == ["* bob has gone"]


def test_historyIsShownOnArrivalAndOnDemand(chat: Chat) -> None:
    """A newcomer sees what was said last."""
    chat.call("ada").type("one", "two", "three")
    bob = chat.call("bob")
    bob.type("/history 2")
    assert [line.split(" ", 4)[-1] for line in bob.hear()] == ["<ada> two", "<ada> three"]


def test_whispersReachOnePersonAnywhere(chat: Chat) -> None:
    """/msg is heard by its addressee, in whatever room, and confirmed to the sender."""
    ada, bob, eve = chat.call("ada"), chat.call("bob"), chat.call("eve")
    bob.type("/join cellar")
    for guest in (ada, bob, eve):
        guest.hear()
    ada.type("/msg BOB psst", "/msg nobody psst")
    assert bob.hear() == ["[ada -> you] psst"]
    assert ada.hear() == ["[you -> bob] psst", "? nobody called nobody is here; /who lists who is in your room"]
    assert eve.hear() == []


def test_renaming(chat: Chat) -> None:
    """A new name is told, frees the old one, and must be free itself."""
    ada, bob = chat.call("ada"), chat.call("bob")
    bob.hear()
    ada.hear()
    ada.type("/nick bob", "/nick Ada", "/nick lovelace")
    assert ada.hear() == ["? the name bob is taken", "* ada is now called Ada", "* Ada is now called lovelace"]
    chat.call("ada")
    bob.type("/who", "/rooms")
    assert bob.hear()[-2:] == ["* in #lobby: ada, bob, lovelace", "* rooms: #lobby (3)"]


def test_quitSaysGoodbye(chat: Chat) -> None:
    ada = chat.call("ada")
    ada.type("/quit")
    assert ada.hear() == ["* goodbye: see you"]
    assert ada.transport.disconnecting


def test_namelessCallerIsDropped(chat: Chat) -> None:
    """Who does not say a name in time is sent away, and not before."""
    guest = chat.call()
    chat.clock.advance(limits.NAMING_LIMIT - 1)
    assert not guest.transport.disconnecting
    chat.clock.advance(1)
    assert guest.transport.disconnecting


def test_lineThatIsTooLongEndsTheSession(chat: Chat) -> None:
    ada = chat.call("ada")
    ada.session.dataReceived(b"x" * (Session.MAX_LENGTH + 2))
    assert "at most 2048 bytes" in ada.hear()[-1]
    assert ada.transport.disconnecting


def test_floodIsSlowedDown(chat: Chat) -> None:
    """A burst is heard, what goes beyond is refused, and time earns more."""
    ada, bob = chat.call("ada"), chat.call("bob")
    bob.hear()
    ada.type(*["spam"] * (limits.LINES_AT_ONCE + 5))
    assert len(bob.hear()) == limits.LINES_AT_ONCE - 1  # the name was a line too
    assert "slowly, please" in ada.hear()[-1]
    chat.clock.advance(1.0)
    ada.type(*["spam"] * 10)
    assert len(bob.hear()) == int(limits.LINES_PER_SECOND)


def test_readerThatStopsIsSparedThenDropped(chat: Chat) -> None:
    """While somebody does not read, nothing more is queued for them; after the limit they are cut off."""
    ada, bob = chat.call("ada"), chat.call("bob")
    bob.hear()
    bob.session.pauseProducing()
    ada.type("hello?")
    assert bob.hear() == []
    bob.session.resumeProducing()
    ada.type("there you are")
    assert bob.hear() == ["<ada> there you are"]
    bob.session.pauseProducing()
    chat.clock.advance(limits.STALL_LIMIT)
    assert bob.transport.disconnected
    assert len(chat.clock.getDelayedCalls()) == 0


def test_closingTellsEverybodyAndWaits(chat: Chat) -> None:
    """On shutdown each guest is told; those who do not go are cut off after a while; nobody new gets in."""
    ada, bob = chat.call("ada"), chat.call("bob")
    ada.hear()
    closing = ensureDeferred(chat.factory.sendEverybodyHome("the server is shutting down", 3.0))
    assert ada.hear() == ["* goodbye: the server is shutting down"]
    assert chat.factory.buildProtocol(None) is None
    ada.session.connectionLost()
    assert not closing.called
    chat.clock.advance(3.0)
    assert bob.transport.disconnected
    bob.session.connectionLost()
    assert closing.called
    assert chat.clock.getDelayedCalls() == []


class Slow:
    """A checker that takes its time, and then has one opinion of everybody."""

    credentialInterfaces = (IUsernamePassword,)

    def __init__(self) -> None:
        self.asked: Deferred[bytes] = Deferred()

    def requestAvatarId(self, credentials: object) -> Deferred[bytes]:
        return self.asked


@pytest.fixture
def guarded() -> Chat:
    """A chat that ada may enter with the password ``secret``."""
    return Chat(InMemoryUsernamePasswordDatabaseDontUse(ada=b"secret"))


def test_passwordIsAskedForWhereThereIsAChecker(guarded: Chat) -> None:
    """Name and password together open the door; lines may end as telnet ends them."""
    guest = guarded.call()
    guest.hear()
    guest.type("ada\r", "secret\r")
    question, hello = guest.hear()
    assert question == "Your password, ada?"
    assert hello.startswith("Hello, ada.")


def test_wrongPasswordMayBeTriedAgain(guarded: Chat) -> None:
    """A wrong password is refused without saying what was wrong; the third ends the connection."""
    guest = guarded.call()
    guest.hear()
    guest.type("ada", "guess", "nobody", "guess")
    assert [line for line in guest.hear() if line.startswith("?")] == [
        "? that name and that password do not belong together. What's your name?"
    ] * 2
    guest.type("ada", "again", "/who")
    assert guest.hear()[-1] == "* goodbye: that was the last try"
    assert guest.transport.disconnecting


def test_nameThatOneLogsInWithStays(guarded: Chat) -> None:
    """Where names are guarded, nobody takes another."""
    guest = guarded.call()
    guest.type("ada", "secret")
    guest.hear()
    guest.type("/nick eve")
    assert guest.hear() == ["? here one is called what one logs in as"]


def test_whatIsSaidAtTheDoorIsHeardInside() -> None:
    """Lines that come while the password is being checked are said once the door opens."""
    checker = Slow()
    chat = Chat(checker)
    guest = chat.call()
    guest.type("ada", "secret", "hello", "/who")
    guest.hear()
    checker.asked.callback(b"ada")
    assert guest.hear()[1:] == ["<ada> hello", "* in #lobby: ada"]


def test_whoLeavesAtTheDoorIsNotInside() -> None:
    """A connection that is lost while the password is being checked leaves no guest behind."""
    checker = Slow()
    chat = Chat(checker)
    guest = chat.call()
    guest.type("ada", "secret")
    guest.session.connectionLost()
    checker.asked.callback(b"ada")
    other = chat.call()
    assert not chat.factory.sessions - {other.session}
    assert len(chat.factory._house) == 0


def test_brokenCheckerIsLoggedAndSaid() -> None:
    """When the checker itself fails the guest is told a sentence, and the log why."""
    checker = Slow()
    guest = Chat(checker).call()
    guest.type("ada", "secret")
    guest.hear()
    with logged(OSError):
        checker.asked.errback(OSError("the users' file is gone"))
    assert guest.hear() == ["* goodbye: nobody can come in just now; whoever runs this has been told"]
