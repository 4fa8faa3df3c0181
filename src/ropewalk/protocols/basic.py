"""The framings that most protocols are made of: lines, netstrings, strings with a length in front. And sending a file.

Derive from one of the receivers and override what it calls. How bytes become frames is in `ropewalk._wire`; the two
line receivers cut by themselves, because what a line means may change how the next one is to be cut.
"""

from __future__ import annotations

from struct import Struct

from ropewalk._wire.events import NEED_DATA, LocalProtocolError, RemoteProtocolError, TooLong
from ropewalk._wire.frames import FrameReader, frame
from ropewalk._wire.lines import FEW, GROWTH
from ropewalk._wire.netstrings import NetstringReader, netstring
from ropewalk.internet.protocol import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, BinaryIO

    from zope.interface import implementer

    from ropewalk.internet.defer import Deferred
    from ropewalk.internet.interfaces import IConsumer, IProducer, ITransport
else:
    # Servers that speak in lines are many, and most of them never load an interface.
    from ropewalk.internet._interfaces.later import IProducer, implementer

__all__ = [
    "FileSender",
    "IncompleteNetstring",
    "Int8StringReceiver",
    "Int16StringReceiver",
    "Int32StringReceiver",
    "IntNStringReceiver",
    "LineOnlyReceiver",
    "LineReceiver",
    "NetstringParseError",
    "NetstringReceiver",
    "StatefulStringProtocol",
    "StringTooLongError",
]


# Lines.


class LineOnlyReceiver(Protocol):
    """A protocol of lines and nothing else: a little less than `LineReceiver`, and a little faster.

    Attributes:
        delimiter: what ends a line. May be set on the class or on one protocol, at any time.
        MAX_LENGTH: longest line accepted, in bytes, without its delimiter.
    """

    delimiter: bytes = b"\r\n"
    MAX_LENGTH: int = 16384

    _buffer: bytes = b""  # the line whose end has not come yet

    def dataReceived(self, data: bytes) -> Any:
        """Cut the bytes into lines, and call `lineReceived` with each until the connection is told to close.

        Returns:
            What `lineLengthExceeded` returned, if it was called.
        """
        lines = (self._buffer + data).split(self.delimiter) if self._buffer else data.split(self.delimiter)
        self._buffer = lines.pop()
        limit = self.MAX_LENGTH
        for line in lines:
            if self.transport.disconnecting:  # type: ignore[attr-defined]  # every stream has it
                return None
            if len(line) > limit:
                return self.lineLengthExceeded(line)
            self.lineReceived(line)
        if len(self._buffer) > limit:
            return self.lineLengthExceeded(self._buffer)
        return None

    def lineReceived(self, line: bytes) -> Any:
        """Override to take a line, without its delimiter."""
        raise NotImplementedError(f"{type(self).__name__} has to override lineReceived")

    def sendLine(self, line: bytes) -> None:
        """Send a line: the delimiter is added."""
        self.transport.writeSequence((line, self.delimiter))

    def lineLengthExceeded(self, line: bytes) -> Any:
        """Override to do something else than close the connection when a line is longer than `MAX_LENGTH`.

        Args:
            line: the line, or what there is of it.
        """
        return self.transport.loseConnection()


class _PauseableMixin:
    """A protocol that can be told to call nothing for a while. Data that is here already waits, too.

    Attributes:
        paused: whether it was told so.
    """

    if TYPE_CHECKING:
        transport: ITransport

        def dataReceived(self, data: bytes) -> Any: ...

    paused: bool = False

    def pauseProducing(self) -> None:
        """Call nothing until `resumeProducing`, and let the transport read nothing."""
        self.paused = True
        self.transport.pauseProducing()  # type: ignore[attr-defined]  # every stream is a producer

    def resumeProducing(self) -> None:
        """Go on, first with what had come already."""
        self.paused = False
        self.transport.resumeProducing()  # type: ignore[attr-defined]  # every stream is a producer
        self.dataReceived(b"")

    def stopProducing(self) -> None:
        """Call nothing any more, and close the connection."""
        self.paused = True
        self.transport.loseConnection()


