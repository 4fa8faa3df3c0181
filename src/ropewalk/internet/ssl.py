"""TLS: who we are, whom we want to talk to, and how.

A client begins with `optionsForClientTLS`, a server with `PrivateCertificate.loadPEM` and its ``options()``, or with
the endpoint ``tls:`` over a directory of certificates. Whatever they return is handed to endpoints, ``listenSSL``,
``connectSSL`` and ``startTLS``.

Python's own ``ssl`` does the work. pyOpenSSL and cryptography (``pip install 'ropewalk[tls]'``) are wanted by programs
that make certificates, or that use the objects of pyOpenSSL: ``getContext``, ``original`` and their kin.
"""

from __future__ import annotations

from .._doors import publish
from ._tls.certificates import Certificate, CertificateRequest, PrivateCertificate
from ._tls.ciphers import AcceptableCiphers
from ._tls.clients import optionsForClientTLS
from ._tls.hostnames import VerificationError
from ._tls.keys import KeyPair
from ._tls.names import DN, DistinguishedName
from ._tls.negotiation import ProtocolNegotiationSupport, protocolNegotiationMechanisms
from ._tls.older import ClientContextFactory, ContextFactory, DefaultOpenSSLContextFactory
from ._tls.options import CertificateOptions, DiffieHellmanParameters
from ._tls.refusals import HandshakeRefused
from ._tls.servers import optionsForServerTLS
from ._tls.transports import Client, Connector, Port, Server
from ._tls.trust import OpenSSLDefaultPaths, platformTrust, trustRootFromCertificates, trustRootFromDirectory
from ._tls.versions import TLSVersion

__all__ = [
    "DN",
    "AcceptableCiphers",
    "Certificate",
    "CertificateOptions",
    "CertificateRequest",
    "Client",
    "ClientContextFactory",
    "Connector",
    "ContextFactory",
    "DefaultOpenSSLContextFactory",
    "DiffieHellmanParameters",
    "DistinguishedName",
    "HandshakeRefused",
    "KeyPair",
    "OpenSSLDefaultPaths",
    "Port",
    "PrivateCertificate",
    "ProtocolNegotiationSupport",
    "Server",
    "TLSVersion",
    "VerificationError",
    "optionsForClientTLS",
    "optionsForServerTLS",
    "platformTrust",
    "protocolNegotiationMechanisms",
    "supported",
    "trustRootFromCertificates",
    "trustRootFromDirectory",
]

# Programs ask before they use the rest. It always is, here.
supported = True

publish(__name__)
