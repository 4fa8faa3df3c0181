"""Which reactor is the process's own, and the two reasons for which connections end."""

from __future__ import annotations

import sys

from .error import ConnectionDone, ConnectionLost, ReactorAlreadyInstalledError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    R = TypeVar("R")

__all__ = ["CONNECTION_DONE", "CONNECTION_LOST", "installReactor"]

# What `IReadDescriptor.doRead` and `IWriteDescriptor.doWrite` return when a connection is over.
CONNECTION_DONE = ConnectionDone("Connection done")
CONNECTION_LOST = ConnectionLost("Connection lost")

HOME = "ropewalk.internet.reactor"


def installReactor(reactor: Any) -> None:
    """Make an object the reactor of this process: what ``from ropewalk.internet import reactor`` gives from now on.

    Whoever imported the reactor before it was first used has it, too.

    Raises:
        ReactorAlreadyInstalledError: there is a reactor already. Install before its first use; to replace it,
            in tests say, delete ``sys.modules["ropewalk.internet.reactor"]`` first.
    """
    unchosen = _vacancy()
    if unchosen is not None:
        unchosen._share(reactor)
    _occupy(reactor)


def installNew(make: Callable[..., R], *args: Any) -> R:
    """Make a new reactor the process's own, and return it. The place is taken only if making it works.

    Args:
        make: the reactor's class; called with ``args``.

    Raises:
        ReactorAlreadyInstalledError: see `installReactor`.
    """
    unchosen = _vacancy()
    if unchosen is None:
        reactor = make(*args)
        _occupy(reactor)
        return reactor
    chosen: R = unchosen._become(make, *args)
    return chosen


def _vacancy() -> Any:
    """Return the reactor that was imported but not yet chosen, or ``None``. ReactorAlreadyInstalledError if one was."""
    standIn = sys.modules.get("ropewalk._standin")
    if standIn is not None:
        # Deleting the name that a program knows uninstalls the reactor as well as deleting ours.
        standIn.settle(HOME)
    current = sys.modules.get(HOME)
    if current is None:
        return None
    if type(current).__name__ != "Unchosen":
        raise ReactorAlreadyInstalledError(
            f"the reactor of this process is {current!r} already; install another before the reactor is first used, "
            'or delete sys.modules["ropewalk.internet.reactor"] before'
        )
    return current


def _occupy(reactor: Any) -> None:
    from ropewalk import internet

    sys.modules[HOME] = reactor
    standIn = sys.modules.get("ropewalk._standin")
    if standIn is not None:
        standIn.follow(HOME)
    internet.reactor = reactor
