"""``twist portforward``: pass connections on to another host and port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.application import strports
from ropewalk.protocols.portforward import ProxyFactory
from ropewalk.python import usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ropewalk.application.service import IService

__all__ = ["Options", "makeService"]


class Options(usage.Options):
    """What the command line says."""

    synopsis = "[options]"
    longdesc = "Accepts connections, and passes each on to another host and port."
    optParameters = [
        ["port", "p", "tcp:6666", "Where to listen: a port's number, or an endpoint's description."],
        ["host", "h", "localhost", "The host to connect to."],
        ["dest_port", "d", 6665, "The port to connect to.", usage.portCoerce],
    ]
    compData = usage.Completions(optActions={"host": usage.CompleteHostnames()})


def makeService(config: Mapping[str, Any]) -> IService:
    """Make the service that listens.

    Raises:
        ValueError: the description of where to listen makes no sense, or the port is no number.
    """
    where = str(config["port"])
    return strports.service(
        f"tcp:{where}" if where.isdigit() else where, ProxyFactory(config["host"], int(config["dest_port"]))
    )
