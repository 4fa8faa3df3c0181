"""Child processes: started pinned to a core, given a limited time to speak, and never left behind."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from types import TracebackType
from typing import ClassVar, Self

PATIENCE = 20.0
"""Seconds that a child has for what takes it a second on a quiet machine: to come up, to end after its own deadline."""

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


class MeasureError(Exception):
    """A sample could not be taken; the sentence says why."""


class Child:
    """A program that runs inside a `with` block and is killed, with certainty and by its own id, at its end.

    Args:
        command: the program and its arguments.
        core: the core it is pinned to; `None` lets the system choose.
    """

    living: ClassVar[set[int]] = set()
    """Ids of the children that were started and not waited for yet."""

    def __init__(self, command: Sequence[str], core: int | None) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # closed by __exit__
        self._name = " ".join(os.path.basename(part) for part in command[:4])
        self.started = time.monotonic()

        def beforeExec() -> None:
            if core is not None:
                os.sched_setaffinity(0, {core})
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # should we be killed ourselves, the kernel ends the child

        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, preexec_fn=beforeExec
        )
        self.pid = self._process.pid
        self.living.add(self.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._ended(None)
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            if pipe is not None:
                pipe.close()

    def line(self, patience: float = PATIENCE) -> str:
        """Wait for the next line of its output.

        Raises:
            MeasureError: the child ended, or stayed silent for ``patience`` seconds.
        """
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], patience)
        if not ready:
            raise MeasureError(f"`{self._name}` said nothing for {patience:g} s{self._lastWords()}")
        text = self._process.stdout.readline().decode().strip()
        if not text:
            raise MeasureError(f"`{self._name}` ended with status {self._ended(patience)}{self._lastWords()}")
        return text

    def wait(self, patience: float = PATIENCE) -> None:
        """Close its input and wait until it ends by itself.

        Raises:
            MeasureError: it did not within ``patience`` seconds, or its status was not 0.
        """
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            status = self._ended(patience)
        except subprocess.TimeoutExpired:
            raise MeasureError(f"`{self._name}` did not end within {patience:g} s{self._lastWords()}") from None
        if status:
            raise MeasureError(f"`{self._name}` ended with status {status}{self._lastWords()}")

    def _ended(self, patience: float | None) -> int:
        status = self._process.wait(patience)
        self.living.discard(self.pid)
        return status

    def _lastWords(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return f": {lines[-1]}" if lines else ""
