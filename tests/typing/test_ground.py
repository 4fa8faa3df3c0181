"""The ground floor's types follow what programs do with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.checker import assertChecked

PROGRAM = """
from ropewalk.python.context import call
from ropewalk.python.deprecate import deprecated, deprecatedKeywordParameter
from ropewalk.python.failure import Failure
from ropewalk.python.filepath import FilePath
from ropewalk.python.threadpool import ThreadPool
from ropewalk.python.util import untilConcludes
from ropewalk.python.versions import Version

text = FilePath("/a")
reveal_type(text)  # type: ropewalk.python.filepath.FilePath[str]
reveal_type(text.path)  # type: str
reveal_type(text.child(b"b"))  # type: ropewalk.python.filepath.FilePath[bytes]
reveal_type(text.asBytesMode().basename())  # type: bytes
reveal_type(text.children())  # type: list[ropewalk.python.filepath.FilePath[str]]
reveal_type([path.getsize() for path in text.walk()])  # type: list[int]
text.setContent("text")  # error: arg-type
text.copyTo(FilePath(b"/b"))


def add(a: int, b: int) -> int:
    return a + b


def told(ok: bool, result: int | Failure) -> None: ...


pool = ThreadPool(0, 1)
pool.callInThread(add, 1, b=2)
pool.callInThread(add, 1, "two")  # error: arg-type
pool.callInThreadWithCallback(told, add, 1, 2)
pool.callInThreadWithCallback(told, str, 1)  # error: misc

reveal_type(call({"key": 1}, add, 1, 2))  # type: int
reveal_type(untilConcludes(add, 1, 2))  # type: int


@deprecated(Version("Program", 1, 0, 0), "new")
def old(a: int) -> str:
    return str(a)


reveal_type(old(1))  # type: str
old("one")  # error: arg-type


@deprecatedKeywordParameter(Version("Program", "NEXT", 0, 0), "b")
def some(a: int, b: int = 0) -> str:
    return str(a)


reveal_type(some(1))  # type: str
"""


@pytest.mark.slow
def test_checkersFollow(tmp_path: Path) -> None:
    """Paths know text from bytes, and what is called through the pool is checked as if it were called."""
    assertChecked(PROGRAM, tmp_path)
