"""The server's side of a control connection: commands come, each is carried out, replies go.

Commands are carried out one after the other, in order, also those that a client sends ahead. While a transfer is under
way the connection is still read, so that ABOR and STAT are heard; what else comes waits in a queue, and when that is
full the client is not read any further. Nor is one that doesn't take its replies.

`verbs` says what is legal when. What the commands do is in `logins`, `tree`, `transfers` and `about`.
"""

from __future__ import annotations

import inspect
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ropewalk.internet.defer import Deferred, maybeDeferred
from ropewalk.internet.interfaces import ISSLTransport
from ropewalk.protocols.basic import LineReceiver
from ropewalk.protocols.policies import TimeoutMixin
from ropewalk.python import log
from ropewalk.python.failure import Failure

from .._answering import Answering
from .._wire import ftpreplies as replies
from .._wire.ftpcommands import LINE_LIMIT, BadCommand, Command, asBytes, parseCommand
from .._wire.ftppaths import InvalidPath, toSegments
from .errors import CmdNotImplementedError, CmdSyntaxError, FileNotFoundError, FTPCmdError, fromSystem, shown
from .verbs import AUTHED, INAUTH, OTHER_NAMES, RENAMING, UNAUTH, URGENT, VERBS, Argument, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from ropewalk.internet.interfaces import IDelayedCall

    from .data import DTP, DTPFactory

__all__ = ["Session", "sendAtOnce"]

#: So many commands may wait while one is carried out; then the client is not read.
QUEUE_LIMIT = 32


