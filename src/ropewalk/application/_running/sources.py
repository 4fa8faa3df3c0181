"""Which files a program is made of, and which one a mistake is in."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable
from typing import Any

__all__ = ["filesBehind", "ownFiles"]


def ownFiles(more: Iterable[str] = ()) -> set[str]:
    """Return the source files of the program itself: not Python's, not those of packages that were installed.

    Args:
        more: what to consider beside the modules that were imported.
    """
    files = {os.path.abspath(file) for file in more}
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if isinstance(file, str) and file.endswith(".py"):
            files.add(os.path.abspath(file))
    plugins: Any = sys.modules.get("ropewalk.plugins")
    # A plugin's file with a mistake in it was imported by nobody.
    for folder in getattr(plugins, "__path__", ()):
        try:
            files.update(
                os.path.join(os.path.abspath(folder), name) for name in os.listdir(folder) if name[-3:] == ".py"
            )
        except OSError:
            continue
    foreign = _foreign()
    return {file for file in files if not file.startswith(foreign) and os.path.isfile(file)}


def _foreign() -> tuple[str, ...]:
    """Where others' files are, ours included."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    folders = {here, *(sysconfig.get_path(name) for name in names)}
    return tuple(os.path.join(folder, "") for folder in folders)


def filesBehind(problem: BaseException | None) -> set[str]:
    """Return the files that an exception, and those that led to it, came from: where somebody will mend it."""
    files: set[str] = set()
    seen: set[int] = set()
    while problem is not None and id(problem) not in seen:
        seen.add(id(problem))
        if isinstance(problem, SyntaxError) and problem.filename:
            files.add(problem.filename)
        tb = problem.__traceback__
        while tb is not None:
            files.add(tb.tb_frame.f_code.co_filename)
            tb = tb.tb_next
        problem = problem.__cause__ or problem.__context__
    return {file for file in files if file.endswith(".py")}
