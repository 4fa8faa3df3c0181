"""The types of what a command takes and returns, and how each is written.

`fromString` and `toString` are all that most types are. A type that needs the connection (`Descriptor`) overrides
`fromStringProto` and `toStringProto`; one that isn't exactly one key of the box, `fromBox` and `toBox`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from struct import Struct
from typing import TYPE_CHECKING, Any

from ropewalk._wire.events import NEED_DATA
from ropewalk._wire.frames import FrameReader

from .._wire.boxes import MAX_VALUE_LENGTH
from .box import AmpBox, parseString
from .errors import MalformedAmpBox, TooLong
from .signature import Argument, read, steps, wireName, write

if TYPE_CHECKING:
    import decimal

    from ropewalk.python.filepath import FilePath

__all__ = [
    "AmpList",
    "Boolean",
    "DateTime",
    "Decimal",
    "Descriptor",
    "Float",
    "Integer",
    "ListOf",
    "Path",
    "String",
    "Unicode",
    "utc",
]

utc = UTC


class Integer(Argument):
    """A whole number of any size, in decimal digits. (Python refuses more than 4300 of them from a peer.)"""

    def fromString(self, inString: bytes) -> int:
        """Return the number."""
        return int(inString)

    def toString(self, inObject: int) -> bytes:
        """Return its digits."""
        return b"%d" % inObject


class String(Argument):
    """Bytes. (For text there is `Unicode`.)"""

    def fromString(self, inString: bytes) -> Any:
        """Return the bytes."""
        return inString

    def toString(self, inObject: Any) -> bytes:
        """Return the bytes.

        Raises:
            TypeError: it is text, or something else that is no bytes.
        """
        if not isinstance(inObject, bytes):
            raise TypeError(f"String takes bytes, not {inObject!r}; use Unicode for text, or encode it")
        return inObject


class Unicode(String):
    """Text, in UTF-8."""

    def fromString(self, inString: bytes) -> Any:
        """Return the text."""
        return inString.decode("utf-8")

    def toString(self, inObject: Any) -> bytes:
        """Return its bytes."""
        if not isinstance(inObject, str):
            raise TypeError(f"Unicode takes text, not {inObject!r}; use String for bytes")
        return inObject.encode("utf-8")


class Path(Unicode):
    """A `FilePath`, as its absolute path in UTF-8. What a path of the peer's may name is yours to check."""

    def fromString(self, inString: bytes) -> FilePath[str]:
        """Return the path."""
        from ropewalk.python.filepath import FilePath

        return FilePath(inString.decode("utf-8"))

    def toString(self, inObject: FilePath[Any]) -> bytes:
        """Return its bytes."""
        return super().toString(inObject.asTextMode().path)


class Float(Argument):
    """A number with a fraction, as ``repr`` writes it: nothing is lost. Infinities and NaN included."""

    def fromString(self, inString: bytes) -> float:
        """Return the number."""
        return float(inString)

    def toString(self, inString: float) -> bytes:
        """Return its digits.

        Raises:
            ValueError: it is no ``float``.
        """
        if not isinstance(inString, float):
            raise ValueError(f"Float takes a float, not {inString!r}")
        return repr(inString).encode("ascii")


class Boolean(Argument):
    """``True`` or ``False``. Any object can be sent, as what it is to an ``if``."""

    def fromString(self, inString: bytes) -> bool:
        """Return the truth.

        Raises:
            TypeError: it is neither.
        """
        if inString == b"True":
            return True
        if inString == b"False":
            return False
        raise TypeError(f"a Boolean is b'True' or b'False', not {inString[:80]!r}")

    def toString(self, inObject: object) -> bytes:
        """Return its name."""
        return b"True" if inObject else b"False"


class Decimal(Argument):
    """A ``decimal.Decimal``, with every digit that it has, as its ``str`` writes it."""

    def fromString(self, inString: bytes) -> decimal.Decimal:
        """Return the number."""
        from decimal import Decimal

        return Decimal(inString.decode("ascii"))

    def toString(self, inObject: decimal.Decimal) -> bytes:
        """Return its digits.

        Raises:
            ValueError: it is no ``decimal.Decimal``.
        """
        from decimal import Decimal

        if not isinstance(inObject, Decimal):
            raise ValueError(f"Decimal takes a decimal.Decimal, not {inObject!r}")
        return str(inObject).encode("ascii")


# 2012-01-23T12:34:56.054321-01:23
_DATE_LENGTH = 32
_SIGNS = {"+": 1, "-": -1}


