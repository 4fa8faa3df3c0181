"""What the loop does with an exception that nobody took: the log has it, and the loop goes on."""

from __future__ import annotations

__all__ = ["logTrouble"]


def logTrouble(why: str) -> None:
    """Log the exception that is being handled, with its traceback.

    Args:
        why: what the engine was doing, as a clause: "while making a delayed call of ...".
    """
    # Here, not above: a program without trouble needs no log.
    from ropewalk.python import log

    log.err(None, why)
