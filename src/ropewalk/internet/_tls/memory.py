"""Files that exist in memory only, for OpenSSL's functions that take a path."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["asFile"]


@contextmanager
def asFile(content: bytes) -> Iterator[str]:
    """Lend a path under which some bytes can be read.

    On Linux they never touch a disk. Elsewhere they are in a temporary file that only its owner may read, and that is
    removed at once.
    """
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("ropewalk-tls", os.MFD_CLOEXEC)
        try:
            os.write(descriptor, content)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    descriptor, path = tempfile.mkstemp()  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        yield path
    finally:
        os.unlink(path)
