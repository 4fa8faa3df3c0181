"""The client's side of a control connection: commands go out one after the other, each is paired with its reply.

The next command is sent when the reply to the last has come, and after whatever waited for that has run: so a step of
several commands puts its next one at the head of the queue, and nobody else's comes in between.
"""

from __future__ import annotations

from typing import Any

from ropewalk._wire.events import NEED_DATA, LocalProtocolError, RemoteProtocolError
from ropewalk.internet.defer import Deferred, fail
from ropewalk.protocols.basic import LineReceiver
from ropewalk.python import log
from ropewalk.python.failure import Failure

from .._wire.ftpcommands import command
from .._wire.ftpreplies import REPLY_LINE_LIMIT, Reply, ReplyReader
from .errors import BadResponse, CommandFailed, ConnectionLost, UnexpectedResponse

__all__ = ["FTPClientBasic", "FTPCommand"]

# The server says so of its own accord, and closes (RFC 959 §5.4).
GOING_AWAY = "421"


class FTPCommand:
    """A command that waits to be sent, or for its reply.

    Args:
        text: the line.
        public: whether somebody else hears of its reply.

    Attributes:
        deferred: fires with the lines of the reply; fails with `CommandFailed`. Cancelling it takes the command out of
            the queue; once it is sent, only its reply is ignored.
        ready: whether it can be sent by now; those behind it wait, too.
        transferDeferred: for the use of the one who made it.
    """

    def __init__(self, text: str | None = None, public: int = 0) -> None:
        self.text = text
        self.public = public
        self.ready = 1
        self.deferred: Deferred[Any] = Deferred(self._cancelled)
        self.transferDeferred: Deferred[Any] | None = None
        self.isCancelled = False

    def _cancelled(self, _deferred: Deferred[Any]) -> None:
        self.isCancelled = True

    def fail(self, failure: Any) -> None:
        """Give up: the command is not carried out any more."""
        if not self.deferred.called:
            self.deferred.errback(failure)
            if not self.public:
                self.deferred.addErrback(lambda _: None)


