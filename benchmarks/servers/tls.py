"""Echo over TLS on a reactor: `tls.py PACKAGE ENGINE PEM`, the same program for Ropewalk and for Twisted.

PACKAGE is the package's name, PEM a file with the key and the certificate. ENGINE is `default`, what
`PrivateCertificate` gives, or `openssl`: a context of pyOpenSSL that the program has made itself. Prints the port,
serves until killed.
"""

from __future__ import annotations

import sys
from importlib import import_module

TYPE_CHECKING = False

_, package, engine, pem = sys.argv

if TYPE_CHECKING:
    from ropewalk.internet import reactor
    from ropewalk.internet.protocol import Factory, Protocol
else:
    reactor = import_module(f"{package}.internet.reactor")
    Factory, Protocol = (
        getattr(import_module(f"{package}.internet.protocol"), name) for name in ("Factory", "Protocol")
    )


class Echo(Protocol):
    """Send back what comes."""

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)


class OpenSSLContext:
    """What the documents call a context factory."""

    def __init__(self) -> None:
        from OpenSSL import SSL

        self._context = SSL.Context(SSL.TLS_SERVER_METHOD)
        self._context.use_certificate_chain_file(pem)
        self._context.use_privatekey_file(pem)
        self._context.set_mode(SSL.MODE_RELEASE_BUFFERS)

    def getContext(self) -> object:
        return self._context


def policy() -> object:
    if engine == "openssl":
        return OpenSSLContext()
    with open(pem, "rb") as file:
        return import_module(f"{package}.internet.ssl").PrivateCertificate.loadPEM(file.read()).options()


factory = Factory.forProtocol(Echo)
factory.noisy = False
port = reactor.listenSSL(0, factory, policy(), backlog=1024, interface="127.0.0.1")
reactor.callWhenRunning(print, port.getHost().port, flush=True)
reactor.run()
