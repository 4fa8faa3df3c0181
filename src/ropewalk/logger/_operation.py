"""How a block went whose failures are logged: `Operation`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..python.failure import Failure

__all__ = ["Operation"]


class Operation(Protocol):
    """What the block under `Logger.failuresHandled` is given. Until it ends it has neither succeeded nor failed."""

    @property
    def succeeded(self) -> bool:
        """Whether the block has ended without raising."""

    @property
    def failed(self) -> bool:
        """Whether the block has raised."""

    @property
    def failure(self) -> Failure | None:
        """What the block has raised, if it has."""
