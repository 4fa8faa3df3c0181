"""What programs that also ran on Python 2 import from here."""

from __future__ import annotations

import codecs
import io
import os
from pathlib import Path
from typing import Any

import pytest

from ropewalk.python import compat


def test_textAndBytes() -> None:
    """ASCII goes either way; anything else is an error."""
    assert compat.nativeString("a") == compat.nativeString(b"a") == "a"
    assert compat.networkString("a") == b"a"
    assert compat.intToBytes(12) == b"12"
    for wrong in ("é", b"\xff"):
        with pytest.raises(UnicodeError):
            compat.nativeString(wrong)
    with pytest.raises(UnicodeEncodeError):
        compat.networkString("é")
    not_text: Any = 5
    for convert in (compat.nativeString, compat.networkString):
        with pytest.raises(TypeError, match="5 is"):
            convert(not_text)


def test_partsOfBytes() -> None:
    """Bytes come one by one, and slices without a copy."""
    assert compat.iterbytes(b"ab") == [b"a", b"b"]
    assert compat.lazyByteSlice(b"abcdef", 2) == b"cdef"
    assert compat.lazyByteSlice(b"abcdef", 2, 3) == b"cde"
    assert isinstance(compat.lazyByteSlice(b"ab"), memoryview)


def test_whatAFileIsWritten(tmp_path: Path) -> None:
    """Text files want text, binary ones bytes, and the default decides for others."""
    assert compat.ioType(io.StringIO()) is str
    assert compat.ioType(io.BytesIO()) is bytes
    with open(tmp_path / "file", "wb") as file:
        assert compat.ioType(file) is bytes
        assert compat.ioType(codecs.getwriter("utf-8")(file)) is str
    assert compat.ioType(object()) is str
    assert compat.ioType(object(), default=bytes) is bytes


@compat.comparable
class Number:
    def __init__(self, value: int) -> None:
        self.value = value

    def __cmp__(self, other: object) -> Any:
        return compat.cmp(self.value, other.value) if isinstance(other, Number) else NotImplemented


def test_comparisonsFromCmp() -> None:
    """One method makes all six."""
    one, two = Number(1), Number(2)
    assert [one < two, one <= two, one == two, one != two, one > two, one >= two] == [  # type: ignore[operator]  # made at run time
        True,
        True,
        False,
        True,
        False,
        False,
    ]
    assert Number(1) == Number(1)
    assert Number(1) != 1


def test_otherNames() -> None:
    """Mappings as lists and views, frames, files that are run, and the environment as bytes."""
    assert compat.items({1: 2}) == [(1, 2)]
    assert list(compat.iteritems({1: 2})) == [(1, 2)]
    assert list(compat.itervalues({1: 2})) == [2]
    frame = compat.currentframe()
    assert frame is not None
    assert frame.f_code.co_name == "test_otherNames"
    assert (compat.unicode, compat.xrange, compat.unichr(97)) == (str, range, "a")
    assert compat.bytesEnviron()[b"PATH"] == os.fsencode(os.environ["PATH"])
    assert compat.escape("<'>") == "&lt;&#x27;&gt;"
    assert compat.urlunquote(compat.urlquote("a b/é")) == "a b/é"


def test_runningAFile(tmp_path: Path) -> None:
    """`execfile` leaves the file's variables in the dictionary, and errors name the file."""
    path = tmp_path / "program.py"
    path.write_text("result = given + 1\n")
    variables: dict[str, Any] = {"given": 1}
    compat.execfile(str(path), variables)
    assert variables["result"] == 2


def test_raisingAgain() -> None:
    """`reraise` raises with the traceback given."""
    with pytest.raises(ValueError, match="again"):
        compat.reraise(ValueError("again"), None)
