"""One person's connection: lines in, lines out, and what each command does."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from ropewalk.cred.error import LoginFailed
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

    from .door import Door, Leave
    from .history import History
    from .house import House

NAMING_LIMIT = 120.0  # seconds to say one's name, and one's password
WRONG_PASSWORDS = 3  # on one connection
STALL_LIMIT = 30.0  # seconds that somebody may leave what they are told unread
LINES_AT_ONCE = 20  # lines that one person may say in a burst
LINES_PER_SECOND = 5.0  # and then this many a second

_log = Logger()


class Stage(Enum):
    """What the next line is."""

    NAME = "who this is"
    PASSWORD = "the password of the name before it"
    DOOR = "kept until it is known whether the door opens"
    INSIDE = "something to say, or a command"


class Session(LineOnlyReceiver, TimeoutMixin):
    """A guest of the house. Lines end with LF (`nc`) or CRLF (`telnet`)."""

    delimiter = b"\n"
    MAX_LENGTH = 2048
    factory: SessionFactory
    transport: Any  # of whatever kind: TCP or UNIX here, memory in tests

    def __init__(self, house: House, door: Door, history: History, clock: Any) -> None:
        self.name = ""  # empty until the house has let us in
        self.room = LOBBY
        self._stage = Stage.NAME
        self._claimed = ""  # the name whose password comes next
        self._wrong = 0
        self._early: list[bytes] = []  # said at the door; `_spend` bounds it
        self._leave: Leave | None = None
        self._gone = False
        self._house = house
        self._door = door
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
        self._gone = True
        self.setTimeout(None)
        self._reads()
        if self._leave is not None:
            self._leave()
            _log.info("{name} has gone", name=self.name)
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
            self._hear(line)
        except Misunderstood as problem:
            self.tell(f"? {problem}")

    def _hear(self, line: bytes) -> None:
        match self._stage:
            case Stage.NAME:
                self._introduce(commands.nameOf(line.decode("utf-8", "replace").strip()))
            case Stage.PASSWORD:
                self._knock(self._claimed, line.decode("utf-8", "replace").removesuffix("\r"))
            case Stage.DOOR:
                self._early.append(line)
            case Stage.INSIDE:
                command = commands.parse(line)
                if command is not None:
                    self._obey(command)

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

    # -- coming in -----------------------------------------------------------------------------------

    def _introduce(self, name: str) -> None:
        if not self._door.asksPassword:
            self._knock(name, "")
            return
        self._claimed = name
        self._stage = Stage.PASSWORD
        self.tell(f"Your password, {name}?")

    def _knock(self, name: str, password: str) -> None:
        self._stage = Stage.DOOR
        ensureDeferred(self._enter(name, password)).addErrback(self._brokenDoor)

    async def _enter(self, name: str, password: str) -> None:
        """Ask at the door; afterwards, hear what was said meanwhile."""
        try:
            leave = await self._door.enter(self, name, password)
        except Misunderstood as problem:
            self._stage = Stage.NAME
            self.tell(f"? {problem}")
        except LoginFailed:
            self._refused(name)
        else:
            if self._gone:
                leave()
                return
            self._leave = leave
            self._welcome()
        early, self._early = self._early, []
        for line in early:
            try:
                self._hear(line)
            except Misunderstood as problem:
                self.tell(f"? {problem}")

    def _refused(self, name: str) -> None:
        _log.warn("{peer} may not come in as {name}", peer=self._whence(), name=name)
        self._stage = Stage.NAME
        self._wrong += 1
        if self._wrong >= WRONG_PASSWORDS:
            self._early.clear()
            self.bye("that was the last try")
            return
        self.tell("? that name and that password do not belong together. What's your name?")

    def _brokenDoor(self, failure: Failure) -> None:
        # What checks passwords is broken: its file is gone, say.
        _log.failure("{peer} can't be let in", failure, peer=self._whence())
        self.bye("nobody can come in just now; whoever runs this has been told")

    def _welcome(self) -> None:
        self._stage = Stage.INSIDE
        self.setTimeout(None)
        _log.info("{name} has come from {peer}", name=self.name, peer=self._whence())
        others = len(self._house.inRoom(self.room)) - 1
        company = "1 other" if others == 1 else f"{others} others"
        self.tell(f"Hello, {self.name}. You are in #{self.room} with {company}; /help.")
        self._show(10)

    def _whence(self) -> str:
        peer = self.transport.getPeer()
        host = getattr(peer, "host", None)
        return "the UNIX socket" if host is None else f"{host} port {peer.port}"

    # -- inside --------------------------------------------------------------------------------------

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
                if self._door.asksPassword:
                    raise Misunderstood("here one is called what one logs in as")
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

    def __init__(self, house: House, door: Door, history: History, clock: Any) -> None:
        self.sessions: set[Session] = set()
        self._house = house
        self._door = door
        self._history = history
        self._clock = clock
        self._empty: Deferred[None] | None = None  # while we are closing: fires when everybody is gone

    def buildProtocol(self, addr: IAddress | None) -> Session | None:
        if self._empty is not None:
            return None  # we are closing
        session = Session(self._house, self._door, self._history, self._clock)
        session.factory = self
        return session

    def sessionEnded(self, session: Session) -> None:
        self.sessions.discard(session)
        if self._empty is not None and not self.sessions and not self._empty.called:
            self._empty.callback(None)

    async def sendEverybodyHome(self, why: str, patience: float) -> None:
        """Tell everybody why, hang up, and wait until they are gone: ``patience`` seconds at most."""
        if not self.sessions:
            return
        gone = self._empty = Deferred()
        for session in list(self.sessions):
            session.bye(why)
        stragglers = self._clock.callLater(patience, self.cutOff)
        try:
            await gone
        finally:
            self._empty = None
            if stragglers.active():
                stragglers.cancel()

    def cutOff(self) -> None:
        """End every connection, read or not."""
        for session in list(self.sessions):
            session.transport.abortConnection()
