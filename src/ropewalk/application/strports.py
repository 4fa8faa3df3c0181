"""Ports that a text describes, ``tcp:8080`` say; see `ropewalk.internet.endpoints.serverFromString` for the texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.internet.endpoints import serverFromString
from ropewalk.python.failure import Failure

from .internet import StreamServerEndpointService

if TYPE_CHECKING:
    from ropewalk.internet.interfaces import IListeningPort, IProtocolFactory

__all__ = ["listen", "service"]


def service(description: str, factory: IProtocolFactory, reactor: Any = None) -> StreamServerEndpointService:
    """Make a service that listens where a text says.

    If it can't listen, its start raises that.

    Args:
        description: the text.
        factory: makes the protocols.
        reactor: what listens; the global reactor when not given.

    Raises:
        ValueError: the text makes no sense.
    """
    made = StreamServerEndpointService(serverFromString(_given(reactor), description), factory)
    made._raiseSynchronously = True
    return made


def listen(description: str, factory: IProtocolFactory) -> IListeningPort:
    """Listen where a text says, at once, with the global reactor.

    Raises:
        CannotListenError: it can't.
        ValueError: the text makes no sense, or is of a kind that takes its time to listen.
    """
    results: list[Any] = []
    listening = serverFromString(_given(None), description).listen(factory).addBoth(results.append)
    if not results:
        listening.cancel()
        raise ValueError(f"{description!r} takes its time to listen: use service(), or serverFromString().listen()")
    (port,) = results
    if isinstance(port, Failure):
        port.raiseException()
    listened: IListeningPort = port
    return listened


def _given(reactor: Any) -> Any:
    if reactor is None:
        from ropewalk.internet import reactor
    return reactor
