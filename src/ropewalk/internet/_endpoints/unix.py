"""Endpoints at UNIX sockets."""

from __future__ import annotations

from .connecting import attempt, listening

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from zope.interface import implementer

    from ..defer import Deferred
    from ..interfaces import IListeningPort, IProtocol, IProtocolFactory, IStreamClientEndpoint, IStreamServerEndpoint
else:
    from .._interfaces.later import IStreamClientEndpoint, IStreamServerEndpoint, implementer


@implementer(IStreamServerEndpoint)
class UNIXServerEndpoint:
    """A UNIX socket to listen at.

    Args:
        reactor: what to listen with.
        address: the path to make the socket at.
        backlog: how many connections may wait to be accepted.
        mode: the permission bits of the socket's file.
        wantPID: hold a lock file beside it, so that a socket whose owner died is taken over.
    """

    def __init__(
        self,
        reactor: Any,
        address: str | bytes,
        backlog: int = 50,
        mode: int = 0o666,
        wantPID: bool | int = 0,
    ) -> None:
        self._reactor = reactor
        self._address = address
        self._backlog = backlog
        self._mode = mode
        self._wantPID = wantPID

    def listen(self, protocolFactory: IProtocolFactory) -> Deferred[IListeningPort]:
        """Listen; see `IStreamServerEndpoint.listen`."""
        return listening(
            lambda: self._reactor.listenUNIX(
                self._address, protocolFactory, backlog=self._backlog, mode=self._mode, wantPID=self._wantPID
            )
        )


@implementer(IStreamClientEndpoint)
class UNIXClientEndpoint:
    """A UNIX socket to connect to.

    Args:
        reactor: what to connect with.
        path: the socket's path.
        timeout: seconds until an attempt is given up.
        checkPID: fail at once unless the lock file beside the socket names a process that lives.
    """

    def __init__(self, reactor: Any, path: str | bytes, timeout: float = 30, checkPID: bool | int = 0) -> None:
        self._reactor = reactor
        self._path = path
        self._timeout = timeout
        self._checkPID = checkPID

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect; see `IStreamClientEndpoint.connect`."""
        return attempt(
            protocolFactory,
            lambda factory: self._reactor.connectUNIX(
                self._path, factory, timeout=self._timeout, checkPID=self._checkPID
            ),
        )

    def __repr__(self) -> str:
        return f"<UNIXClientEndpoint {self._path!r}>"
