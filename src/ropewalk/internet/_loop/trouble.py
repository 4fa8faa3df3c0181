"""What the loop tells the log."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ropewalk.python.failure import Failure

__all__ = ["logFailure", "logTrouble", "note"]


def logTrouble(why: str) -> None:
    """Log the exception that is being handled, with its traceback; the loop goes on.

    Args:
        why: what the engine was doing, as a clause: "while making a delayed call of ...".
    """
    # Here, not above: a program without trouble needs no log.
    from ropewalk.python import log

    log.err(None, why)


def logFailure(failure: Failure, why: str) -> None:
    """Log a failure, as `logTrouble` does an exception."""
    from ropewalk.python import log

    log.err(failure, why)


def note(message: str) -> None:
    """Log a plain sentence, if anybody listens: nobody can who has not imported the log."""
    if "ropewalk.logger" in sys.modules:
        from ropewalk.python import log

        log.msg(message)
