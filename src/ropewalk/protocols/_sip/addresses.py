"""SIP's URLs, and addresses, which are URLs with a name for people.

Spec: RFC 3261 §19.1, §20.10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .._wire.sip import BadSIP, hostAndPort, number, parameters, spelled, split

__all__ = ["URL", "cleanRequestURL", "parseAddress", "parseURL", "unq"]


class URL:
    """A SIP URL.

    Attributes:
        username, password, host, port: who, and where; `None` for what is not said.
        transport, usertype, method, ttl, maddr, tag: its parameters (``usertype`` is ``user``).
        other: further parameters, as they are written.
        headers: what stands behind the question mark.
    """

    def __init__(
        self,
        host: str,
        username: str | None = None,
        password: str | None = None,
        port: int | None = None,
        transport: str | None = None,
        usertype: str | None = None,
        method: str | None = None,
        ttl: int | None = None,
        maddr: str | None = None,
        tag: str | None = None,
        other: Sequence[str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.username = username
        self.host = host
        self.password = password
        self.port = port
        self.transport = transport
        self.usertype = usertype
        self.method = method
        self.tag = tag
        self.ttl = ttl
        self.maddr = maddr
        self.other = list(other or ())
        self.headers = dict(headers or {})

    def toString(self) -> str:
        """Return the URL as it is written."""
        pieces = ["sip:"]
        if self.username is not None:
            pieces.append(self.username + ("" if self.password is None else f":{self.password}") + "@")
        pieces.append(f"[{self.host}]" if ":" in self.host else self.host)
        if self.port is not None:
            pieces.append(f":{self.port}")
        named = (
            ("user", self.usertype),
            ("transport", self.transport),
            ("ttl", self.ttl),
            ("maddr", self.maddr),
            ("method", self.method),
            ("tag", self.tag),
        )
        pieces += [f";{name}={value}" for name, value in named if value is not None]
        pieces += [f";{each}" for each in self.other]
        if self.headers:
            pieces.append("?" + "&".join([f"{spelled(name)}={value}" for name, value in self.headers.items()]))
        return "".join(pieces)

    def __str__(self) -> str:
        return self.toString()

    def __repr__(self) -> str:
        return f"<URL {self.username}@{self.host}:{self.port}/{self.transport}>"


def parseURL(url: str, host: str | None = None, port: int | None = None) -> URL:
    """Read a URL.

    Args:
        url: the text.
        host, port: in place of what it says, when they are given.

    Raises:
        ValueError: it is none, or not ``sip:``.
    """
    scheme, colon, rest = url.partition(":")
    if not colon or scheme.lower() != "sip":
        raise BadSIP(f"the URL {url[:80]!r} does not begin with sip:")
    # The user may have any of the marks that divide the rest, and the rest has no @ (§25.1).
    user, at, rest = rest.rpartition("@")
    username, hasPassword, password = user.partition(":")
    rest, question, behind = rest.partition("?")
    parts = split(rest, ";")
    named, foundPort = hostAndPort(parts[0])
    made = URL(
        named if host is None else host,
        username if at else None,
        password if hasPassword else None,
        foundPort if port is None else port,
    )
    for part in parts[1:]:
        name, equals, value = part.partition("=")
        attribute = _NAMED.get(name.lower()) if equals else None
        if attribute is not None:
            setattr(made, attribute, number("ttl", value, 255) if attribute == "ttl" else value)
        elif part:
            made.other.append(part)
    if question:
        for part in behind.split("&"):
            name, _, value = part.partition("=")
            made.headers[name] = value
    return made


# Parameters that are attributes.
_NAMED = {
    "user": "usertype",
    "transport": "transport",
    "ttl": "ttl",
    "maddr": "maddr",
    "method": "method",
    "tag": "tag",
}


def cleanRequestURL(url: URL) -> None:
    """Take out of a URL what does not belong into the first line of a request (§19.1.1)."""
    url.transport = None
    url.maddr = None
    url.ttl = None
    url.headers = {}


def unq(s: str) -> str:
    """Return a text without the quotes around it, if there are any."""
    return s[1:-1] if len(s) > 1 and s[0] == s[-1] == '"' else s


def parseAddress(
    address: str, host: str | None = None, port: int | None = None, clean: int = 0
) -> tuple[str, URL, dict[str, str | None]]:
    """Read an address, from a To, From or Contact header say.

    Args:
        address: ``"A. G. Bell" <sip:bell@example.com>;tag=5``, or a URL alone.
        host, port: in place of what the URL says, when they are given.
        clean: whether `cleanRequestURL` is called.

    Returns:
        The name, empty when there is none; the URL; the parameters of the address.

    Raises:
        ValueError: it is none.
    """
    text = address.strip()
    if text[:4].lower() == "sip:":
        # "If no < and > are present, all parameters after the URI are header parameters" (§20.10); of old they are
        # taken for the URL's, and only a tag is told apart.
        name, url, found = "", parseURL(text, host, port), {}
    else:
        parts = split(text, ";")
        before, bracket, inside = parts[0].partition("<") if not parts[0].startswith('"') else _quoted(parts[0])
        if not bracket or not inside.endswith(">"):
            raise BadSIP(f"{address[:80]!r} is no address")
        name, url, found = unq(before.strip()), parseURL(inside[:-1].strip(), host, port), parameters(parts[1:])
    if clean:
        cleanRequestURL(url)
    return name, url, found


def _quoted(text: str) -> tuple[str, str, str]:
    """Split behind a name in quotes, in which there may be anything."""
    at = 1
    while text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    between, bracket, inside = text[at + 1 :].partition("<")
    if between.strip():
        raise BadSIP(f"{text[:80]!r} is no address")
    return text[: at + 1], bracket, inside
