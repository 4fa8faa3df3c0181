"""What the reactors of Windows say, there and elsewhere.

The engine watches POSIX descriptors: its pollers, its waker (a pipe) and its child processes are made of them, and none
of them was brought to Windows. A reactor of Windows without these would be a name without a thing.
"""

from __future__ import annotations

import sys

__all__ = ["absent"]


def absent(module: str, what: str) -> ImportError:
    """Return the error of a reactor's module: why it cannot be had, and what can.

    Args:
        module: its name.
        what: what it waits with.
    """
    if sys.platform == "win32":
        return ImportError(
            f"{module}: Ropewalk does not run on Windows yet; run the program under WSL, where the default reactor does"
        )
    return ImportError(
        f"{module} waits with {what}, a part of Windows, and this is {sys.platform}; take the default reactor, "
        "which is the fastest here"
    )
