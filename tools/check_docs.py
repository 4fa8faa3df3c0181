"""Check what is written: links lead somewhere, examples are Python, what they import exists, and the maps are whole.

The maps are the README's table of guides and ARCHITECTURE.md's tour, which names every room. With ``--run``, blocks
fenced as ``python run`` are executed too, each in a process of its own.
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
BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CHANGE = re.compile(r"[a-z-]+\.[0-9]+\.(feature|bugfix)\.md")


def pages() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("*/README.md"))]


def brokenLinks(page: Path) -> Iterator[str]:
    """Relative links that lead to no file of ours, or to no heading of one."""
    for target in LINK.findall(BLOCK.sub("", page.read_text())):
        if "://" in target or target.startswith("mailto:"):
            continue
        name, _, heading = target.partition("#")
        path = page.parent / name if name else page
        if not path.exists() or (heading and heading not in anchors(path)):
            yield f"{page.relative_to(ROOT)}: the link {target} leads nowhere"


def anchors(page: Path) -> set[str]:
    """The names that GitHub gives to a page's headings."""
    titles = HEADING.findall(BLOCK.sub("", page.read_text()))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def gaps() -> Iterator[str]:
    """Guides that the README doesn't lead to, rooms that the tour passes by, changes not named as the others."""
    readme, tour = (ROOT / "README.md").read_text(), (ROOT / "ARCHITECTURE.md").read_text()
    for guide in sorted(ROOT.glob("docs/*.md")):
        if f"(docs/{guide.name})" not in readme:
            yield f"README.md: its map has no link to docs/{guide.name}"
    told = (ROOT / "examples" / "README.md").read_text()
    for folder in sorted(ROOT.glob("examples/*/")):
        if f"`{folder.name}`" not in told and any(folder.glob("*.*")):
            yield f"examples/README.md: it does not name {folder.name}/"
    for door in sorted(ROOT.glob("src/ropewalk/**/__init__.py")):
        if f"{door.parent.name}/" not in tour and door.parent.name != "ropewalk":
            yield f"ARCHITECTURE.md: it does not name {door.parent.relative_to(ROOT)}/"
    for change in sorted(ROOT.glob("changes/*")):
        if not CHANGE.fullmatch(change.name):
            yield f"changes/{change.name}: it is called area.N.feature.md or area.N.bugfix.md"


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
    problems += gaps()
    print("\n".join(problems) or f"{len(pages())} pages are in order")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
