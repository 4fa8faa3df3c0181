"""A resolver that knows the answer to everything."""

from __future__ import annotations

from collections.abc import Sequence

from zope.interface import implementer

from ..address import IPv4Address
from ..interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver


@implementer(IHostResolution)
class _Answered:
    """A search that was over as soon as it began."""

    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """Too late: there is nothing left to stop.

        Raises:
            AssertionError: always. A test that gets here has a mistake.
        """
        raise AssertionError(f"the search for {self.name!r} was over at once: nothing is left to cancel")


@implementer(IHostnameResolver)
class SynchronousResolver:
    """Finds every host at 127.0.0.1, before it returns."""

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        """Report one address, whatever kind was asked for."""
        resolution = _Answered(hostName)
        resolutionReceiver.resolutionBegan(resolution)
        address = IPv4Address("TCP" if transportSemantics == "TCP" else "UDP", "127.0.0.1", portNumber)
        resolutionReceiver.addressResolved(address)
        resolutionReceiver.resolutionComplete()
        return resolution
