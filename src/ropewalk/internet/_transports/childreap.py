"""Hearing that children ended, and taking their exit status: ours, and nobody else's.

A child that ended stays a zombie until its parent waits for it. We only ever wait for children by their number, so
whoever else starts processes in this program (``subprocess``, asyncio, a C library) finds theirs untouched, and no
signal handler is needed.

Linux gives a descriptor for a process (pidfd) which is readable when it has ended: the loop watches it as it does a
socket. Elsewhere, or when there are no descriptors left, a thread for each child waits and then calls the loop.
"""

from __future__ import annotations

import os

from .watching import watcherOf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    class Reapable(Protocol):
        """A child that can be waited for."""

        # `None` once it was reaped.
        pid: int | None

        def reapProcess(self) -> object: ...
        def processEnded(self, status: int | None) -> object: ...


__all__ = [
    "exitStatus",
    "reapAllProcesses",
    "reapProcessHandlers",
    "registerReapProcessHandler",
    "unregisterReapProcessHandler",
    "watchOver",
]

# Who is told of a child's end, by its process id.
reapProcessHandlers: dict[int, Any] = {}


def reapAllProcesses() -> None:
    """Look after every child that is registered, now. The reactor does so by itself when one ends."""
    for process in list(reapProcessHandlers.values()):
        process.reapProcess()


def registerReapProcessHandler(pid: int, process: Reapable) -> None:
    """Have `reapAllProcesses` look after a child; one that has ended already is told so at once.

    Args:
        pid: the child.
        process: its ``reapProcess()`` is called; its ``processEnded(status)`` at once if the child has ended.

    Raises:
        RuntimeError: the child is registered already.
    """
    if pid in reapProcessHandlers:
        raise RuntimeError(f"process {pid} is registered already, with {reapProcessHandlers[pid]!r}")
    ended, status = exitStatus(pid)
    if ended:
        process.processEnded(status)
    else:
        reapProcessHandlers[pid] = process


def unregisterReapProcessHandler(pid: int, process: Reapable) -> None:
    """Undo `registerReapProcessHandler`.

    Raises:
        RuntimeError: that child is not registered, or with something else.
    """
    if reapProcessHandlers.get(pid) is not process:
        raise RuntimeError(f"process {pid} is not registered with {process!r}")
    del reapProcessHandlers[pid]


def exitStatus(pid: int) -> tuple[bool, int | None]:
    """Reap a child if it has ended.

    Returns:
        Whether it has, and its status as ``os.waitpid`` gives it; `None` if somebody else took that, or the system
        drops it because SIGCHLD is ignored.
    """
    try:
        found, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return True, None
    return (True, status) if found else (False, None)


def watchOver(reactor: Any, process: Reapable) -> None:
    """Register a child that was just started, and have its ``reapProcess`` called by the reactor once it has ended."""
    pid = process.pid
    assert pid is not None
    reapProcessHandlers[pid] = process
    try:
        fd = openProcess(pid)
    except OSError:
        _waitInThread(reactor, process, pid)
    else:
        _Watch(reactor, process, fd)


def openProcess(pid: int) -> int:
    """Return a descriptor that is readable once the process has ended. `OSError` when the system has none."""
    if not hasattr(os, "pidfd_open"):
        raise OSError("this system has no descriptors for processes")
    return os.pidfd_open(pid)


class _Watch:
    """The loop's watch over one child, by its pidfd."""

    __slots__ = ("_fd", "_process", "_reactor", "_watcher")

    def __init__(self, reactor: Any, process: Reapable, fd: int) -> None:
        self._reactor = reactor
        self._process = process
        self._fd = fd
        self._watcher = watcherOf(reactor)
        self._watcher.watchRead(fd, self.doRead)

    def __repr__(self) -> str:
        return f"<watch over {self._process!r}>"

    def fileno(self) -> int:
        return self._fd

    def doRead(self) -> None:
        """The child has ended."""
        self._close()
        self._process.reapProcess()

    def connectionLost(self, reason: object) -> None:
        """The reactor stops, and watches nothing any more. If it runs again, so does this watch."""
        self._close()
        self._reactor.callWhenRunning(self._again)

    def _again(self) -> None:
        if self._process.pid is not None:
            watchOver(self._reactor, self._process)

    def _close(self) -> None:
        self._watcher.forget(self._fd)
        os.close(self._fd)
        self._fd = -1


def _waitInThread(reactor: Any, process: Reapable, pid: int) -> None:
    """Wait for a child in a thread of its own, and let the reactor reap it."""
    from threading import Thread

    def wait() -> None:
        if hasattr(os, "waitid"):
            try:
                # WNOWAIT leaves the zombie there: its number is not given to others while we may yet signal it.
                os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            except ChildProcessError:
                pass  # somebody else has reaped it; the reactor will find that out, too
            reactor.callFromThread(process.reapProcess)
        else:
            _, status = os.waitpid(pid, 0)
            reactor.callFromThread(_reaped, process, pid, status)

    Thread(target=wait, name=f"waits for process {pid}", daemon=True).start()


def _reaped(process: Reapable, pid: int, status: int) -> None:
    """The thread has reaped a child, having no way to wait without doing so."""
    if reapProcessHandlers.pop(pid, None) is not None:
        process.processEnded(status)
