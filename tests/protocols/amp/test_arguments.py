"""Every type of argument is written as the protocol has it, and read back."""

from __future__ import annotations

import datetime
import decimal
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.protocols import amp
from ropewalk.python.filepath import FilePath

ZONE = datetime.timezone(-datetime.timedelta(hours=1, minutes=23))
TIME = datetime.datetime(2012, 1, 23, 12, 34, 56, 54321, ZONE)
NESTED = amp.ListOf(amp.ListOf(amp.Integer()))
PEOPLE = amp.AmpList([(b"name", amp.Unicode()), (b"age", amp.Integer(optional=True))])

# What peers write, and read: these are facts of the protocol.
WIRE: list[tuple[amp.Argument, Any, bytes]] = [
    (amp.Integer(), 5, b"5"),
    (amp.Integer(), -(10**30), b"-1" + b"0" * 30),
    (amp.String(), b"\0\xff", b"\0\xff"),
    (amp.Unicode(), "\u1234", b"\xe1\x88\xb4"),
    (amp.Float(), 1.5, b"1.5"),
    (amp.Float(), math.inf, b"inf"),
    (amp.Boolean(), True, b"True"),
    (amp.Boolean(), False, b"False"),
    (amp.Decimal(), decimal.Decimal("1.50"), b"1.50"),
    (amp.Decimal(), decimal.Decimal("1E+10"), b"1E+10"),
    (amp.Path(), FilePath("/tmp/\u1234"), b"/tmp/\xe1\x88\xb4"),
    (amp.DateTime(), TIME, b"2012-01-23T12:34:56.054321-01:23"),
    (amp.DateTime(), TIME.replace(tzinfo=amp.utc), b"2012-01-23T12:34:56.054321-00:00"),
    (amp.ListOf(amp.Integer()), [1, 2, 300], b"\0\0011\0\0012\0\003300"),
    (amp.ListOf(amp.Integer()), [], b""),
    (NESTED, [[1], [2, 3]], b"\0\3\0\0011\0\6\0\0012\0\0013"),
    (PEOPLE, [{"name": "x", "age": 1}], b"\0\3age\0\0011\0\4name\0\1x\0\0"),
    (
        PEOPLE,
        [{"name": "x", "age": None}, {"name": "y", "age": 2}],
        b"\0\4name\0\1x\0\0\0\3age\0\0012\0\4name\0\1y\0\0",
    ),
    (amp.ListOf(PEOPLE), [[{"name": "x", "age": 1}]], b"\0\x13\0\3age\0\0011\0\4name\0\1x\0\0"),
]


@pytest.mark.parametrize(("argument", "value", "wire"), WIRE)
def test_asPeersWriteIt(argument: amp.Argument, value: Any, wire: bytes) -> None:
    """Each type is written, and read, as other implementations have it (AM3)."""
    assert argument.toStringProto(value, None) == wire
    assert argument.fromStringProto(wire, None) == value


@given(st.floats())
def test_noFloatIsRounded(number: float) -> None:
    """What arrives is the number that was sent, to the last bit."""
    arrived = amp.Float().fromString(amp.Float().toString(number))
    assert arrived == number or (math.isnan(arrived) and math.isnan(number))


@given(st.datetimes(timezones=st.timezones()))
def test_noTimeIsLost(time: datetime.datetime) -> None:
    """A time that arrives is the same moment, to the microsecond, if its zone is off by whole minutes."""
    offset = time.utcoffset()
    assert offset is not None
    if offset.seconds % 60 == 0:
        assert amp.DateTime().fromString(amp.DateTime().toString(time)) == time.replace(
            tzinfo=datetime.timezone(offset)
        )