class LineReceiver(Protocol, _PauseableMixin):
    """A protocol of lines, with stretches of plain bytes ("raw mode") between them.

    `lineReceived` may call `setRawMode`, `pauseProducing`, `clearLineBuffer` or ``transport.loseConnection``, or set
    another `delimiter` or `MAX_LENGTH`: it holds from the very next byte on, even when that has come already.

    Attributes:
        delimiter: what ends a line. May be set on the class or on one protocol, at any time.
        MAX_LENGTH: longest line accepted, in bytes, without its delimiter.
        line_mode: 1 while lines are read, 0 in raw mode. Call `setLineMode` and `setRawMode` to change it.
    """

    delimiter: bytes = b"\r\n"
    MAX_LENGTH: int = 16384
    line_mode: int = 1

    # What has come and was not passed on: the lines cut from it, in `_lines`, with the delimiter that was between
    # them, in `_between`, then `_buffer`. Outside of `dataReceived` there is only `_buffer`.
    _buffer: bytes = b""
    _lines: Iterator[bytes] | None = None
    _between: bytes = b""
    _busy: bool = False  # inside `dataReceived`; a call from inside a call only adds to `_buffer`

    def dataReceived(self, data: bytes) -> Any:
        """Pass on lines to `lineReceived`, raw data to `rawDataReceived`, until paused or told to close.

        Returns:
            What `lineReceived` or `rawDataReceived` returned, if it was true: that stops the work on this piece of
            data. What `lineLengthExceeded` returned, if that was called.
        """
        if self._buffer:
            data = self._buffer + data
        if self._busy:
            self._buffer = data
            return None
        self._busy = True
        batch = FEW
        waiting = None
        try:
            while data:
                # Nothing but `data` holds what waits: whatever is called below has to find it in its place.
                if self.paused:
                    self._buffer = data
                    return None
                if not self.line_mode:
                    self._buffer = b""
                    why: Any = self.rawDataReceived(data)
                    if why:
                        return why
                    data = self._buffer
                    continue

                delimiter = self.delimiter
                limit = self.MAX_LENGTH
                lines = data.split(delimiter, batch)
                count = len(lines)
                if count == 2:
                    # One line in one piece is what most peers send: the shortest way for it.
                    line, self._buffer = lines
                    if len(line) > limit:
                        return self.lineLengthExceeded(line + delimiter + self.clearLineBuffer())
                    why = self.lineReceived(line)
                    if why or self.transport.disconnecting:  # type: ignore[attr-defined]  # every stream has it
                        return why
                    data = self._buffer
                    continue
                if count == 1:
                    if len(data) < limit + len(delimiter):
                        self._buffer = data
                        return None
                    self._buffer = b""
                    return self.lineLengthExceeded(data)

                self._buffer = lines.pop()
                self._between = delimiter
                self._lines = waiting = iter(lines)
                for line in waiting:
                    if len(line) > self.MAX_LENGTH:
                        return self.lineLengthExceeded(line + delimiter + self.clearLineBuffer())
                    why = self.lineReceived(line)
                    if why or self.transport.disconnecting:  # type: ignore[attr-defined]  # every stream has it
                        return why
                    # Whatever was called may have changed them. (Checkers believe that nothing has.)
                    if self.paused or not self.line_mode or self.delimiter is not delimiter:  # type: ignore[redundant-expr]
                        self._putBack()
                        batch = 1
                        break
                else:
                    batch *= GROWTH
                self._lines = waiting = None
                data = self._buffer
            return None
        finally:
            self._busy = False
            if waiting is not None:
                self._putBack()

    def _putBack(self) -> None:
        """Make one piece again of the lines that were cut and of what follows them."""
        lines, self._lines = self._lines, None
        if lines is not None:
            self._buffer = self._between.join([*lines, self._buffer])

    def clearLineBuffer(self) -> bytes:
        """Take out all that has come and was not passed on yet, and return it."""
        # The iterator is used up by this, and a loop over it ends.
        self._putBack()
        data, self._buffer = self._buffer, b""
        return data

    def setLineMode(self, extra: bytes = b"") -> Any:
        """Read lines from now on.

        Args:
            extra: what `rawDataReceived` was given too much of: it is read first.

        Returns:
            As `dataReceived`.
        """
        self.line_mode = 1
        if extra:
            return self.dataReceived(extra)
        return None

    def setRawMode(self) -> None:
        """Pass all that comes to `rawDataReceived` as it is, until `setLineMode`."""
        self.line_mode = 0

    def rawDataReceived(self, data: bytes) -> Any:
        """Override to take bytes in raw mode; give back what is too much with ``setLineMode(extra)``."""
        raise NotImplementedError(f"{type(self).__name__} sets raw mode and has to override rawDataReceived")

    def lineReceived(self, line: bytes) -> Any:
        """Override to take a line, without its delimiter."""
        raise NotImplementedError(f"{type(self).__name__} has to override lineReceived")

    def sendLine(self, line: bytes) -> None:
        """Send a line: the delimiter is added."""
        self.transport.write(line + self.delimiter)

    def lineLengthExceeded(self, line: bytes) -> Any:
        """Override to do something else than close the connection when a line is longer than `MAX_LENGTH`.

        Args:
            line: all that has come from the beginning of the line on, its end and further lines included. None of it
                is passed on.
        """
        return self.transport.loseConnection()


