"""Text for people."""

from __future__ import annotations

import io
from typing import Any

import pytest

from ropewalk.python import text


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        ("", []),
        ("hello world this is a test of wrapping", ["hello", "world this", "is a test", "of", "wrapping"]),
        ("a" * 30 + " b", ["a" * 30, "b"]),
        ("x  y\nz", ["x y z"]),
        ("one\n\ntwo words here again", ["one", "", "two words", "here again", ""]),
        ("  hello  \n\n\n  more words ", ["hello", "", "more words", ""]),
    ],
)
def test_wrapping(given: str, lines: list[str]) -> None:
    """Lines hold as many words as fit; a longer word has a line of its own; paragraphs stay apart."""
    assert text.greedyWrap(given, 10) == text.wordWrap(given, 10) == lines


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", []),
        ('the "hairy monkey" likes pie', ["the", "hairy monkey", "likes", "pie"]),
        ("'a' b", ["a", "b"]),
        ('"it\'s" ok', ["it's", "ok"]),
        ('x "a  b"  y', ["x", "a b", "y"]),
        ('a"b c"d', ['a"b', 'c"d']),
        ('"" x', ["", "x"]),
        ('said "and never closed', ["said"]),
    ],
)
def test_quotes(given: str, words: list[str]) -> None:
    """What stands in quotes is one word; quotes inside a word are part of it."""
    assert text.splitQuoted(given) == words


def test_blankLines() -> None:
    """Blank lines around a text are removed, those inside stay."""
    assert text.removeLeadingBlanks(["", "  ", "a", "", "b", ""]) == ["a", "", "b", ""]
    assert text.removeLeadingBlanks(["", " "]) == []
    assert text.removeLeadingTrailingBlanks("\n\n  a \n\n b\n\n") == "  a \n\n b\n"
    assert text.isMultiline("a\nb")
    assert not text.isMultiline("ab")
    assert text.endsInNewline("a\n")
    assert not text.endsInNewline("a\nb")


@pytest.mark.parametrize("before", [0, 65535, 65536, 100_000])
def test_searchInAFile(before: int) -> None:
    """A text is found wherever it stands in a file, also where the file is read in two pieces."""
    assert text.strFile("needle", io.StringIO("x" * before + "needle"))
    assert text.strFile(b"needle", io.BytesIO(b"x" * before + b"needle and more"))
    assert not text.strFile("needle", io.StringIO("x" * before + "needl"))
    assert text.strFile("NEEDLE", io.StringIO("x" * before + "Needle"), caseSensitive=False)
    assert not text.strFile("NEEDLE", io.StringIO("Needle"))
    assert text.strFile("", io.StringIO())


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (5, "5"),
        ([], "[]"),
        ((1,), "(1,)"),
        ({"a": 1, "b": {"c": 2}}, "{a: 1\n b: {c: 2}}\n"),
        ([1, 2, [3, 4]], "[1,\n 2,\n [3,\n  4,],]\n"),
        ({"a": "x\ny"}, "{a:\n   x\n   y}\n"),
    ],
)
def test_layingOut(value: Any, shown: str) -> None:
    """Dicts and sequences have a line for each item; each line can be indented."""
    assert text.stringyString(value) == shown
    assert text.stringyString(value, "--") == "".join("--" + line for line in shown.splitlines(True))
