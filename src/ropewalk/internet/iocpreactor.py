"""The place of the reactor over Windows's completion ports, which Ropewalk doesn't have: importing it says so."""

from __future__ import annotations

from ._toolkits.windows import absent

raise absent("iocpreactor", "I/O completion ports")
