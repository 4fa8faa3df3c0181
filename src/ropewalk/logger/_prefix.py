"""Who is logging: the system in the brackets of a log line, ``[Chat,3,127.0.0.1]``.

Nothing is kept up to date for this on the data path. Only when something is logged, the answer is found: a context
that somebody has set explicitly (`ropewalk.python.log.callWithContext`) wins; else the stack is searched for a
transport at work, which knows its connection's prefix. At work is one that the event loop has called: a program that
calls a transport, to write or to start listening, is still at its own work.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

__all__ = ["currentSystem", "transportPrefix"]

TRANSPORTS = "ropewalk.internet._transports"

#: The modules that call a transport when there is something to do for it. A loop written in C has no frames of its
#: own: there it is whoever runs the loop.
LOOPS = ("ropewalk.internet._loop", "ropewalk.internet.asyncioreactor", "asyncio", "uvloop")

#: How far up the stack to look. A transport stands near the bottom, so deep recursion above it hides it; we give up
#: there rather than make each line of a deep recursion expensive.
REACH = 200


def currentSystem() -> str | None:
    """Return the system in whose context the caller runs, or `None` when there is none."""
    context = sys.modules.get("ropewalk.python.context")
    if context is not None:
        from ..python.log import ILogContext

        found = context.get(ILogContext)
        if found is not None and "system" in found:
            system = found["system"]
            if system != "-":
                return str(system)
    return transportPrefix()


def transportPrefix(frame: FrameType | None = None) -> str | None:
    """Return the log prefix of the transport that (indirectly) called, if one did.

    Args:
        frame: where to begin to look; the caller by default.
    """
    if TRANSPORTS not in sys.modules:
        return None
    if frame is None:
        frame = sys._getframe(1)
    for _ in range(REACH):
        if frame is None:
            break
        caller = frame.f_back
        if caller is not None and _isIn(frame, TRANSPORTS) and _isIn(caller, LOOPS):
            # Asking for `f_locals` copies them, so this comes last.
            prefix = getattr(frame.f_locals.get("self"), "logPrefix", None)
            if prefix is not None:
                try:
                    return str(prefix())
                except Exception:
                    return None  # A protocol's own method may raise; the line is worth more than its prefix.
        frame = caller
    return None


def _isIn(frame: FrameType, modules: str | tuple[str, ...]) -> bool:
    """Whether a frame's code stands in one of these packages."""
    name = frame.f_globals.get("__name__")
    return name is not None and name.startswith(modules)
