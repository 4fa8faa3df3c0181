"""The reactor that this platform gets when nobody asks for another one."""

from __future__ import annotations

import sys

__all__ = ["install"]


TYPE_CHECKING = False
if TYPE_CHECKING:

    def install() -> None:
        """Make the platform's best reactor the reactor of this process: epoll, kqueue, poll or select.

        Raises:
            ReactorAlreadyInstalledError: there is one already.
        """

else:

    def __getattr__(name):
        """Find ``install``: that of the platform's best reactor itself, whose module programs look for behind it."""
        if name == "install":
            return sys.modules[best().__module__].install
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def best() -> type:
    """Return the class of the platform's best reactor."""
    import select

    if hasattr(select, "epoll"):
        from .epollreactor import EPollReactor

        return EPollReactor
    if sys.platform != "linux" and hasattr(select, "kqueue"):
        from .kqreactor import KQueueReactor

        return KQueueReactor
    if hasattr(select, "poll"):
        from .pollreactor import PollReactor

        return PollReactor
    from .selectreactor import SelectReactor

    return SelectReactor
