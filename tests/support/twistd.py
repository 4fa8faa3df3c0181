"""Run ``twistd`` as an operator does: in the foreground, or as a daemon whose end can be waited for."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from types import TracebackType

from support.programs import PATIENCE, Program, python

TWISTD = python("-m", "ropewalk.scripts.twistd")

# What a tac needs that makes an application of nothing.
EMPTY = "from ropewalk.application import service\napplication = service.Application('empty')\n"


def outcome(
    folder: Path, *words: str, env: dict[str, str] | None = None, said: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command line to its end, with some standard input."""
    return subprocess.run(
        [*TWISTD, *words],
        cwd=folder,
        env={**os.environ, **(env or {})},
        input=said,
        capture_output=True,
        text=True,
        timeout=PATIENCE * 2,
        check=False,
    )


def foreground(folder: Path, *words: str, env: dict[str, str] | None = None) -> Program:
    """Start ``twistd -n`` without a pid file; its log is read line by line."""
    return Program([*TWISTD, "-n", "--pidfile=", *words], folder, env)


class Daemon:
    """A daemon started by ``twistd``.

    It inherits a pipe, so its end is the end of that. On leaving the context it is killed if it still runs.

    Attributes:
        started: the outcome of the command that started it.
        pidfile: its pid file.
    """

    def __init__(self, folder: Path, *words: str, env: dict[str, str] | None = None) -> None:
        self._folder = folder
        self.pidfile = folder / "twistd.pid"
        self._end, theirs = os.pipe()
        try:
            self.started = subprocess.run(
                [*TWISTD, *words],
                cwd=folder,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                pass_fds=[theirs],
                timeout=PATIENCE * 2,
                check=False,
            )
        finally:
            os.close(theirs)
        self.pid = int(self.pidfile.read_text()) if self.pidfile.exists() else 0

    def __enter__(self) -> Daemon:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        if self.pid and not self._hasEnded():
            os.kill(self.pid, signal.SIGKILL)
        os.close(self._end)

    def send(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def wait(self) -> None:
        """Wait for its end."""
        os.set_blocking(self._end, True)
        while os.read(self._end, 100):
            pass
        self.pid = 0

    def stop(self) -> None:
        """Stop it as an operator does, and wait for its end."""
        self.send(signal.SIGTERM)
        self.wait()

    def log(self, name: str = "twistd.log") -> str:
        """What its log says."""
        return (self._folder / name).read_text()

    def _hasEnded(self) -> bool:
        os.set_blocking(self._end, False)
        try:
            return os.read(self._end, 1) == b""
        except BlockingIOError:
            return False
