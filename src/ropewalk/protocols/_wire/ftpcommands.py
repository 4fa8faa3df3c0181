"""A command of FTP: a verb, a space, an argument. Spec: RFC 959 §5.3, RFC 2640 §3.

Text is UTF-8. Bytes that are none survive the way in and out again (`surrogateescape`), so that every file of a UNIX
system can be named, whatever its name is written in.
"""

from __future__ import annotations

from dataclasses import dataclass

from ropewalk._wire.events import LocalProtocolError, RemoteProtocolError

__all__ = ["LINE_LIMIT", "BadCommand", "Command", "asBytes", "asText", "command", "parseCommand"]

#: The longest line that a server takes: a verb, and the longest path of Linux twice over.
LINE_LIMIT = 8192

# Telnet commands come before ABOR (RFC 959 §4.1.3), the last of them out of band or not: 240 to 255, which no verb is.
_TELNET = bytes(range(240, 256))

# What a verb may be. RFC 959 has three or four letters, others came later (``SITE`` has its own).
_VERB_LIMIT = 12


class BadCommand(RemoteProtocolError):
    """The line is no command."""


@dataclass(frozen=True, slots=True)
class Command:
    """What a client wants.

    Attributes:
        verb: in upper case.
        argument: the rest of the line as it stands, spaces included; `None` when there is none.
    """

    verb: str
    argument: str | None


def asText(data: bytes) -> str:
    """Decode what came by the control connection."""
    return data.decode("utf-8", "surrogateescape")


def asBytes(text: str) -> bytes:
    """Encode what goes by it."""
    return text.encode("utf-8", "surrogateescape")


def parseCommand(line: bytes) -> Command:
    """Read a line, without its end.

    Raises:
        BadCommand: it does not begin with a verb, or holds what would be lines of their own in an answer.
    """
    verb, space, argument = asText(line.lstrip(_TELNET)).partition(" ")
    if not (verb.isascii() and verb.isalpha() and len(verb) <= _VERB_LIMIT):
        raise BadCommand(f"{line[:40]!r} is no command")
    if any(byte in argument for byte in "\r\n\0"):
        raise BadCommand(f"the argument of {verb.upper()} holds the end of a line")
    return Command(verb.upper(), argument if space and argument else None)


def command(text: str) -> bytes:
    """Write a command, with the end of its line.

    Raises:
        LocalProtocolError: the text holds the end of a line, and would be two commands.
    """
    if "\r" in text or "\n" in text:
        raise LocalProtocolError(f"a command of FTP is one line, not {text[:80]!r}")
    return asBytes(text) + b"\r\n"