# Netstrings.


class NetstringParseError(ValueError):
    """The peer's bytes are no netstring."""


class IncompleteNetstring(Exception):
    """There is not enough data for a netstring yet."""


class NetstringReceiver(Protocol):
    """A protocol of netstrings: ``5:hello,``.

    The connection is closed as soon as the peer's bytes can't become a netstring.

    Attributes:
        MAX_LENGTH: longest string accepted, in bytes.
        brokenPeer: 1 once the peer has sent something else; nothing is read from then on.

    Spec: D. J. Bernstein, "Netstrings", 1997.
    """

    MAX_LENGTH: int = 99999
    brokenPeer: int = 0

    _reader: NetstringReader | None = None  # made for the first data

    def makeConnection(self, transport: Any) -> None:
        """Take the transport, and begin anew."""
        self._reader = None
        self.brokenPeer = 0
        super().makeConnection(transport)

    def dataReceived(self, data: bytes) -> None:
        """Cut the bytes into strings, and call `stringReceived` with each."""
        if self.brokenPeer:
            return
        reader = self._reader
        if reader is None:
            reader = self._reader = NetstringReader(self.MAX_LENGTH)
        if reader.limit != self.MAX_LENGTH:
            reader.limit = self.MAX_LENGTH
        reader.feed(data)
        while not self.brokenPeer:
            try:
                string = reader.next()
            except RemoteProtocolError:
                self._reader = None
                self.brokenPeer = 1
                self.transport.loseConnection()
                return
            if string is NEED_DATA:
                return
            self.stringReceived(string)

    def stringReceived(self, string: bytes) -> Any:
        """Override to take a string."""
        raise NotImplementedError(f"{type(self).__name__} has to override stringReceived")

    def sendString(self, string: bytes) -> None:
        """Send a string."""
        self.transport.write(netstring(string))


# Strings with a length in front.


class StringTooLongError(AssertionError):
    """A string to be sent is longer than its length prefix can say."""


# The compiled form of every length format that was used: there are few.
_prefixes: dict[str, Struct] = {}


class IntNStringReceiver(Protocol, _PauseableMixin):
    """A protocol of strings, each behind its length as a number of fixed size.

    Attributes:
        structFormat: how the length is written, as `struct` says it.
        prefixLength: how many bytes that takes.
        MAX_LENGTH: longest string accepted, in bytes.
    """

    structFormat: str
    prefixLength: int
    MAX_LENGTH: int = 99999

    _reader: FrameReader | None = None  # made for the first data
    _busy: bool = False  # inside `dataReceived`; a call from inside a call only adds data
    _refused: bool = False  # a string was too long: nothing that follows can be understood

    def dataReceived(self, data: bytes) -> None:
        """Cut the bytes into strings, and call `stringReceived` with each until paused."""
        if self._refused:
            return
        reader = self._reader
        if reader is None:
            reader = self._reader = FrameReader(self._prefix(), self.MAX_LENGTH)
        reader.feed(data)
        if self._busy:
            return
        self._busy = True
        try:
            reader.limit = self.MAX_LENGTH
            while not self.paused:
                try:
                    string = reader.next()
                except TooLong as problem:
                    self.lengthLimitExceeded(problem.size)
                    if problem.size > self.MAX_LENGTH:
                        self._refused = True
                        self._reader = None
                        return
                    reader.limit = self.MAX_LENGTH
                    continue
                if string is NEED_DATA:
                    return
                self.stringReceived(string)
        finally:
            self._busy = False

    @property
    def recvd(self) -> bytes:
        """What has come and was not passed on yet. May be set."""
        if self._reader is None:
            return b""
        waiting = self._reader.rest()
        self._reader.feed(waiting)
        return waiting

    @recvd.setter
    def recvd(self, data: bytes) -> None:
        self._reader = FrameReader(self._prefix(), self.MAX_LENGTH)
        self._reader.feed(data)

    @classmethod
    def _prefix(cls) -> Struct:
        try:
            return _prefixes[cls.structFormat]
        except KeyError:
            return _prefixes.setdefault(cls.structFormat, Struct(cls.structFormat))

    def stringReceived(self, string: bytes) -> Any:
        """Override to take a string."""
        raise NotImplementedError(f"{type(self).__name__} has to override stringReceived")

    def lengthLimitExceeded(self, length: int) -> None:
        """Override to do something else than close the connection when a string is announced that is too long.

        When this returns and has not raised `MAX_LENGTH` enough, nothing that follows is passed on.

        Args:
            length: what was announced, in bytes; above `MAX_LENGTH`.
        """
        self.transport.loseConnection()

    def sendString(self, string: bytes) -> None:
        """Send a string.

        Raises:
            StringTooLongError: its length doesn't fit into the prefix.
        """
        try:
            self.transport.write(frame(self._prefix(), string))
        except LocalProtocolError as problem:
            raise StringTooLongError(str(problem)) from None


