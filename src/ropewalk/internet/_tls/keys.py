"""Keys, public ones and pairs.

A pair that was read from a PEM file is kept as it was read: a server that only hands it to an engine needs nothing but
Python for that. Whatever looks inside needs ``cryptography``, and what is documented as an object of pyOpenSSL needs
that; both are imported then.
"""

from __future__ import annotations

from hashlib import md5
from typing import TYPE_CHECKING, Any

from ._wire import pem
from .extra import needed
from .names import DistinguishedName

if TYPE_CHECKING:
    from collections.abc import Callable

    from ropewalk.internet.defer import Deferred

    from .certificates import CertificateRequest, PrivateCertificate

__all__ = ["FILETYPE_ASN1", "FILETYPE_PEM", "KeyPair", "PublicKey"]

# Numbers of pyOpenSSL's ``crypto``.
FILETYPE_PEM, FILETYPE_ASN1, FILETYPE_TEXT = 1, 2, 65535
TYPE_RSA, TYPE_DSA = 6, 116

YEAR = 60 * 60 * 24 * 365


class PublicKey:
    """A public key.

    Args:
        osslpkey: an ``OpenSSL.crypto.PKey``.
    """

    def __init__(self, osslpkey: Any) -> None:
        self._original = osslpkey
        self._info: bytes | None = None

    @classmethod
    def _ofInfo(cls, info: bytes) -> PublicKey:
        """Make one of the DER bytes of a SubjectPublicKeyInfo."""
        key = cls(None)
        key._info = info
        return key

    @property
    def original(self) -> Any:
        """The ``OpenSSL.crypto.PKey``."""
        if self._original is None:
            serialization = needed("cryptography.hazmat.primitives.serialization")
            self._original = _pkey(serialization.load_der_public_key(self._info))
        return self._original

    def keyHash(self) -> str:
        """Return a short name for the key: the MD5 sum of its SubjectPublicKeyInfo, in hexadecimal digits."""
        return md5(self._publicInfo(), usedforsecurity=False).hexdigest()

    def matches(self, otherKey: PublicKey) -> bool:
        """Tell whether another key is this one, or the pair that has it."""
        return self._publicInfo() == otherKey._publicInfo()

    def inspect(self) -> str:
        """Return a line for people."""
        return f"Public Key with Hash: {self.keyHash()}"

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.keyHash()}>"

    def _publicInfo(self) -> bytes:
        if self._info is None:
            self._info = _infoOf(self._public())
        return self._info

    def _public(self) -> Any:
        return self._original.to_cryptography_key()


