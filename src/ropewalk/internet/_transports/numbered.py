"""A port that has a number: what TCP and UDP share of being bound."""

from __future__ import annotations

import socket

from .listener import BasePort, cannotListen
from .numeric import sixth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, Protocol

    class SocketKeeper(Protocol):
        """Keeps bound sockets open while processes come and go."""

        def take(self, kind: str, interface: str, port: int) -> socket.socket | None:
            """Return a socket that is bound there already, or `None`."""

        def keep(self, kind: str, interface: str, port: int, skt: socket.socket) -> None:
            """Take note of a new one; it stays the caller's."""


class NumberedPort(BasePort):
    """A port at an IP address and a number.

    Attributes:
        interface: the local IP address; empty for all of them.
        port: the number that was asked for; 0 for any that is free.
        keeper: set on the class in a process that is one of several which share their ports: where their sockets come
            from, so that nobody is sent away when one process takes the place of another.
    """

    keeper: ClassVar[SocketKeeper | None] = None

    addressFamily: int = socket.AF_INET

    interface: str
    port: int

    _type: str  # as the log calls it
    # The one it has, while it is open.
    _realPortNumber: int | None = None
    # A socket that was made elsewhere and is bound already.
    _preexistingSocket: Any = None

    def _boundSocket(self) -> Any:
        """Return the socket, bound.

        Raises:
            CannotListenError: it cannot be bound there.
        """
        skt, self._preexistingSocket = self._preexistingSocket, None
        # A number that the system chooses is nobody else's; a socket that was adopted has somebody who keeps it.
        keeper = self.keeper if skt is None and self.port else None
        if keeper is not None:
            skt = keeper.take(self._type, self.interface, self.port)
        if skt is None:
            try:
                skt = self.createInternetSocket()
                if keeper is not None:
                    skt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            except OSError as problem:
                raise cannotListen(self.interface, self.port, problem) from problem
            try:
                self._bind(skt)
            except OSError as problem:
                skt.close()
                raise cannotListen(self.interface, self.port, problem) from problem
            except BaseException:
                skt.close()
                raise
            if keeper is not None:
                keeper.keep(self._type, self.interface, self.port, skt)
        self._realPortNumber = skt.getsockname()[1]
        return skt

    def _bind(self, skt: Any) -> None:
        isSixth = self.addressFamily == socket.AF_INET6
        skt.bind(sixth(self.interface, self.port) if isSixth else (self.interface, self.port))

    def _placeName(self) -> object:
        return self._realPortNumber

    def _closedMessage(self) -> str:
        return f"({self._type} Port {self._realPortNumber} Closed)"

    def _release(self) -> None:
        super()._release()
        self._realPortNumber = None
