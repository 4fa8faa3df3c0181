"""From descriptions to endpoints: the kinds that are built in, and those that plugins bring."""

from __future__ import annotations

import os
import socket

from .activated import systemd
from .adopted import AdoptedStreamServerEndpoint, familyOf
from .standard import StandardIOEndpoint
from .strings import QUOTED, Description, number, parse, permissions, seconds, truth
from .tcp import TCP4ClientEndpoint, TCP4ServerEndpoint, TCP6ServerEndpoint
from .unix import UNIXClientEndpoint, UNIXServerEndpoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..interfaces import IStreamClientEndpoint, IStreamServerEndpoint

HIGHEST_PORT = 65535
# Backlogs, descriptors: what a C int holds.
HIGHEST_INT = 2**31 - 1


def serverFromString(reactor: Any, description: str) -> IStreamServerEndpoint:
    r"""Make the server endpoint that a text describes.

    ===============================  =========================================================================
    ``tcp:8080``                     TCP on every IPv4 address; ``interface=127.0.0.1``, ``backlog=100``, and
                                     ``reusePort=yes``, by which several processes share a port
    ``tcp6:8080``                    TCP on every address, IPv6 and IPv4
    ``tls:/etc/letsencrypt/live:443``  TLS on every address, with the certificates of a directory (certbot's, or PEM
                                     files), the one that a client asks for; read again when they change.
                                     ``interface=127.0.0.1``, ``backlog=100``, ``reusePort=yes``
    ``ssl:443:privateKey=server.pem``  TLS on every IPv4 address, with one certificate: ``certKey=`` if it is in
                                     another file, ``extraCertChain=``, ``sslmethod=``, ``dhParameters=``,
                                     ``interface=``, ``backlog=``
    ``unix:/run/app.sock``           a UNIX socket; ``mode=660``, ``backlog=100``, ``lockfile=no``
    ``fd:3``                         a socket that listens already and was inherited; ``domain=INET``, ``INET6``
                                     or ``UNIX`` when the system can't tell
    ``systemd:INET:name=web``        a socket that systemd opened, by the name its unit gives it, or ``index=0``
    ``stdio:``                       standard input and output, as one connection
    ``haproxy:tcp:8080``             any of these behind a proxy that tells by the PROXY protocol who its
                                     clients are; to be reached by that proxy only
    ===============================  =========================================================================

    A backslash escapes a colon: ``tcp:80:interface=\:\:1``; see `quoteStringArgument`. Plugins that provide
    `IStreamServerEndpointStringParser` add kinds.

    Args:
        reactor: what the endpoint listens with.
        description: the text.

    Raises:
        ValueError: the kind is unknown, or an argument is missing, unknown or makes no sense.
        TypeError: ``description`` isn't text.
    """
    endpoint: IStreamServerEndpoint = _make(
        reactor, description, SERVERS, "IStreamServerEndpointStringParser", "parseStreamServer"
    )
    return endpoint


def clientFromString(reactor: Any, description: str) -> IStreamClientEndpoint:
    """Make the client endpoint that a text describes.

    ===============================  =========================================================================
    ``tcp:example.com:80``           TCP; ``timeout=5`` seconds, ``bindAddress=192.0.2.1`` to connect from
    ``tls:example.com:443``          TLS, if the host proves that it is that host; ``timeout=5``,
                                     ``bindAddress=192.0.2.1``, ``trustRoots=`` a directory of certificates,
                                     ``certificate=me.pem`` and ``privateKey=`` to say who we are, ``endpoint=`` a
                                     description of how to get there
    ``ssl:example.com:443``          TLS as of old, which verifies only what it is told to: ``hostname=``,
                                     ``caCertsDir=``; ``certKey=``, ``privateKey=``, ``timeout=``, ``bindAddress=``
    ``unix:/run/app.sock``           a UNIX socket; ``timeout=5``; ``lockfile=yes`` to fail at once unless the
                                     lock file beside it names a living process
    ===============================  =========================================================================

    Plugins that provide `IStreamClientEndpointStringParserWithReactor` add kinds.

    Args:
        reactor: what the endpoint connects with.
        description: the text.

    Raises:
        ValueError: the kind is unknown, or an argument is missing, unknown or makes no sense.
        TypeError: ``description`` isn't text.
    """
    endpoint: IStreamClientEndpoint = _make(
        reactor, description, CLIENTS, "IStreamClientEndpointStringParserWithReactor", "parseStreamClient"
    )
    return endpoint


def _make(reactor: Any, text: str, builtIn: dict[str, Any], interface: str, method: str) -> Any:
    description = parse(text)
    kind = description.kind.lower()
    parser = builtIn.get(kind)
    if parser is not None:
        if isinstance(parser, str):
            parser = getattr(_TLS(), parser)
        try:
            return parser(reactor, *description.arguments, **description.options)
        except TypeError:
            _refuseMisfits(parser, reactor, description)
            raise

    # Looked for only now: finding plugins reads directories and imports modules.
    plugins = _plugins(interface)
    for plugin in plugins:
        if plugin.prefix.lower() == kind:
            return getattr(plugin, method)(reactor, *description.arguments, **description.options)
    raise ValueError(_unknown(text, description, {*builtIn, *(plugin.prefix for plugin in plugins)}))


