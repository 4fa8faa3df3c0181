"""What a client needs: to know who answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from zope.interface import implementer

from ropewalk.python.failure import Failure

from ..interfaces import IOpenSSLClientConnectionCreator
from .contract import StdlibSession
from .extra import needed
from .hostnames import asHost, verify
from .options import CertificateOptions
from .trust import platformTrust

if TYPE_CHECKING:
    from .certificates import PrivateCertificate

__all__ = ["ClientTLSOptions", "optionsForClientTLS"]


def optionsForClientTLS(
    hostname: str,
    trustRoot: Any = None,
    clientCertificate: PrivateCertificate | None = None,
    acceptableProtocols: Sequence[bytes] | None = None,
    *,
    extraCertificateOptions: dict[str, Any] | None = None,
    sendServerName: bool | None = None,
) -> ClientTLSOptions:
    """Make a client's policy: the peer has to be the host that is asked for, and prove it.

    Args:
        hostname: whom to expect: a host's name, in any script, or an IP address; as text. It need not be what is
            connected to.
        trustRoot: whose signature proves it: a `Certificate`, or what `trustRootFromCertificates` returns; those that
            the system trusts when `None`.
        clientCertificate: what to show to a server that asks who we are.
        acceptableProtocols: application protocols to offer, best first (ALPN): ``[b"h2", b"http/1.1"]``.
        extraCertificateOptions: more arguments for `CertificateOptions`, by name.
        sendServerName: tell the server in the clear which host is meant (SNI); when `None`, if it is a name.

    Raises:
        TypeError: the host's name is not text, an argument is given twice or is unknown.
        ValueError: it can't be a host's name.
    """
    if not isinstance(hostname, str):
        raise TypeError(f"the host's name is text, not {type(hostname).__name__}: {hostname!r:.300}")
    identity: dict[str, Any] = {}
    if clientCertificate is not None:
        identity = {
            "privateKey": clientCertificate.privateKey,
            "certificate": clientCertificate,
            "extraCertChain": list(clientCertificate._chain),
        }
    given = {
        **identity,
        "trustRoot": platformTrust() if trustRoot is None else trustRoot,
        "acceptableProtocols": acceptableProtocols,
    }
    extra = extraCertificateOptions or {}
    twice = sorted(given.keys() & extra.keys())
    if twice:
        raise TypeError(f"extraCertificateOptions has {', '.join(twice)}, which optionsForClientTLS gives by itself")
    options = CertificateOptions(**given, **extra)
    client = ClientTLSOptions(options._connection, hostname, sendServerName)
    client._options = options
    return client


@implementer(IOpenSSLClientConnectionCreator)
class ClientTLSOptions:
    """A client's policy for one host.

    Programs subclass this to hear what OpenSSL does, in ``_identityVerifyingInfoCallback``. Those of older releases
    give the host first and an ``OpenSSL.SSL.Context`` second, which works as well.

    Args:
        createConnection: makes the ``OpenSSL.SSL.Connection`` for the protocol that it is given.
        hostname: whom to expect.
        sendServerName: tell the server which host is meant; when `None`, if it is a name.
    """

    def __init__(self, createConnection: Any, hostname: Any, sendServerName: bool | None = None) -> None:
        if isinstance(createConnection, str):
            createConnection, hostname = _fromContext(hostname), createConnection
        self._createConnection = createConnection
        self._host = asHost(hostname)
        # Names that programs which subclass this read.
        self._hostname = hostname
        self._hostnameASCII = self._host.ascii
        self._hostnameBytes = self._host.ascii.encode("ascii")
        self._hostnameIsDnsName = self._host.address is None
        self._sendServerName = self._hostnameIsDnsName if sendServerName is None else sendServerName
        # What the standard library can be told; `None` for those who make their connections themselves.
        self._options: CertificateOptions | None = None

    def clientConnectionForTLS(self, tlsProtocol: Any) -> Any:
        """Make the ``OpenSSL.SSL.Connection``; see `IOpenSSLClientConnectionCreator`."""
        connection = self._createConnection(tlsProtocol)
        connection.set_info_callback(self._identityVerifyingInfoCallback)
        if self._sendServerName:
            connection.set_tlsext_host_name(self._hostnameBytes)
        if self._options is not None:
            from .opensslcontext import ask

            ask(connection, self._hostname)
        return connection

    def _identityVerifyingInfoCallback(self, connection: Any, where: int, ret: int) -> None:
        """Hear how far OpenSSL is; when the handshake is done, see that the certificate is for the host."""
        if where & needed("OpenSSL.SSL").SSL_CB_HANDSHAKE_DONE:
            # Nothing can be raised out of here: pyOpenSSL would print it.
            try:
                from .certificates import Certificate

                shown = connection.get_peer_certificate()
                verify(None if shown is None else Certificate(shown).dump(), self._host)
            except Exception:
                connection.get_app_data().failVerification(Failure())

    def _stdlibSession(self, isClient: bool, protocols: Sequence[bytes] | None = None) -> StdlibSession | None:
        """Say how to begin a connection; see `contract`."""
        # A subclass that hears what OpenSSL does has to hear it.
        heard = type(self)._identityVerifyingInfoCallback is not ClientTLSOptions._identityVerifyingInfoCallback
        if self._options is None or heard:
            return None
        return self._options._session(
            isClient, protocols, self._hostnameASCII if self._sendServerName else None, self._host
        )


def _fromContext(context: Any) -> Callable[[Any], Any]:
    """Make what makes connections from a context."""

    def create(protocol: Any) -> Any:
        connection = needed("OpenSSL.SSL").Connection(context, None)
        connection.set_app_data(protocol)
        return connection

    return create
