"""What travels through this package: events, and those who are called with them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    # ``Any``: an event carries whatever its emitter put in.
    LogEvent: TypeAlias = dict[str, Any]
    Observer: TypeAlias = Callable[[LogEvent], object]
else:
    LogEvent = dict

__all__ = ["LogEvent"]