class FTPClientBasic(LineReceiver):
    """Sends commands, and knows nothing of files.

    Attributes:
        greeting: the lines that the server greeted us with; `None` until then.
        actionQueue: the commands that wait to be sent.
        nextDeferred: fires with the next reply; `None` while none is due.
        response: the lines of a reply that is not complete.
        debug: whether all that is said is logged. Passwords are not.
    """

    MAX_LENGTH = REPLY_LINE_LIMIT
    debug = False
    transport: Any = None

    def __init__(self) -> None:
        self.actionQueue: list[FTPCommand] = []
        self.greeting: list[str] | None = None
        self.response: list[str] = []
        self.nextDeferred: Deferred[Any] | None = Deferred()
        self.nextDeferred.addCallback(self._greeted).addErrback(self.fail)
        self._reader = ReplyReader()
        self._lost: ConnectionLost | None = None  # why no command can be sent any more

    def _greeted(self, lines: list[str]) -> None:
        self.greeting = lines

    # Commands.

    def queueStringCommand(self, command: str, public: int = 1) -> Deferred[Any]:
        """Send a command, when its turn comes.

        Returns:
            A Deferred of the lines of the reply; it fails with `CommandFailed`, `ConnectionLost`, or with
            `LocalProtocolError` when the command holds the end of a line.
        """
        if "\r" in command or "\n" in command:
            return fail(LocalProtocolError(f"a command of FTP is one line, not {command[:80]!r}"))
        ftpCommand = FTPCommand(command, public)
        self.queueCommand(ftpCommand)
        return ftpCommand.deferred

    def queueCommand(self, ftpCommand: FTPCommand) -> None:
        """Send a command, when its turn comes."""
        if self._lost is not None:
            ftpCommand.fail(self._lost)
            return
        self.actionQueue.append(ftpCommand)
        if self.nextDeferred is None:
            self.sendNextCommand()

    def insertCommand(self, text: str) -> Deferred[Any]:
        """Send a command next, before all that wait: it belongs to the one whose reply has just come."""
        ftpCommand = FTPCommand(text, public=1)
        if self._lost is not None:
            ftpCommand.fail(self._lost)
        else:
            self.actionQueue.insert(0, ftpCommand)
            if self.nextDeferred is None:
                self.sendNextCommand()
        return ftpCommand.deferred

    def popCommandQueue(self) -> FTPCommand | None:
        """Take the next command out of the queue; `None` when there is none."""
        while self.actionQueue:
            ftpCommand = self.actionQueue.pop(0)
            if not ftpCommand.isCancelled:
                return ftpCommand
        return None

    def sendNextCommand(self) -> None:
        """Send the next command, if there is one and it is ready."""
        ftpCommand = self.popCommandQueue()
        if ftpCommand is None:
            self.nextDeferred = None
            return
        if not ftpCommand.ready or ftpCommand.text is None:
            self.actionQueue.insert(0, ftpCommand)
            self.nextDeferred = None
            return
        self.nextDeferred = ftpCommand.deferred
        self.sendLine(ftpCommand.text)

    def sendLine(self, line: str | bytes) -> None:
        """Send a line of text.

        Raises:
            LocalProtocolError: it would be two.
        """
        if isinstance(line, bytes):
            super().sendLine(line)
            return
        if self.debug:
            log.msg(f"FTP-> {'PASS ...' if line.startswith('PASS ') else line}")
        self.transport.write(command(line))

    def queueLogin(self, username: str, password: str | None) -> None:
        """Log in: before everything else that is queued later.

        Whatever goes wrong ends the connection, and fails all commands with `ConnectionLost`.
        """

        def named(lines: list[str]) -> Any:
            # 230: the name was enough (RFC 959 §5.4).
            return self.insertCommand(f"PASS {password or ''}") if lines[-1].startswith("331") else lines

        self.queueStringCommand(f"USER {username}", public=0).addCallback(named).addErrback(self.fail)

    # Replies.

    def lineReceived(self, line: bytes) -> None:
        """Take a line of a reply."""
        if self.debug:
            log.msg(f"FTP<- {line!r}")
        try:
            self._reader.feed(line)
            while (reply := self._reader.next()) is not NEED_DATA:
                self._replied(reply)
        except RemoteProtocolError as problem:
            self.fail(Failure(BadResponse(str(problem))))

    def lineLengthExceeded(self, line: bytes) -> None:
        """Give up: nobody says that much in a line."""
        self.fail(Failure(BadResponse(f"a line of a reply is longer than {self.MAX_LENGTH} bytes")))

    def _replied(self, reply: Reply) -> None:
        self.response += reply.lines
        if reply.isPreliminary:
            self.begun(reply)
            return
        lines, self.response = self.response, []
        waiting, self.nextDeferred = self.nextDeferred, None
        if waiting is None:
            why: Exception = UnexpectedResponse(lines)
            if reply.code == GOING_AWAY:
                why = CommandFailed(lines)
            self.fail(Failure(why))
            return
        # While this runs no other command is sent, except for those put at the head of the queue.
        self.nextDeferred = _BUSY
        if not waiting.called:
            if reply.isGood:
                waiting.callback(lines)
            else:
                waiting.errback(CommandFailed(lines))
        if self._lost is None:
            self.sendNextCommand()

    def begun(self, reply: Reply) -> None:
        """Hear that the server has begun with what it was told. Another reply follows."""

    # The end.

    def fail(self, error: Any) -> None:
        """Fail all commands that wait, and all to come.

        Args:
            error: why.
        """
        if self._lost is not None:
            return
        self._lost = lost = ConnectionLost("the control connection is of no more use", error)
        waiting, self.nextDeferred = self.nextDeferred, None
        if waiting is not None and waiting is not _BUSY and not waiting.called:
            waiting.errback(lost)
        queue, self.actionQueue = self.actionQueue, []
        for ftpCommand in queue:
            ftpCommand.fail(lost)

    def connectionLost(self, reason: Failure) -> None:
        """Fail all commands."""
        self.fail(reason)


# Stands for the reply that is being looked at.
_BUSY: Deferred[Any] = Deferred()
