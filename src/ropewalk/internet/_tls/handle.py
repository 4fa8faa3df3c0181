"""What ``getHandle`` returns when the standard library speaks TLS: its object, in the words of pyOpenSSL.

Programs ask the handle of a TLS transport what was agreed on: the cipher, the version, the peer's certificates. They
ask an ``OpenSSL.SSL.Connection``, which is what the documents promise. `StdlibHandle` answers the same questions.
"""

from __future__ import annotations

from ssl import SSLObject
from typing import Any

from .extra import needed

__all__ = ["StdlibHandle", "certificateFrom"]


def certificateFrom(der: bytes | None) -> Any:
    """Make an ``OpenSSL.crypto.X509`` of a certificate in DER; `None` of none.

    Raises:
        ImportError: pyOpenSSL isn't installed.
    """
    if der is None:
        return None
    crypto = needed("OpenSSL.crypto")
    return crypto.load_certificate(crypto.FILETYPE_ASN1, der)


class StdlibHandle:
    """Answers what programs ask an ``OpenSSL.SSL.Connection``. To read and write is the transport's.

    Attributes:
        sslObject: the ``ssl.SSLObject`` itself, for what is not here.
    """

    __slots__ = ("sslObject",)

    def __init__(self, sslObject: SSLObject) -> None:
        self.sslObject = sslObject

    def get_peer_certificate(self) -> Any:
        """Return the peer's certificate as an ``OpenSSL.crypto.X509``; `None` if it has shown none, or not yet."""
        try:
            der = self.sslObject.getpeercert(True)
        except ValueError:  # the handshake is not done
            return None
        return certificateFrom(der)

    def get_verified_chain(self) -> list[Any] | None:
        """Return the peer's certificate and those that vouch for it, as ``OpenSSL.crypto.X509``; `None` without any."""
        from .stdlibcontext import sentBy

        return [certificateFrom(der) for der in sentBy(self.sslObject)] or None

    def get_cipher_name(self) -> str | None:
        """Return the name of the cipher suite; `None` before the handshake is done."""
        cipher = self.sslObject.cipher()
        return None if cipher is None else cipher[0]

    def get_cipher_version(self) -> str | None:
        """Return the version of TLS that defines the cipher suite."""
        cipher = self.sslObject.cipher()
        return None if cipher is None else cipher[1]

    def get_cipher_bits(self) -> int | None:
        """Return how many bits the key of the cipher has."""
        cipher = self.sslObject.cipher()
        return None if cipher is None else cipher[2]

    def get_protocol_version_name(self) -> str:
        """Return the version of TLS that is spoken, ``"TLSv1.3"`` say."""
        return self.sslObject.version() or "unknown"

    def get_alpn_proto_negotiated(self) -> bytes:
        """Return the protocol agreed on; empty when there is none."""
        return (self.sslObject.selected_alpn_protocol() or "").encode("ascii")

    def get_servername(self) -> bytes | None:
        """Return the name that a client asked for."""
        name = self.sslObject.server_hostname
        return None if name is None else name.encode("ascii")

    def session_reused(self) -> bool:
        """Tell whether an earlier session was resumed."""
        return bool(self.sslObject.session_reused)

    def __getattr__(self, name: str) -> Any:
        """Say how to have the real thing."""
        raise AttributeError(
            f"{name!r} is not here: Python's ssl speaks TLS on this connection, and its object is the attribute "
            "sslObject; connections by pyOpenSSL are made of options whose getContext() was called, or of a context "
            "factory of your own",
            name=name,
            obj=self,
        )
