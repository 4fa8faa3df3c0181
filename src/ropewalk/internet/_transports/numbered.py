"""A port that has a number: what TCP and UDP share of being bound."""

from __future__ import annotations

import socket

from .listener import BasePort, cannotListen
from .numeric import sixth

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class NumberedPort(BasePort):
    """A port at an IP address and a number.

    Attributes:
        interface: the local IP address; empty for all of them.
        port: the number that was asked for; 0 for any that is free.
    """

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
        if skt is None:
            try:
                skt = self.createInternetSocket()
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
