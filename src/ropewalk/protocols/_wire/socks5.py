"""SOCKS 5: the short talk between a client and a proxy before bytes pass, from both sides.

Each side's talk is a row of stages; `_STAGES` says how each is read, `NEXT` what follows it.

Spec: RFC 1928; RFC 1929 for passwords.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final

from ropewalk._wire.events import NEED_DATA, LocalProtocolError, NeedData, RemoteProtocolError

from .socks4 import dotted, hostName, numeric, packed

__all__ = [
    "ACCEPTED",
    "BIND",
    "CONNECT",
    "REJECTED",
    "UDP",
    "Code",
    "Credentials",
    "Destination",
    "Method",
    "Methods",
    "Reader",
    "Stage",
    "Verdict",
    "credentials",
    "destination",
    "methods",
    "selected",
]

CONNECT, BIND, UDP = 1, 2, 3

# What a proxy says to a password (RFC 1929 §2).
ACCEPTED: Final = b"\1\0"
REJECTED: Final = b"\1\1"


class Method(IntEnum):
    """How a client shows who it is (RFC 1928 §3)."""

    NOTHING = 0
    PASSWORD = 2
    NONE_FITS = 255


class Code(IntEnum):
    """What became of a request (RFC 1928 §6)."""

    SUCCEEDED = 0
    FAILED = 1
    NOT_ALLOWED = 2
    NETWORK_UNREACHABLE = 3
    HOST_UNREACHABLE = 4
    REFUSED = 5
    EXPIRED = 6
    NO_SUCH_COMMAND = 7
    NO_SUCH_ADDRESS = 8


class Stage(Enum):
    """What is read next: the first three by the proxy, the others by the client."""

    METHODS = "methods"
    PASSWORD = "password"
    REQUEST = "request"
    CHOICE = "choice"
    VERDICT = "verdict"
    REPLY = "reply"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Methods:
    """The methods a client offers; or the one that the proxy has chosen."""

    offered: frozenset[int]


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who a client says it is, with a password."""

    user: bytes
    password: bytes

    def __repr__(self) -> str:
        return f"Credentials(user={self.user!r})"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a proxy says to a password."""

    accepted: bool


@dataclass(frozen=True, slots=True)
class Destination:
    """A request, with a command; or a reply, with a `Code` for it (or a number that is none).

    Attributes:
        host: an address or a name.
    """

    code: int
    host: str
    port: int


Event = Methods | Credentials | Verdict | Destination

# What follows a stage when all is well. Who chooses a method says `Reader.expect` instead.
NEXT = {
    Stage.PASSWORD: Stage.REQUEST,
    Stage.REQUEST: Stage.DONE,
    Stage.VERDICT: Stage.REPLY,
    Stage.REPLY: Stage.DONE,
}


class Reader:
    """Read one side's part of the talk, a stage at a time.

    Args:
        stage: the first: `Stage.METHODS` for a proxy, `Stage.CHOICE` for a client.
    """

    __slots__ = ("_buffer", "stage")

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Take bytes from the peer."""
        self._buffer += data

    def expect(self, stage: Stage) -> None:
        """Choose what is read next."""
        self.stage = stage

    def next(self) -> Event | NeedData:
        """Return what this stage has to say, or `NEED_DATA`. After the last stage there is nothing more.

        Raises:
            RemoteProtocolError: the peer speaks something else. What a stage can hold is bounded by the format.
        """
        read = _STAGES.get(self.stage)
        if read is None:
            return NEED_DATA
        found = read(self._buffer)
        if found is NEED_DATA:
            return NEED_DATA
        event, size = found
        del self._buffer[:size]
        self.stage = NEXT.get(self.stage, self.stage)
        return event

    def rest(self) -> bytes:
        """Take out what came behind the talk."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest


# How each stage is read: from what there is, the event and its size in bytes.

Found = tuple[Event, int] | NeedData


def _version(buffer: bytearray, version: int, what: str) -> None:
    if buffer and buffer[0] != version:
        raise RemoteProtocolError(f"the version of {what} is {buffer[0]}, not {version}")


def _methods(buffer: bytearray) -> Found:
    _version(buffer, 5, "the greeting")
    if len(buffer) < 2 or len(buffer) < 2 + buffer[1]:
        return NEED_DATA
    end = 2 + buffer[1]
    return Methods(frozenset(buffer[2:end])), end


def _password(buffer: bytearray) -> Found:
    _version(buffer, 1, "the password's message")
    if len(buffer) < 2 or len(buffer) < 3 + buffer[1]:
        return NEED_DATA
    middle = 2 + buffer[1]
    end = middle + 1 + buffer[middle]
    if len(buffer) < end:
        return NEED_DATA
    return Credentials(bytes(buffer[2:middle]), bytes(buffer[middle + 1 : end])), end


def _choice(buffer: bytearray) -> Found:
    _version(buffer, 5, "the proxy's choice")
    return NEED_DATA if len(buffer) < 2 else (Methods(frozenset(buffer[1:2])), 2)


def _verdict(buffer: bytearray) -> Found:
    _version(buffer, 1, "the proxy's verdict")
    return NEED_DATA if len(buffer) < 2 else (Verdict(buffer[1] == 0), 2)


def _destination(buffer: bytearray) -> Found:
    """Version, command or code, reserved, kind of address, address, port."""
    _version(buffer, 5, "the message")
    if len(buffer) < 5:
        return NEED_DATA
    kind, start = buffer[3], 4
    if kind == 3:
        start, end = 5, 5 + buffer[4]
    elif kind in _SIZES:
        end = 4 + _SIZES[kind]
    else:
        raise UnknownAddress(f"there is no kind of address {kind}")
    if len(buffer) < end + 2:
        return NEED_DATA
    address = bytes(buffer[start:end])
    host = (
        hostName(address) if kind == 3 else dotted(address) if kind == 1 else socket.inet_ntop(socket.AF_INET6, address)
    )
    return Destination(buffer[1], host, int.from_bytes(buffer[end : end + 2], "big")), end + 2


class UnknownAddress(RemoteProtocolError):
    """An address of a kind that RFC 1928 doesn't know.

    Attributes:
        reply: what the client is told.
    """

    reply = Code.NO_SUCH_ADDRESS


_SIZES = {1: 4, 4: 16}
_STAGES: dict[Stage, Callable[[bytearray], Found]] = {
    Stage.METHODS: _methods,
    Stage.PASSWORD: _password,
    Stage.REQUEST: _destination,
    Stage.CHOICE: _choice,
    Stage.VERDICT: _verdict,
    Stage.REPLY: _destination,
}


# What is sent.


def methods(*offered: Method) -> bytes:
    """Return a client's greeting."""
    return bytes((5, len(offered), *offered))


