"""`Binding`, which needs no ``zope.interface``: it is on the start-up path."""

from __future__ import annotations

__name__ = "ropewalk.internet.interfaces"


class Binding:
    """Which local address a socket takes, and whom it shares that with.

    Made by `ropewalk.internet.tcp.makeBinding`; taken wherever a local address is, as ``interface`` of a listening
    port or ``bindAddress`` of a client. Never changes.

    Attributes:
        address: a local IP address; empty or `None` for all of them.
        port: the local port; 0 lets the system choose.
        reuseAddress: set ``SO_REUSEADDR``: take the address although connections of an earlier owner linger.
        reusePort: set ``SO_REUSEPORT``: several processes listen side by side and the system shares the
            connections out among them.
    """

    __slots__ = ("address", "port", "reuseAddress", "reusePort")

    address: str | None
    port: int
    reuseAddress: bool
    reusePort: bool

    def __init__(
        self, address: str | None = None, port: int = 0, reuseAddress: bool = False, reusePort: bool = False
    ) -> None:
        for name, value in zip(self.__slots__, (address, port, reuseAddress, reusePort), strict=True):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Binding never changes: make a new one instead of setting {name!r}")

    def _fields(self) -> tuple[object, ...]:
        return self.address, self.port, self.reuseAddress, self.reusePort

    def __eq__(self, other: object) -> bool:
        return self._fields() == other._fields() if isinstance(other, Binding) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._fields())

    def __reduce__(self) -> tuple[object, ...]:
        return Binding, self._fields()

    def __repr__(self) -> str:
        return (
            f"Binding(address={self.address!r}, port={self.port!r}, "
            f"reuseAddress={self.reuseAddress!r}, reusePort={self.reusePort!r})"
        )