class DateTime(Argument):
    """A ``datetime`` with its distance from UTC, to the microsecond: ``2012-01-23T12:34:56.054321-01:23``.

    The time zone that arrives is a fixed distance: a peer's rules for summer time don't travel.
    """

    def fromString(self, s: bytes) -> datetime:
        """Return the time.

        Raises:
            ValueError: it is none, or not written this way.
        """
        text = s.decode("ascii")
        marks = text[4:5] + text[7:8] + text[10:11] + text[13:14] + text[16:17] + text[19:20] + text[29:30]
        numbers = (text[:4], text[5:7], text[8:10], text[11:13], text[14:16], text[17:19], text[20:26])
        distance = (text[27:29], text[30:])
        sign = _SIGNS.get(text[26:27])
        if (
            len(text) != _DATE_LENGTH
            or marks != "--T::.:"
            or sign is None
            or not all(number.isdigit() for number in (*numbers, *distance))
        ):
            raise ValueError(f"a DateTime is written as 2012-01-23T12:34:56.054321-01:23, not as {s[:80]!r}")
        year, month, day, hour, minute, second, microsecond = map(int, numbers)
        hours, minutes = map(int, distance)
        zone = timezone(sign * timedelta(hours=hours, minutes=minutes))
        return datetime(year, month, day, hour, minute, second, microsecond, zone)

    def toString(self, i: datetime) -> bytes:
        """Return the time's text.

        Raises:
            ValueError: it doesn't know its distance from UTC. ``amp.utc`` is that of UTC itself.
        """
        offset = i.utcoffset()
        if offset is None:
            raise ValueError(f"{i!r} has no time zone; if it is meant in UTC: .replace(tzinfo=amp.utc)")
        seconds = offset.days * 86400 + offset.seconds
        hours, minutes = divmod(abs(seconds) // 60, 60)
        sign = "+" if seconds >= 60 else "-"
        return (i.replace(tzinfo=None).isoformat(timespec="microseconds") + f"{sign}{hours:02}:{minutes:02}").encode()


_LENGTH = Struct("!H")


class ListOf(Argument):
    """A list of any length, all of one type. Its elements are put one behind the other, each behind its length.

    All of them together have to fit into one value: 65535 bytes.

    Args:
        elementType: the type of each.
        optional: whether it may be left out.
    """

    def __init__(self, elementType: Argument, optional: bool = False) -> None:
        self.elementType = elementType
        super().__init__(optional)

    def fromStringProto(self, inString: bytes, proto: Any) -> list[Any]:
        """Return the list.

        Raises:
            MalformedAmpBox: the string ends in the middle of an element.
        """
        reader = FrameReader(_LENGTH, MAX_VALUE_LENGTH)
        reader.feed(inString)
        found = []
        while (element := reader.next()) is not NEED_DATA:
            found.append(self.elementType.fromStringProto(element, proto))
        if reader.rest():
            raise MalformedAmpBox(f"a list ends in the middle of its element {len(found)}")
        return found

    def toStringProto(self, inObject: Sequence[Any], proto: Any) -> bytes:
        """Return the list's string."""
        pieces: list[bytes] = []
        for element in inObject:
            string = self.elementType.toStringProto(element, proto)
            if len(string) > MAX_VALUE_LENGTH:
                raise TooLong(False, True, string, b"an element of a list")
            pieces += _LENGTH.pack(len(string)), string
        return b"".join(pieces)

    def fromString(self, inString: bytes) -> list[Any]:
        """Return the list, of elements that don't need the connection."""
        return self.fromStringProto(inString, None)

    def toString(self, inObject: Sequence[Any]) -> bytes:
        """Return the list's string, of elements that don't need the connection."""
        return self.toStringProto(inObject, None)


class AmpList(Argument):
    """A list of dictionaries that all have the same keys. They are boxes, one behind the other.

    All of them together have to fit into one value: 65535 bytes.

    Args:
        subargs: the names and types of the keys, as a command's ``arguments``.
        optional: whether it may be left out.
    """

    def __init__(self, subargs: Iterable[tuple[bytes, Argument]], optional: bool = False) -> None:
        self.subargs = [(wireName(name), argument) for name, argument in subargs]
        self._steps = steps(self.subargs)
        super().__init__(optional)

    def fromStringProto(self, inString: bytes, proto: Any) -> list[dict[str, Any]]:
        """Return the list."""
        return [read(self._steps, box, proto) for box in parseString(inString)]

    def toStringProto(self, inObject: Iterable[dict[str, Any]], proto: Any) -> bytes:
        """Return the list's string."""
        pieces = []
        for objects in inObject:
            pieces.append(write(self._steps, objects, AmpBox.__new__(AmpBox), proto).serialize())
        return b"".join(pieces)

    def fromString(self, inString: bytes) -> list[dict[str, Any]]:
        """Return the list, of values that don't need the connection."""
        return self.fromStringProto(inString, None)

    def toString(self, inObject: Iterable[dict[str, Any]]) -> bytes:
        """Return the list's string, of values that don't need the connection."""
        return self.toStringProto(inObject, None)


class Descriptor(Integer):
    """A file descriptor, over a UNIX socket: the peer gets a copy of it.

    Close yours when the answer is there, not before. One that arrives is yours to close. In the box is its number among
    all that were sent over this connection.
    """

    def fromStringProto(self, inString: bytes, proto: Any) -> int:
        """Return the descriptor that has arrived.

        Raises:
            MalformedAmpBox: none has arrived under that number, or it was taken already.
        """
        return int(proto._takeDescriptor(int(inString)))

    def toStringProto(self, inObject: int, proto: Any) -> bytes:
        """Send the descriptor, and return its number."""
        return self.toString(proto._sendFileDescriptor(inObject))


class LocalArgument(Argument):
    """What a call is given and that stays on this side: nothing of it is sent."""

    def fromBox(self, name: bytes, strings: dict[bytes, bytes], objects: dict[str, Any], proto: Any) -> None:
        """Find nothing in a box."""

    def toBox(self, name: bytes, strings: dict[bytes, bytes], objects: dict[str, Any], proto: Any) -> None:
        """Put nothing into a box."""
