"""The identification protocol: queries about the two ports of a connection, and answers to them.

Spec: RFC 1413 §4 to §6.
"""

from __future__ import annotations

from dataclasses import dataclass

from ropewalk._wire.events import LocalProtocolError, RemoteProtocolError

__all__ = ["MAX_LINE", "Answer", "PortPair", "answer", "isPort", "problem", "query", "readAnswer", "readQuery"]

# RFC 1413 §5: "Clients should be prepared to receive ... at least 1000 characters". Nobody needs more.
MAX_LINE = 1024


@dataclass(frozen=True, slots=True)
class PortPair:
    """The two ends of a connection: at whom is asked, and at who asks. As numbers, which may be no ports."""

    server: int
    client: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Who owns a connection; or why that isn't told.

    Attributes:
        ports: of which connection.
        error: the word of the error (RFC 1413 §6.2); empty when there is none.
        system: the name of the system, which says how to read the user; or ``OTHER``.
        user: who.
    """

    ports: PortPair
    error: bytes
    system: bytes = b""
    user: bytes = b""


def readQuery(line: bytes) -> PortPair:
    """Read a query.

    Raises:
        RemoteProtocolError: these are no two numbers.
    """
    numbers = [part.strip() for part in line.split(b",")]
    # Longer numbers are no ports, and could not be sent back: the answer begins with them.
    if len(numbers) != 2 or not all(number.isdigit() and len(number) <= 5 for number in numbers):
        raise RemoteProtocolError(f"{line[:80]!r} is not two ports with a comma between")
    return PortPair(int(numbers[0]), int(numbers[1]))


def readAnswer(line: bytes) -> Answer:
    """Read an answer.

    Raises:
        RemoteProtocolError: it is none.
    """
    parts = line.split(b":", 3)
    kind = parts[1].strip().upper() if len(parts) > 2 else b""
    if kind == b"ERROR" and len(parts) == 3 and parts[2].strip():
        return Answer(readQuery(parts[0]), parts[2].strip())
    if kind == b"USERID" and len(parts) == 4:
        # "OTHER , charset": the character set is not part of the name. Of the user every byte counts, but the one
        # space that servers put in front for looks.
        user = parts[3].removeprefix(b" ")
        return Answer(readQuery(parts[0]), b"", parts[2].partition(b",")[0].strip(), user)
    raise RemoteProtocolError(f"{line[:80]!r} is no answer of an ident server")


def isPort(number: int) -> bool:
    """Tell whether a number is that of a port."""
    return 1 <= number <= 65535


def query(ports: PortPair) -> bytes:
    """Return a query's line."""
    return b"%d, %d" % (ports.server, ports.client)


def answer(ports: PortPair, system: bytes, user: bytes) -> bytes:
    """Return the line that tells who.

    Raises:
        LocalProtocolError: the system or the user would break the line.
    """
    if not system or set(system) & set(b"\r\n\0:") or not user or set(user) & set(b"\r\n\0"):
        raise LocalProtocolError(f"neither {system!r} nor {user!r} may be empty or hold a line's end")
    return query(ports) + b" : USERID : " + system + b" : " + user


def problem(ports: PortPair, error: bytes) -> bytes:
    """Return the line that tells why not."""
    return query(ports) + b" : ERROR : " + error
