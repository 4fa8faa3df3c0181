"""Serve Tk's windows from any reactor::

    root = tkinter.Tk()
    tksupport.install(root)
    root.protocol("WM_DELETE_WINDOW", reactor.stop)
    reactor.run()

A delayed call lets Tk do what it has to, a hundred times a second. A dialog runs a main loop of Tk's until it is
closed; Tk then calls us instead, so that connections and timers go on.
"""

from __future__ import annotations

from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tkinter import Misc
    from typing import Any

    from .task import LoopingCall

__all__ = ["getPassword", "install", "installTkFunctions", "uninstall"]

# The windows that are served, the last installed at the end.
_pumps: list[Pump] = []


class Pump:
    """Lets one Tk application live.

    Args:
        widget: any widget of it.
        seconds: how often.
        reactor: whose delayed calls do it.
    """

    def __init__(self, widget: Misc, seconds: float, reactor: Any) -> None:
        from .task import LoopingCall

        self._widget = widget
        self._seconds = seconds
        self._reactor = reactor
        # Whether Tk has the word from us, and when it was last given or taken back.
        self._serving = False
        self._turned = 0.0
        self._alarm = ""
        self._calling: LoopingCall = LoopingCall(self._serve)
        self._calling.clock = reactor

    def start(self) -> None:
        """Begin."""
        self._widget.bind("<Destroy>", self._destroyed, add="+")
        self._alarm = self._widget.after(self._milliseconds(), self._within)
        self._calling.start(self._seconds, now=False).addErrback(self._gone)

    def stop(self) -> None:
        """End; harmless when it has."""
        if self._calling.running:
            self._calling.stop()
        if self._alarm:
            alarm, self._alarm = self._alarm, ""
            try:
                self._widget.after_cancel(alarm)
            except Exception:
                pass  # the window is gone, and its alarms with it

    def _serve(self) -> None:
        """Let Tk do what it has to. The reactor calls this."""
        if self._serving:
            return
        self._serving = True
        self._turned = monotonic()
        try:
            self._widget.update()
        finally:
            self._serving = False
            self._turned = monotonic()

    def _within(self) -> None:
        """Let the reactor do what it has to, if Tk goes on for longer than its turn: a dialog is open."""
        self._alarm = self._widget.after(self._milliseconds(), self._within)
        if monotonic() - self._turned > self._seconds:
            self._reactor.iterate(0)

    def _milliseconds(self) -> int:
        return max(1, int(self._seconds * 1000))

    def _destroyed(self, event: Any) -> None:
        """A window is destroyed; a root hears of those in it, too."""
        if event.widget is self._widget:
            self._forget()

    def _gone(self, failure: Any) -> None:
        """Tk refused: its display is gone, say. Anything but a refusal of Tk's is a failure."""
        from tkinter import TclError

        self._forget()
        failure.trap(TclError)

    def _forget(self) -> None:
        """There is nothing to serve any more."""
        self.stop()
        if self in _pumps:
            _pumps.remove(self)


def install(widget: Misc, ms: int = 10, reactor: Any = None) -> None:
    """Serve a Tk application while the reactor runs. When its window is destroyed, that ends by itself.

    Args:
        widget: the root window, or any widget in it.
        ms: milliseconds between two looks at its events.
        reactor: serves it; the installed one when there is none.
    """
    if reactor is None:
        from ropewalk.internet import reactor
    pump = Pump(widget, ms / 1000, reactor)
    _pumps.append(pump)
    pump.start()


def uninstall() -> None:
    """Stop serving the application that was installed last. Harmless when there is none."""
    if _pumps:
        _pumps.pop().stop()


def installTkFunctions() -> None:
    """Have programs that ask for a password ask in a window: `getPassword` takes the place of that of `python.util`."""
    import ropewalk.python.util

    ropewalk.python.util.getPassword = getPassword  # type: ignore[assignment]  # the documented exchange


def getPassword(prompt: str = "", confirm: Any = 0) -> str | None:
    """Ask for a password in a window.

    Args:
        prompt: what to ask.
        confirm: ask twice, until both answers are the same.

    Returns:
        The password, ``None`` when the window was closed.
    """
    from tkinter import messagebox, simpledialog

    while True:
        first = simpledialog.askstring("Password", prompt, show="*")
        if not confirm or first is None:
            return first
        second = simpledialog.askstring("Password", f"{prompt} (again)", show="*")
        if second is None or first == second:
            return second
        messagebox.showerror("Password", "The two passwords are not the same; please type them again.")
