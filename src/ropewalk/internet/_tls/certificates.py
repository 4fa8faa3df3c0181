"""Certificates, and requests for them.

A certificate is its DER bytes here. What it says is read by `x509`, so that looking at one needs nothing but Python;
``original`` is the object of pyOpenSSL that the documents promise, made when somebody asks for it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from ..error import CertificateError, VerifyError
from ._wire import pem, x509
from .extra import isThere, needed
from .keys import FILETYPE_ASN1, FILETYPE_PEM, YEAR, KeyPair, PublicKey
from .names import DistinguishedName

if TYPE_CHECKING:
    from collections.abc import Callable

    from ropewalk.internet.defer import Deferred

    from .options import CertificateOptions

__all__ = ["CertBase", "Certificate", "CertificateRequest", "PrivateCertificate", "certificateOf"]


class CertBase:
    """What certificates and requests have in common."""

    original: Any

    def getSubject(self) -> DistinguishedName:
        """Return the name of whom it is for."""
        raise NotImplementedError(f"{type(self).__name__} has to say how to find its subject")


class Certificate(CertBase):
    """A certificate.

    Args:
        original: an ``OpenSSL.crypto.X509``, a certificate of ``cryptography``, or the DER bytes of one.

    Raises:
        ValueError: the bytes are no certificate.
        TypeError: it is something else.
    """

    def __init__(self, original: Any) -> None:
        self._original: Any = None
        if isinstance(original, bytes):
            self._der = original
        elif hasattr(original, "to_cryptography"):
            self._original = original
            self._der = _der(original.to_cryptography())
        elif hasattr(original, "public_bytes"):
            self._der = _der(original)
        else:
            raise TypeError(f"a certificate is made of an OpenSSL.crypto.X509, not of {type(original).__name__}")
        self._said = x509.read(self._der)

    @classmethod
    def load(Class, requestData: bytes, format: int = FILETYPE_ASN1, args: tuple[Any, ...] = ()) -> Certificate:
        """Read a certificate.

        Args:
            requestData: its bytes; of several in a PEM text the first one.
            format: ``OpenSSL.crypto.FILETYPE_ASN1`` or ``FILETYPE_PEM``.
            args: more arguments for the class, after the certificate.

        Raises:
            ValueError: it isn't one.
        """
        return Class(_derOf(requestData, format), *args)

    @classmethod
    def loadPEM(Class, data: bytes) -> Certificate:
        """Read a certificate from a PEM text, the first one in it; see `load`."""
        return Class.load(data, FILETYPE_PEM)

    @classmethod
    def peerFromTransport(Class, transport: Any) -> Certificate:
        """Return the certificate that the peer of a TLS connection has shown.

        Raises:
            CertificateError: it has shown none, or not yet.
        """
        handle = transport.getHandle()
        if hasattr(handle, "sslObject"):
            shown = handle.sslObject.getpeercert(True)  # the bytes: nothing but Python is needed for them
        else:
            shown = handle.get_peer_certificate()
        if shown is None:
            raise CertificateError(f"the peer of {transport!r} has shown no certificate")
        return Class(shown)

    @classmethod
    def hostFromTransport(Class, transport: Any) -> Certificate:
        """Return the certificate that we have shown to the peer of a TLS connection.

        Raises:
            CertificateError: we have none.
        """
        handle = transport.getHandle()
        if hasattr(handle, "sslObject"):
            from .stdlibcontext import shownBy

            shown = shownBy(handle.sslObject.context)
        else:
            shown = handle.get_certificate()
        if shown is None:
            raise CertificateError(f"{transport!r} has no certificate of ours")
        return Class(shown)

    @property
    def original(self) -> Any:
        """The ``OpenSSL.crypto.X509``."""
        if self._original is None:
            self._original = needed("OpenSSL.crypto").load_certificate(FILETYPE_ASN1, self._der)
        return self._original

    # What it says.

    def getSubject(self) -> DistinguishedName:
        """Return the name of whom it is for. Hosts are checked against other names, which it has besides."""
        return DistinguishedName._ofPairs(self._said.subject)

    def getIssuer(self) -> DistinguishedName:
        """Return the name of who has signed it."""
        return DistinguishedName._ofPairs(self._said.issuer)

    def serialNumber(self) -> int:
        """Return the number that its issuer has given it."""
        return self._said.serial

    def getPublicKey(self) -> PublicKey:
        """Return the key that it is for."""
        return PublicKey._ofInfo(self._said.publicKey)

    def digest(self, method: str = "md5") -> bytes:
        """Return its fingerprint: pairs of hexadecimal digits with colons between.

        Args:
            method: which one, as `hashlib` calls it: ``"sha256"`` is what people compare today.

        Raises:
            ValueError: there is no such method.
        """
        digits = hashlib.new(method, self._der, usedforsecurity=False).hexdigest().upper()
        return ":".join(digits[start : start + 2] for start in range(0, len(digits), 2)).encode()

    def inspect(self) -> str:
        """Return what it says as lines for people."""
        return "\n".join((*self._inspection(), self.getPublicKey().inspect()))

    def _inspection(self) -> tuple[str, ...]:
        return (
            "Certificate For Subject:",
            self.getSubject().inspect(),
            "",
            "Issuer:",
            self.getIssuer().inspect(),
            "",
            f"Serial Number: {self.serialNumber()}",
            f"Digest: {self.digest().decode()}",
        )

    # Its bytes.

    def dump(self, format: int = FILETYPE_ASN1) -> bytes:
        """Return the certificate.

        Args:
            format: ``OpenSSL.crypto.FILETYPE_ASN1``, ``FILETYPE_PEM`` or ``FILETYPE_TEXT``, which is for people.
        """
        if format == FILETYPE_ASN1:
            return self._der
        if format == FILETYPE_PEM:
            return pem.encode(pem.CERTIFICATE, self._der)
        return bytes(needed("OpenSSL.crypto").dump_certificate(format, self.original))

    def dumpPEM(self) -> bytes:
        """Return it in PEM."""
        return self.dump(FILETYPE_PEM)

    def options(self, *authorities: Certificate) -> CertificateOptions:
        """A certificate without its key can't speak for anybody; see `PrivateCertificate.options`.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(
            "a certificate without its private key can't be shown to anybody: "
            "use a PrivateCertificate, or optionsForClientTLS(hostname, trustRoot=certificate) to trust this one"
        )

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Certificate):
            return self._der == other._der
        return NotImplemented

    # Certificates can be replaced in place (`PrivateCertificate` has state), and never were keys of dictionaries.
    __hash__ = None  # type: ignore[assignment]  # which is how Python says so

    def __repr__(self) -> str:
        return (
            f"<{type(self).__name__} Subject={self.getSubject().get('commonName', '')} "
            f"Issuer={self.getIssuer().get('commonName', '')}>"
        )


