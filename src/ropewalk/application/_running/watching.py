"""Files that change: two ways to notice, told alike.

With the package watchfiles (the extra ``reload``) the system says so at once; otherwise the files' times are looked at
twice a second.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ropewalk.internet.interfaces import IDelayedCall

__all__ = ["PolledFiles", "ToldFiles", "watcherFor"]

# Seconds between two looks.
INTERVAL = 0.5

# What the system tells about is collected for so many milliseconds: an editor's save is several changes.
COLLECT = 50

Changed = Callable[[list[str]], object]


def watcherFor(reactor: Any, changed: Changed) -> PolledFiles | ToldFiles:
    """Return the better one of those that work here.

    Args:
        reactor: what it runs in.
        changed: called in the reactor's thread with the paths of files that have changed, appeared or gone.
    """
    try:
        import watchfiles  # noqa: F401  # asked whether it is there
    except ImportError:
        return PolledFiles(reactor, changed)
    return ToldFiles(reactor, changed)


class PolledFiles:
    """Looks at the files' times and sizes."""

    def __init__(self, reactor: Any, changed: Changed) -> None:
        self._reactor = reactor
        self._changed = changed
        self._seen: dict[str, tuple[int, int] | None] = {}
        self._next: IDelayedCall | None = None

    def add(self, paths: Iterable[str]) -> None:
        """Watch some more files."""
        for path in paths:
            self._seen.setdefault(path, _state(path))
        if self._next is None:
            self._next = self._reactor.callLater(INTERVAL, self._look)

    def stop(self) -> None:
        """Watch no more."""
        self._seen.clear()
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _look(self) -> None:
        self._next = self._reactor.callLater(INTERVAL, self._look)
        changed = []
        for path, before in self._seen.items():
            now = _state(path)
            if now != before:
                self._seen[path] = now
                changed.append(path)
        if changed:
            self._changed(changed)


class ToldFiles:
    """Has the system tell, through watchfiles: a thread waits for it."""

    def __init__(self, reactor: Any, changed: Changed) -> None:
        self._reactor = reactor
        self._changed = changed
        self._paths: set[str] = set()
        self._folders: set[str] = set()
        self._over = threading.Event()

    def add(self, paths: Iterable[str]) -> None:
        """Watch some more files. Their directories are what is watched: editors put a new file in the place of one."""
        self._paths.update(paths)
        folders = {folder for folder in map(os.path.dirname, self._paths) if os.path.isdir(folder)}
        if folders - self._folders:
            self.stop()
            self._over = threading.Event()
            self._folders = folders
            threading.Thread(target=self._wait, args=(folders, self._over), daemon=True).start()

    def stop(self) -> None:
        """Watch no more."""
        self._over.set()
        self._folders = set()

    def _wait(self, folders: Iterable[str], over: threading.Event) -> None:
        """Runs in the thread."""
        import watchfiles

        for changes in watchfiles.watch(
            *folders, stop_event=over, recursive=False, debounce=COLLECT * 4, step=COLLECT, raise_interrupt=False
        ):
            self._reactor.callFromThread(self._tell, over, [path for _, path in changes])

    def _tell(self, over: threading.Event, paths: list[str]) -> None:
        changed = sorted(self._paths.intersection(paths))
        if changed and not over.is_set():
            self._changed(changed)


def _state(path: str) -> tuple[int, int] | None:
    """What changes with a file; `None` when there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
