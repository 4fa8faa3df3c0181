"""What a server needs: to show the certificate of the host that a client means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from zope.interface import implementer

from ..interfaces import IOpenSSLServerConnectionCreator
from .certificates import Certificate, PrivateCertificate
from .contract import StdlibSession
from .directory import CertificateDirectory
from .options import CertificateOptions
from .shelf import Shelf, optionsOf

if TYPE_CHECKING:
    from ropewalk.python.filepath import FilePath

__all__ = ["SNIConnectionCreator", "optionsForServerTLS"]


@implementer(IOpenSSLServerConnectionCreator)
class SNIConnectionCreator:
    """A server's policy that picks a context by the name that a client asks for (SNI).

    Args:
        _contextLookup: returns the ``OpenSSL.SSL.Context`` for a name in its ASCII form, or `None` if it has none for
            it; called with `None` it returns the default one. `autoReloadingDirectoryOfPEMs` makes such.
    """

    def __init__(self, _contextLookup: Callable[[bytes | None], Any]) -> None:
        self._contextLookup = _contextLookup
        # Shows nothing by itself: whatever is shown is looked up, the default too, which may change.
        self._options = CertificateOptions(contextForServerName=_orDefault(_contextLookup))

    @property
    def defaultContext(self) -> Any:
        """What is shown to clients that ask for no name, or for an unknown one: an ``OpenSSL.SSL.Context``."""
        return self._contextLookup(None)

    def serverConnectionForTLS(self, protocol: Any) -> Any:
        """Make the ``OpenSSL.SSL.Connection`` of a server; see `IOpenSSLServerConnectionCreator`."""
        return self._options.serverConnectionForTLS(protocol)

    def _stdlibSession(self, isClient: bool, protocols: Sequence[bytes] | None = None) -> StdlibSession | None:
        """Say how to begin a connection; see `contract`."""
        return self._options._stdlibSession(isClient, protocols)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, SNIConnectionCreator):
            return self._contextLookup == other._contextLookup
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._contextLookup)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(_contextLookup={self._contextLookup!r})"


def _orDefault(lookup: Any) -> Any:
    """Make a lookup that has the default where another has nothing."""
    return _OursOrDefault(lookup) if hasattr(lookup, "_optionsFor") else _TheirsOrDefault(lookup)


class _TheirsOrDefault:
    def __init__(self, lookup: Callable[[bytes | None], Any]) -> None:
        self._lookup = lookup

    def __call__(self, name: bytes | None) -> Any:
        found = self._lookup(name)
        return self._lookup(None) if found is None else found


class _OursOrDefault(_TheirsOrDefault):
    """One that both engines can ask."""

    _lookup: Any

    def _optionsFor(self, name: bytes | None) -> CertificateOptions | None:
        found: CertificateOptions | None = self._lookup._optionsFor(name)
        return self._lookup._optionsFor(None) if found is None else found


class _Fixed:
    """Finds options among certificates that are there for good."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def _optionsFor(self, name: bytes | None) -> CertificateOptions | None:
        return self._shelf.find(name)

    def __call__(self, name: bytes | None) -> Any:
        options = self._optionsFor(name)
        return None if options is None else options.getContext()


def optionsForServerTLS(
    certificates: PrivateCertificate | Iterable[PrivateCertificate] | FilePath[str],
    clientAuthorities: Iterable[Certificate] | None = None,
    acceptableProtocols: Sequence[bytes] | None = None,
    *,
    extraCertificateOptions: dict[str, Any] | None = None,
) -> CertificateOptions:
    """Make a server's policy: whom it speaks for, and who may connect.

    Args:
        certificates: a certificate with its key; or several, or a directory of them as a `FilePath`: then the one for
            the host that a client asks for is shown (SNI), and a directory is read again when its files change.
        clientAuthorities: if given, a client has to show a certificate that one of them has signed.
        acceptableProtocols: the application protocols that we speak, best first (ALPN).
        extraCertificateOptions: more arguments for `CertificateOptions`, by name.

    Raises:
        ValueError: there is no certificate; or OpenSSL does not take one with its key.
        OSError: the directory can't be read.
    """
    given: dict[str, Any] = {"acceptableProtocols": acceptableProtocols, **(extraCertificateOptions or {})}
    if clientAuthorities is not None:
        from .trust import trustRootFromCertificates

        given["trustRoot"] = trustRootFromCertificates(clientAuthorities)
    if isinstance(certificates, PrivateCertificate):
        return CertificateOptions(
            privateKey=certificates.privateKey,
            certificate=certificates,
            extraCertChain=list(certificates._chain),
            **given,
        )
    if hasattr(certificates, "children"):
        lookup: Any = CertificateDirectory(certificates)  # type: ignore[arg-type]  # it has children
    else:
        lookup = _Fixed(Shelf((certificate, optionsOf(certificate)) for certificate in certificates))
        if lookup._shelf.default is None:
            raise ValueError("there is no certificate to show")
    return CertificateOptions(contextForServerName=_orDefault(lookup), **given)