def _plugins(interface: str) -> list[Any]:
    from ropewalk.plugin import getPlugins

    from .. import interfaces

    return list(getPlugins(getattr(interfaces, interface)))


def _refuseMisfits(parser: Callable[..., Any], reactor: Any, description: Description) -> None:
    """Say which of a description's arguments doesn't fit its parser's parameters; return if they all do."""
    import inspect

    signature = inspect.signature(parser)
    try:
        signature.bind(reactor, *description.arguments, **description.options)
    except TypeError as problem:
        takes = list(signature.parameters.values())[1:]
        required = ", ".join(taken.name for taken in takes if taken.default is taken.empty)
        optional = ", ".join(taken.name for taken in takes if taken.default is not taken.empty)
        raise ValueError(
            f"the arguments of {description.kind!r:.{QUOTED}} don't fit ({problem!s:.{QUOTED}}): it needs {required} "
            f"and takes {optional}; a colon inside an argument is written \\: and an equals sign \\="
        ) from None


def _unknown(text: str, description: Description, known: set[str]) -> str:
    kinds = ", ".join(sorted(known))
    kind = description.kind
    sentence = f"unknown endpoint type {kind!r:.{QUOTED}}; there are {kinds}"
    if kind.isdigit() and not description.arguments:
        return f"{sentence}. Write 'tcp:{kind:.5}' to mean a TCP port"
    return f"{sentence}, and those that plugins add: is the plugin of this one installed?"


# The kinds. A parser's parameters are the arguments' names, in the order in which they may stand without them.


def _tcp(
    reactor: Any, port: str, interface: str = "", backlog: str = "50", reusePort: str = "no"
) -> IStreamServerEndpoint:
    where = _binding(port, interface, reusePort)
    return TCP4ServerEndpoint(reactor, _port(port), number("backlog", backlog, HIGHEST_INT), where)


def _tcp6(
    reactor: Any, port: str, interface: str = "::", backlog: str = "50", reusePort: str = "no"
) -> IStreamServerEndpoint:
    where = _binding(port, interface, reusePort)
    return TCP6ServerEndpoint(reactor, _port(port), number("backlog", backlog, HIGHEST_INT), where)


def _unix(
    reactor: Any, address: str, mode: str = "666", backlog: str = "50", lockfile: str = "yes"
) -> IStreamServerEndpoint:
    return UNIXServerEndpoint(
        reactor,
        _path(address),
        number("backlog", backlog, HIGHEST_INT),
        permissions("mode", mode),
        truth("lockfile", lockfile),
    )


def _fd(reactor: Any, fileno: str, domain: str = "") -> IStreamServerEndpoint:
    descriptor = number("a file descriptor", fileno, HIGHEST_INT)
    if domain:
        return AdoptedStreamServerEndpoint(reactor, descriptor, familyOf(domain))
    try:
        with socket.socket(fileno=os.dup(descriptor)) as copy:
            family = copy.family
    except OSError as problem:
        raise ValueError(
            f"descriptor {descriptor} is no socket of this process ({problem.strerror}): "
            "was it inherited from the process that opened it?"
        ) from None
    return AdoptedStreamServerEndpoint(reactor, descriptor, family)


def _stdio(reactor: Any, nothing: str = "") -> IStreamServerEndpoint:
    if nothing:
        raise ValueError(f"standard input and output take no argument, not {nothing!r:.{QUOTED}}: write stdio:")
    return StandardIOEndpoint(reactor)


def _tcpClient(
    reactor: Any, host: str, port: str, *, timeout: str = "30", bindAddress: str = ""
) -> IStreamClientEndpoint:
    if not host:
        raise ValueError("the host is missing: write tcp:example.com:80, or tcp:\\:\\:1:80 for the address ::1")
    local = (bindAddress, 0) if bindAddress else None
    return TCP4ClientEndpoint(reactor, host, _port(port), seconds("timeout", timeout), local)


def _unixClient(
    reactor: Any, path: str, *, timeout: str = "30", lockfile: str = "no", checkPID: str = "no"
) -> IStreamClientEndpoint:
    check = truth("lockfile", lockfile) or truth("checkPID", checkPID)
    return UNIXClientEndpoint(reactor, _path(path), seconds("timeout", timeout), check)


def _port(text: str) -> int:
    return number("a TCP port", text, HIGHEST_PORT)


def _path(text: str) -> str:
    if not text:
        raise ValueError("the path of the UNIX socket is missing: write unix:/run/app.sock")
    return text


def _binding(port: str, interface: str, reusePort: str) -> Any:
    if not truth("reusePort", reusePort):
        return interface
    from .._interfaces.binding import Binding

    return Binding(interface, _port(port), reusePort=True)


def _TLS() -> Any:
    # Imported when it is asked for: TLS costs a program without it nothing.
    from . import tlsdescriptions

    return tlsdescriptions


# Those of TLS by their names.
SERVERS: dict[str, str | Callable[..., IStreamServerEndpoint]] = {
    "ssl": "sslServer",
    "tls": "tlsServer",
    "tcp": _tcp,
    "tcp6": _tcp6,
    "unix": _unix,
    "fd": _fd,
    "stdio": _stdio,
    "systemd": systemd,
}
CLIENTS: dict[str, str | Callable[..., IStreamClientEndpoint]] = {
    "ssl": "sslClient",
    "tcp": _tcpClient,
    "tls": "tlsClient",
    "unix": _unixClient,
}
