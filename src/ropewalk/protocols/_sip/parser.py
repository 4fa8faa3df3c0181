"""Messages, cut out of bytes.

Over TCP every message says how long its body is; in a datagram the body of one that doesn't goes to the end, which
`MessagesParser.dataDone` tells (RFC 3261 §18.3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ropewalk._wire.events import RemoteProtocolError

from .._wire.sip import VERSION, BadSIP, RequestLine, parseHeader, parseStart
from ..basic import LineReceiver
from .messages import Message, Request, Response

__all__ = ["MessagesParser"]

# How many header lines a message may have, and how many bytes its body.
MAX_HEADERS = 256
MAX_BODY = 2**20


class NoTransport:
    """What a parser has for a transport when it is fed by hand: it is never closing."""

    disconnecting = False

    def loseConnection(self) -> None:
        """There is nothing to close."""


class MessagesParser(LineReceiver):
    """Calls a function with each message. Messages that are none are dropped.

    Args:
        messageReceivedCallback: the function.

    Attributes:
        version: the one that is spoken.
        acceptRequests, acceptResponses: whether they are; others are dropped.
        debug: unused.
        state: ``"firstline"``, ``"headers"``, ``"body"``, or ``"invalid"`` until the end of what is dropped.
        MAX_LENGTH: longest line accepted, in bytes. A longer one makes the message invalid.
        MAX_HEADERS, MAX_BODY: how many headers, and how many bytes of body a message may have.
    """

    version: str = VERSION
    acceptResponses: int = 1
    acceptRequests: int = 1
    state: str = "firstline"
    debug: int = 0
    MAX_HEADERS: int = MAX_HEADERS
    MAX_BODY: int = MAX_BODY

    transport: Any = NoTransport()

    def __init__(self, messageReceivedCallback: Callable[[Message], object]) -> None:
        self.messageReceived = messageReceivedCallback
        self.message: Message | None = None
        self._begin()

    def _begin(self) -> None:
        self.state = "firstline"
        self.message = None
        self.line_mode = 1
        self._header = ""  # a line that the next one may continue
        self._count = 0
        self._body: list[bytes] = []
        self._size = 0  # of that
        self._left: int | None = None  # of the body; `None` while that goes to the end
        self._isWanted = True

    def reset(self, remainingData: bytes | str = "") -> None:
        """Begin anew, with a first line."""
        self._begin()
        if remainingData:
            self.setLineMode(_bytes(remainingData))

    def dataReceived(self, data: bytes | str) -> Any:
        """Take bytes, or text."""
        return super().dataReceived(_bytes(data))

    def dataDone(self) -> None:
        """Hear that there is no more: a message whose body has no length is complete."""
        rest = self.clearLineBuffer()
        if self.state == "body" and self._left is None:
            self.messageDone()
        elif self.state != "firstline" or rest:
            self.invalidMessage()
        self.reset()

    def lineReceived(self, line: bytes | str) -> Any:
        """Take a line."""
        text = _bytes(line).decode("utf-8", "surrogateescape")
        try:
            if "\n" in text or "\r" in text:
                raise BadSIP("a line has an end that is none: CR and LF stand together")
            if self.state == "firstline":
                # "Implementations [...] MUST ignore any CRLF appearing before the start-line" (§7.5).
                if text.strip():
                    self.handleFirstLine(text)
            elif self.state == "invalid":
                if not text:
                    self.reset()
            elif text[:1] in (" ", "\t"):
                self._header += " " + text.strip()  # folded (§7.3.1)
                if len(self._header) > self.MAX_LENGTH:
                    raise BadSIP("a folded header is too long")
            else:
                self._takeHeader()
                self._header = text
                if not text:
                    self._headersDone()
        except RemoteProtocolError:
            self.invalidMessage()

    def handleFirstLine(self, line: str) -> None:
        """Take the first line of a message.

        Raises:
            ValueError: it is none.
        """
        start = parseStart(line)
        if isinstance(start, RequestLine):
            accepted, self.message = self.acceptRequests, Request(start.method, start.uri)
        else:
            accepted, self.message = self.acceptResponses, Response(start.code, start.phrase)
        self._isWanted = bool(accepted)
        self.state = "headers"

    def _takeHeader(self) -> None:
        """Take a header line whose end has come."""
        if not self._header:
            return
        assert self.message is not None
        self._count += 1
        if self._count > self.MAX_HEADERS:
            raise BadSIP(f"the message has more than {self.MAX_HEADERS} headers")
        name, value = parseHeader(self._header)
        if name == "content-length" and not (value.isascii() and value.isdigit() and int(value) <= self.MAX_BODY):
            raise BadSIP(f"{value[:80]!r} is no length of a body: 0 to {self.MAX_BODY}")
        self.message.addHeader(name, value)

    def _headersDone(self) -> None:
        assert self.message is not None
        self.state = "body"
        self._left = self.message.length
        if self._left == 0:
            self.messageDone()
        else:
            self.setRawMode()

    def rawDataReceived(self, data: bytes | str) -> Any:
        """Take some of the body."""
        piece = _bytes(data)
        if self.state != "body":
            return
        if self._left is None:
            self._body.append(piece)
            self._size += len(piece)
            if self._size > self.MAX_BODY:
                self.invalidMessage()
            return
        self._body.append(piece[: self._left])
        rest = piece[self._left :]
        self._left -= len(piece) - len(rest)
        if self._left == 0:
            self.messageDone(rest)

    def messageDone(self, remainingData: bytes | str = "") -> None:
        """Pass on a message that is complete, and begin anew with what came behind it."""
        message = self.message
        assert message is not None
        message.bodyDataReceived(b"".join(self._body).decode("utf-8", "surrogateescape"))
        message.creationFinished()
        isWanted = self._isWanted
        self._begin()
        if isWanted:
            self.messageReceived(message)
        if remainingData:
            self.setLineMode(_bytes(remainingData))

    def lineLengthExceeded(self, line: bytes) -> Any:
        """Drop a message with a line that is too long."""
        self.invalidMessage()

    def invalidMessage(self) -> None:
        """Drop what comes up to the next empty line: it is no message.

        A connection is closed: where the next message begins nobody knows, and a body might look like one.
        """
        self._begin()
        self.state = "invalid"
        self.transport.loseConnection()


def _bytes(data: bytes | str) -> bytes:
    return data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
