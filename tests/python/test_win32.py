"""What Windows does in its own way."""

from __future__ import annotations

import os

import pytest

from ropewalk.python import win32

# What is passed, and how a program on Windows has to find it in its command line (the rules of its C run-time library:
# quotes around spaces, a backslash before a quote, and backslashes doubled only where a quote follows).
QUOTED = [
    ("a", "a"),
    ("", '""'),
    ("a b", '"a b"'),
    ('a"b', r"a\"b"),
    ("a\\", "a\\"),
    ("a b\\", '"a b\\\\"'),
    (r"c:\dir\x", r"c:\dir\x"),
]


@pytest.mark.parametrize(("argument", "quoted"), QUOTED)
def test_quoting(argument: str, quoted: str) -> None:
    """An argument arrives as it was, whatever is in it."""
    assert win32.cmdLineQuote(argument) == quoted


def test_commandLine() -> None:
    """Arguments are separated by spaces."""
    assert win32.quoteArguments(argument for argument, _ in QUOTED) == " ".join(quoted for _, quoted in QUOTED)


def test_elsewhere() -> None:
    """Portable code can name the exception and the numbers anywhere."""
    assert issubclass(win32.WindowsError, OSError)
    assert win32.formatError(win32.ERROR_FILE_NOT_FOUND) == os.strerror(2)
