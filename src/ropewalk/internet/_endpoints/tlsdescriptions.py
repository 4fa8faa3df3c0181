"""The kinds of descriptions that speak TLS: ``ssl:`` and ``tls:``, of servers and of clients.

A parser's parameters are the arguments' names, in the order in which they may stand without them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from .._tls import versions
from .._tls._wire import pem
from .._tls.certificates import Certificate, PrivateCertificate
from .._tls.clients import optionsForClientTLS
from .._tls.keys import FILETYPE_PEM, KeyPair
from .._tls.options import CertificateOptions, OpenSSLDiffieHellmanParameters
from .._tls.servers import SNIConnectionCreator
from .hostname import HostnameEndpoint
from .strings import QUOTED, number, seconds, truth
from .tcp import TCP6ServerEndpoint
from .tls import SSL4ClientEndpoint, SSL4ServerEndpoint, wrapClientTLS, wrapServerTLS

if TYPE_CHECKING:
    from ..interfaces import IStreamClientEndpoint, IStreamServerEndpoint

    T = TypeVar("T")

HIGHEST_PORT = 65535
HIGHEST_INT = 2**31 - 1


def sslServer(
    reactor: Any,
    port: str,
    privateKey: str = "server.pem",
    certKey: str = "",
    sslmethod: str = "",
    interface: str = "",
    backlog: str = "50",
    extraCertChain: str = "",
    dhParameters: str = "",
) -> IStreamServerEndpoint:
    """``ssl:443:privateKey=server.pem``: TLS on every IPv4 address, with one certificate."""
    key, certificate, chain = _identity(("privateKey", privateKey), ("certKey", certKey))
    if extraCertChain:
        chain = _read("extraCertChain", extraCertChain, _certificates)
    given: dict[str, Any] = {}
    if sslmethod:
        if sslmethod not in versions.METHOD_NAMES:
            raise ValueError(
                f"sslmethod is one of {', '.join(versions.METHOD_NAMES)}, not {sslmethod!r:.{QUOTED}}; "
                "without it there is TLS 1.2 and newer"
            )
        given["method"] = versions.METHOD_NAMES[sslmethod]
    if dhParameters:
        _read("dhParameters", dhParameters, bytes)
        given["dhParameters"] = OpenSSLDiffieHellmanParameters.fromFile(_path(dhParameters))
    options = CertificateOptions(privateKey=key, certificate=certificate, extraCertChain=chain, **given)
    return SSL4ServerEndpoint(reactor, _port(port), options, number("backlog", backlog, HIGHEST_INT), interface)


def sslClient(
    reactor: Any,
    host: str,
    port: str,
    *,
    timeout: str = "30",
    bindAddress: str = "",
    certKey: str = "",
    privateKey: str = "",
    caCertsDir: str = "",
    hostname: str = "",
) -> IStreamClientEndpoint:
    """``ssl:example.com:443:hostname=example.com``: as of old; ``tls:`` verifies without being told to."""
    given: dict[str, Any] = {}
    if certKey or privateKey:
        key, certificate, chain = _identity(
            ("privateKey", privateKey) if privateKey else ("certKey", certKey), ("certKey", certKey)
        )
        given = {"privateKey": key, "certificate": certificate, "extraCertChain": chain}
    trustRoot = _trusted("caCertsDir", caCertsDir)
    options: Any
    if hostname:
        private = PrivateCertificate.fromCertificateAndKeyPair(certificate, key) if given else None
        options = optionsForClientTLS(hostname, trustRoot, private)
    else:
        warnings.warn(
            f"'ssl:{host}:{port}' doesn't verify who answers: add hostname={host}, or write 'tls:{host}:{port}', "
            "which does by itself",
            stacklevel=4,
        )
        options = CertificateOptions(**given, trustRoot=trustRoot)
    return SSL4ClientEndpoint(
        reactor, _host("ssl", host), _port(port), options, seconds("timeout", timeout), bindAddress or None
    )


def tlsServer(
    reactor: Any,
    path: str,
    port: str = "443",
    backlog: str = "50",
    interface: str = "::",
    reusePort: str = "no",
) -> IStreamServerEndpoint:
    """``tls:/etc/letsencrypt/live:443``: TLS with the certificates of a directory, the one that a client asks for."""
    from .._tls.directory import CertificateDirectory

    if not path:
        raise ValueError("the path of the certificates' directory is missing: write tls:/etc/letsencrypt/live:443")
    try:
        directory = CertificateDirectory(_path(path))
    except OSError as problem:
        raise ValueError(f"path is a directory of certificates; {path!r:.{QUOTED}} can't be read: {problem}") from None
    where: Any = interface
    if truth("reusePort", reusePort):
        from .._interfaces.binding import Binding

        where = Binding(interface, _port(port), reusePort=True)
    return wrapServerTLS(
        SNIConnectionCreator(directory),
        TCP6ServerEndpoint(reactor, _port(port), number("backlog", backlog, HIGHEST_INT), where),
    )


def tlsClient(
    reactor: Any,
    host: str,
    port: str,
    timeout: str = "30",
    bindAddress: str = "",
    certificate: str = "",
    privateKey: str = "",
    trustRoots: str = "",
    endpoint: str = "",
) -> IStreamClientEndpoint:
    """``tls:example.com:443``: TLS with a host that has to prove that it is that host."""
    private = None
    if certificate or privateKey:
        key, shown, chain = _identity(
            ("privateKey", privateKey) if privateKey else ("certificate", certificate), ("certificate", certificate)
        )
        private = PrivateCertificate.fromCertificateAndKeyPair(shown, key)
        private._chain = tuple(chain)
    options = optionsForClientTLS(_host("tls", host), _trusted("trustRoots", trustRoots), private)
    if endpoint:
        from .descriptions import clientFromString

        _port(port)
        return wrapClientTLS(options, clientFromString(reactor, endpoint))
    patience = seconds("timeout", timeout)
    return wrapClientTLS(options, HostnameEndpoint(reactor, host, _port(port), patience, bindAddress or None))


# What arguments say.


def _identity(
    keyArgument: tuple[str, str], certificateArgument: tuple[str, str]
) -> tuple[KeyPair, Certificate, list[Certificate]]:
    """Read a private key, and a certificate with its chain from another file or from the same."""
    key = _read(*keyArgument, lambda text: KeyPair.load(text, FILETYPE_PEM))
    name, path = certificateArgument if certificateArgument[1] else keyArgument
    first, *others = _read(name, path, _certificates)
    return key, first, others


def _certificates(text: bytes) -> list[Certificate]:
    found = [Certificate(block.der) for block in pem.certificates(text)]
    if not found:
        raise ValueError("there is no certificate in PEM in it")
    return found


def _trusted(name: str, path: str) -> Any:
    if not path:
        return None
    from .._tls.trust import trustRootFromDirectory

    try:
        return trustRootFromDirectory(_path(path))
    except (OSError, ValueError) as problem:
        raise ValueError(f"{name} is a directory of certificates to trust: {_said(problem, path)}") from None


def _read(name: str, path: str, parse: Callable[[bytes], T]) -> T:
    try:
        with open(path, "rb") as file:
            return parse(file.read())
    except (OSError, ValueError) as problem:
        raise ValueError(f"{name} is a file in PEM: {_said(problem, path)}") from None


def _said(problem: Exception, path: str) -> str:
    words = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
    return f"{path!r:.{QUOTED}}: {words}"


def _path(path: str) -> Any:
    from ropewalk.python.filepath import FilePath

    return FilePath(path)


def _host(kind: str, host: str) -> str:
    if not host:
        raise ValueError(f"the host is missing: write {kind}:example.com:443")
    return host


def _port(text: str) -> int:
    return number("a TCP port", text, HIGHEST_PORT)
