"""What other threads may touch: the queue of calls for the reactor's thread, and the bell that wakes it.

Ringing is one byte into a pipe that the poller watches; the flag `Bell.rung` makes many calls ring once. The
interpreter writes into the same pipe when a signal comes (``signal.set_wakeup_fd``), so a signal wakes the loop
whichever thread the system chose for it.
"""

from __future__ import annotations

import os
from collections import deque
from contextvars import copy_context

from .trouble import logTrouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

    Call = tuple[Callable[..., object], tuple[object, ...], dict[str, object], Context | None]

__all__ = ["Bell", "Inbox"]


class Bell:
    """A pipe that wakes the loop. Any thread may ring; only the reactor's thread reads."""

    def __init__(self, answer: Callable[[], object]) -> None:
        """Call ``answer`` in the reactor's thread soon after somebody rang."""
        self._answer = answer
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        # Set by the thread that rings, cleared by the reactor's *before* it looks at what there is to do: who finds
        # it set may rely on the reactor still to look.
        self.rung = False

    def fileno(self) -> int:
        """Return the descriptor to watch."""
        return self._read

    def signalFileno(self) -> int:
        """Return the descriptor for ``signal.set_wakeup_fd``."""
        return self._write

    def wakeUp(self) -> None:
        """Wake the loop. Thread-safe, and safe in a signal handler."""
        if not self.rung:
            self.rung = True
            try:
                os.write(self._write, b"\0")
            except OSError:
                pass  # full: then the loop is about to wake anyway; closed: then nobody waits

    def doRead(self) -> None:
        """Silence the bell, then see who rang."""
        try:
            os.read(self._read, 4096)
        except OSError:
            pass  # nothing there after all: another turn within this one read it
        self.rung = False
        self._answer()

    def connectionLost(self, reason: object) -> None:
        """Close the pipe."""
        os.close(self._read)
        os.close(self._write)

    def logPrefix(self) -> str:
        """Return the name under which lists of readers show it."""
        return "wake-up"


class Inbox:
    """Calls that other threads want made in the reactor's thread, in the order in which they came."""

    def __init__(self) -> None:
        self.calls: deque[Call] = deque()

    def put(self, func: Callable[..., object], args: tuple[object, ...], kw: dict[str, object]) -> None:
        """Add a call. Thread-safe: ``deque.append`` is atomic."""
        self.calls.append((func, args, kw, copy_context() or None))

    def empty(self) -> None:
        """Make the calls that are there now. Those that come meanwhile have rung the bell again."""
        calls = self.calls
        for _ in range(len(calls)):
            try:
                func, args, kw, context = calls.popleft()
            except IndexError:
                return  # a nested turn made the rest
            try:
                if context is not None:
                    context.run(func, *args, **kw)
                else:
                    func(*args, **kw)
            except BaseException:
                logTrouble(f"while making a call from another thread, of {func!r}")
