"""``twist inetd``: serve what a file says; `ropewalk.runner.inetdconf` reads it, `inetd` starts the programs."""

from __future__ import annotations

import socket
from typing import Any

from ropewalk.application.internet import TCPServer, UDPServer
from ropewalk.application.service import MultiService
from ropewalk.internet.protocol import ServerFactory
from ropewalk.logger import Logger
from ropewalk.python import usage

from ._inetd.datagrams import ANSWERS, Answering
from ._inetd.identity import identityOf
from ._inetd.waiting import WaitingService
from .inetd import InetdFactory, internalProtocols
from .inetdconf import InetdConf, InetdService, InvalidConfError, ServicesConf, SimpleConfFile, UnknownService

__all__ = ["Options", "makeService", "protocolDict"]

_log = Logger("ropewalk.runner.inetd")

# The names of protocols -> their numbers.
protocolDict = {"tcp": socket.IPPROTO_TCP, "udp": socket.IPPROTO_UDP}


class Options(usage.Options):
    """The command line of ``inetd``.

    Attributes:
        conf: what the file says, once the command line has been read.
    """

    optParameters = [
        ["rpc", "r", "/etc/rpc", "Ignored: services of RPC are not served"],
        ["file", "f", "/etc/inetd.conf", "The file that says what to serve"],
        ["services", "s", "/etc/services", "The file that says what ports services have"],
    ]

    optFlags = [["nointernal", "i", "Don't serve what the file calls internal"]]

    compData = usage.Completions(
        optActions={"file": usage.CompleteFiles(), "services": usage.CompleteFiles(), "rpc": usage.CompleteFiles()}
    )

    longdesc = (
        "inetd listens at the ports that its file names, and starts a program for each connection. A line of the file "
        "says: service, stream or dgram, tcp or udp, wait or nowait, user, program, arguments. "
        "For example: 127.0.0.1:7777 stream tcp nowait nobody /bin/date date -u"
    )

    conf: InetdConf

    def postOptions(self) -> None:
        """Read the files, and refuse what is wrong in them."""
        services = ServicesConf()
        try:
            self._read(services, self["services"])
            self.conf = InetdConf(services)
            self._read(self.conf, self["file"])
            for service in self.conf.services:
                self._check(service)
        except (InvalidConfError, UnknownService) as problem:
            raise usage.UsageError(str(problem)) from None
        except OSError as problem:
            raise usage.UsageError(f"{problem.filename} cannot be read: {problem.strerror}") from None

    def _read(self, conf: SimpleConfFile, path: str) -> None:
        with open(path, encoding="utf-8", errors="replace") as file:
            conf.parseFile(file)

    def _check(self, service: InetdService) -> None:
        """Find out now what would fail at the first connection."""
        if service.program == "internal":
            if service.name not in internalProtocols:
                raise usage.UsageError(
                    f"{self['file']}: {str(service)!r} is no internal service; there are "
                    f"{', '.join(sorted(internalProtocols))}"
                )
            return
        try:
            identityOf(service)
        except KeyError as problem:
            raise usage.UsageError(f"{self['file']}: {str(service)!r} cannot be served: {problem.args[0]}") from None


def makeService(config: Options) -> MultiService:
    """Make the service of all services."""
    from ropewalk.internet import reactor

    root = MultiService()
    for service in config.conf.services:
        if service.program == "internal" and config["nointernal"]:
            continue
        made = _serviceFor(service, reactor)
        made.setServiceParent(root)
        _log.info("serving {service!r}", service=service)
    return root


def _serviceFor(service: InetdService, reactor: Any) -> Any:
    """Make the service for a line of inetd.conf."""
    isDatagram = service.socketType == "dgram"
    if service.program == "internal":
        if isDatagram:
            answering = Answering(ANSWERS[service.name])
            return UDPServer(service.port, answering, interface=service.interface, reactor=reactor)
        factory: Any = ServerFactory.forProtocol(internalProtocols[service.name])
    elif service.wait == "wait":
        return WaitingService(service, reactor)
    else:
        factory = InetdFactory(service, reactor)
    factory.noisy = False
    return TCPServer(service.port, factory, interface=service.interface, reactor=reactor)
