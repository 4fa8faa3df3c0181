"""What is asked and shown on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable


def getPassword(
    prompt: str = "Password: ",
    confirm: bool | int = 0,
    forceTTY: bool | int = 0,
    confirmPrompt: str = "Confirm password: ",
    mismatchMessage: str = "Passwords don't match.",
) -> str:
    """Ask for a password. From a terminal it is read without being shown, otherwise as a line of standard input.

    Args:
        confirm: ask twice, up to three times, until both are the same; only on a terminal.
        forceTTY: use the terminal the process was started from if standard input is not one.

    Raises:
        KeyboardInterrupt: three times the two were not the same.
        RuntimeError: there is no terminal, and ``forceTTY`` insists on one.
    """
    import getpass

    if not sys.stdin.isatty():
        if not forceTTY:
            return sys.stdin.readline().rstrip("\n")
        if not os.path.exists("/dev/tty"):
            raise RuntimeError("there is no terminal to ask for a password on")
    for _ in range(3):
        answer = getpass.getpass(prompt)
        if not confirm or answer == getpass.getpass(confirmPrompt):
            return answer
        println(mismatchMessage)
    raise KeyboardInterrupt


def println(*a: object) -> None:
    """Print the values with spaces between them."""
    sys.stdout.write(" ".join(map(str, a)) + "\n")


def makeStatBar(
    width: int, maxPosition: float, doneChar: str = "=", undoneChar: str = "-", currentChar: str = ">"
) -> Callable[..., str]:
    """Return a function that draws how far something has come: ``[===>----]``.

    It takes the position, and ``force``: without it, it returns an empty string when the drawing did not change.

    Args:
        width: of the drawing, with its brackets.
        maxPosition: the position at its end.
    """
    room = width - 2
    last = ""

    def statBar(position: float, force: bool | int = 0) -> str:
        nonlocal last
        done = min(int(room * position / maxPosition), room - 1)
        drawn = f"[{doneChar * done}{currentChar}{undoneChar * (room - done - 1)}]"
        if not force and drawn == last:
            return ""
        last = drawn
        return drawn

    return statBar
