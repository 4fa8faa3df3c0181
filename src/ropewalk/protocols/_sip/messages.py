"""Requests and responses.

Spec: RFC 3261 §7, §21.
"""

from __future__ import annotations

from .._wire.sip import LONG, VERSION, spelled
from .addresses import URL, parseURL

__all__ = ["Message", "Request", "Response", "SIPError", "dashCapitalize", "statusCodes"]

statusCodes = {
    100: "Trying",
    180: "Ringing",
    181: "Call Is Being Forwarded",
    182: "Queued",
    183: "Session Progress",
    200: "OK",
    202: "Accepted",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Moved Temporarily",
    303: "See Other",
    305: "Use Proxy",
    380: "Alternative Service",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    413: "Request Entity Too Large",
    414: "Request-URI Too Large",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    421: "Extension Required",
    423: "Interval Too Brief",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    484: "Address Incomplete",
    485: "Ambiguous",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    493: "Undecipherable",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "SIP Version Not Supported",
    513: "Message Too Large",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
}


def phraseOf(code: int) -> str:
    """Return the words for a code; those of its hundred for one that nobody knows (§8.1.3.2)."""
    return statusCodes.get(code) or statusCodes.get(code // 100 * 100) or "Unknown"


class SIPError(Exception):
    """A request can't be served. A proxy answers it with this code.

    Attributes:
        code, phrase: of the response.
    """

    def __init__(self, code: int, phrase: str | None = None) -> None:
        phrase = phraseOf(code) if phrase is None else phrase
        super().__init__(f"SIP error ({code}): {phrase}")
        self.code = code
        self.phrase = phrase

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.code, self.phrase)


def dashCapitalize(s: str) -> str:
    """Write the first letter, and that behind each dash, large, and the others small."""
    return "-".join([part.capitalize() for part in s.split("-")])


class Message:
    """A request or a response.

    Attributes:
        headers: lists of values, by names that are long and in small letters.
        body: what follows them.
        finished: whether it is complete.
        length: how many bytes the body has, as its header says; `None` while nothing does.
    """

    length: int | None = None

    def __init__(self) -> None:
        self.headers: dict[str, list[str]] = {}
        self.body = ""
        self.finished = 0

    def addHeader(self, name: str, value: str) -> None:
        """Add a header.

        Raises:
            ValueError: the name or the value has more than one line; or it is a length that is no number.
        """
        if any(each in "\r\n" for each in name + value):
            raise ValueError(f"the header {name!r} would be more than one: {value!r}")
        name = name.lower()
        name = LONG.get(name, name)
        if name == "content-length":
            self.length = int(value)
        self.headers.setdefault(name, []).append(value)

    def bodyDataReceived(self, data: str) -> None:
        """Add to the body."""
        self.body += data

    def creationFinished(self) -> None:
        """Hear that the message is complete.

        Raises:
            ValueError: the body is shorter or longer than the header says.
        """
        size = len(encoded(self.body))
        if self.length is not None and self.length != size:
            raise ValueError(f"the body has {size} bytes, and its header says {self.length}")
        self.finished = 1

    def toString(self) -> str:
        """Return the message as it is sent."""
        lines = [self._getHeaderLine()]
        for name, values in self.headers.items():
            lines += [f"{spelled(name)}: {value}" for value in values]
        return "\r\n".join([*lines, "", self.body])

    def _getHeaderLine(self) -> str:
        raise NotImplementedError(f"{type(self).__name__} has no first line: it is neither Request nor Response")


class Request(Message):
    """A request.

    Args:
        method: ``INVITE`` say.
        uri: whom it concerns.
        version: of SIP.

    Attributes:
        method, uri: see above; the URI is a `URL`.
    """

    def __init__(self, method: str, uri: str | URL, version: str = VERSION) -> None:
        super().__init__()
        self.method = method
        if isinstance(uri, URL):
            self.uri = uri
        else:
            self.uri = parseURL(uri)

    def __repr__(self) -> str:
        return f"<SIP Request {id(self):d}:{self.method} {self.uri}>"

    def _getHeaderLine(self) -> str:
        return f"{self.method} {self.uri.toString()} {VERSION}"


class Response(Message):
    """A response.

    Args:
        code: its code.
        phrase: its words; the usual ones by default.
        version: of SIP.
    """

    def __init__(self, code: int, phrase: str | None = None, version: str = VERSION) -> None:
        super().__init__()
        self.code = code
        self.phrase = phraseOf(code) if phrase is None else phrase

    def __repr__(self) -> str:
        return f"<SIP Response {id(self):d}:{self.code}>"

    def _getHeaderLine(self) -> str:
        return f"{VERSION} {self.code} {self.phrase}"


def encoded(text: str) -> bytes:
    """Return text as bytes; what came as bytes that are no text is those bytes again."""
    return text.encode("utf-8", "surrogateescape")
