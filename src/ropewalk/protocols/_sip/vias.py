"""Via headers: the way that a request has come, and its responses have to go back.

Spec: RFC 3261 §18.2, §20.42; RFC 3581.
"""

from __future__ import annotations

from typing import Any

from .._wire.sip import VERSION, BadSIP, hostAndPort, number, parameters, split

__all__ = ["PORT", "Via", "parseViaHeader"]

PORT = 5060


class Via:
    """One station of the way.

    Attributes:
        transport, host, port: how and where it is reached, as it says.
        received: where its request came from, when that was another address.
        rportValue: from which port it came, once that was asked for and is known (RFC 3581).
        rportRequested: whether it asks for that.
        branch: names the transaction.
        ttl, maddr, hidden: see RFC 3261, RFC 2543.
        otherParams: further parameters.
    """

    def __init__(
        self,
        host: str,
        port: int | None = PORT,
        transport: str = "UDP",
        ttl: int | None = None,
        hidden: bool = False,
        received: str | None = None,
        rport: int | bool | None = False,
        branch: str | None = None,
        maddr: str | None = None,
        **kw: str | None,
    ) -> None:
        self.transport = transport
        self.host = host
        self.port = port
        self.ttl = ttl
        self.hidden = hidden
        self.received = received
        # `None` asks for it, as a parameter without a value does on the wire; `True` did so once.
        self.rportRequested = rport is None or rport is True
        self.rportValue: int | None = None if rport in (None, True, False) else int(rport)
        self.branch = branch
        self.maddr = maddr
        self.otherParams: dict[str, str | None] = dict(kw)

    @property
    def rport(self) -> int | bool | None:
        """The port; `True` when it is asked for, `None` when not."""
        return True if self.rportRequested else self.rportValue

    @rport.setter
    def rport(self, newRPort: int | None) -> None:
        self.rportRequested = False
        self.rportValue = newRPort

    def toString(self) -> str:
        """Return the header's value."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        pieces = [f"{VERSION}/{self.transport} {host}" + ("" if self.port is None else f":{self.port}")]
        if self.hidden:
            pieces.append("hidden")
        named = (("ttl", self.ttl), ("branch", self.branch), ("maddr", self.maddr), ("received", self.received))
        pieces += [f"{name}={value}" for name, value in named if value is not None]
        if self.rportRequested:
            pieces.append("rport")
        elif self.rportValue is not None:
            pieces.append(f"rport={self.rportValue}")
        for name, value in sorted(self.otherParams.items()):
            pieces.append(name if value is None else f"{name}={value}")
        return ";".join(pieces)

    def __repr__(self) -> str:
        return f"<Via {self.toString()}>"


def parseViaHeader(value: str) -> Via:
    """Read one Via.

    Raises:
        ValueError: it is none.
    """
    # A comment behind it is older than RFC 3261, and still seen.
    value = value.partition("(")[0].strip()
    head, *rest = split(value, ";")
    protocol, _, sentBy = _protocol(head)
    host, port = hostAndPort(sentBy.strip())
    if not host:
        raise BadSIP(f"the Via {value[:80]!r} names no host")
    found: dict[str, Any] = parameters(rest)
    made = Via(host, PORT if port is None else port, protocol, hidden="hidden" in found)
    found.pop("hidden", None)
    if "rport" in found:
        rport = found.pop("rport")
        if rport:
            made.rport = number("port", rport, 65535)
        else:
            made.rportRequested = True
    ttl = found.pop("ttl", None)
    made.ttl = None if ttl is None else number("ttl", ttl, 255)
    made.branch = found.pop("branch", None)
    made.maddr = found.pop("maddr", None)
    made.received = found.pop("received", None)
    made.otherParams = found
    return made


def _protocol(head: str) -> tuple[str, str, str]:
    """Split ``SIP/2.0/UDP host:port``; spaces around the slashes are allowed (§25.1)."""
    name, _, rest = head.partition("/")
    version, _, rest = rest.partition("/")
    transport, space, sentBy = rest.strip().partition(" ")
    if f"{name.strip()}/{version.strip()}".upper() != VERSION or not space:
        raise BadSIP(f"the Via {head[:80]!r} is not of {VERSION}")
    return transport.upper(), space, sentBy
