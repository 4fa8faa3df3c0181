"""What Windows does in its own way: its error numbers, its exception, and how it splits a command line.

The module can be imported anywhere, so that portable code may name `WindowsError` in an ``except``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable

__all__ = [
    "ERROR_DIRECTORY",
    "ERROR_FILE_NOT_FOUND",
    "ERROR_INVALID_NAME",
    "ERROR_PATH_NOT_FOUND",
    "O_BINARY",
    "FakeWindowsError",
    "WindowsError",
    "cmdLineQuote",
    "formatError",
    "quoteArguments",
]

# https://learn.microsoft.com/windows/win32/debug/system-error-codes
ERROR_FILE_NOT_FOUND = 2
ERROR_PATH_NOT_FOUND = 3
ERROR_INVALID_NAME = 123
ERROR_DIRECTORY = 267

O_BINARY = getattr(os, "O_BINARY", 0)


class FakeWindowsError(OSError):
    """Stands for Windows' exception where it does not exist; nothing raises it."""


if sys.platform == "win32":
    WindowsError = OSError
else:
    WindowsError = FakeWindowsError


def cmdLineQuote(s: str) -> str:
    """Return an argument so that a program on Windows reads it out of a command line as it is."""
    return subprocess.list2cmdline([s])


def quoteArguments(arguments: Iterable[str]) -> str:
    """Return a command line that a program on Windows takes apart into these arguments."""
    return subprocess.list2cmdline(list(arguments))


def formatError(errorcode: int) -> str:
    """Return the system's words for an error number."""
    if sys.platform == "win32":
        import ctypes

        return ctypes.FormatError(errorcode)
    return os.strerror(errorcode)
