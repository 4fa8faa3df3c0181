"""SIP's text: start lines, header lines, names of headers, and what is inside of their values.

Text is UTF-8 (RFC 3261 §7); bytes that are none pass through unchanged, as surrogates.

Spec: RFC 3261 §7, §20, §25.
"""

from __future__ import annotations

from dataclasses import dataclass

from ropewalk._wire.events import RemoteProtocolError

__all__ = [
    "LONG",
    "SHORT",
    "SPELLED",
    "VERSION",
    "BadSIP",
    "RequestLine",
    "StatusLine",
    "hostAndPort",
    "number",
    "parameters",
    "parseHeader",
    "parseStart",
    "spelled",
    "split",
    "token",
]

VERSION = "SIP/2.0"

# The compact forms of RFC 3261 §7.3.3.
SHORT = {
    "call-id": "i",
    "contact": "m",
    "content-encoding": "e",
    "content-length": "l",
    "content-type": "c",
    "from": "f",
    "subject": "s",
    "supported": "k",
    "to": "t",
    "via": "v",
}
LONG = {short: name for name, short in SHORT.items()}

# Names that are not written with a capital behind each dash and small letters elsewhere.
SPELLED = {"cseq": "CSeq", "call-id": "Call-ID", "www-authenticate": "WWW-Authenticate"}

# What a token is made of, apart from letters and digits (§25.1).
_MARKS = frozenset("-.!%*_+`'~")


class BadSIP(RemoteProtocolError, ValueError):
    """The peer's text is no SIP."""


@dataclass(frozen=True, slots=True)
class RequestLine:
    """The first line of a request. The URI is as it was sent."""

    method: str
    uri: str


@dataclass(frozen=True, slots=True)
class StatusLine:
    """The first line of a response."""

    code: int
    phrase: str


def parseStart(line: str) -> RequestLine | StatusLine:
    """Read the first line of a message.

    Raises:
        BadSIP: it is none, or one of another version.
    """
    first, _, rest = line.partition(" ")
    second, _, third = rest.partition(" ")
    # "SIP-Version [...] is case-insensitive, but implementations MUST send upper-case" (§7.1).
    if first.upper() == VERSION:
        if not (len(second) == 3 and second.isascii() and second.isdigit() and "1" <= second[0] <= "6"):
            raise BadSIP(f"{second[:80]!r} is no status code: 100 to 699")
        return StatusLine(int(second), third)
    if third.upper() != VERSION or not second or not token(first):
        raise BadSIP(f"{line[:80]!r} begins neither a request nor a response of {VERSION}")
    return RequestLine(first, second)


def parseHeader(line: str) -> tuple[str, str]:
    """Read a header line; return its name, long and in small letters, and its value.

    Raises:
        BadSIP: it is none.
    """
    name, colon, value = line.partition(":")
    name = name.rstrip(" \t").lower()
    if not colon or not token(name):
        raise BadSIP(f"{line[:80]!r} is no header")
    return LONG.get(name, name), value.strip(" \t")


def spelled(name: str) -> str:
    """Return a header's name as it is usually written."""
    return SPELLED.get(name) or "-".join([part.capitalize() for part in name.split("-")])


def token(text: str) -> bool:
    """Tell whether a text is a token."""
    return bool(text) and text.isascii() and all(each.isalnum() or each in _MARKS for each in text)


def split(text: str, separator: str) -> list[str]:
    """Split at a separator, but not inside of quotes or angle brackets; strip the parts.

    Raises:
        BadSIP: a quote or a bracket is not closed.
    """
    parts, start, at = [], 0, 0
    closing = ""
    while at < len(text):
        each = text[at]
        if closing:
            if each == "\\" and closing == '"':
                at += 1  # what follows is no quote, whatever it is
            elif each == closing:
                closing = ""
        elif each == '"':
            closing = '"'
        elif each == "<":
            closing = ">"
        elif each == separator:
            parts.append(text[start:at].strip())
            start = at + 1
        at += 1
    if closing:
        raise BadSIP(f"there is no {closing} in {text[:80]!r}")
    parts.append(text[start:].strip())
    return parts


def parameters(parts: list[str]) -> dict[str, str | None]:
    """Read parameters, ``name=value`` or a name alone; names in small letters."""
    found: dict[str, str | None] = {}
    for part in parts:
        name, equals, value = part.partition("=")
        if name:
            found[name.strip().lower()] = value.strip() if equals else None
    return found


def hostAndPort(text: str) -> tuple[str, int | None]:
    """Read a host with or without a port; an IPv6 address keeps its brackets off.

    Raises:
        BadSIP: the port is none, or there is no host.
    """
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise BadSIP(f"{text[:80]!r} is no host")
        port = rest[1:] if rest else None
    else:
        host, colon, rest = text.partition(":")
        host = host.strip()
        port = rest.strip() if colon else None
    if any(each <= " " or each in '<>"@' for each in host):
        raise BadSIP(f"{text[:80]!r} is no host")
    return host, None if port is None else number("port", port, 65535)


def number(what: str, text: str, most: int = 2**32 - 1) -> int:
    """Read a number.

    Raises:
        BadSIP: it is none, or too large.
    """
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= most):
        raise BadSIP(f"{text[:80]!r} is no {what}: a number up to {most}")
    return int(text)
