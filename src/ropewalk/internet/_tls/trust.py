"""Whom a policy trusts to sign certificates: some authorities, or those that the system trusts."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zope.interface import Attribute, Interface, implementer

from ._wire import pem
from .certificates import CertBase, Certificate
from .extra import needed

if TYPE_CHECKING:
    from ropewalk.python.filepath import FilePath

__all__ = [
    "IOpenSSLTrustRoot",
    "OpenSSLCertificateAuthorities",
    "OpenSSLDefaultPaths",
    "Roots",
    "platformTrust",
    "trustRootFrom",
    "trustRootFromCertificates",
    "trustRootFromDirectory",
]

REVOCATIONS = b"X509 CRL"


class IOpenSSLTrustRoot(Interface):
    """Whom to trust, as an object that tells an ``OpenSSL.SSL.Context``."""

    _roots: Any = Attribute("What the standard library's contexts are told; missing where only pyOpenSSL's can be.")

    def _addCACertsToContext(context: Any) -> None:
        """Make an ``OpenSSL.SSL.Context`` trust them."""


@dataclass(frozen=True, slots=True)
class Roots:
    """What both engines can be told to trust.

    Attributes:
        system: trust those that the system trusts: what `systemRoots` returned; `None` not to.
        authorities: the DER bytes of certificates to trust.
        revocations: lists of revoked certificates (CRLs), in PEM. Where there are any, there has to be one of each
            authority that has signed a peer's certificate.
    """

    system: tuple[str, ...] | None = None
    authorities: frozenset[bytes] = frozenset()
    revocations: bytes = b""

    def asPEM(self) -> bytes:
        """Return the authorities in PEM."""
        return pem.join(pem.encode(pem.CERTIFICATE, der) for der in sorted(self.authorities))

    def tell(self, context: Any) -> None:
        """Make an ``OpenSSL.SSL.Context`` trust them."""
        flags = needed("OpenSSL.crypto").X509StoreFlags
        store = context.get_cert_store()
        if self.system is not None:
            if not self.system:
                context.set_default_verify_paths()
            for path in self.system:
                if os.path.isdir(path):
                    context.load_verify_locations(None, path)
                else:
                    context.load_verify_locations(path)
        for der in self.authorities:
            store.add_cert(Certificate(der).original)
        if self.authorities:
            # Any of them will do as the end of a chain, an intermediate one or the peer's own included.
            store.set_flags(flags.PARTIAL_CHAIN)
        if self.revocations:
            reader = needed("cryptography.x509")
            for block in pem.blocks(self.revocations):
                store.add_crl(reader.load_der_x509_crl(block.der))
            store.set_flags(flags.CRL_CHECK)


@implementer(IOpenSSLTrustRoot)
class OpenSSLCertificateAuthorities:
    """Trust these authorities and nobody else.

    Args:
        caCerts: certificates: ``OpenSSL.crypto.X509`` or `Certificate`.
        revocations: lists of revoked certificates, in PEM, one after the other.
    """

    def __init__(self, caCerts: Iterable[Any], revocations: bytes = b"") -> None:
        from .certificates import certificateOf

        self._roots = Roots(None, frozenset(certificateOf(each).dump() for each in caCerts), revocations)

    def _addCACertsToContext(self, context: Any) -> None:
        self._roots.tell(context)


@implementer(IOpenSSLTrustRoot)
class OpenSSLDefaultPaths:
    """Trust those that the system trusts: where OpenSSL looks for them, or the environment's ``SSL_CERT_FILE`` says."""

    def __init__(self) -> None:
        self._roots = Roots(systemRoots())

    def _addCACertsToContext(self, context: Any) -> None:
        self._roots.tell(context)


def systemRoots() -> tuple[str, ...]:
    """Return the files and directories of the certificates that the system trusts.

    They are where OpenSSL looks, or where the environment says that it shall. Where there are none, those of
    ``certifi`` are taken, if that is installed.
    """
    paths = ssl.get_default_verify_paths()
    found = tuple(path for path in (paths.cafile, paths.capath) if path)
    if found:
        return found
    try:
        import certifi  # type: ignore[import-not-found]  # a fallback that few need
    except ImportError:
        return ()
    return (certifi.where(),)


def platformTrust() -> OpenSSLDefaultPaths:
    """Trust those that the system trusts.

    On Debian and its kin that is the package ``ca-certificates``. ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` in the
    environment name others.
    """
    return OpenSSLDefaultPaths()


def trustRootFromCertificates(certificates: Iterable[Certificate]) -> OpenSSLCertificateAuthorities:
    """Trust these certificates, and those that they have signed.

    Raises:
        TypeError: one of them is no `Certificate`.
    """
    trusted = []
    for certificate in certificates:
        if not isinstance(certificate, CertBase):
            raise TypeError(
                f"trustRootFromCertificates takes the Certificates of ropewalk.internet.ssl, "
                f"not {type(certificate).__name__}"
            )
        trusted.append(certificate)
    return OpenSSLCertificateAuthorities(trusted)


def trustRootFromDirectory(path: FilePath[str]) -> OpenSSLCertificateAuthorities:
    """Trust all certificates in the files of a directory whose names end with ``.pem``, ``.crt`` or ``.cer``.

    Lists of revoked certificates (CRLs) in PEM, in such files or in ``.crl`` ones, are honoured: then there has to be
    one of each authority that signs a peer's certificate.

    Raises:
        OSError: the directory can't be read.
        ValueError: there is no certificate in it.
    """
    trusted: list[Certificate] = []
    revocations = b""
    for child in sorted(path.children(), key=lambda child: child.basename()):
        if not child.basename().lower().endswith((".pem", ".crt", ".cer", ".crl")) or not child.isfile():
            continue
        for block in pem.blocks(child.getContent()):
            if block.label in pem.CERTIFICATES:
                trusted.append(Certificate(block.der))
            elif block.label == REVOCATIONS:
                revocations += block.whole
    if not trusted:
        raise ValueError(f"there is no certificate in a file of {path.path!r} that ends with .pem, .crt or .cer")
    return OpenSSLCertificateAuthorities(trusted, revocations)


def trustRootFrom(something: Any) -> Any:
    """Take what can be given as ``trustRoot``: one of the above, a `Certificate`, or another `IOpenSSLTrustRoot`.

    Raises:
        TypeError: it is none of these.
    """
    if isinstance(something, Certificate):
        return trustRootFromCertificates([something])
    if hasattr(something, "_addCACertsToContext"):
        return something
    adapted = IOpenSSLTrustRoot(something, None)
    if adapted is None:
        raise TypeError(
            "a trustRoot is a Certificate, or what platformTrust or trustRootFromCertificates returns, "
            f"not {something!r:.200}"
        )
    return adapted
