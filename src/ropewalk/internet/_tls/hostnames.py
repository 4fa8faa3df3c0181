"""Whether a certificate is for the host that was asked for.

Both engines check the chain of signatures while they shake hands; names are compared here, for both, once that is done
and before a byte of the program is sent or received. So both have the same rules, and say the same when they refuse.

A certificate's names are its alternative names, never the common name of its subject. A wildcard stands for the whole
of the first label and nothing else: ``*.example.com`` is for ``www.example.com``, not for ``example.com`` and not for
``a.b.example.com``. An address matches an address, never a name.

Spec: RFC 9525 §6; RFC 5890 for names in other scripts.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from ._wire import x509

__all__ = [
    "BadHostname",
    "Host",
    "Mismatch",
    "VerificationError",
    "asHost",
    "isFor",
    "verify",
    "verifyHostname",
    "verifyIPAddress",
]

# How many of a certificate's names an error quotes.
QUOTED = 5


class BadHostname(ValueError):
    """A text that can be no host's name."""


@dataclass(frozen=True, slots=True)
class Host:
    """A host that somebody asks for.

    Attributes:
        text: as it was given.
        ascii: in A-labels and lower case, without a trailing dot; an address as text.
        address: the address that it is; `None` for a name.
    """

    text: str
    ascii: str
    address: IPv4Address | IPv6Address | None


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A host, and the names in a certificate that is not for it."""

    host: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        if not self.names:
            return (
                f"{self.host!r} was asked for, and the certificate is for no host at all: "
                "it has no alternative names, and a common name doesn't count"
            )
        named = ", ".join(repr(name[:253]) for name in self.names[:QUOTED])
        more = f" and {len(self.names) - QUOTED} more" if len(self.names) > QUOTED else ""
        return f"{self.host!r} was asked for, and the certificate is for {named}{more}"


class VerificationError(Exception):
    """A certificate is genuine, and for somebody else.

    Attributes:
        errors: what didn't match: `Mismatch`, or whatever the raiser has.
    """

    def __init__(self, errors: list[Any]) -> None:
        super().__init__(errors)
        self.errors = errors

    def __str__(self) -> str:
        # The first sentence is that of the documents: their programs show it to people.
        reasons = "; ".join(map(str, self.errors))
        return f"No service reference ID could be validated against certificate. {reasons}"


def asHost(text: str) -> Host:
    """Read a host's name or address.

    Raises:
        BadHostname: it can't be one.
    """
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        from .._endpoints.hostname import asciiName

        try:
            name = asciiName(text)
        except ValueError as problem:
            raise BadHostname(str(problem)) from None
        if not all(character.isalnum() or character in "-._" for character in name):
            raise BadHostname(f"{text!r:.300} can't be a host's name: letters, digits, - and . it is made of") from None
        return Host(text, name.lower().removesuffix("."), None)
    return Host(text, str(address), address)


def isFor(said: x509.Said, host: Host) -> bool:
    """Tell whether a certificate is for a host."""
    if host.address is not None:
        return host.address in said.addresses
    return any(_matches(name, host.ascii) for name in said.dnsNames)


def _matches(pattern: str, name: str) -> bool:
    pattern = pattern.lower().removesuffix(".")
    if not pattern.startswith("*."):
        return pattern == name
    _, dot, parent = name.partition(".")
    # A parent without a dot is a whole top-level domain, which nobody gets a certificate for.
    return bool(dot) and "." in parent and pattern[2:] == parent


def verify(der: bytes | None, host: Host) -> None:
    """See that a certificate is for a host.

    Args:
        der: the certificate that was shown; `None` if none was.

    Raises:
        VerificationError: it is for others, or isn't one.
    """
    if der is None:
        raise VerificationError([Mismatch(host.text, ())])
    said = x509.read(der)
    if not isFor(said, host):
        raise VerificationError([Mismatch(host.text, said.names)])


def verifyHostname(connection: Any, hostname: str) -> None:
    """See that the certificate that an ``OpenSSL.SSL.Connection``'s peer has shown is for a host.

    Raises:
        VerificationError: it isn't.
    """
    verify(_shown(connection), asHost(hostname))


def verifyIPAddress(connection: Any, ipAddress: str) -> None:
    """See that the certificate that an ``OpenSSL.SSL.Connection``'s peer has shown is for an address.

    Raises:
        VerificationError: it isn't.
    """
    verify(_shown(connection), asHost(ipAddress))


def _shown(connection: Any) -> bytes | None:
    from .certificates import Certificate

    certificate = connection.get_peer_certificate()
    return None if certificate is None else Certificate(certificate).dump()