class Int32StringReceiver(IntNStringReceiver):
    """Strings of up to 4 GiB, as far as the prefix goes: a length of four bytes, the highest first."""

    structFormat = "!I"
    prefixLength = 4


class Int16StringReceiver(IntNStringReceiver):
    """Strings of up to 65,535 bytes: a length of two bytes, the higher first."""

    structFormat = "!H"
    prefixLength = 2


class Int8StringReceiver(IntNStringReceiver):
    """Strings of up to 255 bytes: a length of one byte."""

    structFormat = "!B"
    prefixLength = 1


class StatefulStringProtocol:
    """What a string means depends on what came before: each state has a method ``proto_STATE``.

    Mix it into a string receiver. Each method takes a string and returns the name of the next state, or `None` to stay;
    ``"done"`` closes the connection.

    Attributes:
        state: the state, the first one at first.
    """

    state: str = "init"

    if TYPE_CHECKING:
        transport: ITransport

    def stringReceived(self, string: bytes) -> None:
        """Have the state's method take the string, and enter the state that it returns."""
        handle: Callable[[bytes], str | None] | None = getattr(self, "proto_" + self.state, None)
        if handle is None:
            from ropewalk.python import log

            log.msg(f"{type(self).__name__} has no method proto_{self.state}; a string of its peer is dropped")
        else:
            following = handle(string)
            if following is not None:
                self.state = following
        if self.state == "done":
            self.transport.loseConnection()


# Files.


@implementer(IProducer)
class FileSender:
    """Sends a file to a consumer, piece by piece, as fast as that takes it.

    Attributes:
        CHUNK_SIZE: how much is read at once, in bytes.
        lastSent: the last byte sent.
        deferred: what `beginFileTransfer` returned, until it fires.
    """

    CHUNK_SIZE: int = 2**14
    lastSent: Any = ""  # text until the first byte is sent, as documented
    deferred: Deferred[Any] | None = None

    def beginFileTransfer(
        self, file: BinaryIO, consumer: IConsumer, transform: Callable[[bytes], bytes] | None = None
    ) -> Deferred[Any]:
        """Begin to send a file. It is read from where it stands, and not closed.

        Args:
            file: gives bytes.
            consumer: takes them, a transport for instance.
            transform: called with each piece, returns what is sent in its place.

        Returns:
            A Deferred of the last byte sent; or of a failure, when the consumer wants no more or the file can't be
            read. Cancelling it ends the transfer where it is.
        """
        from ropewalk.internet.defer import Deferred

        self.file: BinaryIO | None = file
        self.consumer = consumer
        self.transform = transform
        result: Deferred[Any] = Deferred(self._cancel)
        self.deferred = result
        consumer.registerProducer(self, False)
        return result

    def _cancel(self, _result: Deferred[Any]) -> None:
        self.file = self.deferred = None
        self.consumer.unregisterProducer()

    def resumeProducing(self) -> None:
        """Send the next piece; called by the consumer."""
        chunk = b""
        if self.file is not None:
            try:
                chunk = self.file.read(self.CHUNK_SIZE)
                if chunk and self.transform is not None:
                    chunk = self.transform(chunk)
            except Exception as problem:
                # The file's failure is for whoever sends it. The consumer has done nothing wrong and lives on.
                self._finish("errback", problem)
                return
        if not chunk:
            self._finish("callback", self.lastSent)
            return
        self.consumer.write(chunk)
        self.lastSent = chunk[-1:]

    def pauseProducing(self) -> None:
        """Do nothing: the next piece is sent when it is asked for."""

    def stopProducing(self) -> None:
        """Give up: the consumer wants no more."""
        self.file = None
        result, self.deferred = self.deferred, None
        if result is not None:
            result.errback(Exception("Consumer asked us to stop producing"))

    def _finish(self, fire: str, outcome: object) -> None:
        self.file = None
        self.consumer.unregisterProducer()
        result, self.deferred = self.deferred, None
        if result is not None:
            getattr(result, fire)(outcome)
