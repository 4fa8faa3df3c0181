"""The system's own hashes of passwords, as in ``/etc/passwd`` and ``/etc/shadow``: ``crypt(3)``."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any, NamedTuple

from ._wire.text import asBytes, same

__all__ = ["Entry", "getspnam", "isCrypted", "verifyCrypted"]

SHADOW = "/etc/shadow"

# Where the function is: glibc and musl, libxcrypt, and the C library itself.
LIBRARIES = ("libcrypt.so.1", "libcrypt.so.2", None)

# Hashes in an old form have no dollar sign, and this length.
OLD_LENGTH = 13


def isCrypted(stored: str) -> bool:
    """Whether something is a hash: and not ``x``, ``*`` or ``!...``, which let nobody in."""
    return stored.startswith("$") or (len(stored) == OLD_LENGTH and stored.isascii() and stored[0] not in "!*")


def verifyCrypted(stored: str, password: bytes | str) -> bool:
    """Whether a hash is that of a password. What is no hash lets nobody in, least of all an empty one.

    Strong hashes take a while: call it in a thread.

    Raises:
        RuntimeError: there is no ``crypt`` here.
    """
    word = asBytes(password)
    # A null would end the password, and the rest would not count.
    if not isCrypted(stored) or b"\0" in word:
        return False
    hashed = _crypt(word, asBytes(stored))
    return hashed is not None and same(hashed, stored)


# The function's answer stands in a buffer that the next call overwrites.
_oneAtATime = threading.Lock()


def _crypt(password: bytes, setting: bytes) -> bytes | None:
    """Call the system's function: the hash of a password, with the kind and the salt of another hash.

    Raises:
        RuntimeError: the system has none.
    """
    function = _found()
    with _oneAtATime:
        hashed: bytes | None = function(password, setting)
    return hashed


@cache
def _found() -> Any:
    # Python had a module for it until 3.12, and warned of it since 3.11.
    import ctypes

    for library in LIBRARIES:
        try:
            function = ctypes.CDLL(library).crypt
        except (OSError, AttributeError):
            continue
        function.argtypes = (ctypes.c_char_p, ctypes.c_char_p)
        function.restype = ctypes.c_char_p
        return function
    raise RuntimeError("this system has no crypt(3): its password hashes cannot be checked; perhaps PAM can")


class Entry(NamedTuple):
    """A line of ``/etc/shadow``, as far as it matters here."""

    sp_namp: str
    sp_pwdp: str


def getspnam(name: str, path: str = SHADOW) -> Entry:
    """Return a user's line. Only root may read it, as a rule.

    Raises:
        KeyError: there is none.
        PermissionError: the file may not be read.
    """
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            fields = line.rstrip("\n").split(":")
            if fields[0] == name and len(fields) > 1:
                return Entry(fields[0], fields[1])
    raise KeyError(f"{name!r} is not in {path}")
