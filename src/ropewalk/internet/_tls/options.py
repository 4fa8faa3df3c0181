"""`CertificateOptions`: how to speak TLS, as programs say it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from zope.interface import implementer

from ..interfaces import (
    IAcceptableCiphers,
    IOpenSSLClientConnectionCreator,
    IOpenSSLContextFactory,
    IOpenSSLServerConnectionCreator,
    IProtocolNegotiationFactory,
)
from . import ciphers, versions
from .certificates import certificateOf
from .contract import StdlibSession
from .extra import isThere, needed
from .keys import KeyPair
from .policies import DEPTH, Identity, Policy, Verification
from .trust import OpenSSLCertificateAuthorities, trustRootFrom

if TYPE_CHECKING:
    import ssl

    from ropewalk.logger._names import Constant
    from ropewalk.python.filepath import FilePath

    from .hostnames import Host

__all__ = ["CertificateOptions", "DiffieHellmanParameters", "OpenSSLDiffieHellmanParameters"]


class OpenSSLDiffieHellmanParameters:
    """Parameters of the Diffie-Hellman key exchange, for the cipher suites that begin with ``DHE``.

    Those that begin with ``ECDHE`` do as much, faster, and need none: give none unless a peer can't do better.

    Args:
        parameters: the file, in PEM, as ``openssl dhparam`` writes it.
    """

    def __init__(self, parameters: FilePath[str]) -> None:
        self._dhFile = parameters

    @classmethod
    def fromFile(cls, filePath: FilePath[str]) -> OpenSSLDiffieHellmanParameters:
        """Take them from a file in PEM. It is read when the first connection is made."""
        return cls(filePath)


DiffieHellmanParameters = OpenSSLDiffieHellmanParameters


@implementer(IOpenSSLContextFactory, IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator)
class CertificateOptions:
    """How to speak TLS: who we are, whom we want to talk to, and which versions, ciphers and protocols will do.

    What isn't said is safe: TLS 1.2 and 1.3, ciphers with forward secrecy, no compression, no renegotiation, no
    sessions that are resumed. Clients want `optionsForClientTLS` instead, which verifies who answers.

    Connections are made by the standard library's ``ssl`` if that can express all of it, and by pyOpenSSL if not.

    Args:
        privateKey, certificate: who we are: an ``OpenSSL.crypto.PKey`` and an ``OpenSSL.crypto.X509``, or a `KeyPair`
            and a `Certificate`. Both or none.
        method: deprecated: a constant of ``OpenSSL.SSL``.
        verify, caCerts: older form of ``trustRoot``: the certificates to trust, given if and only if ``verify`` is
            true.
        verifyDepth: how long a peer's chain may be.
        requireCertificate: with ``verify``: a client that shows no certificate is refused.
        verifyOnce: a client is asked for its certificate in its first handshake only.
        enableSingleUseKeys: no longer matters: keys of an exchange are never used twice.
        enableSessions: clients may resume sessions, which we keep.
        fixBrokenPeers: work around the mistakes of old peers.
        enableSessionTickets: clients may resume sessions, which they keep.
        extraCertChain: the certificates of those who have signed ours, the nearest first.
        acceptableCiphers: the cipher suites.
        dhParameters: parameters for the DHE suites.
        trustRoot: whom to trust. Given, the peer has to show a certificate that they have signed.
        acceptableProtocols: the application protocols that we speak, best first, as ALPN calls them: ``b"h2"``. A peer
            that offers some and none of these is refused.
        raiseMinimumTo: the lowest version of TLS, where the default isn't enough.
        insecurelyLowerMinimumTo: the lowest version of TLS, below the default.
        lowerMaximumSecurityTo: the highest version of TLS.
        contextForServerName: server: finds the context for the name that a client asks for (SNI), in its ASCII form,
            `None` if it asks for none. It returns an ``OpenSSL.SSL.Context``, or `None` to go on with this one.

    Raises:
        ValueError: arguments contradict each other, or one goes without another that it needs.
        TypeError: arguments exclude each other, or one is of the wrong type.
    """

    def __init__(
        self,
        privateKey: Any = None,
        certificate: Any = None,
        method: int | None = None,
        verify: bool = False,
        caCerts: Iterable[Any] | None = None,
        verifyDepth: int = DEPTH,
        requireCertificate: bool = True,
        verifyOnce: bool = True,
        enableSingleUseKeys: bool = True,
        enableSessions: bool = False,
        fixBrokenPeers: bool = False,
        enableSessionTickets: bool = False,
        extraCertChain: Sequence[Any] | None = None,
        acceptableCiphers: IAcceptableCiphers | None = None,
        dhParameters: OpenSSLDiffieHellmanParameters | None = None,
        trustRoot: Any = None,
        acceptableProtocols: Sequence[bytes] | None = None,
        raiseMinimumTo: Constant | None = None,
        insecurelyLowerMinimumTo: Constant | None = None,
        lowerMaximumSecurityTo: Constant | None = None,
        contextForServerName: Callable[[bytes | None], Any] | None = None,
    ) -> None:
        if (privateKey is None) != (certificate is None):
            given, missing = ("certificate", "privateKey") if privateKey is None else ("privateKey", "certificate")
            raise ValueError(f"{given} is given without {missing}: one proves the other, so give both or none")
        if extraCertChain and privateKey is None:
            raise ValueError("extraCertChain is given without privateKey and certificate, whose chain it would be")
        if method is None:
            self._versions = versions.between(raiseMinimumTo, insecurelyLowerMinimumTo, lowerMaximumSecurityTo)
        else:
            _exclude("method", "raiseMinimumTo", raiseMinimumTo)
            _exclude("method", "insecurelyLowerMinimumTo", insecurelyLowerMinimumTo)
            _exclude("method", "lowerMaximumSecurityTo", lowerMaximumSecurityTo)
            self._versions = versions.ofMethod(method)
            versions.warnOfMethod(stacklevel=2)
        if trustRoot is not None:
            _exclude("trustRoot", "verify", verify or None)
            _exclude("trustRoot", "caCerts", caCerts)
            _exclude("trustRoot", "requireCertificate=False", None if requireCertificate else requireCertificate)
            trustRoot = trustRootFrom(trustRoot)
            verify = True
        elif verify and not caCerts:
            raise ValueError("verify is true, and caCerts doesn't say whose certificates are to be trusted")

        self._key = _keyPair(privateKey)
        self._certificate = None if certificate is None else certificateOf(certificate)
        self._chain = [certificateOf(each) for each in extraCertChain or ()]
        self.method = versions.METHOD_NAMES["TLS_METHOD"] if method is None else method
        self.verify = verify
        self.caCerts = None if caCerts is None else list(caCerts)
        self.verifyDepth = verifyDepth
        self.requireCertificate = requireCertificate
        self.verifyOnce = verifyOnce
        self.enableSingleUseKeys = enableSingleUseKeys
        self.enableSessions = enableSessions
        self.fixBrokenPeers = fixBrokenPeers
        self.enableSessionTickets = enableSessionTickets
        self.dhParameters = dhParameters
        self.trustRoot = trustRoot
        self._ciphers = ciphers.select(acceptableCiphers, self._versions.lowest < versions.LOWEST)
        self._protocols = _protocolNames(acceptableProtocols)
        self._lookup = contextForServerName
        # What `getContext` has handed out. From then on connections are made from it: who has it may have changed it.
        self._context: Any = None
        # Filled at the first connection, when attributes that programs like to set have been set.
        self._policy: Policy | None = None
        self._stdlib: dict[tuple[bool, tuple[bytes, ...]], ssl.SSLContext] = {}
        self._openssl: dict[tuple[bytes, ...], Any] = {}

    @property
    def privateKey(self) -> Any:
        """Our private key, as an ``OpenSSL.crypto.PKey``."""
        return None if self._key is None else self._key.original

    @property
    def certificate(self) -> Any:
        """Our certificate, as an ``OpenSSL.crypto.X509``."""
        return None if self._certificate is None else self._certificate.original

    @property
    def extraCertChain(self) -> list[Any]:
        """The certificates of those who have signed ours, as ``OpenSSL.crypto.X509``."""
        return [certificate.original for certificate in self._chain]

    # As the documented API uses it: pyOpenSSL's objects.

    def getContext(self) -> Any:
        """Return an ``OpenSSL.SSL.Context`` that says all this, the same one each time.

        It is the caller's to change, before the first connection.

        Raises:
            ImportError: pyOpenSSL isn't installed.
            OpenSSL.SSL.Error: OpenSSL does not take the key or the certificate.
        """
        if self._context is None:
            from .opensslcontext import newContext

            self._context = newContext(self._said())
        return self._context

    def serverConnectionForTLS(self, protocol: Any) -> Any:
        """Make the ``OpenSSL.SSL.Connection`` of a server; see `IOpenSSLServerConnectionCreator`."""
        return self._connection(protocol)

    def clientConnectionForTLS(self, protocol: Any) -> Any:
        """Make the ``OpenSSL.SSL.Connection`` of a client; which host has answered is not verified."""
        return self._connection(protocol)

    def _connection(self, protocol: Any) -> Any:
        SSL = needed("OpenSSL.SSL")
        connection = SSL.Connection(self._opensslContextFor(_negotiated(protocol)), None)
        connection.set_app_data(protocol)
        return connection

    def _opensslContextFor(self, protocols: tuple[bytes, ...] | None) -> Any:
        """Return the context for connections, which is shared with whoever says the same."""
        if self._context is not None:
            if protocols:
                from .openssl import negotiate

                negotiate(self._context, protocols)
            return self._context
        from .opensslcontext import keptContext, newContext

        policy = self._withProtocols(protocols)
        if policy.isShared:
            return keptContext(policy)
        context = self._openssl.get(policy.protocols)
        if context is None:
            context = self._openssl[policy.protocols] = newContext(policy)
        return context

    # As the standard library does it.

    def _stdlibSession(self, isClient: bool, protocols: Sequence[bytes] | None = None) -> StdlibSession | None:
        """Say how to begin a connection; see `contract`."""
        return self._session(isClient, protocols, None, None)

    def _session(
        self,
        isClient: bool,
        protocols: Sequence[bytes] | None,
        serverName: str | None,
        host: Host | None,
    ) -> StdlibSession | None:
        """Say how to begin a connection, of a client with a host that it asks for and checks."""
        policy = self._withProtocols(None if protocols is None else tuple(protocols))
        if self._context is not None or not self._canDoWithStdlib(policy):
            return None
        context = self._contextFor(policy.protocols, isClient)
        return StdlibSession(
            context,
            serverName,
            None if host is None else _Expecting(host),
            () if isClient else policy.protocols,
            None if host is None else host.text,
        )

    def _canDoWithStdlib(self, policy: Policy) -> bool:
        from .stdlibcontext import whyNot

        reason = whyNot(policy)
        if reason is not None and not isThere("OpenSSL"):
            raise ImportError(
                f"this TLS policy needs pyOpenSSL, because {reason}: pip install 'ropewalk[tls]'", name="OpenSSL"
            )
        return reason is None

    def _contextFor(self, protocols: tuple[bytes, ...] | None, isClient: bool = False) -> ssl.SSLContext:
        """Return the ``ssl.SSLContext``, with ALPN names of ours or of others."""
        policy = self._withProtocols(protocols)
        context = self._stdlib.get((isClient, policy.protocols))
        if context is None:
            from .stdlibcontext import stdlibContext

            context = self._stdlib[isClient, policy.protocols] = stdlibContext(policy, isClient)
        return context

    # What is said, as a value.

    def _withProtocols(self, protocols: tuple[bytes, ...] | None) -> Policy:
        policy = self._said()
        if protocols is None or protocols == policy.protocols:
            return policy
        return replace(policy, protocols=protocols)

    def _said(self) -> Policy:
        if self._policy is None:
            self._policy = Policy(
                identity=self._identity(),
                verification=self._verification(),
                versions=self._versions,
                ciphers=self._ciphers,
                protocols=self._protocols,
                sessions=bool(self.enableSessions),
                tickets=bool(self.enableSessionTickets),
                dhParameters=None if self.dhParameters is None else self.dhParameters._dhFile.getContent(),
                lenient=bool(self.fixBrokenPeers),
                lookup=self._lookup,
            )
        return self._policy

    def _identity(self) -> Identity | None:
        if self._key is None or self._certificate is None:
            return None
        return Identity(
            self._key._asPEM(), (self._certificate.dump(), *(certificate.dump() for certificate in self._chain))
        )

    def _verification(self) -> Verification | None:
        if not self.verify:
            return None
        root = self.trustRoot
        if root is None:
            root = OpenSSLCertificateAuthorities(self.caCerts or ())
        roots = getattr(root, "_roots", None)
        return Verification(
            roots=roots,
            root=root if roots is None else None,
            required=self.requireCertificate,
            depth=self.verifyDepth,
            once=self.verifyOnce,
        )


class _Expecting:
    """Called after a client's handshake: sees that the certificate is for the host that was asked for."""

    __slots__ = ("_host",)

    def __init__(self, host: Host) -> None:
        self._host = host

    def __call__(self, connection: ssl.SSLObject) -> None:
        from .hostnames import verify

        verify(connection.getpeercert(True), self._host)


def _exclude(one: str, other: str, value: object) -> None:
    if value is not None:
        raise TypeError(f"{one} and {other} exclude each other: give the one that is meant")


def _keyPair(key: Any) -> KeyPair | None:
    return key if key is None or isinstance(key, KeyPair) else KeyPair(key)


def _protocolNames(names: Iterable[bytes | str] | None) -> tuple[bytes, ...]:
    """Check ALPN names (RFC 7301 §3.1)."""
    checked = []
    for name in names or ():
        asBytes = name.encode("ascii") if isinstance(name, str) else bytes(name)
        if not 0 < len(asBytes) < 256:
            raise ValueError(f"acceptableProtocols has {name!r:.100}: a protocol's name is of 1 to 255 bytes")
        checked.append(asBytes)
    return tuple(checked)


def _negotiated(protocol: Any) -> tuple[bytes, ...] | None:
    """Return the ALPN names that the factory behind a TLS protocol wishes for; `None` when it doesn't say."""
    factory = getattr(protocol, "factory", None)
    wrapped = getattr(factory, "wrappedFactory", None)
    for candidate in (factory, wrapped):
        if candidate is not None and IProtocolNegotiationFactory.providedBy(candidate):
            return tuple(candidate.acceptableProtocols())
    return None
