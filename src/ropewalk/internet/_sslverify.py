"""Names that packages of others import from a module of the reference release that is private there.

Scrapy and others subclass `ClientTLSOptions` and call `verifyHostname`, which no public module has. New programs find
all that they need in `ropewalk.internet.ssl`.
"""

from __future__ import annotations

from ._tls.certificates import CertBase, Certificate, CertificateRequest, PrivateCertificate
from ._tls.ciphers import Cipher as OpenSSLCipher
from ._tls.ciphers import OpenSSLAcceptableCiphers
from ._tls.clients import ClientTLSOptions, optionsForClientTLS
from ._tls.hostnames import VerificationError, verifyHostname, verifyIPAddress
from ._tls.keys import KeyPair, PublicKey
from ._tls.names import DN, DistinguishedName
from ._tls.negotiation import ProtocolNegotiationSupport, protocolNegotiationMechanisms
from ._tls.options import CertificateOptions as OpenSSLCertificateOptions
from ._tls.options import OpenSSLDiffieHellmanParameters
from ._tls.trust import (
    IOpenSSLTrustRoot,
    OpenSSLCertificateAuthorities,
    OpenSSLDefaultPaths,
    platformTrust,
    trustRootFromCertificates,
)
from ._tls.versions import TLSVersion

__all__ = [
    "DN",
    "CertBase",
    "Certificate",
    "CertificateRequest",
    "ClientTLSOptions",
    "DistinguishedName",
    "IOpenSSLTrustRoot",
    "KeyPair",
    "OpenSSLAcceptableCiphers",
    "OpenSSLCertificateAuthorities",
    "OpenSSLCertificateOptions",
    "OpenSSLCipher",
    "OpenSSLDefaultPaths",
    "OpenSSLDiffieHellmanParameters",
    "PrivateCertificate",
    "ProtocolNegotiationSupport",
    "PublicKey",
    "TLSVersion",
    "VerificationError",
    "optionsForClientTLS",
    "platformTrust",
    "protocolNegotiationMechanisms",
    "trustRootFromCertificates",
    "verifyHostname",
    "verifyIPAddress",
]