class PrivateCertificate(Certificate):
    """A certificate with the private key that it is for.

    Attributes:
        privateKey: the `KeyPair`.
    """

    privateKey: KeyPair
    # What else stood in the PEM text that it was read from: those who have signed it.
    _chain: tuple[Certificate, ...] = ()

    @classmethod
    def load(  # type: ignore[override]  # as documented: here the second argument is the key
        Class, data: bytes, privateKey: KeyPair, format: int = FILETYPE_ASN1
    ) -> PrivateCertificate:
        """Read a certificate, and join it with its key.

        Raises:
            ValueError: it isn't one.
            VerifyError: it is for another key.
        """
        return Class(_derOf(data, format))._with(privateKey)

    @classmethod
    def loadPEM(Class, data: bytes) -> PrivateCertificate:
        """Read a certificate and its private key from one PEM text, in any order.

        Certificates after the first one are taken for those who have signed it, and are shown to peers as well: the
        text may be a ``fullchain.pem`` with its key.

        Raises:
            ValueError: there is no certificate, or no private key that isn't encrypted.
            VerifyError: the first certificate is for another key.
        """
        shown = pem.certificates(data)
        if not shown:
            raise pem.BadPEM(f"there is no certificate among {len(data)} bytes of PEM")
        private = Class(shown[0].der)._with(KeyPair.load(data, FILETYPE_PEM))
        private._chain = tuple(Certificate(block.der) for block in shown[1:])
        return private

    @classmethod
    def fromCertificateAndKeyPair(Class, certificateInstance: Certificate, privateKey: KeyPair) -> PrivateCertificate:
        """Join a certificate with its key.

        Raises:
            VerifyError: it is for another key.
        """
        return Class(certificateInstance._der)._with(privateKey)

    def _with(self, pair: KeyPair) -> PrivateCertificate:
        # Without ``cryptography`` nobody can look into a key that is still text: the engines will.
        if isThere("cryptography") and not pair.matches(self.getPublicKey()):
            raise VerifyError(
                f"the certificate is for the key {self.getPublicKey().keyHash()}, "
                f"and the private key is {pair.keyHash()}"
            )
        self.privateKey = pair
        return self

    def dumpPEM(self) -> bytes:
        """Return certificate and private key in PEM, the key in the clear."""
        return pem.join((super().dumpPEM(), self.privateKey.dump(FILETYPE_PEM)))

    def inspect(self) -> str:
        """Return what it says as lines for people."""
        return "\n".join((*self._inspection(), self.privateKey.inspect()))

    def options(self, *authorities: Certificate) -> CertificateOptions:
        """Make a policy that shows this certificate to peers.

        Args:
            authorities: if any are given, the peer has to show a certificate that one of them has signed.
        """
        from .options import CertificateOptions
        from .trust import trustRootFromCertificates

        trustRoot = trustRootFromCertificates(authorities) if authorities else None
        return CertificateOptions(
            privateKey=self.privateKey, certificate=self, extraCertChain=list(self._chain), trustRoot=trustRoot
        )

    # What its key signs.

    def certificateRequest(self, format: int = FILETYPE_ASN1, digestAlgorithm: str = "sha256") -> bytes:
        """Make a request for another certificate of the same key under the same name."""
        return self.privateKey.certificateRequest(self.getSubject(), format, digestAlgorithm)

    def signCertificateRequest(
        self,
        requestData: bytes,
        verifyDNCallback: Callable[[DistinguishedName], Any],
        serialNumber: int,
        requestFormat: int = FILETYPE_ASN1,
        certificateFormat: int = FILETYPE_ASN1,
    ) -> bytes | Deferred[bytes]:
        """Sign a request in this certificate's name; see `KeyPair.signCertificateRequest`."""
        return self.privateKey.signCertificateRequest(
            self.getSubject(), requestData, verifyDNCallback, serialNumber, requestFormat, certificateFormat
        )

    def signRequestObject(
        self,
        certificateRequest: CertificateRequest,
        serialNumber: int,
        secondsToExpiry: int = YEAR,
        digestAlgorithm: str = "sha256",
    ) -> Certificate:
        """Sign a request in this certificate's name; see `KeyPair.signRequestObject`."""
        signed: Certificate = self.privateKey.signRequestObject(
            self.getSubject(), certificateRequest, serialNumber, secondsToExpiry, digestAlgorithm
        )
        return signed

    def newCertificate(self, newCertData: bytes, format: int = FILETYPE_ASN1) -> PrivateCertificate:
        """Join another certificate that was made for the same key with it; see `KeyPair.newCertificate`."""
        return self.privateKey.newCertificate(newCertData, format)

    def __repr__(self) -> str:
        return f"{super().__repr__()} with {self.privateKey!r}" if isThere("cryptography") else super().__repr__()


