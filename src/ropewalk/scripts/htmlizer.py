"""``pyhtmlizer``: make a page of Python source."""

from __future__ import annotations

import html
import sys
import tokenize
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from ropewalk import __version__
from ropewalk.python import htmlizer, usage

__all__ = ["Options", "alternateLink", "footer", "header", "run", "styleLink"]

header = """<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8" />
<meta name="generator" content="%(generator)s" />
<title>%(title)s</title>
%(alternate)s
%(stylesheet)s
</head>
<body>
"""
footer = "</body>\n</html>\n"
styleLink = '<link rel="stylesheet" href="%s" type="text/css" />'
alternateLink = '<link rel="alternate" href="%(source)s" type="text/x-python" />'


class Options(usage.Options):
    """What the command line says."""

    synopsis = "Usage: pyhtmlizer [options] source.py"
    optParameters: ClassVar[list[list[Any]]] = [
        ["stylesheet", "s", None, "Address of a style sheet for the page"],
    ]
    compData = usage.Completions(extraActions=[usage.CompleteFiles("*.py", descr="source python file")])

    def parseArgs(self, filename: str) -> None:  # type: ignore[override]  # each command has arguments of its own
        """Take the file; the page is written beside it, with ``.html`` added to its name."""
        self["filename"] = filename


def run() -> None:
    """Do what the command line says."""
    options = Options()
    try:
        options.parseOptions()
        _makePage(options["filename"], options["stylesheet"])
    except usage.UsageError as problem:
        sys.exit(f"{options}\npyhtmlizer: {problem}")
    except OSError as problem:
        sys.exit(f"pyhtmlizer: {problem.filename}: {problem.strerror}")
    except (SyntaxError, tokenize.TokenError) as problem:
        sys.exit(f"pyhtmlizer: {options['filename']} is no Python source: {problem}")


def _makePage(filename: str, stylesheet: str | None) -> None:
    """Write the page; only once the source was read whole."""
    page = BytesIO()
    with open(filename, "rb") as source:
        htmlizer.filter(source, page, htmlizer.SmallerHTMLWriter)
    head = header % {
        "title": html.escape(filename),
        "generator": f"pyhtmlizer of Ropewalk {__version__}",
        "alternate": alternateLink % {"source": quote(filename)},
        "stylesheet": styleLink % html.escape(stylesheet) if stylesheet else "",
    }
    Path(f"{filename}.html").write_bytes(head.encode() + page.getvalue() + footer.encode())
