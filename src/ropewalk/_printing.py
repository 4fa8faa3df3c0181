"""Printing for people who may have seen enough: ``trial --help | head -1``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["whileRead"]


@contextmanager
def whileRead(status: int = 0) -> Iterator[None]:
    """Print in here; when whoever read standard output has gone, the process ends without a word.

    Args:
        status: it exits with this then.
    """
    try:
        try:
            yield
        finally:
            # Now: if the interpreter does it, at its end, it complains.
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        # What is left goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(status)
