"""A proxy that keeps nothing: it passes requests on to where their users are, and responses back.

Spec: RFC 3261 §16, mostly §16.11.
"""

from __future__ import annotations

from copy import copy
from hashlib import sha256
from typing import Any

from ropewalk._wire.events import RemoteProtocolError
from ropewalk.internet.defer import Deferred, maybeDeferred
from ropewalk.logger import Logger
from ropewalk.python.failure import Failure

from .._wire.sip import number, token
from .addresses import cleanRequestURL
from .base import Base
from .messages import Request, Response, SIPError
from .vias import PORT, Via, parseViaHeader

__all__ = ["Proxy"]

_log = Logger("ropewalk.protocols.sip")

# What a request may still pass when it doesn't say (§16.6 step 3).
MAX_FORWARDS = 70

# What names of transactions begin with since RFC 3261 (§8.1.1.7).
COOKIE = "z9hG4bK"


class Proxy(Base):
    """Passes requests on, and responses back.

    A method ``handle_METHOD_request(message, (host, port))`` takes the requests of a method in place of
    `handle_request_default`; it may return a Deferred, and raise `SIPError`.

    Args:
        host: this proxy's address, by which its Via headers name it.
        port: its port.

    Attributes:
        locator: the `ILocator` that knows where users are.
    """

    locator: Any = None

    def __init__(self, host: str | None = None, port: int = PORT) -> None:
        if host is None:
            from socket import getfqdn

            host = getfqdn()
        self.host: str = host
        self.port = port
        super().__init__()

    def getVia(self) -> Via:
        """Return the Via of this proxy."""
        return Via(host=self.host, port=self.port)

    def handle_request(self, message: Any, addr: tuple[str, int]) -> None:
        """Have a request handled by its method's handler; answer it when that fails."""
        handler = getattr(self, f"handle_{message.method}_request", None) if token(message.method) else None
        handled: Deferred[Any] = maybeDeferred(handler or self.handle_request_default, message, addr)
        handled.addErrback(self._refuse, message)

    def _refuse(self, failure: Failure, message: Request) -> None:
        error = failure.value
        if isinstance(error, SIPError):
            code, phrase = error.code, error.phrase
        elif isinstance(error, RemoteProtocolError):
            code, phrase = 400, None
        else:
            _log.failure("while handling {message!r}", failure, message=message)
            code, phrase = 500, None
        # An ACK is the end of a transaction: there is no response to it (§17.1.1.2).
        if message.method == "ACK":
            return
        response = self.responseFromRequest(code, message)
        response.phrase = phrase or response.phrase
        self.deliverResponse(response)

    def handle_request_default(self, message: Any, sourcePeer: tuple[str, int]) -> Deferred[Any]:
        """Pass a request on to where its user is.

        Raises:
            SIPError: it has come too far.
        """
        forwards = message.headers.get("max-forwards", [str(MAX_FORWARDS + 1)])[0]
        left = number("Max-Forwards", forwards, 255)
        if not left:
            raise SIPError(483)
        found: Deferred[Any] = self.locator.getAddress(message.uri)
        found.addCallbacks(self._forward, self._notFound, callbackArgs=(message, left - 1))
        return found

    def _forward(self, url: Any, message: Request, left: int) -> None:
        via = self.getVia()
        via.branch = branchOf(message)
        message.headers = {"via": [via.toString(), *message.headers.pop("via")], **message.headers}
        message.headers["max-forwards"] = [str(left)]
        # "The Request-URI in the copy's start line MUST be replaced with the URI for this target" (§16.6 step 2).
        message.uri = copy(url)
        cleanRequestURL(message.uri)
        self.sendMessage(url, message)

    def _notFound(self, failure: Failure) -> None:
        failure.trap(LookupError)
        raise SIPError(404)

    def responseFromRequest(self, code: int, request: Request) -> Response:
        """Return a response to a request, by this proxy; see `Base.responseFromRequest`."""
        response = super().responseFromRequest(code, request)
        # "If the To header field in the request did not contain a tag, [...] the UAS MUST add a tag", one that is the
        # same whenever the request comes again (§8.2.6.2).
        if code > 100:
            response.headers["to"] = [
                to if ";tag=" in to.lower() else f"{to};tag={branchOf(request)[len(COOKIE) :]}"
                for to in response.headers["to"]
            ]
        return response

    def handle_response(self, message: Any, addr: tuple[str, int]) -> None:
        """Pass a response back; drop one that has not gone by here."""
        via = parseViaHeader(message.headers["via"][0])
        if (via.host, via.port) != (self.host, self.port):
            _log.info("dropped a response that is for {host}:{port}, not for us", host=via.host, port=via.port)
            return
        del message.headers["via"][0]
        if message.headers["via"]:
            self.deliverResponse(message)
        else:
            self.gotResponse(message, addr)

    def gotResponse(self, message: Response, addr: tuple[str, int]) -> None:
        """Override to take a response to a request of this proxy's own."""


def branchOf(message: Request) -> str:
    """Return the name of the transaction that a request is passed on in.

    It comes out of the request: who keeps nothing has to find the same for each copy of it, and for the ACK and CANCEL
    that belong to it (§16.11).
    """
    headers = message.headers
    branch = parseViaHeader(headers["via"][0]).branch
    if branch is not None and branch.startswith(COOKIE):
        what = [branch, headers["via"][0].partition(";")[0]]
    else:
        numbers = [each.partition(" ")[0] for each in headers.get("cseq", [])]
        names = ("from", "call-id")
        what = [headers["via"][0], message.uri.toString(), *numbers]
        what += [value for name in names for value in headers.get(name, [])]
    return COOKIE + sha256("\0".join(what).encode("utf-8", "surrogateescape")).hexdigest()[:24]
