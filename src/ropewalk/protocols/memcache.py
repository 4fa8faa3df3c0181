"""A client of memcached, the cache in memory that many programs share.

Every command returns a Deferred. Commands may be sent without waiting for the answers to those before: they go out as
they are, and the server answers in order. What the bytes mean is in `ropewalk.protocols._wire.memcache`.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Literal, overload

from ropewalk._wire.events import NEED_DATA, LocalProtocolError, RemoteProtocolError
from ropewalk.internet.defer import Deferred, TimeoutError, fail
from ropewalk.protocols._wire.memcache import ANSWERS, ERRORS, NUMBER, Item, Line, ReplyReader, ask, store
from ropewalk.protocols.basic import LineReceiver
from ropewalk.protocols.policies import TimeoutMixin
from ropewalk.python.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["DEFAULT_PORT", "ClientError", "Command", "MemCacheProtocol", "NoSuchCommand", "ServerError"]

DEFAULT_PORT = 11211

# Who takes each answer: with the text that is behind its word, or without. By name: a child class may override them.
_WITH_TEXT = {
    b"VALUE": "cmd_VALUE",
    b"STAT": "cmd_STAT",
    b"VERSION": "cmd_VERSION",
    b"CLIENT_ERROR": "cmd_CLIENT_ERROR",
    b"SERVER_ERROR": "cmd_SERVER_ERROR",
    NUMBER: "_gotNumber",
}
_PLAIN = {
    b"END": "cmd_END",
    b"STORED": "cmd_STORED",
    b"NOT_STORED": "cmd_NOT_STORED",
    b"EXISTS": "cmd_EXISTS",
    b"NOT_FOUND": "cmd_NOT_FOUND",
    b"DELETED": "cmd_DELETED",
    b"OK": "cmd_OK",
    b"RESET": "_gotReset",
    b"ERROR": "cmd_ERROR",
}


class NoSuchCommand(Exception):
    """The server does not know the command."""


class ClientError(Exception):
    """A key or a value that cannot be sent, or that the server refused."""


class ServerError(Exception):
    """The server could not do it, or its answer cannot be understood: the connection is then closed, too."""


class Command:
    """A command that waits for its answer.

    Attributes:
        command: its word.

    Whatever else was given by keyword is an attribute, too.
    """

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def __init__(self, command: bytes, **kwargs: Any) -> None:
        self.command = command
        self._deferred: Deferred[Any] = Deferred()
        for name, value in kwargs.items():
            setattr(self, name, value)

    def success(self, value: Any) -> None:
        """Give the answer to whoever waits for it."""
        self._deferred.callback(value)

    def fail(self, error: Any) -> None:
        """Tell whoever waits that there is no answer; ``error`` is an exception or a Failure."""
        self._deferred.errback(error)


class MemCacheProtocol(LineReceiver, TimeoutMixin):
    """A connection to a memcached server.

    Keys and values are bytes. A key has no space or control character and at most `MAX_KEY_LENGTH` bytes; a Deferred
    fails with `ClientError`, and nothing is sent, where that is broken. When the connection is lost or the server is
    silent for too long, every command that waits fails with the reason.

    Args:
        timeOut: seconds the server may be silent while it owes an answer; `None` for any time.

    Attributes:
        persistentTimeOut: the same; it holds from the next command on.
        MAX_VALUE_LENGTH: longest value taken from the server, in bytes.
        MAX_STATS: most statistics taken in one answer.
    """

    MAX_KEY_LENGTH = 250
    MAX_VALUE_LENGTH = 2**27
    MAX_STATS = 2**16

    def __init__(self, timeOut: float | None = 60) -> None:
        self.persistentTimeOut = timeOut
        self._current: deque[Command] = deque()  # what waits for an answer, the next to get one first
        self._reader = ReplyReader(self.MAX_LENGTH, self.MAX_VALUE_LENGTH)
        self._isLost = False

    # Storing.

    def set(self, key: bytes, val: bytes, flags: int = 0, expireTime: int = 0) -> Deferred[bool]:
        """Store a value.

        Args:
            flags: a number of 32 bits that is kept with it.
            expireTime: seconds until it is forgotten, up to thirty days; more than that is a point in time, in seconds
                since 1970; 0 for never.

        Returns:
            Fires with whether it was stored. Fails, as all commands do, with `ServerError`, `ClientError`,
            `NoSuchCommand`, ``defer.TimeoutError`` or the reason for which the connection was lost; with a
            `RuntimeError` when it had been lost before.
        """
        return self._store(b"set", key, val, flags, expireTime)

    def add(self, key: bytes, val: bytes, flags: int = 0, expireTime: int = 0) -> Deferred[bool]:
        """Store a value unless the key has one. Fires with whether it was stored."""
        return self._store(b"add", key, val, flags, expireTime)

    def replace(self, key: bytes, val: bytes, flags: int = 0, expireTime: int = 0) -> Deferred[bool]:
        """Store a value if the key has one. Fires with whether it was stored."""
        return self._store(b"replace", key, val, flags, expireTime)

    def checkAndSet(self, key: bytes, val: bytes, cas: bytes, flags: int = 0, expireTime: int = 0) -> Deferred[bool]:
        """Store a value if nobody has changed it since ``get(key, withIdentifier=True)`` gave the identifier.

        Args:
            cas: the identifier.

        Returns:
            Fires with whether it was stored; false also when the key is gone.
        """
        return self._store(b"cas", key, val, flags, expireTime, cas)

    def append(self, key: bytes, val: bytes) -> Deferred[bool]:
        """Put bytes behind the value of a key. Fires with false if it has none."""
        return self._store(b"append", key, val, 0, 0)

    def prepend(self, key: bytes, val: bytes) -> Deferred[bool]:
        """Put bytes before the value of a key. Fires with false if it has none."""
        return self._store(b"prepend", key, val, 0, 0)

    # Fetching.

    @overload
    def get(self, key: bytes, withIdentifier: Literal[False] = False) -> Deferred[tuple[int, bytes | None]]: ...
    @overload
    def get(self, key: bytes, withIdentifier: Literal[True]) -> Deferred[tuple[int, bytes, bytes | None]]: ...
    def get(self, key: bytes, withIdentifier: bool = False) -> Deferred[Any]:
        """Fetch the value of a key.

        Returns:
            Fires with ``(flags, value)``, with ``withIdentifier`` with ``(flags, identifier, value)``; the value is
            `None`, and the identifier empty, when the key has none.
        """
        return self._fetch([key], withIdentifier, False)

    @overload
    def getMultiple(
        self, keys: Iterable[bytes], withIdentifier: Literal[False] = False
    ) -> Deferred[dict[bytes, tuple[int, bytes | None]]]: ...
    @overload
    def getMultiple(
        self, keys: Iterable[bytes], withIdentifier: Literal[True]
    ) -> Deferred[dict[bytes, tuple[int, bytes, bytes | None]]]: ...
    def getMultiple(self, keys: Iterable[bytes], withIdentifier: bool = False) -> Deferred[Any]:
        """Fetch the values of many keys at once.

        Returns:
            Fires with a dict: for each key what `get` gives.
        """
        return self._fetch(list(keys), withIdentifier, True)

    # The rest.

    def increment(self, key: bytes, val: int = 1) -> Deferred[int | Literal[False]]:
        """Add to the number, written in digits, that a key has. Fires with the sum; with `False` if it has none."""
        return self._send(b"incr", [key], b"%d" % val)

    def decrement(self, key: bytes, val: int = 1) -> Deferred[int | Literal[False]]:
        """Take from the number that a key has, not below 0. Fires with the rest; with `False` if it has none."""
        return self._send(b"decr", [key], b"%d" % val)

    def delete(self, key: bytes) -> Deferred[bool]:
        """Forget a key. Fires with whether there was one."""
        return self._send(b"delete", [key])

    def stats(self, arg: bytes | None = None) -> Deferred[dict[bytes, bytes]]:
        """Ask the server for statistics: all that are general, or those of ``arg``, ``b"items"`` say."""
        return self._send(b"stats", [] if arg is None else [arg], values={})

    def version(self) -> Deferred[bytes]:
        """Ask for the version of the server."""
        return self._send(b"version", [])

    def flushAll(self) -> Deferred[bool]:
        """Forget every key."""
        return self._send(b"flush_all", [])

    # Sending.

    def _store(
        self, word: bytes, key: bytes, value: bytes, flags: int, expiry: int, cas: bytes | None = None
    ) -> Deferred[bool]:
        try:
            data = store(word, key, value, flags, expiry, self.MAX_KEY_LENGTH, cas)
        except LocalProtocolError as problem:
            return fail(ClientError(str(problem)))
        return self._push(Command(word, key=key), data)

    def _fetch(self, keys: list[bytes], withIdentifier: bool, multiple: bool) -> Deferred[Any]:
        values: dict[bytes, Any] = {}
        if multiple and not keys:
            # The server takes a request for nothing for an error.
            nothing: Deferred[Any] = Deferred()
            nothing.callback(values)
            return nothing
        absent = (0, b"", None) if withIdentifier else (0, None)
        for key in keys:
            if isinstance(key, bytes):  # `ask` refuses the others
                values[key] = absent
        word = b"gets" if withIdentifier else b"get"
        return self._send(word, keys, values=values, multiple=multiple)

    def _send(self, word: bytes, keys: list[bytes], *rest: bytes, **what: Any) -> Deferred[Any]:
        try:
            data = ask(word, keys, self.MAX_KEY_LENGTH, *rest)
        except LocalProtocolError as problem:
            return fail(ClientError(str(problem)))
        return self._push(Command(word, **what), data)

    def _push(self, command: Command, data: bytes) -> Deferred[Any]:
        if self._isLost:
            return fail(RuntimeError(f"not connected: the connection for {command.command!r} is lost"))
        if not self._current:
            self.setTimeout(self.persistentTimeOut)
        self._current.append(command)
        self.transport.write(data)
        return command._deferred

    def sendLine(self, line: bytes) -> None:
        """Send a line of our own; the answer to it has to be awaited by a `Command` of our own."""
        if not self._current:
            self.setTimeout(self.persistentTimeOut)
        super().sendLine(line)

    # Receiving.

    def dataReceived(self, data: bytes) -> None:
        """Give each answer to the command that waits for it."""
        self.resetTimeout()
        self._reader.feed(data)
        try:
            while not self._isLost and (event := self._reader.next()) is not NEED_DATA:
                self._answer(event)
        except RemoteProtocolError as problem:
            self._giveUp(ServerError(f"the server broke the protocol: {problem}"))

    def lineReceived(self, line: bytes) -> None:
        """Take a line, as if it had just come."""
        self.dataReceived(line + b"\r\n")

    def rawDataReceived(self, data: bytes) -> None:
        """Take a part of a value, as if it had just come."""
        self.dataReceived(data)

    def _answer(self, event: Line | Item) -> None:
        """Do what an event means for the command that waits longest."""
        if not self._current:
            raise RemoteProtocolError("an answer came to which there is no question")
        if isinstance(event, Item):
            self._gotItem(event)
            return
        command = self._current[0].command
        if event.word not in ERRORS and event.word not in ANSWERS.get(command, ()):
            raise RemoteProtocolError(f"{event.word!r} is no answer to {command!r}")
        if event.word in _WITH_TEXT:
            getattr(self, _WITH_TEXT[event.word])(event.rest)
        else:
            getattr(self, _PLAIN[event.word])()

    def _gotItem(self, item: Item) -> None:
        command = self._current[0]
        withIdentifier = command.command == b"gets"
        command.values[item.key] = (item.flags, item.cas, item.value) if withIdentifier else (item.flags, item.value)

    def _succeed(self, value: Any) -> None:
        """The command that waits longest has its answer."""
        command = self._current.popleft()
        if not self._current:
            self.setTimeout(None)
        command.success(value)

    def _refuse(self, error: Exception) -> None:
        command = self._current.popleft()
        if not self._current:
            self.setTimeout(None)
        command.fail(error)

    def cmd_VALUE(self, line: bytes) -> None:
        """A value comes: check that it was asked for, before its bytes are there."""
        key = line.partition(b" ")[0]
        if key not in self._current[0].values:
            raise RemoteProtocolError(f"a value came for {key[:80]!r}, for which nobody asked")

    def cmd_STAT(self, line: bytes) -> None:
        """One of the statistics has come."""
        values = self._current[0].values
        if len(values) >= self.MAX_STATS:
            raise RemoteProtocolError(f"more than {self.MAX_STATS} statistics came")
        name, _, value = line.partition(b" ")
        values[name] = value

    def cmd_END(self) -> None:
        """All values, or all statistics, have come."""
        command = self._current[0]
        if command.command == b"stats" or command.multiple:
            self._succeed(command.values)
        else:
            (value,) = command.values.values()
            self._succeed(value)

    def cmd_STORED(self) -> None:
        """The value was stored."""
        self._succeed(True)

    def cmd_NOT_STORED(self) -> None:
        """The value was not stored: the key has one, or has none."""
        self._succeed(False)

    def cmd_EXISTS(self) -> None:
        """The value was not stored: somebody has changed it."""
        self._succeed(False)

    def cmd_NOT_FOUND(self) -> None:
        """There is no such key."""
        self._succeed(False)

    def cmd_DELETED(self) -> None:
        """The key was forgotten."""
        self._succeed(True)

    def cmd_OK(self) -> None:
        """It is done."""
        self._succeed(True)

    def cmd_VERSION(self, versionData: bytes) -> None:
        """The server has told its version."""
        self._succeed(versionData)

    def cmd_ERROR(self) -> None:
        """The server does not know the command."""
        self._refuse(NoSuchCommand(f"the server does not know {self._current[0].command!r}"))

    def cmd_CLIENT_ERROR(self, errText: bytes) -> None:
        """The server does not like what we sent."""
        self._refuse(ClientError(errText.decode("utf-8", "backslashreplace")))

    def cmd_SERVER_ERROR(self, errText: bytes) -> None:
        """The server could not do it."""
        self._refuse(ServerError(errText.decode("utf-8", "backslashreplace")))

    def _gotNumber(self, digits: bytes) -> None:
        self._succeed(int(digits))

    def _gotReset(self) -> None:
        self._succeed({})

    # The end.

    def timeoutConnection(self) -> None:
        """Give up a server that owes answers and is silent."""
        self._giveUp(TimeoutError(f"the server was silent for {self.persistentTimeOut} seconds"))

    def connectionLost(self, reason: Failure) -> None:
        """Tell everybody who waits."""
        self._cancel(reason)

    def _giveUp(self, problem: Exception) -> None:
        """Close: nothing that comes can be understood any more, or nothing comes."""
        self._cancel(Failure(problem))
        self.transport.abortConnection()  # type: ignore[attr-defined]  # every stream has it

    def _cancel(self, reason: Failure) -> None:
        self._isLost = True
        self.setTimeout(None)
        while self._current:
            self._current.popleft().fail(reason)
