"""An endpoint at a socket that somebody else has opened."""

from __future__ import annotations

import os
import socket

from ..defer import fail
from ..error import AlreadyListened
from .connecting import listening
from .strings import QUOTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from zope.interface import implementer

    from ..defer import Deferred
    from ..interfaces import IListeningPort, IProtocolFactory, IStreamServerEndpoint
else:
    from .._interfaces.later import IStreamServerEndpoint, implementer

# What descriptions call the families of addresses.
FAMILIES = {"INET": socket.AF_INET, "INET6": socket.AF_INET6, "UNIX": socket.AF_UNIX}


def familyOf(domain: str) -> int:
    """Return the address family that a description names. ``ValueError`` when there is none of that name."""
    try:
        return FAMILIES[domain.upper()]
    except KeyError:
        raise ValueError(f"domain is one of {', '.join(FAMILIES)}, not {domain!r:.{QUOTED}}") from None


@implementer(IStreamServerEndpoint)
class AdoptedStreamServerEndpoint:
    """A socket that listens already, to accept connections from; once.

    Args:
        reactor: what to accept with.
        fileno: the socket's descriptor; closed here when `listen` succeeds, because the port has a copy.
        addressFamily: its address family, an ``AF_`` constant of `socket`.
    """

    def __init__(self, reactor: Any, fileno: int, addressFamily: int) -> None:
        self.reactor = reactor
        self.fileno = fileno
        self.addressFamily = addressFamily
        self._used = False

    def listen(self, factory: IProtocolFactory) -> Deferred[IListeningPort]:
        """Accept connections; see `IStreamServerEndpoint.listen`. Fails with `AlreadyListened` the second time."""
        if self._used:
            return fail(AlreadyListened(f"descriptor {self.fileno} was adopted before: that can be done once"))
        return listening(lambda: self._adopt(factory))

    def _adopt(self, factory: IProtocolFactory) -> Any:
        port = self.reactor.adoptStreamPort(self.fileno, self.addressFamily, factory)
        self._used = True
        os.close(self.fileno)
        return port
