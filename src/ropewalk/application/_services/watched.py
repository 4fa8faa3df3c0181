"""Protocols that tell somebody when their connection ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ropewalk.python.failure import Failure


class Watched:
    """Stands in for a protocol towards its transport, and passes everything on, questions for its interfaces too.

    What it costs is a call for each chunk. Hooking the protocol instead would cost nothing, and fail for protocols that
    have slots, or that replace their own methods.

    Attributes:
        protocol: the protocol.
        transport: what it is connected to, while it is.
        lost: why the connection ended, once it has.
        heard: called with this and the reason when it ends; may be set after the connection was made.
    """

    def __init__(self, protocol: Any, heard: Callable[[Watched, Failure], object] | None = None) -> None:
        self.protocol = protocol
        self.heard = heard
        self.transport: Any = None
        self.lost: Failure | None = None

    def makeConnection(self, transport: Any) -> None:
        """Connect the protocol."""
        self.transport = transport
        self.protocol.makeConnection(transport)

    def dataReceived(self, data: bytes) -> None:
        """Pass bytes on. The method is looked up each time: protocols replace it when they change their ways."""
        self.protocol.dataReceived(data)

    def connectionLost(self, reason: Failure) -> None:
        """Tell the protocol, then who wants to hear of it, whatever the protocol does."""
        self.lost = reason
        self.transport = None
        try:
            self.protocol.connectionLost(reason)
        finally:
            heard, self.heard = self.heard, None
            if heard is not None:
                heard(self, reason)

    def end(self, how: str) -> None:
        """Close the connection, if there is one: ``"loseConnection"``, or at once with ``"abortConnection"``."""
        if self.transport is not None:
            # A transport that can't be cut can be closed.
            getattr(self.transport, how, self.transport.loseConnection)()

    def __getattr__(self, name: str) -> Any:
        if name == "protocol":
            raise AttributeError(name)  # asked for before `__init__`, by ``copy``: there is nobody to ask
        return getattr(self.protocol, name)

    def __repr__(self) -> str:
        return f"<{self.protocol!r}, watched>"


class WatchingFactory:
    """Makes the protocols that another factory makes, `Watched`.

    Args:
        factory: the other one. Whatever this is asked for beside ``buildProtocol``, its interfaces too, is asked of
            that.
        begun: called with each, before its connection is made.

    Attributes:
        refusing: whether no more are made: whoever connects is sent away.
    """

    def __init__(self, factory: Any, begun: Callable[[Watched], object]) -> None:
        self._factory = factory
        self._begun = begun
        self.refusing = False

    def buildProtocol(self, addr: Any) -> Any:
        """Have the protocol made; `None` stays `None`."""
        protocol = None if self.refusing else self._factory.buildProtocol(addr)
        if protocol is None:
            return None
        watched = Watched(protocol)
        self._begun(watched)
        return watched

    def doStart(self) -> None:
        """Start the other one."""
        self._factory.doStart()

    def doStop(self) -> None:
        """Stop the other one."""
        self._factory.doStop()

    @property  # type: ignore[misc]  # `object` lets it be set; nobody does
    def __class__(self) -> Any:
        """The other one's class: by its name the log calls a port."""
        return self._factory.__class__

    def __getattr__(self, name: str) -> Any:
        if name == "_factory":
            raise AttributeError(name)  # as above
        return getattr(self._factory, name)

    def __repr__(self) -> str:
        return f"<{self._factory!r}, watched>"
