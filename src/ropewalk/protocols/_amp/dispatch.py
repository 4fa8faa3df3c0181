"""Questions and answers: who waits for which answer, and what is said when there is none.

What passes between this file and a protocol are boxes. An outgoing question is remembered under its tag until the
answer, the error or the end of the connection; a Deferred that was cancelled in the meantime ignores what comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zope.interface import implementer

from ropewalk.internet.defer import Deferred, fail, succeed
from ropewalk.logger import Logger
from ropewalk.python.failure import Failure

from .box import ANSWER, ASK, COMMAND, ERROR, ERROR_CODE, ERROR_DESCRIPTION, MAX_VALUE_LENGTH, AmpBox, QuitBox
from .commands import Command
from .errors import (
    PROTOCOL_ERRORS,
    UNHANDLED_ERROR_CODE,
    UNKNOWN_ERROR_CODE,
    AmpError,
    MalformedAmpBox,
    NoEmptyBoxes,
    ProtocolSwitched,
    RemoteAmpError,
    UnhandledCommand,
)
from .interfaces import IBoxReceiver
from .locators import deferred
from .signature import wireName

if TYPE_CHECKING:
    from .interfaces import IBoxSender, IResponderLocator

__all__ = ["BoxDispatcher"]

_log = Logger("ropewalk.protocols.amp")


@implementer(IBoxReceiver)
class BoxDispatcher:
    """Takes boxes for commands, answers and errors.

    Args:
        locator: finds who answers commands.

    Attributes:
        boxSender: who takes boxes to the peer; `None` before the connection is there, and after.
        locator: see above.
    """

    boxSender: IBoxSender | Any = None
    locator: IResponderLocator | Any

    # Questions without an answer, by their tags: who waits, and what was asked (None for a bare string).
    _questions: dict[bytes, tuple[Deferred[Any], Command | None]]
    _counter: int = 0
    # How many of the peer's have not been dealt with yet.
    _answering: int = 0
    # Why nothing can be asked any more.
    _over: Failure | None = None

    def __init__(self, locator: IResponderLocator) -> None:
        self._questions = {}
        self.locator = locator

    # Asking.

    def callRemote(self, commandType: type[Command], *a: Any, **kw: Any) -> Deferred[dict[str, Any]]:
        """Ask the other side to do something.

        Args:
            commandType: what.
            kw: its arguments. (Some commands have further ones, which are not sent.)

        Returns:
            A Deferred of the answer, as a dictionary. It fails with an exception that the command lists; with
            `UnhandledCommand` when the peer does not know it, with `UnknownRemoteError` when something else went wrong
            there; or with the reason why the connection ended. `None` for a command that wants no answer.

        Raises:
            InvalidSignature: there is an argument that the command doesn't have. (A missing one fails the Deferred.)
            TooLong: the arguments don't fit into a box.
            TypeError, ValueError: they are not of their types.
            ProtocolSwitched: the connection speaks another protocol now.
        """
        try:
            call = commandType(*a, **kw)
        except Exception:
            return fail()
        return call._doCommand(self)  # type: ignore[return-value]  # None where nobody waits for it: see Returns

    def callRemoteString(self, command: bytes, requiresAnswer: bool = True, **kw: bytes) -> Deferred[AmpBox]:
        """Ask by name, with values that are bytes already.

        Returns:
            A Deferred of the answer's box, which fails with `UnhandledCommand`, or with a `RemoteAmpError` that has the
            code. `None` when no answer is wanted.
        """
        # None where nobody waits for it: see Returns.
        return self._ask(wireName(command), AmpBox(**kw), requiresAnswer, None)  # type: ignore[return-value]

    def _ask(self, command: bytes, box: AmpBox, requiresAnswer: bool, call: Command | None) -> Deferred[Any] | None:
        """Send a question."""
        if self._over is not None:
            return fail(self._over) if requiresAnswer else None
        if self.boxSender is None:
            raise AmpError(f"{command!r} cannot be asked before the connection is there: wait for connectionMade")
        box[COMMAND] = command
        if not requiresAnswer:
            box._sendTo(self.boxSender)
            return None
        self._counter += 1
        tag = box[ASK] = b"%x" % self._counter
        asked: Deferred[Any] = Deferred()
        self._questions[tag] = asked, call
        try:
            box._sendTo(self.boxSender)
        except BaseException:
            del self._questions[tag]
            raise
        return asked

    def failAllOutgoing(self, reason: Failure) -> None:
        """Fail every question that has no answer, and those that will be asked."""
        self._over = reason
        questions, self._questions = self._questions, {}
        for asked, call in questions.values():
            if call is not None:
                try:
                    call._abandoned(reason)
                except Exception:  # a factory of the program's; the others that wait have to hear all the same
                    _log.failure("while telling that {call} was not answered", call=type(call).__name__)
            asked.errback(reason)

    # Being told.

    def startReceivingBoxes(self, boxSender: IBoxSender) -> None:
        """Hear that the connection is there."""
        self.boxSender = boxSender

    def stopReceivingBoxes(self, reason: Failure) -> None:
        """Hear that it is over: fail what waits for answers."""
        self.failAllOutgoing(reason)
        self.boxSender = None

    def ampBoxReceived(self, box: AmpBox) -> None:
        """Take a box: an answer, an error or a command.

        Raises:
            NoEmptyBoxes: it is none of these.
            MalformedAmpBox: it answers what was not asked, or is an error without code and description.
        """
        if ANSWER in box:
            self._answerReceived(box)
        elif ERROR in box:
            self._errorReceived(box)
        elif COMMAND in box:
            self._commandReceived(box)
        else:
            raise NoEmptyBoxes(f"a box is neither command, answer nor error: it has {sorted(box)[:10]}")

    def _answerReceived(self, box: AmpBox) -> None:
        asked, call = self._question(box[ANSWER])
        if call is None:
            asked.callback(box)
            return
        try:
            result = call._answered(box, self)
        except Exception:
            asked.errback(Failure())
        else:
            asked.callback(result)

    def _errorReceived(self, box: AmpBox) -> None:
        try:
            code, description = box[ERROR_CODE], box[ERROR_DESCRIPTION].decode("utf-8", "replace")
        except KeyError as missing:
            raise MalformedAmpBox(f"an error has no {missing.args[0]!r}") from None
        asked, call = self._question(box[ERROR])
        try:
            told = RemoteAmpError(code, description)
            error = told if call is None else call._refused(told, self)
            if code in PROTOCOL_ERRORS:
                error = PROTOCOL_ERRORS[code](code, description)
        except Exception:
            asked.errback(Failure())  # an exception of the program's that can't be made from a sentence
        else:
            asked.errback(Failure(error))

    def _question(self, tag: bytes) -> tuple[Deferred[Any], Command | None]:
        try:
            return self._questions.pop(tag)
        except KeyError:
            raise MalformedAmpBox(f"an answer came for the tag {tag[:80]!r}, which is no question's") from None

    # Answering.

    def _commandReceived(self, box: AmpBox) -> None:
        tag = box.get(ASK)
        answer = self.dispatchCommand(box)
        isThere = answer.called and not answer.paused
        if tag is not None and isThere and isinstance(answer.result, AmpBox):
            self._answer(answer.result, tag)  # most are there at once, and need no callback
            return
        if tag is not None:
            answer.addCallback(self._answer, tag)
            answer.addErrback(self._refuse, tag)
        answer.addErrback(self.unhandledError)
        if not isThere:
            self._answering += 1
            answer.addCallback(self._answered)
            self._throttle()

    def _answered(self, _: object) -> None:
        self._answering -= 1
        self._throttle()

    def _throttle(self) -> None:
        """Hear that more, or less, is to be answered; a protocol reads less, or more, then."""

    def dispatchCommand(self, box: AmpBox) -> Deferred[AmpBox]:
        """Have a command answered.

        Returns:
            A Deferred of the answer's box. It fails with a `RemoteAmpError` for what the peer may know, and with
            anything else for what it may not.
        """
        name = box[COMMAND]
        try:
            responder = self.locator.locateResponder(name)
            if responder is None:
                unhandled = Failure(UnhandledCommand())
                raise RemoteAmpError(UNHANDLED_ERROR_CODE, f"there is no command {name[:80]!r}", False, unhandled)
            result = responder(box)
        except Exception:
            return fail()
        if isinstance(result, AmpBox):
            return succeed(result)
        return deferred(result) or succeed(result)

    def _answer(self, box: AmpBox, tag: bytes) -> None:
        """Send an answer; what can't be sent is an error of our own."""
        if self._over is not None:
            return
        try:
            box[ANSWER] = tag
            box._sendTo(self.boxSender)
        except ProtocolSwitched:
            pass  # nobody there listens to answers any more
        except Exception:
            self._refuse(Failure(), tag)

    def _refuse(self, failure: Failure, tag: bytes) -> None:
        """Send an error; of one that is not meant for the peer, that there is one."""
        error = failure.value
        if isinstance(error, RemoteAmpError):
            code, description, isFatal = error.errorCode, error.description, error.fatal
        else:
            _log.failure("while answering a command", failure)
            code, description, isFatal = UNKNOWN_ERROR_CODE, "Unknown Error", True
        if self._over is not None:
            return
        box = QuitBox() if isFatal else AmpBox()
        box[ERROR] = tag
        box[ERROR_CODE] = code
        box[ERROR_DESCRIPTION] = _sentence(description)
        try:
            box._sendTo(self.boxSender)
        except ProtocolSwitched:
            pass

    def unhandledError(self, failure: Failure) -> None:
        """Take a failure that nobody can be told of: the sender logs it, and closes the connection."""
        if self.boxSender is not None:
            self.boxSender.unhandledError(failure)
        else:
            _log.failure("after the connection was lost", failure)


def _sentence(description: str | bytes) -> bytes:
    """Return an error's description as it is sent, as much of it as fits."""
    text = description.encode("utf-8", "replace") if isinstance(description, str) else description
    if len(text) <= MAX_VALUE_LENGTH:
        return text
    return text[:MAX_VALUE_LENGTH].decode("utf-8", "ignore").encode("utf-8")
