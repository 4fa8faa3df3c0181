"""The arithmetic of HTTP's Digest authentication, which SIP and SASL share.

Three hashes, each in hexadecimal: HA1 of who one is, HA2 of what one asks for, and the response of both with the
challenge. Text is taken as its UTF-8.

Spec: RFC 7616 §3.4, RFC 2617 §3.2.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from .text import asBytes

__all__ = ["ALGORITHMS", "algorithmNamed", "calcHA1", "calcHA2", "calcResponse"]

Text = bytes | str

# Names of algorithms, of which each has a form ``-sess``. RFC 7616 §6.1; SHA-1 came by practice. ``usedforsecurity``:
# systems that forbid MD5 elsewhere let it be spoken where a protocol demands it.
ALGORITHMS: dict[bytes, Callable[[bytes], bytes]] = {
    b"md5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest().encode(),
    b"sha": lambda data: hashlib.sha1(data, usedforsecurity=False).hexdigest().encode(),
    b"sha-256": lambda data: hashlib.sha256(data).hexdigest().encode(),
    b"sha-512-256": lambda data: hashlib.new("sha512_256", data).hexdigest().encode(),
}
if "sha512_256" not in hashlib.algorithms_available:
    del ALGORITHMS[b"sha-512-256"]

SESSION = b"-sess"


def algorithmNamed(name: Text) -> Callable[[bytes], bytes]:
    """Return the hash of an algorithm, with or without ``-sess``, in capitals or not.

    Raises:
        ValueError: there is none of that name.
    """
    plain = asBytes(name).lower().removesuffix(SESSION)
    try:
        return ALGORITHMS[plain]
    except KeyError:
        known = ", ".join(known.decode() for known in ALGORITHMS)
        raise ValueError(f"digest algorithm {name[:32]!r} is not one of {known}, or one of them with -sess") from None


def calcHA1(
    pszAlg: Text,
    pszUserName: Text | None,
    pszRealm: Text | None,
    pszPassword: Text | None,
    pszNonce: Text,
    pszCNonce: Text,
    preHA1: Text | None = None,
) -> bytes:
    """Compute the hash of who one is.

    Args:
        pszAlg: ``md5``, ``sha``, ``sha-256`` or ``sha-512-256``; with ``-sess`` the hash is bound to the two nonces.
        preHA1: the hash of name, realm and password, in place of those three, which are then `None`.

    Raises:
        ValueError: no such algorithm.
        TypeError: both a hash and what it is made of.
    """
    digest = algorithmNamed(pszAlg)
    if preHA1 is None:
        given = (pszUserName or b"", pszRealm or b"", pszPassword or b"")
        preHA1 = digest(_joined(*given))
    elif (pszUserName, pszRealm, pszPassword) != (None, None, None):
        raise TypeError("preHA1 stands in place of pszUserName, pszRealm and pszPassword: leave those None")
    if asBytes(pszAlg).lower().endswith(SESSION):
        # Of the hexadecimal digits, not the raw hash, as RFC 7616 §3.4.2 has it; RFC 2617's sample code differed.
        return digest(_joined(preHA1, pszNonce, pszCNonce))
    return asBytes(preHA1)


def calcHA2(algo: Text, pszMethod: Text, pszDigestUri: Text, pszQop: Text | None, pszHEntity: Text | None) -> bytes:
    """Compute the hash of what one asks for.

    Args:
        pszHEntity: the hash of the body, which counts if the quality of protection is ``auth-int``.

    Raises:
        ValueError: no such algorithm.
    """
    parts = [pszMethod, pszDigestUri]
    if pszQop is not None and asBytes(pszQop) == b"auth-int":
        parts.append(pszHEntity or b"")
    return algorithmNamed(algo)(_joined(*parts))


def calcResponse(
    HA1: Text,
    HA2: Text,
    algo: Text,
    pszNonce: Text,
    pszNonceCount: Text | None,
    pszCNonce: Text | None,
    pszQop: Text | None,
) -> bytes:
    """Compute the response from both hashes and the challenge.

    Args:
        pszNonceCount: eight hexadecimal digits. Without it or the next, the response is that of RFC 2069.

    Raises:
        ValueError: no such algorithm.
    """
    if pszNonceCount and pszCNonce:
        return algorithmNamed(algo)(_joined(HA1, pszNonce, pszNonceCount, pszCNonce, pszQop or b"", HA2))
    return algorithmNamed(algo)(_joined(HA1, pszNonce, HA2))


def _joined(*parts: Text) -> bytes:
    return b":".join(map(asBytes, parts))
