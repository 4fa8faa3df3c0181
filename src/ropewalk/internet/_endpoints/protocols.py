"""Connecting a protocol that exists already."""

from __future__ import annotations

from ..protocol import Factory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from ..defer import Deferred
    from ..interfaces import IAddress, IStreamClientEndpoint
    from ..protocol import Protocol

    P = TypeVar("P", bound=Protocol)
    Base = Factory[Any]
else:
    Base = Factory


class _Maker(Base):
    """Makes the one protocol that it was given."""

    noisy = False

    def __init__(self, protocol: Protocol) -> None:
        self._made = protocol

    def buildProtocol(self, addr: IAddress | None) -> Any:
        return self._made


def connectProtocol(endpoint: IStreamClientEndpoint, protocol: P) -> Deferred[P]:
    """Connect a protocol to an endpoint, without a factory of your own; its ``factory`` stays as it is.

    Args:
        endpoint: where to.
        protocol: an instance, to be connected once.

    Returns:
        A Deferred of that protocol, connected; or of the failure. Cancelling it ends the attempt.
    """
    connected: Deferred[Any] = endpoint.connect(_Maker(protocol))
    return connected