def selected(method: Method) -> bytes:
    """Return a proxy's choice."""
    return bytes((5, method))


def credentials(user: bytes, password: bytes) -> bytes:
    """Return a client's password.

    Raises:
        LocalProtocolError: one of the two is longer than the format can say, or empty.
    """
    for what, value in (("user", user), ("password", password)):
        if not 1 <= len(value) <= 255:
            raise LocalProtocolError(f"a {what} for SOCKS has 1 to 255 bytes, not {len(value)}")
    return b"\1%c%b%c%b" % (len(user), user, len(password), password)


def destination(code: int, host: str, port: int) -> bytes:
    """Return a request, or a reply.

    Raises:
        LocalProtocolError: the host is no address and no name that could be sent.
    """
    if numeric(host):
        address = b"\1" + packed(host)
    elif ":" in host:
        address = b"\4" + socket.inet_pton(socket.AF_INET6, host)
    else:
        try:
            name = host.encode("ascii") if host.isascii() else host.encode("idna")
            hostName(name)
        except (UnicodeError, RemoteProtocolError):
            raise LocalProtocolError(f"{host!r} is no host name") from None
        if len(name) > 255:
            raise LocalProtocolError(f"a host name for SOCKS has at most 255 bytes, not {len(name)}")
        address = b"\3%c%b" % (len(name), name)
    return bytes((5, code, 0)) + address + port.to_bytes(2, "big")
