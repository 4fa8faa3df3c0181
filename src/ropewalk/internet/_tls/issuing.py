"""Making keys, requests and certificates: for tests, for development, for a program's own authority."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..defer import Deferred
from ..error import VerifyError
from .certificates import Certificate, CertificateRequest, PrivateCertificate
from .extra import needed
from .keys import TYPE_DSA, TYPE_RSA, YEAR, KeyPair
from .names import DistinguishedName

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["newKey", "request", "selfSigned", "sign", "signIfAgreed"]

RSA_EXPONENT = 65537


def newKey(kind: int, size: int) -> Any:
    """Make a private key of ``cryptography``."""
    if kind == TYPE_RSA:
        return needed("cryptography.hazmat.primitives.asymmetric.rsa").generate_private_key(RSA_EXPONENT, size)
    if kind == TYPE_DSA:
        return needed("cryptography.hazmat.primitives.asymmetric.dsa").generate_private_key(size)
    raise ValueError(f"there are keys of kind {TYPE_RSA} (TYPE_RSA) and {TYPE_DSA} (TYPE_DSA), not {kind!r}")


def request(pair: KeyPair, subject: DistinguishedName, digestAlgorithm: str) -> CertificateRequest:
    """Make a request for a certificate."""
    x509 = needed("cryptography.x509")
    builder = x509.CertificateSigningRequestBuilder().subject_name(_name(subject))
    return CertificateRequest(builder.sign(pair._secret(), _digest(pair, digestAlgorithm)))


def sign(
    pair: KeyPair,
    issuer: DistinguishedName,
    requested: CertificateRequest,
    serialNumber: int,
    secondsToExpiry: int,
    digestAlgorithm: str,
) -> Certificate:
    """Sign a request. Of what it asks for only name and key are taken: the name is all that anybody has agreed to."""
    subject = requested.getSubject()
    key = requested.original.public_key()
    builder = _builder(subject, issuer, key, serialNumber, secondsToExpiry, isAuthority=False)
    return Certificate(builder.sign(pair._secret(), _digest(pair, digestAlgorithm)))


def selfSigned(pair: KeyPair, serialNumber: int, subject: DistinguishedName) -> PrivateCertificate:
    """Sign a certificate for a key with that key."""
    builder = _builder(subject, subject, pair._public(), serialNumber, YEAR, isAuthority=True)
    certificate = Certificate(builder.sign(pair._secret(), _digest(pair, "sha256")))
    return PrivateCertificate.fromCertificateAndKeyPair(certificate, pair)


def signIfAgreed(
    pair: KeyPair,
    issuer: DistinguishedName,
    requestData: bytes,
    agree: Callable[[DistinguishedName], Any],
    serialNumber: int,
    requestFormat: int,
    certificateFormat: int,
    secondsToExpiry: int,
    digestAlgorithm: str,
) -> bytes | Deferred[bytes]:
    """Sign a request once a function has agreed to the name in it."""
    requested = CertificateRequest.load(requestData, requestFormat)
    subject = requested.getSubject()

    def decided(agreed: object) -> bytes:
        if not agreed:
            raise VerifyError(f"{agree!r} did not agree to sign a certificate for {subject!r}")
        return sign(pair, issuer, requested, serialNumber, secondsToExpiry, digestAlgorithm).dump(certificateFormat)

    agreed = agree(subject)
    if isinstance(agreed, Deferred):
        later: Deferred[bytes] = agreed.addCallback(decided)
        return later
    return decided(agreed)


def _builder(
    subject: DistinguishedName,
    issuer: DistinguishedName,
    key: Any,
    serialNumber: int,
    secondsToExpiry: int,
    isAuthority: bool,
) -> Any:
    x509 = needed("cryptography.x509")
    now = datetime.now(UTC).replace(microsecond=0)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key)
        .serial_number(serialNumber)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(seconds=secondsToExpiry))
        .add_extension(x509.BasicConstraints(ca=isAuthority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )
    host = _host(subject)
    if host is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([host]), critical=False)
    return builder


def _host(subject: DistinguishedName) -> Any:
    """Return the host that a common name says, as an alternative name; `None` if it says none.

    Nobody looks for hosts in common names any more (RFC 9525 §2); programs of this API do write them there.
    """
    from .hostnames import BadHostname, asHost

    x509 = needed("cryptography.x509")
    text = subject.get("commonName", b"").decode("utf-8", "replace")
    wildcard = "*." if text.startswith("*.") else ""
    try:
        host = asHost(text.removeprefix("*."))
    except BadHostname:
        return None
    if host.address is not None:
        return None if wildcard else x509.IPAddress(host.address)
    return x509.DNSName(wildcard + host.ascii)


def _name(name: DistinguishedName) -> Any:
    x509 = needed("cryptography.x509")
    return x509.Name(x509.NameAttribute(x509.ObjectIdentifier(identifier), text) for identifier, text in name._pairs())


def _digest(pair: KeyPair, algorithm: str) -> Any:
    """Find what to sign with; the kinds of key that bring a digest of their own (Ed25519) want none."""
    if not hasattr(pair._secret(), "key_size"):
        return None
    hashes = needed("cryptography.hazmat.primitives.hashes")
    digest = getattr(hashes, algorithm.upper().replace("-", ""), None)
    if digest is None:
        raise ValueError(f"{algorithm!r} is no digest to sign certificates with; sha256 is the usual one")
    return digest()
