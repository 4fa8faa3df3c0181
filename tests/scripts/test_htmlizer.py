"""The command ``pyhtmlizer``."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ropewalk.scripts import htmlizer


def command(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """Run the command; return what it ends with: nothing when all is well."""
    monkeypatch.setattr(sys, "argv", ["pyhtmlizer", *arguments])
    try:
        htmlizer.run()
    except SystemExit as end:
        return str(end.code or "")
    return ""


def test_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page stands beside the source, has its name as title, links to it and to the style sheet."""
    monkeypatch.chdir(tmp_path)
    Path("a&b.py").write_text("x = 1\n")
    assert command(monkeypatch, "--stylesheet", "style.css?a&b", "a&b.py") == ""
    page = Path("a&b.py.html").read_text()
    assert "<title>a&amp;b.py</title>" in page
    assert '<link rel="stylesheet" href="style.css?a&amp;b" type="text/css" />' in page
    assert '<link rel="alternate" href="a%26b.py" type="text/x-python" />' in page
    assert '<pre><span class="py-src-variable">x</span> = <span class="py-src-number">1</span>\n</pre>\n</body>' in page
    assert command(monkeypatch, "a&b.py") == ""
    assert "stylesheet" not in Path("a&b.py.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "pyhtmlizer: "),
        (["nowhere.py"], "pyhtmlizer: nowhere.py: No such file or directory"),
        (["bad.py"], "pyhtmlizer: bad.py is no Python source: "),
        (["--nope"], "pyhtmlizer: "),
    ],
)
def test_mistakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str) -> None:
    """Each mistake is a sentence and a status; nothing is written."""
    monkeypatch.chdir(tmp_path)
    Path("bad.py").write_text("x = (\n")
    assert sentence in command(monkeypatch, *arguments)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.py"]
