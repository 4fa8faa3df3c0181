"""A client of dictionary servers. Spec: RFC 2229."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ropewalk._wire.events import NEED_DATA, LocalProtocolError, RemoteProtocolError
from ropewalk.copyright import version
from ropewalk.internet.defer import Deferred, fail
from ropewalk.internet.protocol import Protocol
from ropewalk.protocols._wire.dict import Reader, Status, Text, command, words
from ropewalk.python.failure import Failure

__all__ = ["DEFAULT_PORT", "Definition", "DictClient", "DictError"]

DEFAULT_PORT = 2628

# The statuses that end a command well; the second row's: there is nothing of that kind (RFC 2229 §7.2).
DONE = frozenset({210, 230, 250})
NOTHING = frozenset({552, 554, 555})

# Good-bye; not now (420, 421); not you (530). The server closes.
LAST = frozenset({221, 420, 421, 530})


class DictError(Exception):
    """The server refused, or its answer can't be understood.

    Attributes:
        code: its status; 0 for what can't be understood.
    """

    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)
        self.code = code

    def __str__(self) -> str:
        return f"{self.args[1]} ({self.code})" if self.code else str(self.args[1])


@dataclass(frozen=True, slots=True)
class Definition:
    """What a database has about a word.

    Attributes:
        word: as the database writes it.
        database: its short name.
        title: its name for people.
        text: lines with ``\\n`` between.
    """

    word: str
    database: str
    title: str
    text: str


class DictClient(Protocol):
    """A connection to a dictionary server.

    Commands may be sent without waiting; the server answers in order. Every Deferred fails with `DictError`, with
    ``ValueError`` for words that can't be sent, or with the reason for which the connection was lost.
    """

    def __init__(self) -> None:
        self._reader = Reader()
        self._waiting: deque[_Question] = deque()
        self._lost: Failure | None = None
        # The first thing that a server says, without being asked, is whether it serves us.
        self._waiting.append(_unasked())

    def define(self, word: str, database: str = "*") -> Deferred[list[Definition]]:
        """Look a word up.

        Args:
            database: in which; ``*`` for all, ``!`` for the first that has it.

        Returns:
            Fires with what is found, nothing included.
        """
        return self._ask(_definitions, "DEFINE", database, word)

    def match(self, word: str, strategy: str = ".", database: str = "*") -> Deferred[list[tuple[str, str]]]:
        """Look for words that are like this one.

        Args:
            strategy: how alike: ``exact``, ``prefix`` or another of `strategies`; ``.`` for what the server likes best.

        Returns:
            Fires with pairs of database and word.
        """
        return self._ask(_pairs, "MATCH", database, strategy, word)

    def databases(self) -> Deferred[list[tuple[str, str]]]:
        """Fire with the server's databases: their names, and what they are."""
        return self._ask(_pairs, "SHOW", "DB")

    def strategies(self) -> Deferred[list[tuple[str, str]]]:
        """Fire with the ways in which the server can look for words: their names, and what they are."""
        return self._ask(_pairs, "SHOW", "STRAT")

    def quit(self) -> None:
        """Say good-bye: the server closes when it has answered all."""
        self.transport.write(command("QUIT"))

    def _ask(self, read: Callable[[list[_Part]], Any], *parts: str) -> Deferred[Any]:
        if self._lost is not None:
            return fail(self._lost)
        try:
            line = command(*parts)
        except LocalProtocolError as problem:
            return fail(ValueError(str(problem)))
        question = _Question(read, Deferred())
        self._waiting.append(question)
        self.transport.write(line)
        return question.deferred

    def connectionMade(self) -> None:
        """Say who we are."""
        self._waiting.append(_unasked())
        self.transport.write(command("CLIENT", f"ropewalk {version}"))

    def dataReceived(self, data: bytes) -> None:
        """Give each answer to who waits for it."""
        if self._lost is None:
            self._reader.feed(data)
            self._read()

    def _read(self) -> None:
        try:
            while self._lost is None and (event := self._reader.next()) is not NEED_DATA:
                self._handle(event)
        except RemoteProtocolError as problem:
            self._giveUp(DictError(0, f"the server broke the protocol: {problem}"))

    def _handle(self, event: Status | Text) -> None:
        if isinstance(event, Status) and event.code in LAST:
            self._giveUp(DictError(event.code, event.text.decode("utf-8", "replace")))
            return
        if not self._waiting:
            raise RemoteProtocolError("an answer came to which there is no question")
        question = self._waiting[0]
        if isinstance(event, Text):
            question.parts.append((question.title, event.lines))
        elif event.code == 220 or event.code in DONE or event.code in NOTHING:
            self._waiting.popleft().deferred.callback(question.read(question.parts))
        elif event.code >= 300:
            self._waiting.popleft().deferred.errback(DictError(event.code, event.text.decode("utf-8", "replace")))
        else:
            question.title = event.text  # a text follows, or several

    def connectionLost(self, reason: Failure) -> None:
        """Tell all who wait."""
        self._cancel(reason)

    def _giveUp(self, problem: DictError) -> None:
        self._cancel(Failure(problem))
        self.transport.loseConnection()

    def _cancel(self, reason: Failure) -> None:
        if self._lost is None:
            self._lost = reason
        while self._waiting:
            self._waiting.popleft().deferred.errback(reason)


# What a text is: the status before it, and its lines.
_Part = tuple[bytes, tuple[bytes, ...]]


class _Question:
    """A command that waits for its answer."""

    __slots__ = ("deferred", "parts", "read", "title")

    def __init__(self, read: Callable[[list[_Part]], Any], deferred: Deferred[Any]) -> None:
        self.read = read
        self.deferred = deferred
        self.parts: list[_Part] = []
        self.title = b""


def _unasked() -> _Question:
    """Return a question that nobody waits for: whatever becomes of it, others are told the same."""
    question = _Question(_nothing, Deferred())
    question.deferred.addErrback(lambda reason: None)
    return question


# What each kind of answer is read as.


def _nothing(parts: list[_Part]) -> None:
    return None


def _definitions(parts: list[_Part]) -> list[Definition]:
    found = []
    for status, lines in parts:
        word, database, title, *_ = [*words(status), "", "", ""]
        text = b"\n".join(lines).decode("utf-8", "replace")
        found.append(Definition(word, database, title, text))
    return found


def _pairs(parts: list[_Part]) -> list[tuple[str, str]]:
    pairs = []
    for _, lines in parts:
        for line in lines:
            first, second, *_rest = [*words(line), "", ""]
            pairs.append((first, second))
    return pairs
