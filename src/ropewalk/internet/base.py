"""The reactor's core, the calls it makes later, and the oldest ways of finding an address."""

from __future__ import annotations

from ropewalk._doors import publish

from ._loop.core import ReactorBase
from ._loop.delayed import DelayedCall
from ._loop.resolver import BlockingResolver, PluggableResolverMixin, ThreadedResolver

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._transports.connector import BaseConnector as BaseConnector
    from ._transports.listener import BasePort as BasePort

__all__ = [
    "BlockingResolver",
    "DelayedCall",
    "PluggableResolverMixin",
    "ReactorBase",
    "ThreadedResolver",
]

publish(__name__)


def __getattr__(name: str) -> object:
    """The base classes of connectors and ports are imported when somebody asks for them: transports are."""
    if name == "BaseConnector":
        from ._transports.connector import BaseConnector

        return BaseConnector
    if name == "BasePort":
        from ._transports.listener import BasePort

        return BasePort
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
