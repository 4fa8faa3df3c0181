"""Limits on how many connections there may be: altogether, and from one host."""

from __future__ import annotations

from ropewalk.internet._wrapping import ProtocolWrapper, WrappingFactory
from ropewalk.internet.protocol import ServerFactory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
else:
    Any = None  # a subscript of the bases below, and nothing more


class LimitTotalConnectionsFactory(ServerFactory[Any]):
    """Makes protocols by itself, up to a limit, and does something else beyond.

    Attributes:
        connectionLimit: how many connections may be open; `None` for any number.
        overflowProtocol: the protocol class for those beyond, which should say sorry and close; `None` to refuse them.
            They count, too.
        connectionCount: how many connections are open.
    """

    connectionCount: int = 0
    connectionLimit: int | None = None
    overflowProtocol: Any = None

    def buildProtocol(self, addr: Any) -> Any:
        """Make the protocol, or the overflow's, wrapped so that its end is counted."""
        if self.connectionLimit is None or self.connectionCount < self.connectionLimit:
            return self._counted(super().buildProtocol(addr))
        if self.overflowProtocol is None:
            return None
        overflow = self.overflowProtocol()
        overflow.factory = self
        return self._counted(overflow)

    def _counted(self, protocol: Any) -> Any:
        if protocol is None:
            return None
        # The count goes up here, not in `registerProtocol`, which comes once the connection is made: a burst of
        # connections must not slip through in between.
        self.connectionCount += 1
        return ProtocolWrapper(self, protocol)  # type: ignore[arg-type]  # it registers as a wrapper's factory does

    def registerProtocol(self, p: ProtocolWrapper) -> None:
        """Do nothing: the connection has been counted."""

    def unregisterProtocol(self, p: ProtocolWrapper) -> None:
        """Count one connection less."""
        self.connectionCount -= 1


class LimitConnectionsByPeer(WrappingFactory[ProtocolWrapper]):
    """Refuses a host that has too many connections open already.

    Attributes:
        maxConnectionsPerPeer: how many that is.
        peerConnections: how many each host has.
    """

    maxConnectionsPerPeer: int = 5

    def __init__(self, wrappedFactory: Any) -> None:
        super().__init__(wrappedFactory)
        self.peerConnections: dict[Any, int] = {}
        # Whom each wrapper was counted for: when it is lost, its transport may no longer know.
        self._hosts: dict[ProtocolWrapper, Any] = {}

    def startFactory(self) -> None:
        """Begin to count."""
        self.peerConnections = {}

    def buildProtocol(self, addr: Any) -> ProtocolWrapper | None:
        """Wrap the wrapped factory's protocol, or refuse."""
        host = _host(addr)
        count = self.peerConnections.get(host, 0)
        if count >= self.maxConnectionsPerPeer:
            return None
        wrapper = super().buildProtocol(addr)
        if wrapper is not None:
            self.peerConnections[host] = count + 1
            self._hosts[wrapper] = host
        return wrapper

    def unregisterProtocol(self, p: ProtocolWrapper) -> None:
        """Count one connection less for its host."""
        super().unregisterProtocol(p)
        host = self._hosts.pop(p)
        left = self.peerConnections.get(host, 0) - 1
        if left > 0:
            self.peerConnections[host] = left
        else:
            self.peerConnections.pop(host, None)


def _host(addr: Any) -> Any:
    """What connections are counted by: an IP address without its port; the whole of other addresses."""
    host = getattr(addr, "host", None)
    if host is not None:
        return host
    return addr[0] if isinstance(addr, tuple) else addr
