"""The parameters of an answer to an authentication challenge: ``username="joe", nc=00000001, ...``."""

from __future__ import annotations

import re

from ropewalk._wire.events import RemoteProtocolError, TooLong

__all__ = ["LIMIT", "parse"]

#: Bytes. Answers are some hundred bytes long; a long name, address and opaque value make it a few thousand.
LIMIT = 8192

# A parameter up to the comma after it (RFC 9110 §11.2, and §5.6.1: empty ones are skipped). The value is a quoted
# string, or anything without a quotation mark: some clients quote neither addresses nor base64. Possessive
# repetition: whatever the input, each byte is looked at once.
PARAMETER = re.compile(
    rb"""[\s,]*+ ([!#$%&'*+.^_`|~0-9A-Za-z-]++) \s*+ = \s*+
         (?: "( (?: [^"\\]++ | \\. )*+ )" \s*+ | ([^",]*+) ) (?: , | \Z )""",
    re.VERBOSE | re.DOTALL,
)
REST = re.compile(rb"[\s,]*+\Z")
ESCAPED = re.compile(rb"\\(.)", re.DOTALL)

# RFC 8187 §3.2.1, of which Digest uses one character set (RFC 7616 §3.4.4).
EXTENDED = re.compile(rb"UTF-8'[^']*'([!#$&+.^_`|~0-9A-Za-z-]|%[0-9A-F]{2})*+", re.IGNORECASE)


def parse(data: bytes) -> dict[str, bytes]:
    """Return the parameters by their names in lower case.

    A ``username*`` is decoded, and stands as ``username``.

    Raises:
        TooLong: they are longer than `LIMIT`.
        RemoteProtocolError: they cannot be read, or one is there twice.

    Spec: RFC 9110 §11.2, RFC 7616 §3.4.
    """
    if len(data) > LIMIT:
        raise TooLong("authentication parameters", len(data), LIMIT)
    found: dict[str, bytes] = {}
    at = 0
    while not REST.match(data, at):
        match = PARAMETER.match(data, at)
        if match is None:
            raise RemoteProtocolError(f"no parameter name=value at byte {at} of the answer")
        name = match[1].decode("ascii").lower()
        value = ESCAPED.sub(rb"\1", match[2]) if match[2] is not None else match[3].strip()
        if name == "username*":
            name, value = "username", _extended(value)
        if name in found:
            raise RemoteProtocolError(f"the parameter {name[:32]!r} is there twice")
        found[name] = value
        at = match.end()
    return found


def _extended(value: bytes) -> bytes:
    """Decode a value that may hold any character."""
    from urllib.parse import unquote_to_bytes

    if not EXTENDED.fullmatch(value):
        raise RemoteProtocolError("username* is not of the form UTF-8''...")
    return unquote_to_bytes(value.split(b"'", 2)[2])
