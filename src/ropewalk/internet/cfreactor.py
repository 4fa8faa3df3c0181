"""The reactor beside macOS's CoreFoundation run loop, which is Cocoa's: needs PyObjC.

The run loop is asked for calls by a thread of ours that waits for descriptors.
"""

from __future__ import annotations

import sys
from importlib import import_module

from ._toolkits.carried import CarriedReactor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

if str(sys.platform) != "darwin":  # `str`: or checkers elsewhere would not look at what follows
    raise ImportError(
        f"cfreactor is for CoreFoundation, a part of macOS, and this is {sys.platform}; take the default reactor, or "
        "that of the toolkit whose windows you open"
    )

__all__ = ["CFReactor", "install"]


class CFReactor(CarriedReactor):
    """A reactor that runs CoreFoundation's run loop.

    Args:
        runLoop: a ``CFRunLoop``; that of the current thread when there is none.
        runner: runs it, ``PyObjCTools.AppHelper.runEventLoop`` say; ``CFRunLoopRun`` when there is none.

    Raises:
        ImportError: PyObjC is missing.
    """

    def __init__(self, runLoop: Any = None, runner: Callable[[], object] | None = None) -> None:
        try:
            self._foundation: Any = import_module("CoreFoundation")
        except ImportError:
            raise ImportError(
                "cfreactor needs PyObjC: pip install pyobjc-framework-Cocoa; without a window the default reactor "
                "does the same and needs nothing"
            ) from None
        self._runLoop = runLoop if runLoop is not None else self._foundation.CFRunLoopGetCurrent()
        self._runner = runner or self._foundation.CFRunLoopRun
        super().__init__()

    def _runHost(self) -> None:
        self._runner()

    def _leaveHost(self) -> None:
        self._foundation.CFRunLoopStop(self._runLoop)

    def _callInHost(self, func: Callable[[], None]) -> None:
        self._foundation.CFRunLoopPerformBlock(self._runLoop, self._foundation.kCFRunLoopCommonModes, func)
        self._foundation.CFRunLoopWakeUp(self._runLoop)


def install(runLoop: Any = None, runner: Callable[[], object] | None = None) -> CFReactor:
    """Make a new `CFReactor` the reactor of this process, and return it.

    Raises:
        ReactorAlreadyInstalledError: there is one already.
        ImportError: PyObjC is missing.
    """
    from .main import installNew

    return installNew(CFReactor, runLoop, runner)
