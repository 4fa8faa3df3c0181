"""Cipher suites: which of them a policy accepts.

A policy hands OpenSSL a list of names, best first. The list of TLS 1.3 is OpenSSL's own, all of it good, unless a
policy names suites itself.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from zope.interface import implementer

from ..interfaces import IAcceptableCiphers, ICipher

__all__ = ["AcceptableCiphers", "Cipher", "OpenSSLAcceptableCiphers", "defaultCiphers"]

# Forward secrecy and authenticated encryption for TLS 1.2 (RFC 9325 §4.2). DHE is last: it takes parameters, and
# slower.
DEFAULT = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:!aNULL:!eNULL:!DSS"

# What those need besides who lower the minimum: before TLS 1.2 there was nothing better.
LOWERED = "ECDHE+AES:DHE+AES:RSA+AES:!aNULL:!eNULL:!DSS:@SECLEVEL=0"

# A suite of TLS 1.3 is named so in OpenSSL, and those before are not.
TLS13 = "TLS_"


@implementer(ICipher)
@dataclass(frozen=True, slots=True)
class Cipher:
    """One cipher suite, by OpenSSL's name."""

    fullName: str


@implementer(IAcceptableCiphers)
class OpenSSLAcceptableCiphers:
    """Cipher suites that will do.

    Args:
        ciphers: the suites, best first.
    """

    def __init__(self, ciphers: Iterable[ICipher]) -> None:
        self._ciphers = tuple(ciphers)

    def selectCiphers(self, availableCiphers: Iterable[ICipher]) -> tuple[ICipher, ...]:
        """Return those of the available suites that are acceptable, best first."""
        available = set(availableCiphers)
        return tuple(cipher for cipher in self._ciphers if cipher in available)

    @classmethod
    def fromOpenSSLCipherString(cls, cipherString: str) -> OpenSSLAcceptableCiphers:
        """Make one of a text as ``openssl ciphers`` takes it, ``"ECDHE+AESGCM"`` say.

        Of what it stands for those are taken that this OpenSSL has. The suites of TLS 1.3 are always among them.
        """
        return cls(map(Cipher, expanded(cipherString)))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {':'.join(cipher.fullName for cipher in self._ciphers)}>"


AcceptableCiphers = OpenSSLAcceptableCiphers


@lru_cache(maxsize=64)
def expanded(cipherString: str) -> tuple[str, ...]:
    """Return the names of the suites that a cipher text stands for; none if it stands for nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.set_ciphers(cipherString)
    except ssl.SSLError:
        return tuple(name for name in _names(context) if name.startswith(TLS13))
    return _names(context)


def _names(context: ssl.SSLContext) -> tuple[str, ...]:
    return tuple(cipher["name"] for cipher in context.get_ciphers())


def defaultCiphers() -> tuple[str, ...]:
    """Return the names of the suites that a policy accepts that doesn't say."""
    return expanded(DEFAULT)


def select(acceptable: Any, isLowered: bool) -> tuple[str, ...]:
    """Return the names of the suites that an `IAcceptableCiphers` accepts of those that there are.

    Args:
        acceptable: says which; the defaults when `None`.
        isLowered: versions before TLS 1.2 are allowed.

    Raises:
        ValueError: there are none.
    """
    if acceptable is None:
        return (*defaultCiphers(), *_only(expanded(LOWERED), defaultCiphers())) if isLowered else defaultCiphers()
    available = tuple(map(Cipher, expanded("ALL:COMPLEMENTOFALL")))
    names = tuple(cipher.fullName for cipher in acceptable.selectCiphers(available))
    if not names:
        raise ValueError(f"{acceptable!r} accepts no cipher suite that this OpenSSL has")
    return names


def _only(names: tuple[str, ...], butNot: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in butNot)
