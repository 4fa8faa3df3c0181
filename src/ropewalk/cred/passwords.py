"""Hashes of passwords to keep in place of them: scrypt, from the standard library.

A hash is a line of text, which says how it was made (the PHC string format)::

    $scrypt$ln=14,r=8,p=5$c2FsdHNhbHRzYWx0c2FsdA$8bIqvRjA...

``python -m ropewalk.cred.passwords alice >> users`` asks for Alice's password and adds a line to a file for
`ropewalk.cred.checkers.FilePasswordDB`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable

from ._wire.text import asBytes, same

__all__ = ["hashPassword", "isHash", "verifyPassword"]

PREFIX = b"$scrypt$"
HASH = re.compile(rb"\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{1,128})\$([A-Za-z0-9+/]{22,128})")

#: Bytes that making one hash may take. A line that asks for more is broken.
MEMORY = 2**28


def hashPassword(password: bytes | str, *, ln: int = 14, r: int = 8, p: int = 5) -> str:
    """Hash a password, with a salt of its own.

    It takes some tenths of a second, on purpose: call it in a thread.

    Args:
        ln: the binary logarithm of scrypt's ``N``.
        r: scrypt's block size. A hash takes ``128 * 2**ln * r`` bytes of memory: by default 16 MiB.
        p: how often all that is done.

    Raises:
        ValueError: scrypt cannot have these numbers, or they ask for more than `MEMORY`.
    """
    _checkCost(ln, r, p)
    salt = secrets.token_bytes(16)
    return f"$scrypt$ln={ln},r={r},p={p}${_encoded(salt)}${_encoded(_scrypt(password, salt, ln, r, p, 32))}"


def isHash(stored: bytes | str) -> bool:
    """Whether something is a hash from here, and no password."""
    return asBytes(stored).startswith(PREFIX)


def verifyPassword(password: bytes | str, hashed: bytes | str) -> bool:
    """Whether a hash is that of a password. It takes as long as hashing does: call it in a thread.

    Nulls at the end of a password do not count, as in all hashes that rest on HMAC.

    Raises:
        ValueError: it is no hash from here, or asks for too much.
    """
    ln, r, p, salt, kept = parsed(hashed)
    return same(_scrypt(password, salt, ln, r, p, len(kept)), kept)


def parsed(hashed: bytes | str) -> tuple[int, int, int, bytes, bytes]:
    """Return what is in a hash: three numbers as in `hashPassword`, the salt, and the hash itself.

    Raises:
        ValueError: it is none, or asks for too much.
    """
    match = HASH.fullmatch(asBytes(hashed))
    if match is None:
        raise ValueError("a hash looks like $scrypt$ln=14,r=8,p=5$SALT$HASH, and this one does not")
    ln, r, p = (int(number) for number in match.groups()[:3])
    _checkCost(ln, r, p)
    return ln, r, p, _decoded(match[4]), _decoded(match[5])


def _scrypt(password: bytes | str, salt: bytes, ln: int, r: int, p: int, length: int) -> bytes:
    # OpenSSL counts its small buffers as well.
    memory = 128 * r * (2**ln + p + 2)
    return hashlib.scrypt(asBytes(password), salt=salt, n=2**ln, r=r, p=p, maxmem=memory, dklen=length)


def _checkCost(ln: int, r: int, p: int) -> None:
    if not (0 < ln < 32 and r > 0 and 0 < p < 256) or 128 * 2**ln * r > MEMORY:
        raise ValueError(f"scrypt with ln={ln}, r={r}, p={p} is out of range, or takes more than {MEMORY} bytes")


# Base 64 without padding.


def _encoded(data: bytes) -> str:
    return b64encode(data).decode().rstrip("=")


def _decoded(text: bytes) -> bytes:
    return b64decode(text + b"=" * (-len(text) % 4), validate=True)


def main(words: list[str], ask: Callable[[str], str] | None = None) -> int:
    """Ask for a password, and print a line for a file of users.

    Args:
        ask: shows a prompt, and returns what was typed; by default `getpass.getpass`.
    """
    if ask is None:
        from getpass import getpass

        ask = getpass

    if len(words) != 1 or words[0].startswith("-") or set(words[0]) & set(":\r\n"):
        print("usage: python -m ropewalk.cred.passwords NAME >> FILE\nA name has no colon in it.", file=sys.stderr)
        return 2
    # The prompt goes to the terminal, or to standard error: the line alone to standard output.
    password = ask(f"Password of {words[0]}: ")
    if not password or ask("Once more: ") != password:
        print("These were not the same, or nothing. No line was made.", file=sys.stderr)
        return 1
    print(f"{words[0]}:{hashPassword(password)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
