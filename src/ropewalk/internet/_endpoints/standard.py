"""An endpoint that accepts one connection, which is there already: standard input and output."""

from __future__ import annotations

from ..defer import Deferred
from ..error import NoProtocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from zope.interface import implementer

    from ..interfaces import IProtocolFactory, IStreamServerEndpoint
    from ..stdio import StandardIO
else:
    from .._interfaces.later import IStreamServerEndpoint, implementer

__all__ = ["StandardIOEndpoint"]


@implementer(IStreamServerEndpoint)
class StandardIOEndpoint:
    """Standard input and output, for one protocol.

    Args:
        reactor: who watches them.
    """

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor

    def listen(  # type: ignore[override]  # documented: what it fires with is the transport, there being no port
        self, stdioProtocolFactory: IProtocolFactory
    ) -> Deferred[StandardIO]:
        """Connect standard input and output to a protocol.

        Args:
            stdioProtocolFactory: makes the protocol.

        Returns:
            A Deferred of the transport, fired already; or of what went wrong, `NoProtocol` if none was made.
        """
        from ..defer import execute

        return execute(self._connect, stdioProtocolFactory)

    def _connect(self, factory: IProtocolFactory) -> StandardIO:
        # Here, not above: most programs listen elsewhere.
        from ..stdio import PipeAddress, StandardIO

        protocol = factory.buildProtocol(PipeAddress())
        if protocol is None:
            raise NoProtocol(f"{factory!r} made no protocol for standard input and output")
        return StandardIO(protocol, reactor=self._reactor)
