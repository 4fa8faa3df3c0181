"""Failures that nobody took: found when their Deferred is dropped, reported at the end of the turn.

A Deferred that comes to the end of its callbacks with a Failure gets a `DebugInfo`. If the Deferred goes away before
somebody takes the Failure, so does the `DebugInfo`, and its finalizer puts the Failure on a list. Deferreds that never
fail cost nothing. The running reactor calls `reportAll` at the end of each turn; without one the report is immediate.

A Deferred that lives until the program ends is looked for then (`_reportAtExit`): when the interpreter takes the
modules apart, nothing is left to report with.

A finalizer may run anywhere, in the middle of any statement, in any thread. Therefore it does nothing but append while
a reactor runs, and whatever the report raises is caught.
"""

from __future__ import annotations

import atexit
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...python.failure import Failure

    Hook = Callable[[Failure, str], object]

# What was dropped and not yet reported: the Failure, and where its Deferred came from if that was recorded.
dropped: list[tuple[Failure, str]] = []

# Set by a reactor while it runs: it calls `reportAll` at the end of a turn that left something in `dropped`.
deferToTurn = False

# Called instead of logging; see `onUnhandledError`.
_hook: Hook | None = None


class DebugInfo:
    """What is known about a Deferred beyond its result: its failure, and in debug mode where it came from.

    Attributes:
        failResult: the Failure that nobody has taken yet, or None.
        creator: the stack on which the Deferred was created, a line a frame, or None when not recorded.
        invoker: the stack on which it was fired, likewise.
    """

    failResult: Failure | None = None
    creator: list[str] | None = None
    invoker: list[str] | None = None

    def describe(self) -> str:
        """Return the recorded stacks as text; empty when nothing was recorded."""
        told = ""
        for letter, title, stack in (
            ("C", "Deferred was created", self.creator),
            ("I", "First Invoker was", self.invoker),
        ):
            if stack is not None:
                lines = [f"{title}:", *"".join(stack).rstrip("\n").split("\n")]
                told += "".join(f" {letter}: {line}\n" for line in lines)
        return told

    def __del__(self) -> None:
        if self.failResult is not None:
            dropped.append((self.failResult, self.describe()))
            if not deferToTurn:
                reportAll()


def reportAll() -> None:
    """Report every failure dropped so far: to the hook if there is one, otherwise to the log. Never raises."""
    while dropped:
        failure, origin = dropped.pop(0)
        try:
            (_hook or _log)(failure, origin)
        except Exception as problem:
            # The report is the last resort of an error, and may run inside a finalizer: one more error must neither
            # stop the others nor hide this one.
            sys.stderr.write(f"Unhandled error in Deferred: {failure!r} (reporting it raised {problem!r})\n")


@atexit.register
def _reportAtExit() -> None:
    """Report what nobody took until the end of the program."""
    import gc

    for each in gc.get_objects():
        if type(each) is DebugInfo and each.failResult is not None:
            dropped.append((each.failResult, each.describe()))
            each.failResult = None
    reportAll()


def onUnhandledError(hook: Hook | None) -> Hook | None:
    """Choose what happens to the failure of a Deferred that was dropped before anybody handled it.

    Args:
        hook: called with the Failure and a description of where its Deferred was created and fired (empty unless
            debugging is on: `setDebugging`), at the end of the reactor's turn in which the Deferred was dropped, or at
            once if no reactor runs. It replaces the log message. None brings the log message back.

    Returns:
        The hook in force until now.
    """
    global _hook
    previous, _hook = _hook, hook
    return previous


def _log(failure: Failure, origin: str) -> None:
    from ...logger import Logger

    log = Logger("ropewalk.internet.defer")
    # Two events: the first is one that legacy observers print as a plain line, the second carries the traceback.
    log.critical("Unhandled error in Deferred:", isError=True)
    log.failure("(debug: {debugInfo})" if origin else "", failure, debugInfo=origin)


def stackNow() -> list[str]:
    """Return the stack of the caller's caller as lines of text, without the machinery of Deferreds."""
    import os
    import traceback

    here = os.path.dirname(__file__)
    frames = [frame for frame in traceback.extract_stack() if os.path.dirname(frame.filename) != here]
    return traceback.format_list(frames)
