"""What to say when a handshake fails.

OpenSSL says it in a few words: ``certificate verify failed``, ``no shared cipher``. Here they become a sentence for
people that names the host, the certificate's names and dates as far as they are known, and what to do.

The exception keeps the form of pyOpenSSL's, because programs of this API look at that: ``args[0]`` is a list of triples
``(library, function, reason)``, and where pyOpenSSL is in use the exception is an ``OpenSSL.SSL.Error`` as well,
whichever engine it comes from.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from ._wire import x509

__all__ = ["HandshakeRefused", "Shown", "explain", "refuseCertificate"]

LIBRARY = "SSL routines"
VERIFY_FAILED = "certificate verify failed"

# Of a reason that the other side of the wire may have chosen.
LONGEST = 200


class HandshakeRefused(Exception):
    """TLS could not be agreed upon with the peer.

    Attributes:
        sentence: what was wrong, for people.
        reason: OpenSSL's words for it, ``"certificate verify failed"`` say.
        verifyCode: why a certificate was refused, by OpenSSL's ``X509_V_ERR_`` numbers: 10 says that it has expired;
            `None` if it is about something else.
    """

    def __init__(self, reason: str, sentence: str, verifyCode: int | None = None) -> None:
        super().__init__([(LIBRARY, "", reason)])
        self.reason = reason
        self.sentence = sentence
        self.verifyCode = verifyCode

    def __str__(self) -> str:
        return f"{self.args[0]}: {self.sentence}"

    def __reduce__(self) -> Any:
        return refused, (self.reason, self.sentence, self.verifyCode)


def refused(reason: str, sentence: str, verifyCode: int | None = None) -> HandshakeRefused:
    """Make a `HandshakeRefused`; it is an ``OpenSSL.SSL.Error`` too if anybody in this process knows that class."""
    openssl = sys.modules.get("OpenSSL.SSL")
    cls = HandshakeRefused if openssl is None else _alsoA(openssl.Error)
    return cls(reason, sentence, verifyCode)


@cache
def _alsoA(error: type[Exception]) -> type[HandshakeRefused]:
    return type(
        "HandshakeRefused",
        (HandshakeRefused, error),
        {"__doc__": HandshakeRefused.__doc__, "__module__": HandshakeRefused.__module__},
    )


# What was shown, and by whom.


@dataclass(frozen=True, slots=True)
class Shown:
    """A chain of certificates, as far as it is known, and who was to be believed by it.

    Attributes:
        host: whom we had asked for; `None` for a client that has shown us its certificate.
        culprit: the DER bytes of the certificate that is the matter.
        depth: where it stands in the chain: 0 is the peer's own; `None` when it isn't known.
    """

    host: str | None = None
    culprit: bytes | None = None
    depth: int | None = None

    def read(self) -> x509.Said | None:
        """Read the certificate that is the matter; `None` when it isn't known or can't be read."""
        try:
            return None if self.culprit is None else x509.read(self.culprit)
        except x509.BadCertificate:
            return None

    def __str__(self) -> str:
        whose = "the peer" if self.host is None else repr(self.host)
        if not self.depth:
            return f"the certificate of {whose}{self._described()}"
        return f"a certificate in the chain of {whose}{self._described()}"

    def _described(self) -> str:
        said = self.read()
        if said is None:
            return ""
        names = ", ".join(repr(name[:253]) for name in said.names[:5])
        return f" ({names or _who(said.subject)})"


def _who(name: tuple[tuple[str, str], ...]) -> str:
    """Say a distinguished name by its most telling part."""
    texts = dict(reversed(name))
    for identifier in ("2.5.4.3", "2.5.4.11", "2.5.4.10"):  # common name, unit, organization
        if identifier in texts:
            return repr(texts[identifier][:100])
    return "somebody without a name"


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


# Why a certificate is refused: OpenSSL's X509_V_ERR_ numbers (``openssl verify -help`` has their texts).

NOT_YET_VALID, EXPIRED = 9, 10
SELF_SIGNED, SELF_SIGNED_IN_CHAIN, ISSUER_UNKNOWN, LEAF_UNVERIFIED = 18, 19, 20, 21
CHAIN_TOO_LONG, REVOKED = 22, 23
NO_CRL, WRONG_PURPOSE = 3, 26
KEY_TOO_SMALL, AUTHORITY_KEY_TOO_SMALL, DIGEST_TOO_WEAK = 66, 67, 68
HOST_MISMATCH, ADDRESS_MISMATCH = 62, 64


def refuseCertificate(code: int, words: str, shown: Shown) -> HandshakeRefused:
    """Say why a certificate isn't believed.

    Args:
        code: OpenSSL's number for it.
        words: OpenSSL's words for it.
        shown: the certificate, and whose it is.
    """
    say = CERTIFICATE.get(code)
    sentence = say(shown) if say is not None else f"{shown} can't be verified: {words[:LONGEST]}"
    return refused(VERIFY_FAILED, sentence, code)


def _expired(shown: Shown) -> str:
    said = shown.read()
    return f"{shown} has expired" + (
        "" if said is None else f": it was valid until {_day(said.notAfter)}, and now it is {_now()}"
    )


def _notYetValid(shown: Shown) -> str:
    said = shown.read()
    until = "" if said is None else f": it will be from {_day(said.notBefore)} on, and now it is {_now()}"
    return f"{shown} is not yet valid{until}; is this machine's clock right?"


def _now() -> str:
    return _day(datetime.now(UTC))


def _selfSigned(shown: Shown) -> str:
    return (
        f"{shown} is self-signed, and it is not among those that we trust: if it is the right one, give it as trustRoot"
    )


def _rootUnknown(shown: Shown) -> str:
    said = shown.read()
    root = "the authority" if said is None else _who(said.subject)
    return (
        f"{shown} is the end of a chain that is complete, and {root}, who signed it, is not among those that we trust"
    )


def _issuerUnknown(shown: Shown) -> str:
    said = shown.read()
    issuer = "" if said is None else f" {_who(said.issuer)}"
    if shown.depth:
        return (
            f"{shown} is signed by{issuer or ' an authority'}, an untrusted issuer: it is not among those that we trust"
        )
    return (
        f"{shown} is signed by{issuer or ' an authority'}, whom we don't know: either that authority is not trusted, "
        "or the chain is incomplete, because the peer did not send all that stand between its own and one that we trust"
    )


def _leafUnverified(shown: Shown) -> str:
    return f"{shown} came alone, and nobody whom we trust has signed it: the chain is incomplete"


def _revoked(shown: Shown) -> str:
    said = shown.read()
    number = "" if said is None else f", serial number {said.serial:x},"
    return f"{shown}{number} was revoked by its issuer"


CERTIFICATE: dict[int, Callable[[Shown], str]] = {
    EXPIRED: _expired,
    NOT_YET_VALID: _notYetValid,
    SELF_SIGNED: _selfSigned,
    SELF_SIGNED_IN_CHAIN: _rootUnknown,
    ISSUER_UNKNOWN: _issuerUnknown,
    LEAF_UNVERIFIED: _leafUnverified,
    REVOKED: _revoked,
    NO_CRL: lambda shown: f"whether {shown} was revoked can't be told: there is no list of its issuer (CRL)",
    CHAIN_TOO_LONG: lambda shown: f"{shown} is the end of a chain that is longer than verifyDepth allows",
    WRONG_PURPOSE: lambda shown: f"{shown} is not meant for this: its extended key usage says so",
    KEY_TOO_SMALL: lambda shown: f"{shown} has a key that is too short to be safe",
    AUTHORITY_KEY_TOO_SMALL: lambda shown: f"{shown} is signed with a key that is too short to be safe",
    DIGEST_TOO_WEAK: lambda shown: f"{shown} is signed with a digest that is no longer safe (MD5 or SHA-1)",
    HOST_MISMATCH: lambda shown: f"{shown} is for another host",
    ADDRESS_MISMATCH: lambda shown: f"{shown} is for another address",
}


# Why else a handshake fails, in OpenSSL's words. Those of version 3 and version 4 differ; all are here.

# How the standard library writes what it knows no name of (``reason`` is then `None`).
UNNAMED = re.compile(r"^\[SSL\] (.+) \(_ssl\.c:\d+\)$")

ALERT = re.compile(r"^(?:sslv3|tlsv1|tlsv13|tls|ssl/tls) alert (.*)$")

OURS = {
    "no shared cipher": "the peer offers no cipher suite that we accept: no shared cipher",
    "unsupported protocol": "the peer speaks no version of TLS that we accept: its newest is too low",
    "wrong version number": "what the peer sends is no TLS: does it speak TLS at all?",
    "packet length too long": "what the peer sends is no TLS: does it speak TLS at all?",
    "record layer failure": "what the peer sends is no TLS: does it speak TLS at all?",
    "http request": "the peer sent a plain HTTP request, and TLS is spoken here: its address begins with https",
    "https proxy request": "the peer took us for a proxy: it sent a plain CONNECT, and TLS is spoken here",
    "version too low": "the peer chose a version of TLS that is too low for us",
    "peer did not return a certificate": "the peer has shown no certificate, and has to",
    "no application protocol": "the peer offers no application protocol that we speak (ALPN): no shared protocol",
    "unexpected eof while reading": "the peer closed the connection without a farewell: what it sent may be cut short",
    "no renegotiation": "the peer wished to renegotiate, and that isn't done here",
    "certificate verify failed": "the peer's certificate can't be verified",
    "dh key too small": "the peer offers a Diffie-Hellman key that is too short to be safe",
    "ee key too small": "our certificate has a key that is too short to be safe: RSA wants 2048 bits at least",
}

# What the peer tells us (RFC 8446 §6.2).
ALERTS = {
    "unknown ca": "it does not trust who signed our certificate, or we did not send the whole chain",
    "bad certificate": "it finds our certificate bad: not for this host, not yet valid, or damaged",
    "certificate expired": "our certificate has expired, it says",
    "certificate revoked": "our certificate was revoked, it says",
    "unsupported certificate": "it can't use our kind of certificate",
    "certificate unknown": "it does not accept our certificate, and doesn't say why",
    "certificate required": "it wants a certificate of ours, and we have shown none",
    "access denied": "our certificate is good, and we may not come in",
    "handshake failure": "we have nothing in common with it: no cipher suite, or it wants a certificate of ours",
    "protocol version": "it speaks no version of TLS that we accept: the versions are too far apart",
    "no application protocol": "it speaks none of the protocols that we offered (ALPN): no shared protocol",
    "unrecognized name": "it does not know the host that we asked for",
    "insufficient security": "our cipher suites are too weak for it",
    "internal error": "something is wrong on its side",
    "decrypt error": "it could not verify a signature or a key of ours",
    "inappropriate fallback": "it can do better than the version that we fell back to",
    "user canceled": "its user gave up",
    "no certificate": "it has no certificate",
}


def explain(problem: BaseException, host: str | None = None, chain: Sequence[bytes] = ()) -> BaseException:
    """Say in a sentence why a handshake failed.

    Args:
        problem: what an engine raised: an ``ssl.SSLError`` or an ``OpenSSL.SSL.Error``.
        host: whom we had asked for; `None` for a server.
        chain: the DER bytes of the certificates that the peer has sent, as far as they are known.

    Returns:
        A `HandshakeRefused`; or ``problem`` itself if it is something else.
    """
    code = getattr(problem, "verify_code", None)
    if code:
        return refuseCertificate(code, str(getattr(problem, "verify_message", "")), _culprit(code, host, chain))
    reason = _reason(problem)
    if reason is None or isinstance(problem, HandshakeRefused):
        return problem
    return refused(reason, _sentence(reason, host))


def _culprit(code: int, host: str | None, chain: Sequence[bytes]) -> Shown:
    """Find the certificate of a chain that is the matter. The standard library says only what is wrong with it."""
    for depth, der in enumerate(chain):
        shown = Shown(host, der, depth)
        said = shown.read()
        now = datetime.now(UTC)
        if (
            said is None
            or (code == EXPIRED and said.notAfter < now)
            or (code == NOT_YET_VALID and now < said.notBefore)
            # Nobody knows the issuer of the last one, or trusts it.
            or (code in (ISSUER_UNKNOWN, SELF_SIGNED_IN_CHAIN) and depth == len(chain) - 1)
        ):
            return shown
    return Shown(host, chain[0] if chain else None)


def _sentence(reason: str, host: str | None) -> str:
    if reason in OURS:
        return OURS[reason]
    alert = ALERT.match(reason)
    if alert is None:
        return f"OpenSSL says {reason!r:.{LONGEST}}"
    peer = "the peer" if host is None else repr(host)
    return f"{peer} refused: {ALERTS.get(alert[1], alert[1][:LONGEST])}"


def _reason(problem: BaseException) -> str | None:
    """Find OpenSSL's words: an attribute of the standard library's exceptions, the last of pyOpenSSL's triples."""
    words = getattr(problem, "reason", None)
    if isinstance(words, str):
        return words.replace("_", " ").lower()
    if words is None and len(problem.args) == 2 and (unnamed := UNNAMED.match(str(problem.args[1]))):
        return unnamed[1]
    errors = problem.args[0] if problem.args else None
    if isinstance(errors, list) and errors and isinstance(errors[-1], tuple) and len(errors[-1]) == 3:
        return str(errors[-1][2])
    return None
