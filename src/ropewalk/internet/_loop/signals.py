"""The signals that stop a reactor, while it runs; whoever had them before gets them back afterwards.

SIGCHLD is left alone: it belongs to those who start processes.
"""

from __future__ import annotations

import signal
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Handler = Callable[[int, object], object]

__all__ = ["Signals"]


class Signals:
    """Take over the signals that stop a program, and give them back.

    Args:
        handlers: name of the signal -> what to call. Names that the platform doesn't know are skipped.
        wakeFd: a descriptor for the interpreter to write to when a signal comes, or -1 when the loop has its own way.
    """

    def __init__(self, handlers: dict[str, Handler], wakeFd: int = -1) -> None:
        self._handlers = handlers
        self._wakeFd = wakeFd
        self._before: dict[int, object] = {}
        self._wakeBefore: int | None = None

    def install(self) -> None:
        """Take over. In another thread than the main one this does nothing: Python runs signal handlers there only."""
        if threading.current_thread() is not threading.main_thread():
            return
        for name, handler in self._handlers.items():
            number = getattr(signal, name, None)
            if number is None:
                continue
            before = signal.getsignal(number)
            # Somebody who handles Ctrl-C himself goes on doing so.
            if number == signal.SIGINT and before is not signal.default_int_handler:
                continue
            self._before[number] = before
            signal.signal(number, handler)
        if self._wakeFd >= 0:
            # A signal that comes between the interpreter's last look and the system call that waits would
            # otherwise be noticed only when something else ends the wait.
            self._wakeBefore = signal.set_wakeup_fd(self._wakeFd, warn_on_full_buffer=False)

    def uninstall(self) -> None:
        """Give back what is still ours."""
        for number, before in self._before.items():
            if before is not None and signal.getsignal(number) == self._handlers[signal.Signals(number).name]:
                signal.signal(number, before)  # type: ignore[arg-type]  # what `getsignal` returned
        self._before.clear()
        if self._wakeBefore is not None:
            current = signal.set_wakeup_fd(self._wakeBefore)
            if current != self._wakeFd:
                # Somebody set their own after us, and is still using it.
                signal.set_wakeup_fd(current)
            self._wakeBefore = None
