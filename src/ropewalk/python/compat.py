"""Names for programs that were written to run on Python 2 as well, and conversions between text and bytes.

New programs need none of this.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, ItemsView, Mapping, Sequence, ValuesView
from functools import reduce
from io import IOBase as FileType
from io import StringIO as NativeStringIO
from io import TextIOBase
from sys import intern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType, TracebackType
    from typing import Any, TypeVar

    C = TypeVar("C", bound=type)
    K = TypeVar("K")
    V = TypeVar("V")

__all__ = [
    "FileType",
    "InstanceType",
    "NativeStringIO",
    "Sequence",
    "StringType",
    "bytesEnviron",
    "cmp",
    "comparable",
    "currentframe",
    "escape",
    "execfile",
    "frozenset",
    "intToBytes",
    "intern",
    "ioType",
    "items",
    "iterbytes",
    "iteritems",
    "itervalues",
    "izip",
    "lazyByteSlice",
    "long",
    "nativeString",
    "networkString",
    "range",
    "raw_input",
    "reduce",
    "reraise",
    "set",
    "unichr",
    "unicode",
    "urlquote",
    "urlunquote",
    "xrange",
]

# What these are called on Python 3. The builtins among them are here to be imported from here.
frozenset = frozenset
set = set
range = range
xrange = range
unicode = str
StringType = str
InstanceType = object
long = int
unichr = chr
raw_input = input
izip = zip


def nativeString(s: str | bytes) -> str:
    """Return ASCII text or bytes as text.

    Raises:
        UnicodeError: it has characters outside ASCII.
        TypeError: it is neither.
    """
    if isinstance(s, str):
        s.encode("ascii")  # only to find what is not ASCII
        return s
    if isinstance(s, bytes):
        return s.decode("ascii")
    raise TypeError(f"{s!r} is neither text nor bytes")


def networkString(s: str) -> bytes:
    """Return ASCII text as bytes.

    Raises:
        UnicodeEncodeError: it has characters outside ASCII.
        TypeError: it is not text.
    """
    if not isinstance(s, str):
        raise TypeError(f"only text can be made into bytes, {s!r} is {type(s).__name__}")
    return s.encode("ascii")


def intToBytes(i: int) -> bytes:
    """Return a number in decimal digits."""
    return b"%d" % i


def iterbytes(originalBytes: bytes) -> list[bytes]:
    """Return the bytes one by one, each as `bytes` of length one."""
    return [originalBytes[i : i + 1] for i in range(len(originalBytes))]


def lazyByteSlice(object: bytes | bytearray | memoryview, offset: int = 0, size: int | None = None) -> memoryview:
    """Return a part of some bytes without copying it.

    Args:
        size: how many bytes; all from the offset on when not given.
    """
    view = memoryview(object)
    return view[offset:] if size is None else view[offset : offset + size]


def bytesEnviron() -> dict[bytes, bytes]:
    """Return the environment variables as bytes, a copy."""
    return dict(os.environb)


def ioType(fileIshObject: object, default: type = str) -> type:
    """Return `str` or `bytes`: what a file, or what resembles one, is written.

    Args:
        default: the answer for an object that does not show it.
    """
    if isinstance(fileIshObject, TextIOBase):
        return str
    if isinstance(fileIshObject, FileType):
        return bytes
    # Wrappers such as those of `codecs` say which encoding they use.
    return str if getattr(fileIshObject, "encoding", None) else default


def items(d: Mapping[K, V]) -> list[tuple[K, V]]:
    """Return the items of a mapping as a list."""
    return list(d.items())


def iteritems(d: Mapping[K, V]) -> ItemsView[K, V]:
    """Return a view of the items of a mapping."""
    return d.items()


def itervalues(d: Mapping[K, V]) -> ValuesView[V]:
    """Return a view of the values of a mapping."""
    return d.values()


def cmp(a: Any, b: Any) -> int:
    """Return -1, 0 or 1: the first is less, equal or greater."""
    return int(a > b) - int(a < b)


def comparable(klass: C) -> C:
    """Give a class all six comparisons, from its method ``__cmp__`` that answers as `cmp` does or `NotImplemented`."""

    def compare(accept: Callable[[int], bool]) -> Callable[[Any, Any], Any]:
        def comparison(self: Any, other: Any) -> Any:
            answer = self.__cmp__(other)
            return answer if answer is NotImplemented else accept(answer)

        return comparison

    for name, accept in _COMPARISONS.items():
        setattr(klass, name, compare(accept))
    return klass


_COMPARISONS: dict[str, Callable[[int], bool]] = {
    "__eq__": lambda answer: answer == 0,
    "__ne__": lambda answer: answer != 0,
    "__lt__": lambda answer: answer < 0,
    "__le__": lambda answer: answer <= 0,
    "__gt__": lambda answer: answer > 0,
    "__ge__": lambda answer: answer >= 0,
}


def reraise(exception: BaseException, traceback: TracebackType | None) -> None:
    """Raise an exception with this traceback."""
    raise exception.with_traceback(traceback)


def currentframe(n: int = 0) -> FrameType | None:
    """Return the frame of the caller, or the one ``n`` calls further out."""
    return sys._getframe(n + 1)


def execfile(filename: str, globals: dict[str, Any], locals: dict[str, Any] | None = None) -> None:
    """Run the Python code in a file with these variables.

    Args:
        locals: where its variables are set, if not in ``globals``.
    """
    with open(filename, "rb") as source:
        code: CodeType = compile(source.read(), filename, "exec", dont_inherit=True)
    exec(code, globals, globals if locals is None else locals)


def escape(s: str, quote: bool = True) -> str:
    """The same as `html.escape`."""
    import html

    return html.escape(s, quote)


def urlquote(string: Any, safe: Any = "/", encoding: str | None = None, errors: str | None = None) -> str:
    """The same as `urllib.parse.quote`."""
    import urllib.parse

    return urllib.parse.quote(string, safe, encoding, errors)


def urlunquote(string: str | bytes, encoding: str = "utf-8", errors: str = "replace") -> str:
    """The same as `urllib.parse.unquote`."""
    import urllib.parse

    return urllib.parse.unquote(string, encoding, errors)
