"""Postfix's TCP tables: requests and replies, a line each.

Spec: Postfix, tcp_table(5).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ropewalk._wire.events import LocalProtocolError, RemoteProtocolError

__all__ = ["MAX_LINE", "Request", "quote", "readRequest", "reply", "unquote"]

# "Requests and replies are limited to 4096 characters".
MAX_LINE = 4096

# How many parameters each command takes.
PARAMETERS = {b"get": 1, b"put": 2}

_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Request:
    """What Postfix asks: to ``get`` a key, or to ``put`` a key and a value."""

    command: bytes
    parameters: tuple[bytes, ...]


def readRequest(line: bytes) -> Request:
    """Read a request.

    Raises:
        RemoteProtocolError: there is no such command, or it takes another number of parameters.
    """
    command, *parameters = line.split() or [b""]
    wanted = PARAMETERS.get(command)
    if wanted is None:
        raise RemoteProtocolError("unknown command")
    if len(parameters) != wanted:
        raise RemoteProtocolError(f"{command.decode()} takes {wanted} parameters, not {len(parameters)}")
    return Request(command, tuple(map(unquote, parameters)))


def reply(code: int, text: bytes) -> bytes:
    """Return a reply's line: 200 with a value, 500 for no such key, 400 to be asked again later.

    Raises:
        LocalProtocolError: it is longer than Postfix would take.
    """
    line = b"%d %b" % (code, quote(text))
    if len(line) > MAX_LINE:
        raise LocalProtocolError(f"a reply of {len(line)} bytes, as it is quoted, is over the limit of {MAX_LINE}")
    return line


def quote(text: bytes) -> bytes:
    """Write whitespace, the percent sign, and all that isn't visible ASCII as ``%XX``."""
    return b"".join([b"%c" % byte if 32 < byte < 127 and byte != 37 else b"%%%02X" % byte for byte in text])


def unquote(text: bytes) -> bytes:
    """Undo `quote`. A percent sign without two digits stands for itself."""
    return _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode("ascii")), text)