@pytest.mark.parametrize(
    ("argument", "value", "error"),
    [
        (amp.Integer(), "7", TypeError),
        (amp.String(), "text", TypeError),
        (amp.Unicode(), b"bytes", TypeError),
        (amp.Float(), 3, ValueError),
        (amp.Decimal(), 1.5, ValueError),
        (amp.DateTime(), datetime.datetime(2012, 1, 2), ValueError),
        (amp.ListOf(amp.String()), [b"x" * 65536], amp.TooLong),
        (PEOPLE, [{"age": 1}], amp.InvalidSignature),
    ],
)
def test_wrongValues(argument: amp.Argument, value: Any, error: type[Exception]) -> None:
    """A value of another type is refused where it is sent."""
    with pytest.raises(error):
        argument.toStringProto(value, None)


@pytest.mark.parametrize(
    ("argument", "wire", "error"),
    [
        (amp.Integer(), b"x", ValueError),
        (amp.Integer(), b"9" * 5000, ValueError),
        (amp.Unicode(), b"\xe1", ValueError),
        (amp.Float(), b"x", ValueError),
        (amp.Boolean(), b"true", TypeError),
        (amp.Decimal(), b"x", decimal.InvalidOperation),
        (amp.DateTime(), b"2012-01-23T12:34:56", ValueError),
        (amp.DateTime(), b"2012-13-23T12:34:56.054321+00:00", ValueError),
        (amp.DateTime(), b"2012-01-23T12:34:56.054321 00:00", ValueError),
        (amp.DateTime(), b"2012-01-23T12:34:56.054321+99:99", ValueError),
        (amp.DateTime(), b"2012-01-23T12:34:56.054321-01:23Z", ValueError),
        (amp.DateTime(), b"2012-01-23T12:34:56.-54321-01:23", ValueError),
        (amp.ListOf(amp.Integer()), b"\0\0011\0", amp.MalformedAmpBox),
        (amp.ListOf(amp.Integer()), b"\xff\xff", amp.MalformedAmpBox),
        (PEOPLE, b"\0\3age\0\0011\0\0", amp.MalformedAmpBox),
    ],
)
def test_wrongStrings(argument: amp.Argument, wire: bytes, error: type[Exception]) -> None:
    """What a peer sends and what means nothing is an error, never a guess."""
    with pytest.raises(error):
        argument.fromStringProto(wire, None)


def test_keysAsPythonWritesThem() -> None:
    """A dash becomes an underscore, and a keyword gets a capital."""
    argument = amp.Integer()
    objects: dict[str, Any] = {}
    argument.fromBox(b"a-b", {b"a-b": b"1"}, objects, None)
    argument.fromBox(b"class", {b"class": b"2"}, objects, None)
    assert objects == {"a_b": 1, "Class": 2}
    strings: dict[bytes, bytes] = {}
    argument.toBox(b"a-b", strings, {"a_b": 1}, None)
    argument.toBox(b"class", strings, {"Class": 2}, None)
    assert strings == {b"a-b": b"1", b"class": b"2"}


def test_optional() -> None:
    """An optional argument may be left out or be None; a needed one may not."""
    objects: dict[str, Any] = {}
    amp.Integer(optional=True).fromBox(b"x", {}, objects, None)
    assert objects == {"x": None}
    strings: dict[bytes, bytes] = {}
    amp.Integer(optional=True).toBox(b"x", strings, {"x": None}, None)
    amp.Integer(optional=True).toBox(b"x", strings, {}, None)
    assert strings == {}
    with pytest.raises(KeyError):
        amp.Integer().fromBox(b"x", {}, {}, None)
    with pytest.raises(KeyError):
        amp.Integer().toBox(b"x", {}, {}, None)


def test_ownType() -> None:
    """New types can be added: two methods are enough (AM3)."""

    class Hex(amp.Argument):
        def toString(self, inObject: int) -> bytes:
            return b"%x" % inObject

        def fromString(self, inString: bytes) -> int:
            return int(inString, 16)

    class Paint(amp.Command):
        arguments = [(b"colors", amp.ListOf(Hex()))]

    box = Paint.makeArguments({"colors": [255, 16]}, None)
    assert box == {b"colors": b"\0\2ff\0\00210"}
    assert Paint.parseArguments(box, None) == {"colors": [255, 16]}
    with pytest.raises(NotImplementedError, match="toString"):
        amp.Argument().toString(1)
