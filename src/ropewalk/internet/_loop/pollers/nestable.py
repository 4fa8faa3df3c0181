"""The poller whose table of interest has a descriptor of its own, which some other loop can wait for.

epoll's and kqueue's descriptors are readable when something in their table is ready: to a loop that is not ours,
everything that we watch is one descriptor.
"""

from __future__ import annotations

import select as system

TYPE_CHECKING = False
if TYPE_CHECKING or hasattr(system, "epoll"):
    from .epoll import EpollPoller as NestablePoller
elif hasattr(system, "kqueue"):
    from .kqueue import KqueuePoller as NestablePoller
else:
    raise ImportError("being hosted on another loop needs epoll or kqueue, and this system has neither")

__all__ = ["NestablePoller"]
