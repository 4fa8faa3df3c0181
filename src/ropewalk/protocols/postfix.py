"""Postfix asks us: a server for the mail system's TCP tables (aliases, virtual domains, access rules ...).

``postmap -q key tcp:host:port`` asks one question; ``virtual_alias_maps = tcp:host:port`` lets Postfix ask.
"""

from __future__ import annotations

from collections import UserDict, deque
from typing import TYPE_CHECKING, Any

from ropewalk._wire.events import RemoteProtocolError
from ropewalk.internet.defer import Deferred, maybeDeferred, succeed
from ropewalk.internet.protocol import ServerFactory
from ropewalk.protocols._answering import Answering
from ropewalk.protocols._wire import postfix as wire
from ropewalk.protocols.basic import LineReceiver
from ropewalk.protocols.policies import TimeoutMixin
from ropewalk.python import log
from ropewalk.python.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    _Dict = UserDict[bytes, bytes]
else:
    _Dict = UserDict

__all__ = [
    "PostfixTCPMapDeferringDictServerFactory",
    "PostfixTCPMapDictServerFactory",
    "PostfixTCPMapServer",
    "quote",
    "unquote",
]


def quote(s: bytes) -> bytes:
    """Write bytes as Postfix wants them: whitespace, the percent sign and all that isn't visible as ``%XX``."""
    return wire.quote(s)


def unquote(s: bytes) -> bytes:
    """Undo `quote`."""
    return wire.unquote(s)


class PostfixTCPMapServer(Answering, LineReceiver, TimeoutMixin):
    """Answers Postfix with what ``self.factory.get(key)`` returns: bytes, `None` for no such key, or a Deferred.

    Requests that come without waiting are answered in their order.

    Attributes:
        timeout: seconds the peer may be silent; `None` for any time.

    Spec: Postfix, tcp_table(5).
    """

    timeout: float | None = 600
    delimiter = b"\n"
    MAX_LENGTH = wire.MAX_LINE

    def __init__(self) -> None:
        self._waiting: deque[wire.Request | RemoteProtocolError] = deque()
        self._isLooking = False

    def connectionMade(self) -> None:
        """Begin to count the time."""
        self.setTimeout(self.timeout)

    def connectionLost(self, reason: Failure) -> None:
        """Stop."""
        self.setTimeout(None)
        self._waiting.clear()

    def lineReceived(self, line: bytes) -> None:
        """Answer a request, or let it wait for those before."""
        self.resetTimeout()
        try:
            self._waiting.append(wire.readRequest(line))
        except RemoteProtocolError as problem:
            self._waiting.append(problem)
        if self._isLooking:
            # One waits already: read no more than that.
            self.pauseProducing()
        self._next()
        self._waitToBeHeard()

    def _readNoFurther(self) -> None:
        self.pauseProducing()

    def _readOn(self) -> None:
        if self.paused and not self._waiting and not self._isUnheard:
            self.resumeProducing()

    def _next(self) -> None:
        while self._waiting and not self._isLooking:
            request = self._waiting.popleft()
            if isinstance(request, RemoteProtocolError):
                self.sendCode(400, str(request).encode())
            elif request.command == b"get":
                self.do_get(request.parameters[0])
            else:
                self.do_put(b" ".join(map(quote, request.parameters)))
        self._readOn()

    def sendCode(self, code: int, message: bytes = b"") -> None:
        """Send a reply: 200 and a value, 500 for no such key, 400 to be asked again later."""
        self.sendLine(wire.reply(code, message))

    def do_get(self, key: bytes) -> None:
        """Answer with the value of a key."""
        self._isLooking = True
        get: Any = self.factory.get  # of the factories below, or the user's
        maybeDeferred(get, key).addCallbacks(self._found, self._failed).addErrback(self._failed)

    def do_put(self, keyAndValue: bytes) -> None:
        """Override to store a value.

        Args:
            keyAndValue: both, quoted, with a space between.
        """
        self.sendCode(500, b"put is not implemented yet.")

    def _found(self, value: bytes | None) -> None:
        if value is None:
            self.sendCode(500)
        else:
            self.sendCode(200, value)
        self._over()

    def _failed(self, reason: Failure) -> None:
        """The fault is ours: Postfix is to ask again, and what happened stands in our log, not in its."""
        log.err(reason, "postfix: a lookup failed")
        self.sendCode(400, b"the lookup failed")
        self._over()

    def _over(self) -> None:
        self._isLooking = False
        self._next()


class PostfixTCPMapDictServerFactory(_Dict, ServerFactory[PostfixTCPMapServer]):
    """A dict that Postfix can ask: keys and values are bytes, and may change at any time."""

    protocol: Any = PostfixTCPMapServer


class PostfixTCPMapDeferringDictServerFactory(ServerFactory[PostfixTCPMapServer]):
    """Answers Postfix by Deferreds: override `get`. As it is, it asks a dict.

    Args:
        data: the dict.
    """

    protocol: Any = PostfixTCPMapServer

    def __init__(self, data: Mapping[bytes, bytes] | None = None) -> None:
        self.data: dict[bytes, bytes] = {} if data is None else dict(data)

    def get(self, key: bytes) -> Deferred[bytes | None]:
        """Return a Deferred of the value of a key, or of `None`."""
        return succeed(self.data.get(key))
