"""What can go wrong with a command.

What a responder raises reaches the caller by a code, when the command lists the exception in its ``errors``. Anything
else is logged here, and is a `UnknownRemoteError` there: nothing of it travels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ropewalk.python.failure import Failure

__all__ = [
    "PROTOCOL_ERRORS",
    "UNHANDLED_ERROR_CODE",
    "UNKNOWN_ERROR_CODE",
    "AmpError",
    "BadLocalReturn",
    "IncompatibleVersions",
    "InvalidSignature",
    "MalformedAmpBox",
    "NoEmptyBoxes",
    "OnlyOneTLS",
    "ProtocolSwitched",
    "RemoteAmpError",
    "TooLong",
    "UnhandledCommand",
    "UnknownRemoteError",
]

# The codes of errors that no command lists.
UNKNOWN_ERROR_CODE = b"UNKNOWN"
UNHANDLED_ERROR_CODE = b"UNHANDLED"


class AmpError(Exception):
    """The base of AMP's errors."""


class ProtocolSwitched(Exception):
    """The connection speaks another protocol now, or is about to: no more boxes can be sent."""


class OnlyOneTLS(AmpError):
    """The connection is encrypted already, or is just being so."""


class NoEmptyBoxes(AmpError):
    """A box came that is neither a command, nor an answer, nor an error."""


class InvalidSignature(AmpError):
    """A command was called with an argument that it doesn't have, or without one that it needs."""


class TooLong(AmpError):
    """A key or a value is too long for a box.

    Attributes:
        isKey: whether it is a key.
        isLocal: whether we were to send it; otherwise the peer has sent it.
        value: what is too long; `None` when it is the peer's.
        keyName: the key whose value it is, if it is one.
    """

    def __init__(self, isKey: bool, isLocal: bool, value: bytes | None, keyName: bytes | None = None) -> None:
        super().__init__()
        self.isKey = isKey
        self.isLocal = isLocal
        self.value = value
        self.keyName = keyName

    def __str__(self) -> str:
        whose = "" if self.isLocal else "the peer's "
        what = f"{whose}key" if self.isKey else f"{whose}value of {self.keyName!r}"
        return f"{what} is too long" + ("" if self.value is None else f": {len(self.value)} bytes")

    def __repr__(self) -> str:
        return f"<TooLong: {self}>"


class BadLocalReturn(AmpError):
    """A responder returned what can't be put into the answer. It is logged; the caller hears of an unknown error.

    Attributes:
        message: what was returned, by whom.
        enclosed: what went wrong when it was to be sent.
    """

    def __init__(self, message: str, enclosed: Failure) -> None:
        super().__init__()
        self.message = message
        self.enclosed = enclosed

    def __str__(self) -> str:
        return f"{self.message}: {self.enclosed.getErrorMessage()}"

    def __repr__(self) -> str:
        return f"<BadLocalReturn: {self}>"


class RemoteAmpError(AmpError):
    """The peer answered with an error. A responder may raise one, too: it is sent as it is.

    Attributes:
        errorCode: its code.
        description: a sentence for people.
        fatal: whether the connection is closed after it.
        local: on the side where it happened, what went wrong; `None` on the other.
    """

    def __init__(
        self, errorCode: bytes, description: str | bytes, fatal: bool = False, local: Failure | None = None
    ) -> None:
        told = f"Code<{errorCode.decode('ascii', 'backslashreplace')}>{' (local)' if local else ''}: {description!s}"
        super().__init__(told + (f"\n{local.getBriefTraceback()}" if local else ""))
        self.errorCode = errorCode
        self.description = description
        self.fatal = fatal
        self.local = local


class UnknownRemoteError(RemoteAmpError):
    """The peer answered with an error that the command doesn't list: one of its own program's, most often."""

    def __init__(self, description: str | bytes) -> None:
        super().__init__(UNKNOWN_ERROR_CODE, description)


class MalformedAmpBox(AmpError):
    """A box lacks something, or answers what was never asked."""


class UnhandledCommand(AmpError):
    """The peer has nobody who answers that command."""


class IncompatibleVersions(AmpError):
    """The two sides found that they do not speak the same version."""


# What the codes that no command lists are to a caller.
PROTOCOL_ERRORS = {UNHANDLED_ERROR_CODE: UnhandledCommand}
