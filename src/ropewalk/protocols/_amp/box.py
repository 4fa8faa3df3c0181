"""`AmpBox`: what travels between two sides of AMP, as a dictionary."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO

from ropewalk._wire import events
from ropewalk._wire.events import NEED_DATA, LocalProtocolError

from .._wire.boxes import MAX_KEY_LENGTH, MAX_VALUE_LENGTH, BoxReader, Oversize, encode
from .errors import MalformedAmpBox, TooLong

if TYPE_CHECKING:
    from .interfaces import IBoxSender

__all__ = [
    "ANSWER",
    "ASK",
    "COMMAND",
    "ERROR",
    "ERROR_CODE",
    "ERROR_DESCRIPTION",
    "MAX_KEY_LENGTH",
    "MAX_VALUE_LENGTH",
    "AmpBox",
    "Box",
    "QuitBox",
    "parse",
    "parseString",
]

# The keys that say what a box is: a command, which has a tag when an answer is wanted; the answer or error for a tag.
ASK = b"_ask"
COMMAND = b"_command"
ANSWER = b"_answer"
ERROR = b"_error"
ERROR_CODE = b"_error_code"
ERROR_DESCRIPTION = b"_error_description"


class AmpBox(dict[bytes, bytes]):
    """Keys and values, both bytes.

    Args:
        args, kw: as for a dictionary; keys that are text are made bytes.
    """

    __slots__ = ()

    def __init__(self, *args: Any, **kw: bytes) -> None:
        super().__init__()
        if args or kw:
            for key, value in dict(*args, **kw).items():
                self[key.encode("ascii") if isinstance(key, str) else key] = value

    def copy(self) -> AmpBox:
        """Return another box with the same content."""
        copied = AmpBox.__new__(AmpBox)
        copied.update(self)
        return copied

    def serialize(self) -> bytes:
        """Return the box's bytes; the keys are sorted, so that the same box is always the same bytes.

        Raises:
            TooLong: a key has more than 255 bytes, or a value more than 65535.
            MalformedAmpBox: a key is empty.
            TypeError: a key or a value is not bytes.
        """
        try:
            return encode(sorted(self.items()))
        except Oversize as problem:
            raise TooLong(problem.key is None, True, problem.value, problem.key) from None
        except LocalProtocolError as problem:
            raise MalformedAmpBox(str(problem)) from None
        except TypeError:
            for key, value in self.items():
                for each in (key, value):
                    if not isinstance(each, bytes):
                        raise TypeError(f"the box has {each!r} at {key!r}, and takes bytes only") from None
            raise

    def __repr__(self) -> str:
        return f"AmpBox({dict.__repr__(self)})"

    def _sendTo(self, proto: Any) -> None:
        """Send this box, and do what has to follow it."""
        proto.sendBox(self)


Box = AmpBox


class QuitBox(AmpBox):
    """A box after which the connection is closed."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"QuitBox(**{dict.__repr__(self)})"

    def _sendTo(self, proto: Any) -> None:
        proto.sendBox(self)
        proto.transport.loseConnection()


class FollowedBox(AmpBox):
    """A box after which something else begins: another protocol say.

    Args:
        follow: called with the protocol once the box was given to the transport.
    """

    __slots__ = ("_follow",)

    def __init__(self, follow: Callable[[Any], object]) -> None:
        super().__init__()
        self._follow = follow

    def _sendTo(self, proto: IBoxSender) -> None:
        proto.sendBox(self)
        self._follow(proto)


def parseString(data: bytes) -> list[AmpBox]:
    """Return the boxes in a string; what follows the last complete one is left out.

    Raises:
        TooLong: a key is too long, or a box: this is no AMP.
    """
    reader = BoxReader(AmpBox)
    reader.feed(data)
    boxes = []
    try:
        while (box := reader.next()) is not NEED_DATA:
            boxes.append(box)
    except events.TooLong as problem:
        raise TooLong(problem.what == "key", False, None) from problem
    return boxes


def parse(fileObj: BinaryIO) -> list[AmpBox]:
    """Return the boxes in a file; see `parseString`."""
    return parseString(fileObj.read())
