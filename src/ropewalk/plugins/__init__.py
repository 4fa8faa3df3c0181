"""Where plugins for Ropewalk are found: this package, and every ``ropewalk/plugins`` directory on ``sys.path``.

While the stand-in is on, directories named ``twisted/plugins`` count as well. Such a directory must not have an
``__init__.py``: one that has is a package of its own.
"""

from __future__ import annotations

from ropewalk import _standin
from ropewalk.plugin import pluginPackagePaths

__all__: list[str] = []


def findTheirs() -> None:
    """Look in the directories of plugins written for Twisted, too. The stand-in calls this."""
    __path__.extend(path for path in pluginPackagePaths("twisted.plugins") if path not in __path__)


__path__.extend(pluginPackagePaths(__name__))

if _standin.isOn():
    findTheirs()
