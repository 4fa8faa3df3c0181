"""Networks that speak TLS, in the manner of `recording.TCP`: by each engine, and by each way to begin.

Their certificate is made once for a process, by the tests' own authority.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Callable
from functools import cache
from typing import Any

from ropewalk.internet.protocol import ClientFactory, Factory
from support.certificates import authority
from support.recording import TCP, UNIX


@cache
def certificate() -> Any:
    """The server's certificate, a `trustme.LeafCert` for localhost and 127.0.0.1."""
    return authority().issue_cert("localhost", "127.0.0.1", "::1")


@cache
def files() -> tuple[str, str]:
    """The certificate with its key in a PEM file, and the authority's."""
    place = tempfile.mkdtemp()
    both, root = os.path.join(place, "server.pem"), os.path.join(place, "root.pem")
    certificate().private_key_and_cert_chain_pem.write_to_path(both)
    authority().cert_pem.write_to_path(root)
    return both, root


class Stdlib:
    """Contexts for the engine over the standard library."""

    name = "stdlib"

    @staticmethod
    def server(**options: Any) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate().configure_cert(context)
        return _with(context, options)

    @staticmethod
    def client(**options: Any) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        authority().configure_trust(context)
        return _with(context, options)


class OpenSSL:
    """Contexts for the engine over pyOpenSSL."""

    name = "openssl"

    @staticmethod
    def server(**options: Any) -> Any:
        from OpenSSL import SSL

        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        certificate().configure_cert(context)
        return _with(context, options)

    @staticmethod
    def client(**options: Any) -> Any:
        from OpenSSL import SSL

        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        authority().configure_trust(context)
        context.set_verify(SSL.VERIFY_PEER)
        return _with(context, options)


def _with(context: Any, options: dict[str, Any]) -> Any:
    """Set what a test wishes: ``tls12`` for no later version, ``verify`` to ask clients for a certificate."""
    isOurs = isinstance(context, ssl.SSLContext)
    if options.pop("tls12", False):
        if isOurs:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        else:
            from OpenSSL import SSL

            context.set_max_proto_version(SSL.TLS1_2_VERSION)
    if options.pop("verify", False):
        authority().configure_trust(context)
        if isOurs:
            context.verify_mode = ssl.CERT_REQUIRED
        else:
            from OpenSSL import SSL

            context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT)
    if (certificateOfClient := options.pop("show", None)) is not None:
        certificateOfClient.configure_cert(context)
    assert not options, options
    return context


ENGINES: list[Any] = [Stdlib, OpenSSL]


class _SSL:
    """TLS over TCP, by ``listenSSL`` and ``connectSSL``."""

    engine: Any

    def listen(self, reactor: Any, factory: Any, **options: Any) -> Any:
        return reactor.listenSSL(0, factory, self.engine.server(**options), interface="127.0.0.1")

    def connect(self, reactor: Any, port: Any, factory: Any, **options: Any) -> Any:
        return reactor.connectSSL("127.0.0.1", port.getHost().port, factory, self.engine.client(), **options)


class StdlibTLS(_SSL):
    engine = Stdlib


class OpenSSLTLS(_SSL):
    engine = OpenSSL


class _Starting(ClientFactory[Any]):
    """A factory whose protocols are spoken to by TLS that is started as soon as they are connected."""

    noisy = False

    def __init__(self, wrapped: Any, context: Any) -> None:
        self._wrapped = wrapped
        self._context = context

    def buildProtocol(self, addr: Any) -> Any:
        protocol = self._wrapped.buildProtocol(addr)
        makeConnection = protocol.makeConnection

        def securely(transport: Any) -> None:
            del protocol.makeConnection
            transport.protocol = protocol
            transport.startTLS(self._context)
            makeConnection(transport)

        protocol.makeConnection = securely
        return protocol

    def startedConnecting(self, connector: Any) -> None:
        self._wrapped.startedConnecting(connector)

    def clientConnectionFailed(self, connector: Any, reason: Any) -> None:
        self._wrapped.clientConnectionFailed(connector, reason)

    def clientConnectionLost(self, connector: Any, reason: Any) -> None:
        self._wrapped.clientConnectionLost(connector, reason)


class StartedTLS:
    """TLS over TCP, by ``startTLS`` on both sides."""

    engine: Any = Stdlib

    def listen(self, reactor: Any, factory: Any) -> Any:
        return TCP().listen(reactor, _Starting(factory, self.engine.server()))

    def connect(self, reactor: Any, port: Any, factory: Any, **options: Any) -> Any:
        return TCP().connect(reactor, port, _Starting(factory, self.engine.client()), **options)


class TLSOverUNIX(UNIX):
    """TLS over a UNIX socket, by the wrapping factory."""

    def listen(self, reactor: Any, factory: Any) -> Any:
        return super().listen(reactor, wrapping(Stdlib.server(), False, factory))

    def connect(self, reactor: Any, port: Any, factory: Any, **options: Any) -> Any:
        return super().connect(reactor, port, wrapping(Stdlib.client(), True, factory), **options)


class TLSOverTLS:
    """TLS over TLS over TCP: pyOpenSSL's within the standard library's."""

    def listen(self, reactor: Any, factory: Any) -> Any:
        return StdlibTLS().listen(reactor, wrapping(OpenSSL.server(), False, factory))

    def connect(self, reactor: Any, port: Any, factory: Any, **options: Any) -> Any:
        return StdlibTLS().connect(reactor, port, wrapping(OpenSSL.client(), True, factory), **options)


def wrapping(context: Any, isClient: bool, factory: Any) -> Factory[Any]:
    """Put TLS around the protocols of a factory."""
    from ropewalk.protocols.tls import TLSMemoryBIOFactory

    return TLSMemoryBIOFactory(context, isClient, factory)


SECURE: list[Callable[[], Any]] = [StdlibTLS, OpenSSLTLS, StartedTLS, TLSOverUNIX, TLSOverTLS]
