"""``twist socks``: a SOCKS 4 proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.application import internet
from ropewalk.protocols.socks import SOCKSv4Factory
from ropewalk.python import usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ropewalk.application.service import IService

__all__ = ["Options", "makeService"]


class Options(usage.Options):
    """What the command line says."""

    synopsis = "[-i <interface>] [-p <port>] [-l <file>]"
    longdesc = (
        "A proxy of SOCKS 4 and 4a. Whoever can reach it may use it: it listens on this machine only, by default."
    )
    optParameters = [
        ["interface", "i", "127.0.0.1", "The address to listen on."],
        ["port", "p", 1080, "The port to listen on.", usage.portCoerce],
        ["log", "l", None, "A file to append to all that passes."],
    ]
    compData = usage.Completions(
        optActions={"log": usage.CompleteFiles("*.log"), "interface": usage.CompleteNetInterfaces()}
    )


def makeService(config: Mapping[str, Any]) -> IService:
    """Make the service that listens."""
    if config["interface"] not in ("127.0.0.1", "::1", "localhost"):
        from ropewalk.python import log

        log.msg(f"SOCKS: whoever can reach {config['interface'] or 'this machine'} may use the proxy")
    return internet.TCPServer(int(config["port"]), SOCKSv4Factory(config["log"]), interface=config["interface"])
