"""Run under `pdb`, or watch every step."""

from __future__ import annotations

import signal
import sys
import threading
from typing import Any

from ropewalk.python.util import spewer


def fixPdb() -> None:
    """Give `pdb` the commands ``stop`` (let the reactor stop, and go on) and ``qq`` (the same, and tell no more)."""

    import pdb

    def do_stop(self: Any, arg: str) -> Any:
        """Stop the reactor in good order, and go on."""
        _stopSoon()
        return self.do_continue(arg)

    def do_qq(self: Any, arg: str) -> Any:
        """Stop the reactor in good order, and go on without the debugger."""
        _stopSoon()
        self.clear_all_breaks()
        sys.settrace(None)
        return self.do_continue(arg)

    pdb.Pdb.do_stop = do_stop  # type: ignore[attr-defined]  # a new command is a new method
    pdb.Pdb.do_qq = do_qq  # type: ignore[attr-defined]  # likewise


def _stopSoon() -> None:
    from ropewalk.internet import reactor
    from ropewalk.internet.error import ReactorNotRunning

    try:
        reactor.callWhenRunning(reactor.stop)
    except ReactorNotRunning:
        pass  # it is stopping already


def debug(reactor: Any) -> None:
    """Run a reactor in the debugger. SIGUSR2 enters it, wherever the program is."""
    import pdb

    fixPdb()
    if hasattr(signal, "SIGUSR2"):
        signal.signal(signal.SIGUSR2, lambda number, frame: pdb.Pdb().set_trace(frame))
    pdb.runcall(reactor.run)


def spew() -> None:
    """Print every line of Python that runs from now on, in all threads."""
    sys.settrace(spewer)
    threading.settrace(spewer)
