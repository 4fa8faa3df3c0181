"""Text for people: paragraphs wrapped, words split at quotes, values laid out over lines."""

from __future__ import annotations

import re
import textwrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO, AnyStr

__all__ = [
    "endsInNewline",
    "greedyWrap",
    "isMultiline",
    "removeLeadingBlanks",
    "removeLeadingTrailingBlanks",
    "splitQuoted",
    "strFile",
    "stringyString",
    "wordWrap",
]


def greedyWrap(inString: str, width: int = 80) -> list[str]:
    """Return text as lines no longer than a width, as many words on each as fit; a longer word has its own.

    Paragraphs are what blank lines separate. When there are several, an empty line follows each.
    """
    paragraphs = [paragraph.split() for paragraph in re.split(r"\n[ \t]*\n", inString)]
    lines: list[str] = []
    for words in filter(None, paragraphs):
        lines += textwrap.wrap(" ".join(words), width, break_long_words=False, break_on_hyphens=False)
        if len(paragraphs) > 1:
            lines.append("")
    return lines


wordWrap = greedyWrap


def removeLeadingBlanks(lines: Sequence[str]) -> list[str]:
    """Return lines without the blank ones before the first that says something."""
    for number, line in enumerate(lines):
        if line.strip():
            return list(lines[number:])
    return []


def removeLeadingTrailingBlanks(s: str) -> str:
    """Return text without the blank lines around it, with one newline at its end."""
    lines = removeLeadingBlanks(s.split("\n"))
    return "\n".join(reversed(removeLeadingBlanks(lines[::-1]))) + "\n"


def splitQuoted(s: str) -> list[str]:
    """Split text into words; what stands in quotes, single or double, is one, its spaces reduced to one each.

    A quote counts at the beginning and at the end of a word. One that is never closed hides what follows it.
    """
    words: list[str] = []
    quote, quoted = "", []
    for word in s.split():
        if not quote:
            if word[0] not in "\"'":
                words.append(word)
                continue
            quote, word = word[0], word[1:]
        if word.endswith(quote):
            quoted.append(word[:-1])
            words.append(" ".join(quoted))
            quote, quoted = "", []
        else:
            quoted.append(word)
    return words


def strFile(p: AnyStr, f: IO[AnyStr], caseSensitive: bool = True) -> bool:
    """Whether a file contains a text. The file is read in pieces, from where it stands.

    Args:
        p: the text, or bytes for a file of bytes.
        caseSensitive: whether ``A`` differs from ``a``.
    """
    if not caseSensitive:
        p = p.lower()
    if not p:
        return True
    seen = p[:0]
    while piece := f.read(max(65536, len(p))):
        # Enough of the last piece is kept for a match that begins there.
        seen = seen[-len(p) :] + (piece if caseSensitive else piece.lower())
        if p in seen:
            return True
    return False


def stringyString(object: object, indentation: str = "") -> str:
    """Return a value as text: dicts and sequences with a line for each item, everything else as `str` has it.

    Args:
        indentation: what every line begins with.

    Returns:
        The text; with a newline at its end if it has several lines.
    """
    text = _laidOut(object)
    return textwrap.indent(text, indentation, lambda line: True) + ("\n" if "\n" in text else "")


def _laidOut(value: object) -> str:
    """A value over lines, without a newline at the end."""
    if isinstance(value, dict):
        items = [_entry(key, _laidOut(item)) for key, item in value.items()]
        return "{" + "\n ".join(items) + "}"
    if isinstance(value, (tuple, list)):
        opening, closing = "()" if isinstance(value, tuple) else "[]"
        items = [_laidOut(item).replace("\n", "\n ") + "," for item in value]
        return opening + "\n ".join(items) + closing
    return str(value)


def _entry(key: object, text: str) -> str:
    """An item of a dict: a text of several lines begins below its key."""
    if "\n" not in text:
        return f"{key}: {text}"
    return f"{key}:\n" + textwrap.indent(text, "   ")


def isMultiline(s: str) -> bool:
    """Whether text has a newline in it."""
    return "\n" in s


def endsInNewline(s: str) -> bool:
    """Whether text ends with a newline."""
    return s.endswith("\n")
