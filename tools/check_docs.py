"""Check the guide: links lead somewhere, examples are Python, and what they import exists.

With ``--run``, blocks fenced as ``python run`` are executed too, each in a process of its own.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```python( run)?\n(.*?)^```", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("*/README.md"))]


def brokenLinks(page: Path) -> Iterator[str]:
    """Relative links that lead to no file of ours."""
    for target in LINK.findall(FENCE.sub("", page.read_text())):
        if "://" not in target and not target.startswith(("#", "mailto:")):
            path = page.parent / target.partition("#")[0]
            if not path.exists():
                yield f"{page.relative_to(ROOT)}: the link {target} leads nowhere"


def brokenExamples(page: Path, run: bool) -> Iterator[str]:
    """Examples that do not parse, import what is not there, or (when asked to run) fail."""
    text = page.read_text()
    for match in FENCE.finditer(text):
        where = f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}"
        marked, source = match.groups()
        try:
            tree = ast.parse(source)
        except SyntaxError as problem:
            yield f"{where}: {problem}"
            continue
        for problem in missingImports(tree):
            yield f"{where}: {problem}"
        if run and marked:
            done = subprocess.run(
                [sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=False
            )
            if done.returncode:
                yield f"{where}: failed\n{done.stderr}"


def missingImports(tree: ast.AST) -> Iterator[str]:
    """What the example imports from us that cannot be imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "ropewalk":
            for alias in node.names:
                if not importable(node.module, alias.name):
                    yield f"{node.module} has no {alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "ropewalk" and not importable(alias.name, ""):
                    yield f"there is no module {alias.name}"


def importable(module: str, name: str) -> bool:
    """Whether an import finds its name; a module of ours is there even where the toolkit that it imports is not."""
    try:
        if not name or hasattr(importlib.import_module(module), name):
            return True
        return importlib.util.find_spec(f"{module}.{name}") is not None
    except ImportError:
        return False


def main() -> int:
    run = "--run" in sys.argv[1:]
    problems = [problem for page in pages() for problem in (*brokenLinks(page), *brokenExamples(page, run))]
    print("\n".join(problems) or f"{len(pages())} pages are in order")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