class CertificateRequest(CertBase):
    """A request for a certificate: a name and a public key, signed by that key.

    Args:
        original: the ``cryptography.x509.CertificateSigningRequest``.
    """

    def __init__(self, original: Any) -> None:
        self.original = original

    @classmethod
    def load(cls, requestData: bytes, requestFormat: int = FILETYPE_ASN1) -> CertificateRequest:
        """Read a request.

        Raises:
            ValueError: it isn't one.
            VerifyError: it is not signed by the key that it is for.
        """
        reader = needed("cryptography.x509")
        read = reader.load_pem_x509_csr if requestFormat == FILETYPE_PEM else reader.load_der_x509_csr
        original = read(requestData)
        request = cls(original)
        if not original.is_signature_valid:
            raise VerifyError(f"the request of {request.getSubject()!r} isn't signed by the key that it is for")
        return request

    def getSubject(self) -> DistinguishedName:
        """Return the name of whom a certificate is requested for."""
        return DistinguishedName._ofPairs(
            (attribute.oid.dotted_string, attribute.value)
            for attribute in self.original.subject
            if isinstance(attribute.value, str)
        )

    def dump(self, format: int = FILETYPE_ASN1) -> bytes:
        """Return the request, in ``OpenSSL.crypto.FILETYPE_ASN1`` or ``FILETYPE_PEM``."""
        encoding = needed("cryptography.hazmat.primitives.serialization").Encoding
        return bytes(self.original.public_bytes(encoding.PEM if format == FILETYPE_PEM else encoding.DER))


def certificateOf(something: Any) -> Certificate:
    """Take a `Certificate` as it is; make one of an ``OpenSSL.crypto.X509`` and all else that it is made of."""
    return something if isinstance(something, Certificate) else Certificate(something)


def _derOf(data: bytes, format: int) -> bytes:
    if format == FILETYPE_ASN1:
        return bytes(data)
    if format != FILETYPE_PEM:
        raise ValueError(f"a certificate is read as FILETYPE_PEM (1) or FILETYPE_ASN1 (2), not as {format!r}")
    found = pem.certificates(data)
    if not found:
        raise pem.BadPEM(f"there is no certificate among {len(data)} bytes of PEM")
    return found[0].der


def _der(certificate: Any) -> bytes:
    encoding = needed("cryptography.hazmat.primitives.serialization").Encoding
    return bytes(certificate.public_bytes(encoding.DER))
