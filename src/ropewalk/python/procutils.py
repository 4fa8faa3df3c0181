"""Find programs."""

from __future__ import annotations

import os

__all__ = ["which"]


def which(name: str, flags: int = os.X_OK) -> list[str]:
    """Return the paths of the files of this name in the directories of ``PATH``, in their order.

    Args:
        name: with a directory in it, only that very file is looked at.
        flags: what must be allowed with it, as `os.access` takes it.
    """
    if os.path.dirname(name):
        candidates = [name]
    else:
        folders = dict.fromkeys(os.environ.get("PATH", "").split(os.pathsep))
        endings = ["", *filter(None, os.environ.get("PATHEXT", "").split(os.pathsep))]
        candidates = [os.path.join(folder, name + ending) for folder in folders if folder for ending in endings]
    return [path for path in candidates if os.path.isfile(path) and os.access(path, flags)]
