"""A service for developers: it runs the program, and starts it again when one of its source files has changed.

The program itself says which files those are, as it imports them (`membership`). One that doesn't start, because of a
mistake in its source, is started again at the next change.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ropewalk.internet.defer import Deferred, succeed
from ropewalk.logger import Logger

from .._services.tree import Service
from .children import Child, howItEnded
from .line import Report
from .mistakes import Status
from .watching import watcherFor

if TYPE_CHECKING:
    from ropewalk.python.failure import Failure

__all__ = ["Reloading"]

_log = Logger("ropewalk.application.reloading")

# What the program may take to end before it is killed: nobody waits long for the effect of a change.
PATIENCE = 3.0


class Reloading(Service):
    """Runs a program, anew after each change.

    Args:
        command: starts it; see `children.ownCommand`.
        giveUp: called with an exit status when it has ended without saying what to watch.
        reactor: starts processes and measures time; the global reactor when not given.
        watcher: like `watching.watcherFor`.
    """

    def __init__(
        self,
        command: Sequence[str],
        giveUp: Callable[[int], object],
        reactor: Any = None,
        watcher: Callable[..., Any] = watcherFor,
    ) -> None:
        if reactor is None:
            from ropewalk.internet import reactor
        self._command = command
        self._giveUp = giveUp
        self._reactor = reactor
        self._watch = watcher(reactor, self._changed)
        self._watches = False
        self._child: Child | None = None
        self._stopped: Deferred[None] | None = None

    def startService(self) -> None:
        """Start the program."""
        super().startService()
        self._begin()

    def stopService(self) -> Deferred[None]:
        """End it, and watch no more.

        Returns:
            A Deferred that fires when it has ended.
        """
        super().stopService()
        self._watch.stop()
        if self._child is None:
            return succeed(None)
        self._stopped = Deferred()
        self._child.terminate(PATIENCE)
        return self._stopped

    def _begin(self) -> None:
        self._child = Child("program", self._reactor, self._ended, self._reported)
        try:
            self._child.start(self._command)
        except OSError as problem:
            _log.error("the program cannot be started: {problem}", problem=problem)
            self._child = None
            self._giveUp(Status.OSERR)

    def _reported(self, child: Child, report: Report) -> None:
        if "files" in report:
            self._watches = True
            self._watch.add(report["files"])

    def _changed(self, paths: list[str]) -> None:
        if self._child is not None and self._child.isOutdated:
            return  # It is ending. The next one has this change, too.
        _log.info(
            "{paths} {have} changed: starting the program again",
            paths=", ".join(os.path.relpath(path) for path in paths),
            have="has" if len(paths) == 1 else "have",
        )
        if self._child is None:
            self._begin()
        else:
            # Its end is what the next start waits for: the ports must be free.
            self._child.isOutdated = True
            self._child.terminate(PATIENCE)

    def _ended(self, child: Child, reason: Failure) -> None:
        self._child = None
        if self._stopped is not None:
            self._stopped.callback(None)
        elif not self.running:
            return
        elif child.isOutdated:
            self._begin()
        elif self._watches:
            _log.warn(
                "the program has ended after {age:.1f} seconds: {how}; it is started again when a file changes",
                age=child.age,
                how=howItEnded(reason),
            )
        else:
            self._giveUp(getattr(reason.value, "exitCode", None) or Status.OK)
