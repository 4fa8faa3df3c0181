"""Certificates by the names of hosts: what a server picks from when a client says whom it means (SNI).

A name is looked for as it is, then as the wildcard that stands for it. Of two certificates for the same name the one
that is valid longer is taken. Who asks for nobody, or for a host that isn't here, is shown the default one.

Spec: RFC 6066 §3.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .certificates import PrivateCertificate
from .options import CertificateOptions

__all__ = ["Shelf", "optionsOf"]


class Shelf:
    """Certificates with their keys, by the names in them.

    Args:
        certificates: pairs of a certificate and the options that show it; the first one is the default.
    """

    def __init__(self, certificates: Iterable[tuple[PrivateCertificate, CertificateOptions]]) -> None:
        self.default: CertificateOptions | None = None
        self._byName: dict[bytes, CertificateOptions] = {}
        ends: dict[bytes, Any] = {}
        for certificate, options in certificates:
            if self.default is None:
                self.default = options
            for name in certificate._said.names:
                key = _key(name)
                if key not in ends or certificate._said.notAfter > ends[key]:
                    ends[key] = certificate._said.notAfter
                    self._byName[key] = options

    def find(self, name: bytes | None) -> CertificateOptions | None:
        """Find the options for a host's name in its ASCII form; the default for `None`.

        Returns:
            `None` if there is no certificate for it.
        """
        if name is None:
            return self.default
        key = name.lower().removesuffix(b".")
        _, dot, parent = key.partition(b".")
        return self._byName.get(key) or self._byName.get(b"*." + parent if dot else key)

    @property
    def names(self) -> list[str]:
        """The names there are certificates for."""
        return sorted(name.decode("ascii", "replace") for name in self._byName)


def optionsOf(certificate: PrivateCertificate) -> CertificateOptions:
    """Make the options that show a certificate, and see that OpenSSL takes it.

    Raises:
        ValueError: it doesn't: the key is for another certificate, most often.
    """
    options = certificate.options()
    try:
        options._contextFor(None)
    except OSError as problem:  # which ``ssl.SSLError`` is
        words = str(getattr(problem, "reason", None) or problem).replace("_", " ").lower()
        raise ValueError(f"OpenSSL does not take {certificate.getSubject()!r} with its key: {words}") from None
    return options


def _key(name: str) -> bytes:
    return name.lower().removesuffix(".").encode("ascii")
