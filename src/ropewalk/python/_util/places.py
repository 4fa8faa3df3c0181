"""Where files and plugins are."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def sibpath(path: str, sibling: str) -> str:
    """Return the path of something in the same directory as another path, such as ``__file__``."""
    return os.path.join(os.path.dirname(os.path.abspath(path)), sibling)


def searchupwards(start: str, files: Sequence[str] = [], dirs: Sequence[str] = []) -> str | None:
    """Go up from a directory, and return the first that holds all these files and directories, with a slash behind it.

    `None` when none does.
    """
    folder = os.path.abspath(start)
    while True:
        if all(os.path.isfile(os.path.join(folder, name)) for name in files) and all(
            os.path.isdir(os.path.join(folder, name)) for name in dirs
        ):
            return os.path.join(folder, "")
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return None


def getPluginDirs() -> list[str]:
    """Return the directories whose ``twisted/plugins`` may hold plugins, apart from those on ``sys.path``."""
    package = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
    places = [package, os.path.expanduser("~/TwistedPlugins"), os.path.expanduser("~/.twisted")]
    return [place for place in places if os.path.isdir(place)]


def addPluginDir() -> None:
    """Put the directories of `getPluginDirs` on ``sys.path``."""
    sys.path.extend(getPluginDirs())
