"""What keeps an application from running: a sentence for people, and an exit status for programs.

The statuses are those of sysexits.h, which systemd and others know by name (``status=78/CONFIG``).
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from enum import IntEnum
from types import TracebackType
from typing import Any

from ropewalk.internet.error import CannotListenError
from ropewalk.python.usage import UsageError

OURS = "ropewalk"


class Status(IntEnum):
    """How a process may end. What each one means to users stands beside it, for the help."""

    meaning: str

    def __new__(cls, number: int, meaning: str) -> Status:
        """Make a status of its number and its meaning."""
        status = int.__new__(cls, number)
        status._value_ = number
        status.meaning = meaning
        return status

    OK = 0, "stopped in good order"
    USAGE = 64, "the command line is wrong"
    DATA = 65, "the application's file is wrong"
    NOINPUT = 66, "the application's file cannot be read"
    NOUSER = 67, "there is no such user or group"
    UNAVAILABLE = 69, "a port or an address is in use, or isn't there"
    SOFTWARE = 70, "the application raised an exception"
    OSERR = 71, "the system refused something"
    CANTCREAT = 73, "a log, pid file or directory cannot be written"
    IOERR = 74, "the disk is full, or failed"
    TEMPFAIL = 75, "it runs already"
    NOPERM = 77, "the permission for something is missing"
    CONFIG = 78, "something that the command line names does not work"


# For the help.
STATUSES = "Exit statuses: " + "; ".join(f"{status:d} {status.meaning}" for status in Status) + "."


class Refusal(Exception):
    """The application cannot be run.

    Attributes:
        status: what the process is to exit with.
        details: lines for people below the sentence: a traceback of their own code; empty as a rule.
    """

    def __init__(self, sentence: str, status: Status, details: str = "") -> None:
        super().__init__(sentence, status, details)
        self.sentence = sentence
        self.status = status
        self.details = details

    def __str__(self) -> str:
        return self.sentence


def describe(problem: OSError) -> str:
    """Return what the system says, without number and path."""
    return problem.strerror or str(problem)


def refused(action: str, problem: OSError, otherwise: Status) -> Refusal:
    """Return the refusal for something that the system does not let us do.

    Args:
        action: what we tried: ``"write the pid file '/run/x.pid'"``.
        problem: what the system said.
        otherwise: the status, unless the error has one of its own.
    """
    status = _BY_ERRNO.get(problem.errno or 0, otherwise)
    return Refusal(f"cannot {action}: {describe(problem)}", status)


_BY_ERRNO = {
    errno.EACCES: Status.NOPERM,
    errno.EPERM: Status.NOPERM,
    errno.ENOSPC: Status.IOERR,
    errno.EDQUOT: Status.IOERR,
    errno.EIO: Status.IOERR,
    errno.EADDRINUSE: Status.UNAVAILABLE,
    errno.EADDRNOTAVAIL: Status.UNAVAILABLE,
}


def tell(sentence: str, details: str = "") -> None:
    """Show a refusal to the person who started the program: the details first, the sentence where the eye is."""
    name = os.path.basename(sys.argv[0]).removesuffix(".py") or "python"
    text = f"{name}: {sentence}\n"
    if details:
        text = f"{details}\n{text}"
    # Standard error itself, though the log may have taken its place.
    stream = sys.__stderr__
    if stream is None:
        return
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError):
        pass  # nobody listens; the exit status says it


def startFailure(problem: BaseException) -> Refusal:
    """Return the refusal for an exception with which a service's start has failed."""
    if isinstance(problem, Refusal):
        return problem
    if isinstance(problem, CannotListenError):
        cause = problem.socketError
        place = os.fsdecode(problem.port) if isinstance(problem.port, bytes) else str(problem.port)
        if problem.interface:
            place = f"{problem.interface}:{place}"
        if isinstance(cause, OSError):
            return refused(f"listen on {place}", cause, Status.UNAVAILABLE)
        return Refusal(f"cannot listen on {place}: {cause}", Status.UNAVAILABLE)
    if isinstance(problem, UsageError):
        # It is for whoever started the program, not for who wrote it.
        return Refusal(str(problem), Status.CONFIG)
    return Refusal(f"the application did not start: {summary(problem)}", Status.SOFTWARE, foreignTraceback(problem))


def summary(problem: BaseException) -> str:
    """Return the last line of an exception's traceback: its class and what it says."""
    return "".join(traceback.format_exception_only(problem)).strip().splitlines()[-1]


def foreignTraceback(problem: BaseException, firstFile: str | None = None) -> str:
    """Return an exception's traceback without our own frames at its beginning: a mistake is theirs to find.

    Args:
        problem: the exception.
        firstFile: the file whose first frame is to be the first one shown; otherwise the first that isn't ours.

    Returns:
        The lines; nothing where all that is left is a line that says what the sentence says.
    """
    tb = problem.__traceback__
    while tb is not None and not _isTheirs(tb, firstFile):
        tb = tb.tb_next
    text = "".join(traceback.format_exception(type(problem), problem, tb)).rstrip()
    return text if "\n" in text else ""


def _isTheirs(tb: TracebackType, firstFile: str | None) -> bool:
    if firstFile is not None:
        return tb.tb_frame.f_code.co_filename == firstFile
    name: Any = tb.tb_frame.f_globals.get("__name__", "")
    path = tb.tb_frame.f_code.co_filename
    return not (str(name).partition(".")[0] == OURS or path.startswith(_HOME))


# Some of our modules go by another name, and zope's frames between are in nobody's way.
_HOME = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) + os.sep
