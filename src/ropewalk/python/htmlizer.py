"""Python source as HTML, each token in a ``span`` that a style sheet can colour.

The classes are ``py-src-`` and the kind: ``comment``, ``string``, ``number``, ``identifier`` (what a ``def`` or
``class`` defines), ``parameter``, ``variable`` (all other names, keywords too), ``op``, ``newline``, ``nl``,
``indent``, ``dedent``, ``endmarker``. The source is not run, and the text of the page is the
source, character for character, in UTF-8.
"""

from __future__ import annotations

import html
import sys
import token as tokens
import tokenize
from typing import IO, TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["HTMLWriter", "SmallerHTMLWriter", "TokenPrinter", "filter", "main"]

# An f-string is several tokens from Python 3.12 on; they are all strings to a reader.
_STRINGS = ("fstring_start", "fstring_middle", "fstring_end", "tstring_start", "tstring_middle", "tstring_end")


class TokenPrinter:
    """Tells a writer what the tokens of a source are, and what stands between them.

    Args:
        writer: called with text in UTF-8 and its kind; with text alone for what belongs to no token.
    """

    currentCol = 0
    currentLine = 1
    lastIdentifier: bool | int = 0  # the last name was `def` or `class`
    parameters = 0  # how many parentheses are open in the list of parameters that we are in
    encoding = "utf-8"  # of the source

    def __init__(self, writer: Callable[..., object]) -> None:
        self.writer = writer
        self._tail = ""  # of the line that the last token ended on
        self._opens = False  # a name now would be a parameter's
        self._defined = False  # the last token was the name of what is defined

    def printtoken(
        self, type: int, token: bytes | str, sCoordinates: tuple[int, int], eCoordinates: tuple[int, int], line: str
    ) -> None:
        """Take a token as `tokenize` gives it.

        Args:
            sCoordinates: line and column where it begins.
            eCoordinates: where it ends.
            line: the source that it stands in.
        """
        text = token.decode(self.encoding) if isinstance(token, bytes) else token
        if type == tokens.ENCODING:
            self.encoding = text
            return
        self._writeGap(sCoordinates, line)
        self.currentLine, self.currentCol = eCoordinates
        if text.endswith("\n"):
            # `tokenize` counts a newline as the end of its line; what comes next begins a new one.
            self.currentLine, self.currentCol = eCoordinates[0] + 1, 0
        self._tail = line.rpartition("\n")[0].rpartition("\n")[2] + "\n" if line.endswith("\n") else line
        self.writer(text.encode("utf-8"), self._kind(type, text))

    def _writeGap(self, start: tuple[int, int], line: str) -> None:
        """Write what stands between the last token and this: spaces, and backslashes that continue a line."""
        row, column = start
        gap = ""
        if row > self.currentLine:
            # Lines of nothing but a backslash are no token's line: their indentation is not known.
            gap = self._tail[self.currentCol :] + "\\\n" * (row - self.currentLine - 1)
            self.currentCol = 0
        gap += line[self.currentCol : column] if "\n" not in line[:column] else " " * (column - self.currentCol)
        if gap:
            self.writer(gap.encode("utf-8"))

    def _kind(self, type: int, text: str) -> str:
        """What a token is to a reader."""
        defined, self._defined = self._defined, False
        if type != tokens.NAME:
            self._follow(text, defined)
            kind = tokens.tok_name[type].lower()
            return "string" if kind in _STRINGS else kind
        opens, self._opens = self._opens, False
        if self.lastIdentifier:
            self.lastIdentifier = 0
            self._defined = True
            return "identifier"
        if opens:
            return "parameter"
        self.lastIdentifier = text in ("def", "class")
        return "variable"

    def _follow(self, text: str, defined: bool) -> None:
        """Follow a list of parameters by what is no name in it."""
        if self.parameters == 0:
            if text == "(" and defined:
                self.parameters, self._opens = 1, True
        elif text in ("(", "[", "{"):
            self.parameters, self._opens = self.parameters + 1, False
        elif text in (")", "]", "}"):
            self.parameters, self._opens = self.parameters - 1, False
        elif text.strip():
            # After a comma, and after the star that follows it.
            self._opens = self.parameters == 1 and (text == "," or (self._opens and text in ("*", "**")))


class HTMLWriter:
    """Writes tokens as HTML.

    Args:
        writer: called with bytes.

    Attributes:
        noSpan: kinds that get no ``span`` of their own.
    """

    noSpan: ClassVar[Sequence[str]] = []

    def __init__(self, writer: Callable[[bytes], object]) -> None:
        self.writer = writer

    def write(self, token: bytes, type: str | None = None) -> None:
        """Write a token, of a kind or of none."""
        text = html.escape(token.decode("utf-8")).encode("utf-8")
        if type is None or type in self.noSpan:
            self.writer(text)
        else:
            self.writer(b'<span class="py-src-%b">%b</span>' % (type.encode("ascii"), text))


class SmallerHTMLWriter(HTMLWriter):
    """Writes HTML without the spans that few style sheets colour."""

    noSpan: ClassVar[Sequence[str]] = ["endmarker", "indent", "dedent", "op", "newline", "nl"]


def filter(
    inp: IO[bytes], out: IO[bytes], writer: Callable[[Callable[[bytes], object]], HTMLWriter] = HTMLWriter
) -> None:
    """Read Python source from a file and write it to another as a ``pre`` element.

    Args:
        inp: a file of bytes, in the encoding that the source says.
        out: a file of bytes.
        writer: how: `HTMLWriter` or `SmallerHTMLWriter`.

    Raises:
        SyntaxError, tokenize.TokenError: it is no Python. What was written is what came before.
    """
    printer = TokenPrinter(writer(out.write).write)
    out.write(b"<pre>")
    for token in tokenize.tokenize(inp.readline):
        printer.printtoken(*token)
    out.write(b"</pre>\n")


def main() -> None:
    """Write the file that the command line names to standard output."""
    with open(sys.argv[1], "rb") as source:
        filter(source, sys.stdout.buffer)
