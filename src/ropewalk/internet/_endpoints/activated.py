"""Sockets that systemd opened before it started this process: ``systemd:domain=INET:name=web``.

Spec: sd_listen_fds(3), systemd.socket(5).
"""

from __future__ import annotations

from .adopted import AdoptedStreamServerEndpoint, familyOf
from .strings import QUOTED, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ropewalk.python.systemd import ListenFDs

    from ..interfaces import IStreamServerEndpoint

# What systemd passed, once somebody asked. Reading it takes it out of the environment, so that children don't take
# our sockets for theirs: it can be read once.
_passed: ListenFDs | None = None

# More than any unit has.
MOST_SOCKETS = 2**16


def passed() -> ListenFDs:
    """Return what systemd passed to this process."""
    global _passed
    if _passed is None:
        from ropewalk.python.systemd import ListenFDs

        _passed = ListenFDs.fromEnvironment()
    return _passed


def systemd(reactor: Any, domain: str, index: str = "", name: str = "") -> IStreamServerEndpoint:
    """Make the endpoint at a socket that systemd passed.

    Args:
        reactor: what to accept with.
        domain: the socket's address family: INET, INET6 or UNIX.
        index: its place among those passed, from zero.
        name: the name that its unit gives it (``FileDescriptorName=``), instead.

    Raises:
        ValueError: none or both of the two are given, or no such socket was passed.
    """
    if bool(index) == bool(name):
        raise ValueError(
            "a socket of systemd's is chosen by its index or by its name: write systemd:domain=INET:index=0, "
            "or systemd:domain=INET:name=web"
        )
    family = familyOf(domain)
    sockets = passed()
    if name:
        named = sockets.inheritedNamedDescriptors()
        if name not in named:
            there = ", ".join(map(repr, named)) or "none with a name"
            raise ValueError(f"systemd passed no socket named {name!r:.{QUOTED}} to this process; there are {there}")
        return AdoptedStreamServerEndpoint(reactor, named[name], family)
    descriptors = sockets.inheritedDescriptors()
    place = number("index", index, MOST_SOCKETS)
    if place >= len(descriptors):
        raise ValueError(
            f"systemd passed {len(descriptors)} sockets to this process, and index {place} is none of them; "
            "is a socket unit of the service's name enabled, and was the process started by systemd?"
        )
    return AdoptedStreamServerEndpoint(reactor, descriptors[place], family)
