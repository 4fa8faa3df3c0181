"""Python source as HTML."""

from __future__ import annotations

import html
import io
import re
import tokenize
from pathlib import Path

import pytest

from ropewalk.python.htmlizer import HTMLWriter, SmallerHTMLWriter, TokenPrinter, filter

SOURCE = '''#!/usr/bin/env python
# a comment \u00e9
import os
class Foo(Bar, metaclass=Baz):
    """doc <b>"""
    def f(self, a=(1, b), *args, c: dict[str, int] = "q & r", **kw):
        return a.b(c=1) + x
\tif x < 3 and \\
\\
      y:
        print("\\
")
'''.replace("\tif", "        if")


def page(source: bytes, writer: type[HTMLWriter] = SmallerHTMLWriter) -> str:
    out = io.BytesIO()
    filter(io.BytesIO(source), out, writer)
    return out.getvalue().decode()


def ofKind(kind: str, shown: str) -> list[str]:
    return re.findall(f'<span class="py-src-{kind}">([^<]*)</span>', shown)


def text(shown: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", shown))


@pytest.mark.parametrize("writer", [HTMLWriter, SmallerHTMLWriter])
def test_nothingIsLost(writer: type[HTMLWriter]) -> None:
    """The text of the page is the source: comments, spaces, continued lines and all."""
    assert text(page(SOURCE.encode(), writer)) == SOURCE + "\n"


def test_ourOwnSources() -> None:
    """That holds for real modules too."""
    for path in Path(tokenize.__file__).parent.glob("[a-c]*.py"):
        source = path.read_text()
        assert text(page(source.encode())) == source + "\n", path


def test_kinds() -> None:
    """What a style sheet can tell apart: definitions, parameters, other names, strings, numbers, comments."""
    shown = page(SOURCE.encode())
    assert ofKind("identifier", shown) == ["Foo", "f"]
    assert ofKind("parameter", shown) == ["Bar", "metaclass", "self", "a", "args", "c", "kw"]
    assert ofKind("comment", shown) == ["#!/usr/bin/env python", "# a comment \u00e9"]
    assert ofKind("string", shown) == [
        "&quot;&quot;&quot;doc &lt;b&gt;&quot;&quot;&quot;",
        "&quot;q &amp; r&quot;",
        "&quot;\\\n&quot;",
    ]
    assert ofKind("number", shown) == ["1", "1", "3"]
    assert {"import", "os", "class", "def", "return", "Baz", "b", "dict"} <= set(ofKind("variable", shown))
    assert ofKind("op", shown) == []
    assert ofKind("op", page(SOURCE.encode(), HTMLWriter))[:3] == ["(", ",", "="]


def test_encodings() -> None:
    """A source in another encoding makes a page in UTF-8."""
    source = "# -*- coding: latin-1 -*-\nx = '\u00e9'\n"
    assert text(page(source.encode("latin-1"))) == source + "\n"


def test_noPython() -> None:
    """What is no Python is an error."""
    with pytest.raises((SyntaxError, tokenize.TokenError)):
        page(b"x = (\n")


def test_tokens() -> None:
    """A printer can be given tokens one by one, in text or bytes."""
    seen: list[tuple[object, ...]] = []
    printer = TokenPrinter(lambda *token: seen.append(token))
    printer.printtoken(1, "def", (1, 0), (1, 3), "def f")
    printer.printtoken(1, b"f", (1, 4), (1, 5), "def f")
    assert seen == [(b"def", "variable"), (b" ",), (b"f", "identifier")]
