"""Deferreds, one story a file; `ropewalk.internet.defer` is the door.

`deferred` comes first: what it is made of (`strands`, `bridge`) needs the class, and is needed by its methods.
"""

from . import deferred

__all__ = ["deferred"]
