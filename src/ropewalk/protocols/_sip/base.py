"""SIP over UDP: messages out of datagrams, and back to where they came from.

Spec: RFC 3261 §18; RFC 3581.
"""

from __future__ import annotations

from typing import Any

from ropewalk._wire.events import RemoteProtocolError
from ropewalk.internet.abstract import isIPAddress, isIPv6Address
from ropewalk.internet.defer import Deferred
from ropewalk.internet.protocol import DatagramProtocol
from ropewalk.logger import Logger

from .addresses import URL
from .messages import Message, Request, Response, encoded
from .parser import MessagesParser
from .vias import PORT, parseViaHeader

__all__ = ["Base"]

_log = Logger("ropewalk.protocols.sip")


class Base(DatagramProtocol):
    """Takes and sends messages. Override `handle_request` and `handle_response`.

    Names of hosts are looked up for their addresses; SRV records (RFC 3263) are not.

    Attributes:
        PORT: where SIP is spoken when nothing else is said.
        debug: whether each message is logged.
        messages: what came in the datagram that is being read.
        reactor: looks up names; `None` for the reactor.
    """

    PORT: int = PORT
    debug: bool = False
    reactor: Any = None

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.parser = MessagesParser(self.addMessage)

    def addMessage(self, msg: Message) -> None:
        """Take a message from the parser."""
        self.messages.append(msg)

    def datagramReceived(self, data: bytes, addr: Any) -> None:
        """Read a datagram, and have its message handled. One that is no SIP is dropped."""
        host, port = addr[0], addr[1]
        self.parser.dataReceived(data)
        self.parser.dataDone()
        # What follows the message's body is padding, or worse (§18.3).
        messages, self.messages = self.messages[:1], []
        for message in messages:
            if self.debug:
                _log.info("received {message!r} from {host}:{port}", message=message, host=host, port=port)
            try:
                self._take(message, host, port)
            except RemoteProtocolError as problem:
                _log.debug("dropped {message!r} from {host}: {problem}", message=message, host=host, problem=problem)

    def _take(self, message: Message, host: str, port: int) -> None:
        if isinstance(message, Request):
            self._noteSource(message, host, port)
            self.handle_request(message, (host, port))
        else:
            assert isinstance(message, Response)
            parseViaHeader(_topVia(message))
            self.handle_response(message, (host, port))

    def _noteSource(self, message: Request, host: str, port: int) -> None:
        """Write into the topmost Via where a request came from, for the responses to go there (§18.2.1)."""
        via = parseViaHeader(_topVia(message))
        # What is written there already is the sender's own: nobody else's mailbox is to be filled.
        via.received = host if via.host != host or via.rportRequested else None
        via.rport = port if via.rportRequested else None
        message.headers["via"][0] = via.toString()

    def handle_request(self, message: Any, addr: tuple[str, int]) -> Any:
        """Override to take a request.

        Args:
            message: the `Request`.
            addr: where it came from: host and port.
        """
        raise NotImplementedError(f"{type(self).__name__} has to override handle_request")

    def handle_response(self, message: Any, addr: tuple[str, int]) -> Any:
        """Override to take a `Response`."""
        raise NotImplementedError(f"{type(self).__name__} has to override handle_response")

    def responseFromRequest(self, code: int, request: Request) -> Response:
        """Return a response to a request, with what both have to have in common (§8.2.6.2)."""
        response = Response(code)
        for name in ("via", "to", "from", "call-id", "cseq"):
            response.headers[name] = request.headers.get(name, [])[:]
        return response

    def deliverResponse(self, responseMessage: Response) -> None:
        """Send a response to where its topmost Via says (§18.2.2).

        An ``maddr`` is not heeded: it is for multicast, and anybody could have responses sent to somebody else with it.
        """
        via = parseViaHeader(_topVia(responseMessage))
        # Where a port was asked for (RFC 3581 §4) it is known by now, unless somebody else has made the response.
        port = via.port if via.rportValue is None else via.rportValue
        self.sendMessage(URL(host=via.received or via.host, port=port), responseMessage)

    def sendMessage(self, destURL: URL, message: Message) -> None:
        """Send a message.

        Args:
            destURL: where to.

        Raises:
            RuntimeError: that is reached by something else than UDP.
        """
        if (destURL.transport or "udp").lower() != "udp":
            raise RuntimeError(f"{destURL} is reached by {destURL.transport}, and only UDP is spoken here")
        if self.debug:
            _log.info("sends {message!r} to {url}", message=message, url=destURL)
        host, port = destURL.maddr or destURL.host, destURL.port or self.PORT
        data = encoded(message.toString())
        if isIPAddress(host) or isIPv6Address(host):
            self._write(data, host, port)
            return
        found: Deferred[str] = self._reactor().resolve(host)
        found.addCallback(lambda address: self._write(data, address, port))
        found.addErrback(lambda failure: _log.failure("could not send to {host}", failure, host=host))

    def _write(self, data: bytes, address: str, port: int) -> None:
        if self.transport is not None:
            self.transport.write(data, (address, port))

    def _reactor(self) -> Any:
        if self.reactor is None:
            from ropewalk.internet import reactor

            self.reactor = reactor
        return self.reactor


def _topVia(message: Message) -> str:
    """Return the first Via of a message, however many stand in one line.

    Raises:
        RemoteProtocolError: there is none.
    """
    from .._wire.sip import BadSIP, split

    vias = message.headers.get("via")
    if not vias:
        raise BadSIP("the message has no Via")
    if "," in vias[0]:
        vias[:1] = split(vias[0], ",")  # as if each had a line of its own (§7.3.1)
    return vias[0]