class KeyPair(PublicKey):
    """A private key, with its public half.

    Args:
        osslpkey: an ``OpenSSL.crypto.PKey``, or a private key of ``cryptography``.
    """

    def __init__(self, osslpkey: Any) -> None:
        super().__init__(osslpkey)
        self._pem: bytes | None = None
        self._private: Any = None
        if osslpkey is not None and not hasattr(osslpkey, "to_cryptography_key"):
            if not hasattr(osslpkey, "private_bytes"):
                raise TypeError(f"a key pair is made of an OpenSSL.crypto.PKey, not of {type(osslpkey).__name__}")
            self._original, self._private = None, osslpkey

    @classmethod
    def load(Class, data: bytes, format: int = FILETYPE_ASN1) -> KeyPair:
        """Read a private key that isn't encrypted.

        Args:
            data: its bytes.
            format: ``OpenSSL.crypto.FILETYPE_ASN1`` or ``FILETYPE_PEM``. Of a PEM text the first private key is taken,
                and it is looked into when it is used.

        Raises:
            ValueError: it isn't one.
        """
        pair = Class(None)
        if format == FILETYPE_PEM:
            block = pem.key(data)
            if block is None:
                raise pem.BadPEM(f"there is no private key among {len(data)} bytes of PEM")
            pair._pem = block.whole
            _ = block.der  # which says so if it is encrypted
        else:
            serialization = needed("cryptography.hazmat.primitives.serialization")
            pair._private = serialization.load_der_private_key(data, None)
        return pair

    @classmethod
    def generate(cls, kind: int = TYPE_RSA, size: int = 2048) -> KeyPair:
        """Make a new key.

        Args:
            kind: ``OpenSSL.crypto.TYPE_RSA`` or ``TYPE_DSA``.
            size: its length in bits.

        Raises:
            ValueError: there is no such kind, or a key of that length would be none.
        """
        from . import issuing

        return cls(issuing.newKey(kind, size))

    @property
    def original(self) -> Any:
        """The ``OpenSSL.crypto.PKey``."""
        if self._original is None:
            self._original = _pkey(self._secret())
        return self._original

    def dump(self, format: int = FILETYPE_ASN1) -> bytes:
        """Return the private key, in the clear.

        Args:
            format: ``OpenSSL.crypto.FILETYPE_ASN1`` or ``FILETYPE_PEM``.
        """
        if format == FILETYPE_PEM:
            return self._asPEM()
        serialization = needed("cryptography.hazmat.primitives.serialization")
        forms = serialization.PrivateFormat
        secret = self._secret()
        # The older form, in which OpenSSL wrote keys in DER, for the kinds that have one.
        form = forms.TraditionalOpenSSL if hasattr(secret, "key_size") else forms.PKCS8
        return bytes(secret.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption()))

    def inspect(self) -> str:
        """Return a line for people."""
        secret = self._secret()
        kind = type(secret).__name__.removesuffix("PrivateKey").removeprefix("_")
        size = f"{secret.key_size}-bit " if hasattr(secret, "key_size") else ""
        return f"{size}{kind} Key Pair with Hash: {self.keyHash()}"

    def _asPEM(self) -> bytes:
        """Return the private key in PEM; as it was read, if it was."""
        if self._pem is None:
            serialization = needed("cryptography.hazmat.primitives.serialization")
            self._pem = self._secret().private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        return self._pem

    def _secret(self) -> Any:
        """Return the private key of ``cryptography``."""
        if self._private is None:
            if self._original is not None:
                self._private = self._original.to_cryptography_key()
            else:
                serialization = needed("cryptography.hazmat.primitives.serialization")
                self._private = serialization.load_pem_private_key(self._pem, None)
        return self._private

    def _public(self) -> Any:
        return self._secret().public_key()

    # What a key signs.

    def requestObject(
        self, distinguishedName: DistinguishedName, digestAlgorithm: str = "sha256"
    ) -> CertificateRequest:
        """Make a request for a certificate of this key under a name."""
        from . import issuing

        return issuing.request(self, distinguishedName, digestAlgorithm)

    def certificateRequest(
        self, distinguishedName: DistinguishedName, format: int = FILETYPE_ASN1, digestAlgorithm: str = "sha256"
    ) -> bytes:
        """Make a request for a certificate of this key under a name, as bytes; see `requestObject`."""
        return self.requestObject(distinguishedName, digestAlgorithm).dump(format)

    def signCertificateRequest(
        self,
        issuerDistinguishedName: DistinguishedName,
        requestData: bytes,
        verifyDNCallback: Callable[[DistinguishedName], Any],
        serialNumber: int,
        requestFormat: int = FILETYPE_ASN1,
        certificateFormat: int = FILETYPE_ASN1,
        secondsToExpiry: int = YEAR,
        digestAlgorithm: str = "sha256",
    ) -> bytes | Deferred[bytes]:
        """Sign a request, if a function agrees to the name in it.

        Args:
            issuerDistinguishedName: who signs.
            requestData: the request, in ``requestFormat``.
            verifyDNCallback: called with the name; true, or a Deferred of what is true, to agree.
            serialNumber: the certificate's.
            requestFormat, certificateFormat: ``OpenSSL.crypto.FILETYPE_ASN1`` or ``FILETYPE_PEM``.
            secondsToExpiry: how long it is valid, from now on.
            digestAlgorithm: what it is signed with.

        Returns:
            The certificate's bytes; a Deferred of them if ``verifyDNCallback`` returned one.

        Raises:
            VerifyError: the function didn't agree; or the Deferred fails with it.
        """
        from . import issuing

        return issuing.signIfAgreed(
            self,
            issuerDistinguishedName,
            requestData,
            verifyDNCallback,
            serialNumber,
            requestFormat,
            certificateFormat,
            secondsToExpiry,
            digestAlgorithm,
        )

    def signRequestObject(
        self,
        issuerDistinguishedName: DistinguishedName,
        requestObject: CertificateRequest,
        serialNumber: int,
        secondsToExpiry: int = YEAR,
        digestAlgorithm: str = "sha256",
    ) -> Any:
        """Sign a request, whatever is in it.

        The certificate is for the host that its common name is, if that can be a host's; what else a request asks for
        is not granted.

        Returns:
            The `Certificate`, valid from now on.
        """
        from . import issuing

        return issuing.sign(
            self, issuerDistinguishedName, requestObject, serialNumber, secondsToExpiry, digestAlgorithm
        )

    def newCertificate(self, newCertData: bytes, format: int = FILETYPE_ASN1) -> PrivateCertificate:
        """Join a certificate that was made for this key with it.

        Raises:
            VerifyError: it was made for another key.
        """
        from .certificates import PrivateCertificate

        return PrivateCertificate.load(newCertData, self, format)

    def selfSignedCert(self, serialNumber: int, **kw: str | bytes) -> PrivateCertificate:
        """Sign a certificate for this key with this key, valid for a year.

        It may sign others, and it is for the host that its common name is, if that can be a host's.

        Args:
            serialNumber: the certificate's.
            kw: the fields of its name, see `DistinguishedName`.
        """
        from . import issuing

        return issuing.selfSigned(self, serialNumber, DistinguishedName(**kw))


def _pkey(key: Any) -> Any:
    return needed("OpenSSL.crypto").PKey.from_cryptography_key(key)


def _infoOf(public: Any) -> bytes:
    serialization = needed("cryptography.hazmat.primitives.serialization")
    if hasattr(public, "public_key"):
        public = public.public_key()
    return bytes(public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo))
