"""Become a daemon: a process without a terminal, whose starter waits to hear whether it has started."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from .mistakes import Refusal, Status, tell

STREAMS = (0, 1, 2)

# Between the parts of a report. No module is loaded to encode it: behind a ``chroot`` there may be none.
SEPARATOR = "\0"


class Report:
    """What a daemon tells the process that started it, once, over a pipe.

    Args:
        fd: the pipe's end.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def started(self) -> None:
        """Say that everything is well."""
        self._send("", Status.OK, "")

    def refused(self, refusal: Refusal) -> None:
        """Say why it is not."""
        self._send(refusal.sentence, refusal.status, refusal.details)

    def _send(self, sentence: str, status: int, details: str) -> None:
        fd, self._fd = self._fd, -1
        if fd < 0:
            return
        try:
            with os.fdopen(fd, "wb") as pipe:
                pipe.write(SEPARATOR.join([str(int(status)), sentence, details]).encode("utf-8", "replace"))
        except BrokenPipeError:
            pass  # The starter was stopped meanwhile; we go on.


def daemonize() -> Report:
    """Fork twice; return in the child, which belongs to no terminal and has `/dev/null` for its standard streams.

    The parent waits for the child's `Report`, tells it on standard error if it is a refusal, and exits with its status.
    """
    # Or both processes would write what waits here.
    _flush()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        os.waitpid(pid, 0)
        _waitFor(reading)
    os.close(reading)
    os.setsid()
    # The leader of a session gets a terminal by opening one; its child does not.
    if os.fork():
        os._exit(0)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in STREAMS:
        os.dup2(null, fd)
    os.close(null)
    return Report(writing)


def fillStreams() -> None:
    """Have something at the three standard descriptors, to be called before anything is opened.

    A process that was started without one of them would give its number to the next file that it opens, a log say.
    """
    for fd in STREAMS:
        try:
            os.fstat(fd)
        except OSError:
            # The lowest free number is this one: those below are taken by now.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def _waitFor(reading: int) -> NoReturn:
    """Exit as the child says."""
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    if told:
        number, sentence, details = told.decode().split(SEPARATOR, 2)
        status = int(number)
    else:
        sentence, status, details = "the daemon died while it started; its log may say why", Status.SOFTWARE, ""
    if sentence:
        tell(sentence, details)
    # Nothing of the program's is to be run, or flushed, twice.
    os._exit(status)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            pass  # nobody reads it any more
