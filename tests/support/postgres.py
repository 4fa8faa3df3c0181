"""A PostgreSQL server of our own: in a temporary directory, on a UNIX socket, as nobody in particular."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

SETTINGS = ["listen_addresses=", "fsync=off", "max_connections=20", "shared_buffers=16MB", "log_min_messages=info"]


def programs() -> Path | None:
    """Where the server's programs are; Debian keeps them off the PATH."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    return next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


def unprivileged() -> str | None:
    """The user that the server runs as: it refuses to be root."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    return pytest.skip("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")


class Postgres:
    """A server with one empty database. Tests may stop it, kill it and start it again.

    Attributes:
        conninfo: what a client is told to find it.
        process: the server's first process, while there is one.
    """

    def __init__(self) -> None:
        where = programs()
        if where is None:
            pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
        self._programs = where
        self._user = unprivileged()
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        self.conninfo = f"host={self._folder} user=tester dbname=postgres"
        self.process: subprocess.Popen[bytes] | None = None
        command = ["initdb", "-D", "data", "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        self._command(command).wait()
        self.start()

    def _command(self, command: list[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [self._programs / command[0], *command[1:]],
            cwd=self._folder,
            user=self._user,
            extra_groups=None if self._user is None else [],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if command[0] == "postgres" else subprocess.DEVNULL,
        )

    def start(self) -> None:
        """Start it, and return when it takes connections."""
        options = [part for setting in SETTINGS for part in ("-c", setting)]
        self.process = self._command(["postgres", "-D", "data", "-k", str(self._folder), *options])
        assert self.process.stderr is not None
        said = []
        for line in self.process.stderr:
            said.append(line.decode(errors="replace"))
            if "ready to accept connections" in said[-1]:
                return
        raise AssertionError(f"PostgreSQL does not start: {''.join(said)}")

    def kill(self) -> None:
        """``kill -9`` it, with all of its processes, as a machine that loses its power."""
        assert self.process is not None
        family = [*self._children(), self.process.pid]
        for number in family:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self._reap()

    def freeze(self) -> None:
        """Stop all of its processes where they are: connections stay, and nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """Shut it down for good."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)  # "fast": connections are cut
            self._reap()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        for child in [*self._children(), self.process.pid]:
            with suppress(ProcessLookupError):
                os.kill(child, number)

    def _children(self) -> list[int]:
        assert self.process is not None
        pid = self.process.pid
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def _reap(self) -> None:
        assert self.process is not None
        assert self.process.stderr is not None
        # Not before its last process has let go of its memory: it would not start again.
        self.process.stderr.read()
        self.process.stderr.close()
        self.process.wait(20)
        self.process = None
