"""`StartTLS`: a command after which the connection is encrypted.

The one who asks holds back what it would send until the answer is there; the one who answers begins right behind its
answer. Whatever else had come in clear behind the question is not read: who sits between the two could have put it
there.

TLS itself is `ropewalk.internet.ssl`, loaded when the first connection wants it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .arguments import LocalArgument
from .box import AmpBox, FollowedBox
from .commands import Command
from .errors import OnlyOneTLS

if TYPE_CHECKING:
    from ropewalk.internet.defer import Deferred

    from .errors import RemoteAmpError

__all__ = ["StartTLS", "contextFor"]


class TLSBox(FollowedBox):
    """The answer to `StartTLS`, behind which TLS begins."""

    __slots__ = ()

    def _sendTo(self, proto: Any) -> None:
        if proto.hostCertificate is not None:
            raise OnlyOneTLS("the peer wants TLS, and this connection is encrypted already")
        super()._sendTo(proto)


class StartTLS(Command):
    """Encrypt the connection from here on.

    Who asks passes its certificate and those that it trusts; who answers returns the same two from its responder. `AMP`
    answers by itself, with a certificate made for the occasion. Without ``tls_verifyAuthorities`` nobody knows who is
    at the other end: it keeps out those who listen, not those who interfere.

    The side that has accepted the connection is the server of the handshake, whoever asks: if it is the one who asks,
    it has to have a certificate.

    Args:
        tls_localCertificate: the `PrivateCertificate` to show; `None` to show none.
        tls_verifyAuthorities: the `Certificate` objects, one of which the peer's has to be, or be signed by; `None` to
            take any.
    """

    arguments = [
        (b"tls_localCertificate", LocalArgument(optional=True)),
        (b"tls_verifyAuthorities", LocalArgument(optional=True)),
    ]
    response = [
        (b"tls_localCertificate", LocalArgument(optional=True)),
        (b"tls_verifyAuthorities", LocalArgument(optional=True)),
    ]
    responseType = TLSBox

    def __init__(self, *, tls_localCertificate: Any = None, tls_verifyAuthorities: Any = None, **kw: Any) -> None:
        self.certificate = tls_localCertificate
        self.authorities = tls_verifyAuthorities
        super().__init__(**kw)

    @classmethod
    def makeResponse(cls, objects: dict[str, Any], proto: Any) -> AmpBox:
        """Return the box of the answer, behind which TLS begins with what the responder returned."""
        certificate, authorities = objects.get("tls_localCertificate"), objects.get("tls_verifyAuthorities")
        return TLSBox(lambda sender: sender._startTLS(certificate, authorities, isServer=True))

    def _doCommand(self, proto: Any) -> Deferred[dict[str, Any]] | None:
        sender = proto.boxSender
        if sender is not None and (sender._heldBack is not None or sender.hostCertificate is not None):
            raise OnlyOneTLS("this connection is encrypted already, or is just being so")
        asked = super()._doCommand(proto)
        if asked is not None and not asked.called:
            sender._holdBack()
        return asked

    def _answered(self, box: AmpBox, proto: Any) -> dict[str, Any]:
        proto.boxSender._startTLS(self.certificate, self.authorities, isServer=False)
        return {}

    def _refused(self, error: RemoteAmpError, proto: Any) -> BaseException:
        proto.boxSender._letGo()
        return super()._refused(error, proto)


class NoCertificate:
    """What a side shows that has no certificate: nothing, or, as a server, one that it makes up."""

    def __repr__(self) -> str:
        return "<no certificate>"


NO_CERTIFICATE = NoCertificate()


def contextFor(certificate: Any, authorities: Sequence[Any] | None, isServer: bool) -> Any:
    """Return what a transport's ``startTLS`` wants.

    Args:
        certificate: what to show, or `None`.
        authorities: what to trust, or `None` for anything.
        isServer: whether we are the one who was asked.
    """
    from ropewalk.internet.ssl import CertificateOptions, KeyPair, trustRootFromCertificates

    if certificate is None and isServer:
        # No server does without one. It proves nothing, and says so.
        certificate = KeyPair.generate().selfSignedCert(1, CN="temporary")
    if certificate is not None:
        return certificate.options(*(authorities or ()))
    if authorities:
        return CertificateOptions(trustRoot=trustRootFromCertificates(authorities))
    return CertificateOptions()
