"""The place of the reactor over Windows's event objects, which Ropewalk doesn't have: importing it says so."""

from __future__ import annotations

from ._toolkits.windows import absent

raise absent("win32eventreactor", "WaitForMultipleObjects")
