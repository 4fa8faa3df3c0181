"""One person's connection: lines in, lines out, and what each command does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.internet.defer import Deferred, ensureDeferred
from ropewalk.internet.protocol import Factory, connectionDone
from ropewalk.logger import Logger
from ropewalk.protocols.basic import LineOnlyReceiver
from ropewalk.protocols.policies import TimeoutMixin

from . import commands
from .commands import Misunderstood
from .house import LOBBY

if TYPE_CHECKING:
    from ropewalk.internet.interfaces import IAddress
    from ropewalk.python.failure import Failure

    from .history import History
    from .house import House

NAMING_LIMIT = 120.0  # seconds to say one's name
STALL_LIMIT = 30.0  # seconds that somebody may leave what they are told unread
LINES_AT_ONCE = 20  # lines that one person may say in a burst
LINES_PER_SECOND = 5.0  # and then this many a second

_log = Logger()


class Session(LineOnlyReceiver, TimeoutMixin):
    """A guest of the house. Lines end with LF (`nc`) or CRLF (`telnet`)."""

    delimiter = b"\n"
    MAX_LENGTH = 2048
    factory: SessionFactory
    transport: Any  # of whatever kind: TCP or UNIX here, memory in tests

    def __init__(self, house: House, history: History, clock: Any) -> None:
        self.name = ""  # empty until the house has let us in
        self.room = LOBBY
        self._house = house
        self._history = history
        self._clock = clock
        self._allowance = float(LINES_AT_ONCE)
        self._allowanceAt: float = clock.seconds()
        self._stalled: Any = None  # the delayed call that ends a connection nobody reads from

    # -- the connection ------------------------------------------------------------------------------

    def connectionMade(self) -> None:
        # As its own producer a session learns when what it is told piles up unread.
        self.transport.registerProducer(self, True)
        self.factory.sessions.add(self)
        self.setTimeout(NAMING_LIMIT)
        self.tell("Welcome to the Ropewalk chat. What's your name?")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.setTimeout(None)
        self._reads()
        self._house.leave(self)
        self.factory.sessionEnded(self)

    def timeoutConnection(self) -> None:
        self.bye("you did not say your name in time")

    def callLater(self, period: float, func: Any) -> Any:
        return self._clock.callLater(period, func)

    def pauseProducing(self) -> None:
        if self._stalled is None:
            self._stalled = self._clock.callLater(STALL_LIMIT, self.transport.abortConnection)

    def resumeProducing(self) -> None:
        self._reads()

    def stopProducing(self) -> None:
        self._reads()

    def _reads(self) -> None:
        if self._stalled is not None:
            stalled, self._stalled = self._stalled, None
            if stalled.active():
                stalled.cancel()

    # -- what the person is told ---------------------------------------------------------------------

    def tell(self, text: str) -> None:
        # What somebody who does not read is told meanwhile is lost to them: memory stays bounded.
        if self._stalled is None:
            self.sendLine(text.encode())

    def sendLine(self, line: bytes) -> None:
        self.transport.write(line + b"\r\n")

    def bye(self, why: str) -> None:
        """Say why, then hang up once it is sent."""
        self.tell(f"* goodbye: {why}")
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    # -- what the person says ------------------------------------------------------------------------

    def lineLengthExceeded(self, line: bytes) -> None:
        self.bye(f"a line has at most {self.MAX_LENGTH} bytes")

    def lineReceived(self, line: bytes) -> None:
        try:
            self._spend()
            if self.name:
                command = commands.parse(line)
                if command is not None:
                    self._obey(command)
            else:
                self._introduce(commands.nameOf(line.decode("utf-8", "replace").strip()))
        except Misunderstood as problem:
            self.tell(f"? {problem}")

    def _spend(self) -> None:
        """Take one line from the allowance, which fills up with time.

        Raises:
            Misunderstood: there is none left.
        """
        now = self._clock.seconds()
        earned = (now - self._allowanceAt) * LINES_PER_SECOND
        self._allowance = min(float(LINES_AT_ONCE), self._allowance + earned)
        self._allowanceAt = now
        if self._allowance < 1:
            raise Misunderstood(f"slowly, please: that line was not heard ({LINES_PER_SECOND:g} a second are)")
        self._allowance -= 1

    def _introduce(self, name: str) -> None:
        self._house.enter(self, name)
        self.setTimeout(None)
        self.tell(
            f"Hello, {name}. You are in #{self.room} with {len(self._house.inRoom(self.room)) - 1} others; /help."
        )
        self._show(10)

    def _obey(self, command: commands.Command) -> None:
        match command:
            case commands.Say(text):
                self._speak(f"<{self.name}> {text}")
            case commands.Emote(text):
                self._speak(f"* {self.name} {text}")
            case commands.Whisper(name, text):
                self._house.whisper(self, name, text)
            case commands.Join(room):
                self._go(room)
            case commands.Leave():
                self._go(LOBBY)
            case commands.Rename(name):
                self._house.rename(self, name)
            case commands.Who():
                here = sorted(guest.name for guest in self._house.inRoom(self.room))
                self.tell(f"* in #{self.room}: {', '.join(here)}")
            case commands.Rooms():
                rooms = [f"#{room} ({count})" for room, count in self._house.rooms().items()]
                self.tell(f"* rooms: {', '.join(rooms)}")
            case commands.Recall(count):
                self._show(count)
            case commands.Help():
                for line in commands.helpLines():
                    self.tell(line)
            case commands.Quit():
                self.bye("see you")

    def _speak(self, line: str) -> None:
        self._house.tellRoom(self.room, line)
        self._history.record(self.room, line)

    def _go(self, room: str) -> None:
        self._house.move(self, room)
        self.tell(f"* you are in #{self.room} now")
        self._show(10)

    def _show(self, count: int) -> None:
        """Show the last lines of the room, when they are found."""
        ensureDeferred(self._showRecent(count)).addErrback(
            lambda failure: _log.failure("the history of #{room} could not be read", failure, room=self.room)
        )

    async def _showRecent(self, count: int) -> None:
        for said in await self._history.recent(self.room, count):
            self.tell(f"  {said}")


class SessionFactory(Factory[Session]):
    """Makes a session for each connection, whatever it comes over, and knows those there are."""

    noisy = False

    def __init__(self, house: House, history: History, clock: Any) -> None:
        self.sessions: set[Session] = set()
        self._house = house
        self._history = history
        self._clock = clock
        self._empty: Deferred[None] | None = None

    def buildProtocol(self, addr: IAddress | None) -> Session | None:
        if self._empty is not None:
            return None  # we are closing
        session = Session(self._house, self._history, self._clock)
        session.factory = self
        return session

    def sessionEnded(self, session: Session) -> None:
        self.sessions.discard(session)
        if self._empty is not None and not self.sessions:
            empty, self._empty = self._empty, Deferred()
            empty.callback(None)

    async def sendEverybodyHome(self, why: str, patience: float) -> None:
        """Tell everybody why, hang up, and wait until they are gone: ``patience`` seconds at most."""
        if not self.sessions:
            return
        gone = self._empty = Deferred()
        for session in list(self.sessions):
            session.bye(why)
        stragglers = self._clock.callLater(patience, self._cutOff)
        await gone
        if stragglers.active():
            stragglers.cancel()

    def _cutOff(self) -> None:
        for session in list(self.sessions):
            session.transport.abortConnection()