class Session(Answering, LineReceiver, TimeoutMixin):
    """What all commands share.

    Attributes:
        state: one of `UNAUTH`, `INAUTH`, `AUTHED`, `RENAMING`.
        portal: logs users in.
        shell: what the user sees, an `IFTPShell`; `None` while nobody is logged in.
        workingDirectory: where the user is: segments from the root.
        binary: whether files are sent as they are, and not as text.
        timeOut: seconds that a client may be silent, while nothing is transferred.
        dtpTimeout: seconds that a data connection may take to be made.
        stallTimeout: seconds that a transfer may stand still.
        passivePortRange: the ports for data connections that clients open; the first that is free is taken.
        reactor: what listens, connects and keeps the time; `None` for the reactor.
        loginLimit: so many logins may fail, then the client is sent away.
        passiveAddress: what clients are told to connect to by PASV, when they see us at another address; by IPv4.
        allowForeignData: whether data connections may go to, and come from, somebody else than the client.
        contextFactory: makes TLS; `None` for a server without.
        tlsForLogins: whether only encrypted clients may log in; guests may always.
        tlsForData: whether data connections have to be encrypted.
        isSecure: whether the control connection is encrypted.
    """

    UNAUTH, INAUTH, AUTHED, RENAMING = UNAUTH, INAUTH, AUTHED, RENAMING
    MAX_LENGTH = LINE_LIMIT

    #: What may be said at any time.
    PUBLIC_COMMANDS = ["AUTH", "FEAT", "HELP", "OPTS", "PBSZ", "PROT", "QUIT"]  # documented as lists
    #: What FEAT tells; encryption comes on top where there is any.
    FEATURES = [
        "EPRT",
        "EPSV",
        "FEAT",
        "MDTM",
        "MLST type*;size*;modify*;UNIX.mode*;UNIX.owner*;UNIX.group*;",
        "PASV",
        "REST STREAM",
        "SIZE",
        "TVFS",
        "TYPE A;I",
        "UTF8",
    ]

    disconnected = False
    state = UNAUTH
    portal: Any = None
    shell: Any = None
    dtpTimeout: float = 10
    stallTimeout: float = 300
    dtpFactory: DTPFactory | None = None
    dtpInstance: DTP | None = None
    dtpPort: Any = None
    binary = True
    passivePortRange: Sequence[int] = range(1)
    loginLimit = 3
    passiveAddress: str | None = None
    allowForeignData = False
    contextFactory: Any = None
    tlsForLogins = False
    tlsForData = False
    reactor: Any = None
    isSecure = False
    factory: Any
    transport: Any
    logout: Any = None

    _user = ""
    _idleLimit: float | None = None
    _isOccupied = False  # a command is being carried out
    _advancing = False
    _isTransferring = False

    def connectionMade(self) -> None:
        """Greet the client."""
        self.workingDirectory: list[str] = []
        self._queue: deque[Command | BadCommand] = deque()
        self._waiters: list[Deferred[None]] = []  # for the end of the command that is being carried out
        self.isSecure = ISSLTransport.providedBy(self.transport)
        sendAtOnce(self.transport)
        self._idleLimit = self.timeOut
        self.setTimeout(self._idleLimit)
        self.reply(replies.WELCOME_MSG, self.factory.welcomeMessage)

    def connectionLost(self, reason: Failure) -> None:
        """Stop what is under way, and let go of what the user had."""
        self.disconnected = True
        self.setTimeout(None)
        self._queue.clear()
        self.cleanupDTP()
        self.leave()

    def leave(self) -> None:
        """Log the user out."""
        logout, self.logout = self.logout, None
        self.shell = None
        self.state = UNAUTH
        self.workingDirectory = []
        if logout is not None:
            logout()

    def cleanupDTP(self) -> None:
        """Close the data connection, and wait for none; `DataConnections` knows how."""

    # Lines.

    def lineReceived(self, line: bytes) -> None:
        """Carry out a command, or let it wait for those before it."""
        self.resetTimeout()
        command: Command | BadCommand
        try:
            command = parseCommand(line)
        except BadCommand as problem:
            command = problem
        if self._isOccupied and isinstance(command, Command) and command.verb in URGENT:
            self._carryOut(command)
        else:
            self._queue.append(command)
            if len(self._queue) >= QUEUE_LIMIT and not self.paused:
                self.pauseProducing()
            self._advance()
        self._waitToBeHeard()

    def _advance(self) -> None:
        """Begin with the next commands, until one takes longer."""
        if self._advancing:
            return
        self._advancing = True
        while self._queue and not self._isOccupied and not self.disconnected:
            self._isOccupied = True
            self._carryOut(self._queue.popleft()).addCallback(self._carriedOut)
            self._readOn()
        self._advancing = False

    def _readNoFurther(self) -> None:
        self.pauseProducing()

    def _readOn(self) -> None:
        if self.paused and not self._isUnheard and len(self._queue) < QUEUE_LIMIT // 2 and not self.disconnected:
            self.resumeProducing()

    def _carriedOut(self, _result: object) -> None:
        self._isOccupied = False
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            waiter.callback(None)
        self._advance()

    def _carryOut(self, command: Command | BadCommand) -> Deferred[None]:
        """Carry out a command and answer; return a Deferred that fires when that is done, and never fails."""
        if isinstance(command, BadCommand):
            done: Deferred[Any] = maybeDeferred(_complain, command)
        elif command.argument is None:
            done = maybeDeferred(self.processCommand, command.verb)
        else:
            done = maybeDeferred(self.processCommand, command.verb, command.argument)
        done.addErrback(self._refuse, command)
        return done.addCallback(self._answer).addErrback(self._apologize)

    def processCommand(self, cmd: str, *params: str) -> Any:
        """Do what a client says, by calling ``ftp_CMD``.

        Args:
            cmd: the command.
            params: its argument, if it has one.

        Returns:
            A key of `RESPONSE`, a tuple of one and its arguments, or `None` when all has been said; or a Deferred of
            one of those.

        Raises:
            FTPCmdError: it can't be done; the Deferred may fail with one.
        """
        cmd = cmd.upper()
        cmd = OTHER_NAMES.get(cmd, cmd)
        outOfOrder = refusal(self.state, cmd, self.PUBLIC_COMMANDS)
        if outOfOrder is not None:
            if self.state == RENAMING:
                self.state = AUTHED  # the file is not renamed, and the client is not stuck
            return outOfOrder
        method: Callable[..., Any] | None = getattr(self, f"ftp_{cmd}", None)
        if method is None:
            raise CmdNotImplementedError(cmd)
        verb = VERBS.get(cmd)
        if verb is None:
            if not _takes(method, params):
                raise CmdSyntaxError(f"{cmd} has another number of arguments")
        elif verb.argument is Argument.NONE:
            params = ()
        elif verb.argument is Argument.NEEDED and not params:
            raise CmdSyntaxError(f"{cmd} requires an argument.")
        return method(*params)

    def _answer(self, result: Any) -> None:
        if self.disconnected or result is None:
            return
        if isinstance(result, tuple):
            self.reply(*result)
        else:
            self.reply(result)

    def _refuse(self, failure: Failure, command: Command | BadCommand) -> tuple[object, ...] | Failure | None:
        """Turn what went wrong into a reply, if it is the client's to know."""
        problem = failure.value
        if isinstance(problem, InvalidPath):
            problem = FileNotFoundError(problem.args[1])
        elif isinstance(problem, OSError):
            problem = fromSystem(problem, ())
        if not isinstance(problem, FTPCmdError):
            return failure
        if type(problem).response is not FTPCmdError.response:
            self.sendLine(problem.response())  # it has words of its own
            return None
        return problem.errorCode, *(self._spelt(part, command) for part in problem.errorMessage)

    def _apologize(self, failure: Failure) -> None:
        log.err(failure, "while carrying out a command of FTP")
        if not self.disconnected:
            self.reply(replies.REQ_ACTN_NOT_TAKEN, "internal server error")

    def _spelt(self, part: object, command: Command | BadCommand) -> object:
        """Return what a client is shown of a path: what it wrote, if that is the one."""
        if isinstance(part, list | tuple) and isinstance(command, Command) and command.argument is not None:
            with suppress(InvalidPath):
                if self.segments(command.argument) == list(part):
                    return command.argument
        return shown(part)

    def reply(self, key: str, *args: object) -> None:
        """Answer.

        Args:
            key: of `RESPONSE`.
            args: what that has places for.
        """
        self.sendLine(replies.text(key, *args))

    def sendLine(self, line: str | bytes) -> None:
        """Send a line, or several with line ends between them."""
        super().sendLine(asBytes(line) if isinstance(line, str) else line)

    def lineLengthExceeded(self, line: bytes) -> None:
        """Say so, and close."""
        self.reply(replies.LINE_TOO_LONG, self.MAX_LENGTH)
        self.transport.loseConnection()

    # Time.

    def theReactor(self) -> Any:
        """Return what listens, connects and keeps the time."""
        if self.reactor is None:
            from ropewalk.internet import reactor

            self.reactor = reactor
        return self.reactor

    def callLater(self, period: float, func: Any) -> IDelayedCall:
        """Call later."""
        call: IDelayedCall = self.theReactor().callLater(period, func)
        return call

    def now(self) -> float:
        """Return the time of day, in seconds since 1970."""
        return time.time()

    def timeoutConnection(self) -> None:
        """Send the client away: it has been silent for too long."""
        self.reply(replies.IDLE_TOO_LONG, self._idleLimit)
        super().timeoutConnection()

    # For the commands.

    def segments(self, path: str) -> list[str]:
        """Return what a path means here; see `toSegments`."""
        return toSegments(self.workingDirectory, path)


def sendAtOnce(transport: Any) -> None:
    """Let small writes leave at once: 226 follows upon 150, and would wait for the peer to confirm that."""
    setTcpNoDelay = getattr(transport, "setTcpNoDelay", None)
    if setTcpNoDelay is not None:
        setTcpNoDelay(True)


def _complain(problem: BadCommand) -> None:
    raise CmdSyntaxError(str(problem))


def _takes(method: Callable[..., Any], params: tuple[str, ...]) -> bool:
    try:
        inspect.signature(method).bind(*params)
    except TypeError:
        return False
    return True
