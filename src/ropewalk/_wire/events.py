"""`NEED_DATA`, and the errors of everything that reads bytes."""

from __future__ import annotations

from enum import Enum
from typing import Final

__all__ = ["NEED_DATA", "LocalProtocolError", "NeedData", "ProtocolError", "RemoteProtocolError", "TooLong"]


class NeedData(Enum):
    """What a reader returns in place of an event while it has too few bytes. An enum: checkers follow it."""

    NEED_DATA = "more bytes are needed"

    def __repr__(self) -> str:
        return "NEED_DATA"


NEED_DATA: Final = NeedData.NEED_DATA


class ProtocolError(Exception):
    """The rules of a protocol were broken. Whose fault it is, the two classes below say."""


class LocalProtocolError(ProtocolError):
    """Our own program broke the rules: mend it."""


class RemoteProtocolError(ProtocolError):
    """The peer broke the rules: refuse or close. The stream it came by is unusable from here on."""


class TooLong(RemoteProtocolError):
    """The peer sent, or announced, more than we take in one piece.

    Attributes:
        what: of what it was too much, ``"line"`` say.
        size: how much there is, or is announced, in bytes; when the end is not in sight, how much came so far.
        limit: how much we take, in bytes.
    """

    def __init__(self, what: str, size: int, limit: int) -> None:
        super().__init__(f"{what} of {size} bytes or more is over the limit of {limit}")
        self.what = what
        self.size = size
        self.limit = limit

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.what, self.size, self.limit)
