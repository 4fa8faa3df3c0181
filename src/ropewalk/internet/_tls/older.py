"""Context factories of old: classes with ``getContext``, from the time before `CertificateOptions`."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from ..interfaces import IOpenSSLContextFactory
from .extra import needed

__all__ = ["ClientContextFactory", "ContextFactory", "DefaultOpenSSLContextFactory"]

# ``OpenSSL.SSL.TLS_METHOD``: whatever both sides can.
TLS_METHOD = 7
# The others that mean the same, or did: ``SSLv23_METHOD``, ``TLS_SERVER_METHOD``, ``TLS_CLIENT_METHOD``.
NEGOTIATING = (TLS_METHOD, 3, 8, 9)


@implementer(IOpenSSLContextFactory)
class ContextFactory:
    """The base of servers' context factories: a subclass's ``getContext`` returns an ``OpenSSL.SSL.Context``."""

    isClient = 0

    def getContext(self) -> Any:
        """Return the context.

        Raises:
            NotImplementedError: the subclass doesn't.
        """
        raise NotImplementedError(f"{type(self).__name__}.getContext has to return an OpenSSL.SSL.Context")


class DefaultOpenSSLContextFactory(ContextFactory):
    """A server's context, from a key and a certificate in files.

    `CertificateOptions` does more: chains, ALPN, who may connect.

    Args:
        privateKeyFileName: the private key, in PEM.
        certificateFileName: the certificate, in PEM.
        sslmethod: a constant of ``OpenSSL.SSL``; ``TLS_METHOD`` allows TLS 1.2 and newer.

    Raises:
        OpenSSL.SSL.Error: a file can't be read, or isn't what it should be.
    """

    _context: Any = None

    def __init__(
        self,
        privateKeyFileName: str,
        certificateFileName: str,
        sslmethod: int = TLS_METHOD,
        _contextFactory: Any = None,
    ) -> None:
        self.privateKeyFileName = privateKeyFileName
        self.certificateFileName = certificateFileName
        self.sslmethod = sslmethod
        self._contextFactory = _contextFactory
        # Now, not at the first connection: that the files are bad is to be heard when the program starts.
        self.cacheContext()

    def cacheContext(self) -> None:
        """Read the files, unless that was done."""
        if self._context is None:
            context = _newContext(self._contextFactory, self.sslmethod)
            context.use_certificate_file(self.certificateFileName)
            context.use_privatekey_file(self.privateKeyFileName)
            self._context = context

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        state.pop("_context", None)
        return state

    def getContext(self) -> Any:
        """Return the context, the same one each time."""
        self.cacheContext()
        return self._context


@implementer(IOpenSSLContextFactory)
class ClientContextFactory:
    """A client's context that takes anybody for the server: nothing is verified.

    Use `optionsForClientTLS` unless that is what you want.
    """

    isClient = 1
    method = TLS_METHOD

    _contextFactory: Any = None

    def getContext(self) -> Any:
        """Return a new context."""
        return _newContext(self._contextFactory, self.method)


def _newContext(make: Any, method: int) -> Any:
    """Make a context for a method. One that negotiates a version takes none that is no longer safe."""
    SSL = needed("OpenSSL.SSL")
    context = (make or SSL.Context)(method)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION)
    if method in NEGOTIATING:
        context.set_options(SSL.OP_NO_SSLv2 | SSL.OP_NO_SSLv3 | SSL.OP_NO_TLSv1 | SSL.OP_NO_TLSv1_1)
    return context
